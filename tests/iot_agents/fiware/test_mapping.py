from datetime import UTC, datetime
from typing import Any

import pytest

from iot_agents.fiware.mapping import Mapped, entities_of
from iot_agents.fiware.plan import Plan

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCOPE = {"service": "smart", "service_path": "/"}


def mapped(measure: dict[str, Any], group: dict[str, Any] | None = None, **device: Any) -> Mapped:
    document = {"device_id": "dev1", "entity_type": "Sensor", **SCOPE} | device
    return entities_of(Plan(document, group), measure, NOON)


def values(measure: dict[str, Any], group: dict[str, Any] | None = None, **device: Any) -> dict[str, Any]:
    """What the entities' attributes are, by the last part of the entities' ids."""
    found = mapped(measure, group, **device)
    assert found.wrong == []
    return {
        entity["id"].removeprefix("urn:ngsi-ld:"): {
            name: attribute["value"] for name, attribute in entity.items() if name not in ("id", "type")
        }
        for entity in found.entities
    }


def of(**attributes: Any) -> list[dict[str, Any]]:
    return [{"name": name, "type": "Number", "expression": each} for name, each in attributes.items()]


def test_expressions_see_measures_and_what_was_computed_before() -> None:
    attributes = of(corrected="level * 2", normal="corrected / 100")
    assert values({"level": 10}, attributes=attributes) == {
        "Sensor:dev1": {"corrected": 20, "normal": 0.2, "level": 10}
    }


def test_an_expression_without_its_variables_makes_no_attribute() -> None:
    assert values({"other": 1}, attributes=of(corrected="level * 2")) == {"Sensor:dev1": {"other": 1}}


def test_a_measured_value_stands_where_its_expression_lacks_a_variable() -> None:
    assert values({"use": "0.44"}, attributes=of(use="spaces|trim")) == {"Sensor:dev1": {"use": 0.44}}


def test_a_value_that_is_to_be_skipped_is_skipped() -> None:
    attributes = [{"name": "a", "type": "Number", "expression": "v > 9 ? v : 0", "skipValue": 0}]
    assert values({"v": 3}, attributes=attributes, explicitAttrs=True) == {}


def test_static_attributes_and_the_device_are_in_the_context() -> None:
    static = [{"name": "offset", "type": "Number", "value": 5}]
    attributes = [
        *of(sum="v + offset"),
        {"name": "who", "type": "Text", "expression": "id + '@' + service + subservice"},
    ]
    found = values({"v": 1}, attributes=attributes, static_attributes=static, explicitAttrs="['sum', 'who']")
    assert found == {"Sensor:dev1": {"sum": 6, "who": "dev1@smart/"}}


@pytest.mark.parametrize(
    ("explicit", "names"),
    [
        (False, {"a", "b", "fixed", "more"}),
        (True, {"a", "b", "fixed"}),
        (["a"], {"a"}),
        ("['a', {object_id: 'bb'}]", {"a", "b"}),
        ("more == 3", {"a", "b", "fixed"}),
        ("more == 4", {"a", "b", "fixed", "more"}),
        ("more == 3 ? ['b'] : true", {"b"}),
    ],
)
def test_explicit_attributes_choose_what_goes_on(explicit: Any, names: set[str]) -> None:
    attributes = [{"name": "a", "type": "Number"}, {"object_id": "bb", "name": "b", "type": "Number"}]
    static = [{"name": "fixed", "type": "Text", "value": "x"}]
    measure = {"a": 1, "bb": 2, "more": 3}
    found = values(measure, attributes=attributes, static_attributes=static, explicitAttrs=explicit)
    assert set(found["Sensor:dev1"]) == names


def test_one_device_feeds_several_entities() -> None:
    meter = {"name": "vol", "type": "Number", "entity_type": "WaterMeter"}
    attributes = [
        meter | {"object_id": "c1", "entity_name": "urn:ngsi-ld:WaterMeter:Soria01"},
        meter | {"object_id": "c2", "entity_name": "Soria02"},
        meter | {"object_id": "c3", "entity_name": "'Soria' + id"},
        {"object_id": "c4", "name": "vol", "type": "Number"},
    ]
    found = values({"c1": 1, "c2": 2, "c3": 3, "c4": 4}, attributes=attributes)
    expected = {"WaterMeter:Soria01": 1, "WaterMeter:Soria02": 2, "WaterMeter:Soriadev1": 3, "Sensor:dev1": 4}
    assert found == {name: {"vol": value} for name, value in expected.items()}


def test_an_expression_of_the_group_names_the_entity() -> None:
    group = {"entityNameExp": "id + '__' + sn", "attributes": [{"name": "sn", "type": "Text"}]}
    assert values({"sn": "ABC"}, group, entity_name="ignored") == {"Sensor:dev1__ABC": {"sn": "ABC"}}


def test_the_device_goes_before_its_group() -> None:
    group = {"attributes": [{"object_id": "t", "name": "group", "type": "Number"}, {"name": "h", "type": "Text"}]}
    device = [{"object_id": "t", "name": "own", "type": "Number"}]
    assert values({"t": "1", "h": 2}, group, attributes=device) == {"Sensor:dev1": {"own": 1, "h": 2}}


def test_measures_named_id_and_type_are_renamed() -> None:
    assert values({"id": "a", "type": "b"}) == {"Sensor:dev1": {"measure_id": "a", "measure_type": "b"}}


def test_a_name_that_no_broker_takes_spoils_no_other() -> None:
    found = mapped({"": 1, "a b": 2, "@id": 3, "Größe": 4, "t": 5})
    assert set(found.entities[0]) == {"id", "type", "Größe", "t"}
    assert [wrong.kind for wrong in found.wrong] == ["bad_name"] * 3


def test_an_attribute_may_tell_the_time() -> None:
    attributes = [{"name": "TimeInstant", "type": "DateTime", "expression": "ts|toisostring"}]
    found = mapped({"ts": 1795348800000, "v": 1}, attributes=attributes).entities[0]
    assert found["v"]["observedAt"] == "2026-11-22T12:00:00.000Z"
    assert "TimeInstant" not in found


def test_details_of_an_attribute_may_be_expressions() -> None:
    metadata = {"share": {"type": "Number", "value": 0, "expression": "level / 100"}, "unitCode": {"value": "P1"}}
    attributes = [{"name": "level", "type": "Number", "metadata": metadata}]
    level = mapped({"level": 40}, attributes=attributes).entities[0]["level"]
    assert (level["share"]["value"], level["unitCode"]) == (0.4, "P1")
