import pytest

from iot_agents.fiware import ultralight
from iot_agents.refused import Refused
from tests.iot_agents.fiware.conftest import KEY, Fleet

pytestmark = pytest.mark.anyio

DEV1 = "urn:ngsi-ld:Sensor:dev1"
TIME = "2026-11-22T10:00:00Z"


@pytest.mark.parametrize(
    ("payload", "measures"),
    [
        ("t|15|k|abc", [{"t": 15, "k": "abc"}]),
        ("t|15|k|abc#p|1015", [{"t": 15, "k": "abc"}, {"p": 1015}]),
        (f"{TIME}|t|-1.5", [{"TimeInstant": TIME, "t": -1.5}]),
        ("|t|015", [{"t": "015"}]),
        ("gps|1.2/3.4", [{"gps": "1.2/3.4"}]),
    ],
)
async def test_groups_of_names_and_values_are_measures(payload: str, measures: list[dict[str, object]]) -> None:
    assert ultralight.parse(payload) == measures


@pytest.mark.parametrize("payload", ["", "t", "t|", "t|1|k", "|", "#", "t|1##"])
async def test_what_does_not_pair_up_is_refused(payload: str) -> None:
    with pytest.raises(Refused):
        ultralight.parse(payload)


@pytest.mark.parametrize("topic", [f"/ul/{KEY}/dev1/attrs", f"ul/{KEY}/dev1/attrs", f"/{KEY}/dev1/attrs"])
async def test_measures_come_over_mqtt(fleet: Fleet, topic: str) -> None:
    temperature = {"object_id": "t", "name": "temperature", "type": "Number"}
    await fleet.group(resource="/iot/d", attributes=[temperature, {"name": "k", "type": "Text"}])
    await fleet.publish((topic, "t|15|k|007#p|1015"))
    assert fleet.values(DEV1) == {"temperature": 15, "k": "007", "p": 1015}


async def test_a_text_that_looks_like_a_number_stays_text_where_text_is_provisioned(fleet: Fleet) -> None:
    await fleet.group(resource="/iot/d", attributes=[{"object_id": "k", "name": "key", "type": "Text"}])
    await fleet.publish((f"/ul/{KEY}/dev1/attrs", "k|15"))
    assert fleet.values(DEV1) == {"key": "15"}


async def test_a_single_value_comes_under_its_name(fleet: Fleet) -> None:
    await fleet.group(resource="/iot/d")
    await fleet.publish((f"/ul/{KEY}/dev1/attrs/t", "15"))
    assert fleet.values(DEV1) == {"t": 15}


async def test_the_group_of_the_protocol_is_taken_where_a_key_has_two(fleet: Fleet) -> None:
    await fleet.group(entity_type="Json")
    await fleet.group(entity_type="Ultra", resource="/iot/d")
    await fleet.publish((f"/ul/{KEY}/dev1/attrs", "t|1"))
    assert fleet.values("urn:ngsi-ld:Ultra:dev1") == {"t": 1}


async def test_a_message_that_is_no_ultralight_is_recorded(fleet: Fleet) -> None:
    await fleet.group(resource="/iot/d")
    await fleet.publish((f"/ul/{KEY}/dev1/attrs", "t|"))
    assert fleet.kinds == ["malformed"]
