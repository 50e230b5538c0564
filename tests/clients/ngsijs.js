// Drives Conwet's ngsijs: arguments are the broker's port and the URL of a subscriber.
// Prints one JSON object: what each step gave.
const { createRequire } = require('module');
const NGSI = createRequire(process.cwd() + '/')('ngsijs');

const [brokerPort, subscriber] = process.argv.slice(2);
const ld = new NGSI.Connection(`http://127.0.0.1:${brokerPort}`).ld;
const id = 'urn:ngsi-ld:Kiosk:4';

async function main() {
    const steps = {};
    const entity = { id, type: 'Kiosk', queue: { type: 'Property', value: 5 }, name: { type: 'Property', value: 'K' } };
    steps.created = await ld.createEntity(entity);
    steps.again = await ld.createEntity(entity).catch((error) => error.constructor.name);
    steps.subscribed = await ld.createSubscription({
        type: 'Subscription',
        entities: [{ type: 'Kiosk' }],
        watchedAttributes: ['queue'],
        notification: { endpoint: { uri: subscriber, accept: 'application/json' } }
    });
    await ld.updateEntityAttribute({ type: 'Property', value: 6 }, { id, attribute: 'queue' });
    await ld.updateEntityAttributes({ id, name: { type: 'Property', value: 'L' } });
    // its appendEntityAttributes posts application/merge-patch+json, which NGSI-LD knows for PATCH alone (6.3.4)
    await ld.updateEntityAttributes({ id, open: { type: 'Property', value: true } });
    steps.entity = await ld.getEntity({ id, keyValues: true });
    steps.queried = await ld.queryEntities({ type: 'Kiosk', q: 'queue>5', count: true, keyValues: true });
    steps.types = await ld.listTypes();
    const subscription = steps.subscribed.subscription.id;
    await ld.updateSubscription({ id: subscription, description: 'changed' });
    steps.subscription = await ld.getSubscription(subscription);
    steps.subscriptions = await ld.listSubscriptions({ count: true });
    await ld.deleteSubscription(subscription);
    await ld.deleteEntityAttribute({ id, attribute: 'open' });
    await ld.deleteEntity(id);
    steps.gone = await ld.getEntity(id).catch((error) => error.constructor.name);
    return steps;
}

main().then(
    (steps) => process.stdout.write(JSON.stringify(steps), () => process.exit(0)),
    (error) => {
        process.stderr.write(`${error.stack}\n${JSON.stringify(error)}\n`);
        process.exit(1);
    }
);
