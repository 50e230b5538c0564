import asyncio
from datetime import timedelta

import pytest

from tests.iot_agents.conftest import Bench
from tests.iot_agents.messages import NOON, TENANT, bin_device, sample, topic, uplink

pytestmark = pytest.mark.anyio

BIN = "urn:ngsi-ld:WasteContainer:1"
PLACE = {"type": "Point", "coordinates": [7.22, 51.54]}
SOIL = {
    "id": "urn:ngsi-ld:GreenspaceRecord:1",
    "type": "GreenspaceRecord",
    "location": {"type": "GeoProperty", "value": PLACE},
}
MIRROR = "urn:ngsi-ld:Device:chirpstack:0000000000000001"


async def test_a_reading_becomes_attributes_with_time_and_unit(bench: Bench) -> None:
    await bench.agent.accept(topic(), uplink({"fill": 57, "temperature": 8.5}))
    container = bench.broker.entities[TENANT][BIN]
    assert container["fillingLevel"] == {
        "type": "Property",
        "value": 0.57,
        "observedAt": "2026-11-22T12:00:00Z",
        "unitCode": "C62",
    }
    assert container["temperature"]["unitCode"] == "CEL"
    assert container["location"]["type"] == "GeoProperty"


async def test_the_device_is_mirrored_with_signal_battery_and_last_sign_of_life(bench: Bench) -> None:
    await bench.agent.accept(topic(), uplink({"fill": 57, "battery": 3.2}))
    device = bench.broker.entities[TENANT][MIRROR]
    assert device["batteryLevel"]["value"] == 0.5
    assert device["rssi"]["value"] == -97
    assert device["dateLastValueReported"]["value"] == "2026-11-22T12:00:00Z"
    assert BIN in str(device["controlledAsset"])
    assert device["controlledProperty"]["value"] == ["fillingLevel", "temperature"]


async def test_the_mirror_tells_where_the_device_is_and_of_what_make(bench: Bench) -> None:
    made = bin_device(1) | {"profile": "soil-moisture-dragino-lse01", "firmware": "1.1.4", "entity": dict(SOIL)}
    await bench.agent.devices.register([made])
    await bench.agent.accept(topic(), uplink({"water_SOIL": 23.4, "fill": 3}))
    device = bench.broker.entities[TENANT][MIRROR]
    assert device["location"] == {"type": "GeoProperty", "value": PLACE}
    assert device["firmwareVersion"]["value"] == "1.1.4" and device["snr"]["value"] == 7.5
    assert device["servingGateway"]["value"] == "0016c001f153a14c"
    model = bench.broker.entities[TENANT]["urn:ngsi-ld:DeviceModel:soil-moisture-dragino-lse01"]
    assert (model["manufacturerName"]["value"], model["modelName"]["value"]) == ("Dragino", "LSE01")


async def test_a_model_is_mirrored_once_for_all_its_devices(bench: Bench) -> None:
    for number in (1, 2, 3):
        await bench.agent.accept(topic(number), uplink({"fill": 57}, number))
    models = [entity for batch in bench.broker.requests for entity in batch if entity["type"] == "DeviceModel"]
    assert [model["id"] for model in models] == ["urn:ngsi-ld:DeviceModel:bin-level"]


async def test_only_the_first_reading_carries_what_stands(bench: Bench) -> None:
    for minute in range(2):
        await bench.agent.accept(topic(), uplink({"fill": 57}, time=NOON + timedelta(minutes=minute)))
    assert [sorted(batch[0]) for batch in bench.broker.requests] == [
        ["fillingLevel", "id", "location", "type"],
        ["fillingLevel", "id", "type"],
    ]


async def test_a_bad_field_is_rejected_and_the_good_ones_go_through(bench: Bench) -> None:
    await bench.agent.accept(topic(), uplink({"fill": 137, "temperature": 8.5}))
    assert bench.broker.entities[TENANT][BIN]["temperature"]["value"] == 8.5
    assert "fillingLevel" not in bench.broker.entities[TENANT][BIN]
    (rejected,) = bench.rejections
    assert (rejected.source, rejected.kind, rejected.tenant) == ("chirpstack", "out_of_range", TENANT)
    assert "fill is 137 %, allowed is 0 to 100 %" in rejected.reason


@pytest.mark.parametrize(
    ("message_topic", "payload", "kind"),
    [
        (topic(), b'{"deviceInfo"', "malformed"),
        (topic(), b"\xff\xfe\x00", "malformed"),
        (topic(), b'{"object": {"deep": ' + b"[" * 100_000, "malformed"),
        (topic(), b"[]", "wrong_type"),
        (topic(), b"{}", "wrong_type"),
        (topic(2), uplink({"fill": 1}, number=1), "wrong_type"),
        (topic(), uplink({"fill": "full"}), "wrong_type"),
        (topic(), uplink({"fill": True}), "wrong_type"),
        (topic(), uplink({"fill": -1}), "out_of_range"),
        (topic(), uplink({"level": 1}), "no_known_field"),
        (topic(), uplink(None), "not_decoded"),
        (topic(77), uplink({"fill": 1}, number=77), "unknown_device"),
        (topic(), b" " * 5_000_000, "too_large"),
        ("application/abfall/device", b"{}", "unknown_topic"),
        ("weather/station/1", b"{}", "unknown_topic"),
        ("", b"", "unknown_topic"),
    ],
)
async def test_bad_input_is_recorded_with_its_kind(bench: Bench, message_topic: str, payload: bytes, kind: str) -> None:
    await bench.agent.accept(message_topic, payload)
    assert bench.kinds == [kind]
    assert len(next(iter(bench.rejections)).excerpt) <= 200


