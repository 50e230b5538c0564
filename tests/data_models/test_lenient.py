"""What others have written wrong is read as far as it can be, reported, and never written again."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from data_models import ParkingSpot, WasteContainer, lenient

SPOT: dict[str, Any] = {
    "id": "urn:ngsi-ld:ParkingSpot:17",
    "type": "ParkingSpot",
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [7.22, 51.54]}},
    "status": {"type": "Property", "value": "free"},
    "category": {"type": "Property", "value": ["onStreet"]},
    "refParkingSite": {"type": "Relationship", "Object": "urn:ngsi-ld:OnStreetParking:1"},
}


def test_a_faulty_value_is_kept_as_it_came_and_the_others_are_typed() -> None:
    found, faults = lenient.read(ParkingSpot, {**SPOT, "length": 5, "width": {"type": "Property", "value": "2"}})
    assert [getattr(found, name) for name in ("width", "length", "status")] == ["2", 5.0, "free"]
    assert [fault.attribute for fault in faults if fault.value == "2"] == ["width"]


def test_an_entity_with_faults_cannot_be_written() -> None:
    found, _ = lenient.read(WasteContainer, {"id": "container 7", "type": "WasteContainer"})
    with pytest.raises(ValueError, match=r"read with faults.*id:"):
        found.to_ngsi_ld()


def test_a_missing_required_attribute_is_none_and_reported() -> None:
    without = {name: member for name, member in SPOT.items() if name != "location"}
    found, faults = lenient.read(ParkingSpot, without)
    assert found.location is None
    assert ("location", None) in [(fault.attribute, fault.value) for fault in faults]


def test_what_is_only_misspelt_is_mended_reported_and_can_be_written() -> None:
    found, faults = lenient.read(ParkingSpot, SPOT)
    assert found.refParkingSite == "urn:ngsi-ld:OnStreetParking:1"
    assert [fault.attribute for fault in faults] == ["refParkingSite"]
    assert found.to_ngsi_ld()["refParkingSite"]["object"] == "urn:ngsi-ld:OnStreetParking:1"


def test_an_entity_of_another_type_or_without_an_id_is_not_read() -> None:
    for wrong in ({**SPOT, "type": "Garden"}, {"type": "ParkingSpot"}):
        with pytest.raises(ValidationError):
            lenient.read(ParkingSpot, wrong)


MEMBERS = st.sampled_from(["type", "value", "object", "Object", "coordinates", "datasetId", "unitCode", "a"])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from(["Property", "DateTime", "Point"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=10,
)
NAMES = st.sampled_from(["id", "location", "status", "category", "address", "width", "dateCreated", "_faults", "x"])


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAMES, JSON))
def test_whatever_others_write_is_read_or_has_no_id(given_members: dict[str, Any]) -> None:
    try:
        found, faults = lenient.read(ParkingSpot, {"type": "ParkingSpot", **given_members})
    except ValidationError as error:
        assert "id" not in given_members, error
        return
    assert faults
    with pytest.raises(ValueError, match="read with faults"):
        found.to_ngsi_ld()
