from typing import Any

import pytest

from iot_agents.fiware.ngsi import attribute, entity_id
from iot_agents.refused import Refused

PROPERTY, GEO = "Property", "GeoProperty"
POINT = {"type": "Point", "coordinates": [7, 51]}
RING = [[0, 0], [1, 0], [1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("Number", "21.50", {"type": PROPERTY, "value": 21.5}),
        ("Integer", "21.9", {"type": PROPERTY, "value": 21}),
        ("Float", 3, {"type": PROPERTY, "value": 3}),
        ("Boolean", "false", {"type": PROPERTY, "value": False}),
        ("Boolean", 1, {"type": PROPERTY, "value": True}),
        ("Text", "a", {"type": PROPERTY, "value": "a"}),
        ("Object", '{"a": 1}', {"type": PROPERTY, "value": {"a": 1}}),
        ("Array", "no json", {"type": PROPERTY, "value": "no json"}),
        ("DateTime", "2026-11-22T12:00:00+01:00", {"type": PROPERTY, "value": "2026-11-22T11:00:00.000Z"}),
        ("Date", "2026-11-22", {"type": PROPERTY, "value": "2026-11-22"}),
        ("Time", "12:30", {"type": PROPERTY, "value": "12:30"}),
        ("geo:point", "7.22, 51.54", {"type": GEO, "value": {"type": "Point", "coordinates": [7.22, 51.54]}}),
        ("Point", [7, 51], {"type": GEO, "value": {"type": "Point", "coordinates": [7, 51]}}),
        ("geo:json", POINT, {"type": GEO, "value": POINT}),
        ("LineString", "1,2,3,4", {"type": GEO, "value": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}),
        ("Polygon", "0,0,1,0,1,1,0,0", {"type": GEO, "value": {"type": "Polygon", "coordinates": [RING]}}),
        ("Relationship", "urn:ngsi-ld:A:1", {"type": "Relationship", "object": "urn:ngsi-ld:A:1"}),
        ("LanguageProperty", {"de": "Eimer"}, {"type": "LanguageProperty", "languageMap": {"de": "Eimer"}}),
        ("command", "x", {"type": PROPERTY, "value": "x"}),
    ],
)  # fmt: skip
def test_a_value_becomes_what_its_type_says(kind: str, value: Any, expected: dict[str, Any]) -> None:
    assert attribute(kind, value) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("Number", "warm"), ("Number", ""), ("Number", [1]), ("DateTime", "today"), ("Time", "25:00"),
        ("geo:point", "7"), ("Point", "a,b"),
    ],
)  # fmt: skip
def test_a_value_that_is_none_of_its_type_is_refused(kind: str, value: Any) -> None:
    with pytest.raises(Refused):
        attribute(kind, value)


def test_an_entity_is_named_by_a_urn() -> None:
    assert entity_id("urn:ngsi-ld:Lamp:1", "Sensor") == "urn:ngsi-ld:Lamp:1"
    assert entity_id("lamp1", "Lamp") == "urn:ngsi-ld:Lamp:lamp1"
