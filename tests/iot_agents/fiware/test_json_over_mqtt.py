import pytest

from tests.iot_agents.fiware.conftest import KEY, Fleet

pytestmark = pytest.mark.anyio

DEV1 = "urn:ngsi-ld:Sensor:dev1"
TEMPERATURE = {"object_id": "t", "name": "temperature", "type": "Number"}


@pytest.mark.parametrize(
    "topic",
    [
        f"/json/{KEY}/dev1/attrs",
        f"json/{KEY}/dev1/attrs",
        f"/{KEY}/dev1/attrs",
        f"{KEY}/dev1/attrs",
        f"/JSON/{KEY}/dev1/attrs",
    ],
)
async def test_a_measure_comes_under_each_form_of_the_topic(fleet: Fleet, topic: str) -> None:
    await fleet.group(attributes=[TEMPERATURE])
    await fleet.publish((topic, '{"t": 21.5, "TimeInstant": "2026-11-22T10:00:00.000Z"}'))
    assert fleet.entity(DEV1)["temperature"] == {
        "type": "Property",
        "value": 21.5,
        "observedAt": "2026-11-22T10:00:00.000Z",
    }
    assert fleet.kinds == []


async def test_a_single_value_comes_under_its_name(fleet: Fleet) -> None:
    await fleet.group(attributes=[TEMPERATURE])
    await fleet.publish((f"/json/{KEY}/dev1/attrs/t", "22"), (f"/json/{KEY}/dev1/attrs/raw", "hello"))
    assert fleet.values(DEV1) == {"temperature": 22, "raw": "68656c6c6f"}


async def test_an_array_of_measures_is_committed_oldest_first(fleet: Fleet) -> None:
    await fleet.group()
    measures = '[{"v": 2, "TimeInstant": "2026-11-22T10:05:00Z"}, {"v": 1, "TimeInstant": "2026-11-22T10:00:00Z"}]'
    await fleet.publish((f"/json/{KEY}/dev1/attrs", measures))
    assert [batch[0]["v"]["value"] for batch in fleet.broker.requests] == [1, 2]


async def test_values_of_one_attribute_come_with_their_times(fleet: Fleet) -> None:
    await fleet.group()
    timed = '[{"timestamp": "2026-11-22T10:00:00Z", "value": 44}, {"timestamp": "2026-11-22T11:00:00Z", "value": 33}]'
    await fleet.publish((f"/json/{KEY}/dev1/attrs/h", timed))
    assert fleet.entity(DEV1)["h"]["value"] == 33
    assert len(fleet.broker.requests) == 2


async def test_a_device_provisions_itself_and_is_listed_from_then_on(fleet: Fleet) -> None:
    await fleet.group()
    await fleet.publish((f"/json/{KEY}/new/attrs", '{"t": 1}'))
    device = (await fleet.http.get("/iot/devices/new")).json()
    assert (device["entity_name"], device["entity_type"], device["apikey"]) == ("urn:ngsi-ld:Sensor:new", "Sensor", KEY)


async def test_without_autoprovision_an_unknown_device_is_rejected(fleet: Fleet) -> None:
    await fleet.group(autoprovision=False)
    await fleet.publish((f"/json/{KEY}/new/attrs", '{"t": 1}'))
    assert fleet.kinds == ["device_not_found"]
    assert fleet.broker.requests == []


async def test_a_device_without_a_group_is_found_under_any_key(fleet: Fleet) -> None:
    await fleet.device("dev1", entity_name="lamp:1", entity_type="Lamp", attributes=[TEMPERATURE])
    await fleet.publish(("/json/anything/dev1/attrs", '{"t": 3}'))
    assert fleet.values("urn:ngsi-ld:Lamp:lamp:1") == {"temperature": 3}


async def test_static_attributes_metadata_and_units_arrive(fleet: Fleet) -> None:
    unit = {"unitCode": {"type": "Text", "value": "CEL"}, "accuracy": {"type": "Number", "value": "0.5"}}
    static = [{"name": "category", "type": "Text", "value": ["sensor"]}]
    await fleet.group(attributes=[TEMPERATURE | {"metadata": unit}], static_attributes=static)
    await fleet.publish((f"/json/{KEY}/dev1/attrs", '{"t": "21.5"}'))
    entity = fleet.entity(DEV1)
    assert entity["category"]["value"] == ["sensor"]
    assert (entity["temperature"]["value"], entity["temperature"]["unitCode"]) == (21.5, "CEL")
    assert entity["temperature"]["accuracy"] == {"type": "Property", "value": 0.5}


async def test_no_time_is_told_where_the_group_wants_none(fleet: Fleet) -> None:
    await fleet.group(timestamp=False)
    await fleet.publish((f"/json/{KEY}/dev1/attrs", '{"t": 1}'))
    assert "observedAt" not in fleet.entity(DEV1)["t"]


async def test_a_bad_time_gives_way_to_the_time_of_arrival_and_is_recorded(fleet: Fleet) -> None:
    await fleet.group()
    await fleet.publish((f"/json/{KEY}/dev1/attrs", '{"t": 1, "TimeInstant": "yesterday"}'))
    assert fleet.kinds == ["bad_timestamp"]
    assert fleet.entity(DEV1)["t"]["observedAt"].startswith("20")


@pytest.mark.parametrize(
    ("topic", "payload", "kind"),
    [
        (f"/json/{KEY}/dev1/attrs", '{"t": ', "malformed"),
        (f"/json/{KEY}/dev1/attrs", "7", "wrong_type"),
        (f"/json/{KEY}/dev1/attrs", "[1]", "wrong_type"),
        (f"/json/{KEY}/dev1/attrs", '{"t": "warm"}', "wrong_type"),
        (f"/json/{KEY}/dev1/attrs", "x" * 300_000, "too_large"),
        (f"/json/{KEY}/dev1/configuration/commands", "{}", "wrong_type"),
        (f"/json/{KEY}/dev1/configuration/commands", '{"type": "subscription", "fields": ["t"]}', "not_supported"),
        ("/json/unknown/dev1/attrs", "{}", "device_not_found"),
        (f"/json/{KEY}/dev1/nothing", "{}", "unknown_topic"),
    ],
)
async def test_a_bad_message_is_recorded_with_its_kind(fleet: Fleet, topic: str, payload: str, kind: str) -> None:
    await fleet.group(attributes=[TEMPERATURE])
    await fleet.publish((topic, payload))
    assert fleet.kinds == [kind]


async def test_a_bad_value_spoils_no_other(fleet: Fleet) -> None:
    await fleet.group(attributes=[TEMPERATURE])
    await fleet.publish((f"/json/{KEY}/dev1/attrs", '{"t": "warm", "h": 40}'))
    assert fleet.values(DEV1) == {"h": 40}


async def test_a_measure_waits_for_the_context_broker(fleet: Fleet) -> None:
    await fleet.group()
    fleet.broker.statuses = [503, 502, 429]
    await fleet.publish((f"/json/{KEY}/dev1/attrs", '{"t": 1}'))
    assert fleet.values(DEV1) == {"t": 1}
    assert fleet.agent.counters()["retries"] == 3


async def test_an_older_measure_does_not_overwrite_a_newer_value(fleet: Fleet) -> None:
    await fleet.group()
    topic = f"/json/{KEY}/dev1/attrs"
    await fleet.publish((topic, '{"t": 2, "TimeInstant": "2026-11-22T10:05:00Z"}'))
    await fleet.publish((topic, '{"t": 1, "TimeInstant": "2026-11-22T10:00:00Z"}'))
    assert fleet.values(DEV1) == {"t": 2}
    assert fleet.agent.counters()["late"] == 1
