// Drives FIWARE's iotagent-node-lib: arguments are the broker's port and a port for the agent itself.
// Prints one JSON object: what each step gave.
const { createRequire } = require('module');
const lib = createRequire(process.cwd() + '/')('iotagent-node-lib');
const { promisify } = require('util');

const [brokerPort, agentPort] = process.argv.slice(2);
const service = { service: 'herne', subservice: '/' };
const attributes = {
    commands: [],
    lazy: [],
    active: [
        { object_id: 'p', name: 'pressure', type: 'Number' },
        { object_id: 'on', name: 'switchedOn', type: 'Boolean' },
        { object_id: 'l', name: 'location', type: 'geo:json' }
    ],
    staticAttributes: [{ name: 'category', type: 'Text', value: 'street' }]
};
const config = {
    logLevel: 'FATAL',
    contextBroker: {
        host: '127.0.0.1',
        port: brokerPort,
        ngsiVersion: 'ld',
        jsonLdContext: 'https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld'
    },
    server: { port: Number(agentPort), host: '127.0.0.1', ldSupport: { null: true, datasetId: true, merge: false } },
    types: { Light: { type: 'Light', ...service, ...attributes } },
    ...service,
    providerUrl: `http://127.0.0.1:${agentPort}`,
    deviceRegistry: { type: 'memory' },
    explicitAttrs: false
};
const device = { id: 'light1', type: 'Light', name: 'urn:ngsi-ld:Light:light1', ...service, ...attributes };
const call = (name, ...args) => promisify(lib[name])(...args);
const reading = (pressure, on) => [
    { name: 'p', type: 'Number', value: pressure },
    { name: 'on', type: 'Boolean', value: on },
    { name: 'l', type: 'geo:json', value: { type: 'Point', coordinates: [7.2, 51.5] } }
];

async function main() {
    await call('activate', config);
    const told = new Promise((resolve) =>
        lib.setNotificationHandler((notified, values, done) => {
            resolve({ device: notified.id, values });
            done(null, []);
        })
    );
    const registered = await call('register', device);
    await call('update', registered.name, 'Light', '', reading(23, true), registered);
    const subscription = await call('subscribe', registered, ['pressure'], ['pressure'], 'normalized');
    await call('update', registered.name, 'Light', '', reading(24, false), registered);
    const notification = await told;
    const queried = await call('query', 'light1', 'Light', '', ['pressure', 'switchedOn'], registered);
    const id = subscription.split('/').pop();
    registered.subscriptions = [{ id, triggers: ['pressure'] }];
    await call('unsubscribe', registered, id);
    await call('unregister', 'light1', '', service.service, service.subservice);
    await call('deactivate');
    return { name: registered.name, subscription, notification, queried };
}

main().then(
    (steps) => process.stdout.write(JSON.stringify(steps), () => process.exit(0)),
    (error) => {
        process.stderr.write(`${error.stack}\n${JSON.stringify(error)}\n`);
        process.exit(1);
    }
);
