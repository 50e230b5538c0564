"""What a context broker elsewhere is not made to connect to."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from context_broker.targets import TargetGuard
from datenbroker.gateway.upstream.targets import GuardedTargets
from datenbroker.identities.roles import Role
from tests.datenbroker.city_gateway import CityGateway, city_gateway
from tests.datenbroker.recorder import Recorder

pytestmark = pytest.mark.anyio

SUBSCRIPTIONS = "/ngsi-ld/v1/subscriptions"
PUBLIC = "http://198.41.0.4/notify"


@pytest.fixture
async def guarded(broker: Recorder, tmp_path: Path) -> AsyncIterator[CityGateway]:
    async with city_gateway(GuardedTargets(broker, TargetGuard(allow_private=False)), tmp_path) as city:
        yield city


def subscription(uri: str, **more: Any) -> dict[str, Any]:
    notification = {"endpoint": {"uri": uri, "accept": "application/json"}}
    return {"type": "Subscription", "entities": [{"type": "A"}], "notification": notification, **more}


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:1026/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://2130706433/",
        "mqtt://192.168.0.1/topic",
        "HTTP://127.0.0.1/",
        "http://no-such-host.invalid/",
    ],
)
async def test_private_endpoints_are_refused(guarded: CityGateway, broker: Recorder, uri: str) -> None:
    headers = await guarded.key(Role.DATA_PROVIDER)
    made = await guarded.http.post(SUBSCRIPTIONS, json=subscription(uri), headers=headers)
    change = {"notification": {"endpoint": {"uri": uri}}}
    changed = await guarded.http.patch(f"{SUBSCRIPTIONS}/urn:s:1", json=change, headers=headers)
    assert (made.status_code, changed.status_code) == (400, 400)
    assert broker.requests == []


async def test_public_endpoints_pass_as_they_are(guarded: CityGateway, broker: Recorder) -> None:
    wanted = subscription(PUBLIC, q='note=="ü"')
    answer = await guarded.http.post(SUBSCRIPTIONS, json=wanted, headers=await guarded.key(Role.DATA_PROVIDER))
    assert answer.status_code == 200
    assert json.loads(broker.bodies[0]) == wanted
    assert broker.header(b"content-length") == [b"%d" % len(broker.bodies[0])]


@pytest.mark.parametrize(
    "body",
    [
        '{"notification": {"endpoint": {"uri": "http://10.0.0.1/"}, "endpoint": {"uri": "http://198.41.0.4/"}}}',
        '{"notification": {"https://uri.etsi.org/ngsi-ld/endpoint": {"uri": "http://10.0.0.1/"}}}',
        '{"@context": {"e": "https://uri.etsi.org/ngsi-ld/endpoint"}, "notification": {"e": {"u": "http://10.0.0.1"}}}',
        '{"@context": "http://10.0.0.1/context.jsonld"}',
        '{"endpoint": "http://10.0.0.1:8080/broker"}',
        '{"endpoint": "http://[broken/"}',
        "{",
    ],
)
async def test_no_spelling_gets_a_private_address_through(guarded: CityGateway, broker: Recorder, body: str) -> None:
    headers = await guarded.key(Role.DATA_PROVIDER) | {"Content-Type": "application/ld+json"}
    for path in (SUBSCRIPTIONS, "/ngsi-ld/v1/csourceRegistrations", "/ngsi-ld/v1/%73ubscriptions"):
        answer = await guarded.http.post(path, content=body, headers=headers)
        assert answer.status_code == 400 or b"10.0.0.1" not in broker.bodies[-1]


async def test_a_linked_context_of_the_operators_network_is_refused(guarded: CityGateway, broker: Recorder) -> None:
    headers = await guarded.key(Role.DATA_CONSUMER)
    link = '<http://10.0.0.1/c.jsonld>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    answer = await guarded.http.get("/ngsi-ld/v1/entities?type=A", headers=headers | {"Link": link})
    assert (answer.status_code, broker.requests) == (400, [])
