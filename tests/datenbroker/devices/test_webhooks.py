"""Webhooks of the network servers, over HTTP."""

import hmac
from hashlib import sha256
from typing import Any

import orjson
import pytest

from datenbroker.identities.roles import Role
from tests.datenbroker.city_gateway import ENERGY, WASTE, CityGateway
from tests.datenbroker.recorder import Recorder
from tests.iot_agents.messages import bin_device, sample, uplink

pytestmark = pytest.mark.anyio

UP = "/webhooks/chirpstack?event=up"


def registered(network: str, key: str) -> dict[str, Any]:
    return bin_device() | {"_id": f"{network}:{key}", "network": network, "key": key}


def uplink_of(number: int) -> bytes:
    event = orjson.loads(uplink({"fill": 57}, number))
    event["deviceInfo"]["applicationId"] = "abfall"
    return orjson.dumps(event)


async def test_chirpstack_is_answered_once_the_reading_is_committed(city: CityGateway, broker: Recorder) -> None:
    await city.agent.devices.register([bin_device()])
    answer = await city.http.post(UP, content=uplink_of(1), headers=await city.key(Role.DEVICE_GATEWAY))
    assert answer.status_code == 204
    assert b'"fillingLevel"' in broker.bodies[-1]
    assert city.agent.counters()["readings"] == 1


@pytest.mark.parametrize(
    ("network", "key"),
    [("the_things_stack", "herne-abfall/bin-0042"), ("thingpark", "a84041ffff1865ab")],
)
async def test_other_networks_name_event_and_device_in_the_body(city: CityGateway, network: str, key: str) -> None:
    body = sample(network)
    await city.agent.devices.register([registered(network, key)])
    headers = await city.key(Role.DEVICE_GATEWAY)
    assert (await city.http.post(f"/webhooks/{network}", content=body, headers=headers)).status_code == 204
    await city.agent.frames.flush()
    assert len(await city.agent.frames.last(f"{network}:{key}")) == 1


async def test_any_json_comes_in_by_its_configured_paths(city: CityGateway, broker: Recorder) -> None:
    await city.agent.devices.register([registered("cistern", "c-1")])
    body = {"at": 1_795_348_800, "measured": {"fill": 20}}
    headers = await city.key(Role.DEVICE_GATEWAY)
    path = "/webhooks/cistern"
    assert (await city.http.post(f"{path}?device=c-1", json=body, headers=headers)).status_code == 204
    assert b"2026-11-22T12:00:00Z" in broker.bodies[-1]
    assert (await city.http.post(path, json=body, headers=headers)).status_code == 400


async def test_a_signed_webhook_needs_no_key_and_a_wrong_signature_opens_nothing(city: CityGateway) -> None:
    await city.agent.devices.register([bin_device()])
    webhook = await city.webhooks.create(WASTE.tenant, "ChirpStack")
    path, body = f"/webhooks/chirpstack/{webhook.id}?event=up", uplink_of(1)
    good = hmac.new(webhook.secret.encode(), body, sha256).hexdigest()
    for signature, status in ((f"sha256={good}", 204), (good, 204), ("sha256=00", 401), ("", 401), ("ü", 401)):
        headers = [(b"x-signature-256", signature.encode())]
        assert (await city.http.post(path, content=body, headers=headers)).status_code == status
    changed = await city.http.post(path, content=body + b" ", headers={"X-Signature-256": good})
    assert changed.status_code == 401


async def test_nobody_speaks_for_another_organisations_devices(city: CityGateway) -> None:
    await city.agent.devices.register([bin_device()])
    other = await city.key(Role.DEVICE_GATEWAY, ENERGY.id)
    assert (await city.http.post(UP, content=uplink_of(1), headers=other)).status_code == 204
    assert city.agent.counters()["readings"] == 0
    assert next(iter(city.rejections)).kind == "unknown_device"


async def test_who_may_bring_readings(city: CityGateway) -> None:
    for role, status in ((Role.DATA_CONSUMER, 403), (Role.AUDITOR, 403), (Role.DATA_PROVIDER, 204)):
        assert (await city.http.post(UP, content=uplink_of(1), headers=await city.key(role))).status_code == status
    assert (await city.http.post(UP, content=uplink_of(1))).status_code == 401


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (UP, b"{", 400),
        (UP, b"[]", 400),
        (UP, b'{"deviceInfo": {"applicationId": "a/b", "devEui": "1"}}', 400),
        ("/webhooks/chirpstack", uplink_of(1), 400),
        ("/webhooks/the_things_stack", b'{"end_device_ids": {}}', 400),
        ("/webhooks/thingpark", b'{"DevEUI_uplink": 1}', 400),
        ("/webhooks/sigfox", b"{}", 404),
        (UP, b"x" * 200_000, 413),
    ],
)
async def test_what_no_network_sends_is_a_problem(city: CityGateway, path: str, body: bytes, status: int) -> None:
    answer = await city.http.post(path, content=body, headers=await city.key(Role.DEVICE_GATEWAY))
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert len(list(city.rejections)) == (status == 400)


async def test_while_the_broker_is_down_the_network_is_asked_to_send_again(city: CityGateway, broker: Recorder) -> None:
    await city.agent.devices.register([bin_device()])
    broker.status = 503
    headers = await city.key(Role.DEVICE_GATEWAY)
    answer = await city.http.post(UP, content=uplink_of(1), headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    broker.status = 204
    assert (await city.http.post(UP, content=uplink_of(1), headers=headers)).status_code == 204
    assert city.agent.counters()["readings"] == 1
    assert (await city.http.get(UP, headers=headers)).status_code == 405