async def test_events_without_a_reading_are_passed_over(bench: Bench) -> None:
    await bench.agent.accept("application/abfall/device/0101010101010101/event/join", sample("chirpstack", "join"))
    assert bench.kinds == []
    assert bench.agent.counters()["ignored"] == 1


async def test_concurrent_readings_share_requests_in_order(bench: Bench) -> None:
    await asyncio.gather(*(bench.agent.accept(topic(number), uplink({"fill": 9}, number)) for number in range(1, 6)))
    ids = [entity["id"] for batch in bench.broker.requests for entity in batch if entity["type"] == "WasteContainer"]
    assert ids == [f"urn:ngsi-ld:WasteContainer:{number}" for number in range(1, 6)]
    assert len(bench.broker.requests) <= 2


async def test_readings_of_one_entity_are_never_in_one_request(bench: Bench) -> None:
    times = [NOON + timedelta(seconds=second) for second in range(4)]
    await asyncio.gather(*(bench.agent.accept(topic(), uplink({"fill": n}, time=time)) for n, time in enumerate(times)))
    levels = [batch[0]["fillingLevel"]["value"] for batch in bench.broker.requests]
    assert levels == [0.0, 0.01, 0.02, 0.03]


async def test_an_older_reading_does_not_overwrite_a_newer_value(bench: Bench) -> None:
    await bench.agent.accept(topic(), uplink({"fill": 60}, time=NOON))
    await bench.agent.accept(topic(), uplink({"fill": 50, "temperature": 3}, time=NOON - timedelta(hours=1)))
    container = bench.broker.entities[TENANT][BIN]
    assert (container["fillingLevel"]["value"], container["temperature"]["value"]) == (0.6, 3.0)
    assert bench.agent.counters()["late"] == 1


async def test_a_clock_in_the_future_does_not_lock_out_what_follows(bench: Bench) -> None:
    await bench.agent.accept(topic(), uplink({"fill": 60}, time=NOON + timedelta(days=36_500)))
    await bench.agent.accept(topic(), uplink({"fill": 50}, time=NOON))
    assert bench.broker.entities[TENANT][BIN]["fillingLevel"]["value"] == 0.5


async def test_accept_waits_until_the_broker_is_back(bench: Bench) -> None:
    bench.broker.statuses = [503, 429, 502, 401]
    await bench.agent.accept(topic(), uplink({"fill": 57}))
    assert bench.broker.entities[TENANT][BIN]["fillingLevel"]["value"] == 0.57
    assert bench.agent.counters()["retries"] == 4


async def test_a_refused_entity_is_recorded_and_the_others_are_committed(bench: Bench) -> None:
    bench.broker.refuse = {BIN}
    await asyncio.gather(*(bench.agent.accept(topic(number), uplink({"fill": 9}, number)) for number in (1, 2, 3)))
    assert bench.kinds == ["refused_by_broker"]
    assert {f"urn:ngsi-ld:WasteContainer:{number}" for number in (2, 3)} <= set(bench.broker.entities[TENANT])


async def test_a_request_refused_as_a_whole_is_tried_in_halves(bench: Bench) -> None:
    bench.broker.statuses = [413]
    await asyncio.gather(*(bench.agent.accept(topic(number), uplink({"fill": 9}, number)) for number in range(1, 6)))
    assert bench.kinds == []
    assert bench.agent.counters()["readings"] == 5


async def test_a_broker_that_fails_at_one_reading_does_not_hold_up_the_next(bench: Bench) -> None:
    bench.broker.statuses = [500] * 5
    await bench.agent.accept(topic(), uplink({"fill": 1}))
    await bench.agent.accept(topic(2), uplink({"fill": 1}, number=2))
    assert "refused_by_broker" in bench.kinds
    assert "urn:ngsi-ld:WasteContainer:2" in bench.broker.entities[TENANT]


async def test_stopping_cancels_who_still_waits(bench: Bench) -> None:
    bench.broker.statuses = [503] * 1000
    waiting = asyncio.create_task(bench.agent.accept(topic(), uplink({"fill": 1})))
    await asyncio.sleep(0.05)
    await bench.agent.stop(grace=0.05)
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_device_that_another_process_registered_becomes_known(bench: Bench) -> None:
    await bench.agent.devices._store.put("devices", bin_device(88))
    await bench.agent.accept(topic(88), uplink({"fill": 1}, number=88))
    assert bench.kinds == []


async def test_a_frame_that_comes_again_is_committed_once(bench: Bench) -> None:
    for payload in (uplink({"fill": 57}), uplink({"fill": 57}), uplink({"fill": 57}, time=NOON + timedelta(seconds=3))):
        await bench.agent.accept(topic(), payload)
    assert len(bench.broker.requests) == 1
    assert bench.agent.counters()["duplicates"] == 2


async def test_a_device_that_counts_anew_is_no_duplicate(bench: Bench) -> None:
    for minute in (0, 1):
        await bench.agent.accept(topic(), uplink({"fill": 57}, time=NOON + timedelta(minutes=minute)))
    assert bench.agent.counters()["duplicates"] == 0
    assert len(bench.broker.requests) == 2
