"""How an entity and an attribute are written and read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from data_models import (
    AirQualityObserved,
    Device,
    ParkingSpot,
    Point,
    SmartMeteringObservation,
    WasteContainer,
    WaterQualityObserved,
)
from data_models.base import reasons

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def spot() -> ParkingSpot:
    return ParkingSpot(
        id="urn:ngsi-ld:ParkingSpot:17",
        location=Point.at(7.2257, 51.5388),
        status="free",
        category=["onStreet"],
        refParkingSite="urn:ngsi-ld:OnStreetParking:1",
    )


def test_an_entity_is_written_with_its_kinds_and_the_time_of_what_was_observed() -> None:
    assert spot().to_ngsi_ld(AT, observed=["status"]) == {
        "id": "urn:ngsi-ld:ParkingSpot:17",
        "type": "ParkingSpot",
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [7.2257, 51.5388]}},
        "status": {"type": "Property", "value": "free", "observedAt": "2026-11-22T10:00:00Z"},
        "category": {"type": "Property", "value": ["onStreet"]},
        "refParkingSite": {"type": "Relationship", "object": "urn:ngsi-ld:OnStreetParking:1"},
    }


def test_observing_an_attribute_that_the_type_lacks_is_an_error() -> None:
    with pytest.raises(KeyError, match="fillingLevel"):
        spot().to_ngsi_ld(AT, observed=["fillingLevel"])


def test_an_attribute_carries_its_unit_and_its_time_in_utc() -> None:
    berlin = AT.astimezone(timezone(timedelta(hours=1)))
    assert WasteContainer.attribute("fillingLevel", 0.57, berlin) == {
        "type": "Property",
        "value": 0.57,
        "observedAt": "2026-11-22T10:00:00Z",
        "unitCode": "C62",
    }


def test_a_list_of_relationships_is_one_relationship_with_several_objects() -> None:
    devices = ["urn:ngsi-ld:Device:1", "urn:ngsi-ld:Device:2"]
    assert WasteContainer.attribute("refDevice", devices) == {"type": "Relationship", "object": devices}


def test_an_unknown_attribute_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        WasteContainer.attribute("fillLevel", 0.5)


@pytest.mark.parametrize("value", [57, -0.1, "0.5", True, None, float("nan"), float("inf"), [0.5]])
def test_a_filling_level_that_is_no_part_of_one_is_refused(value: object) -> None:
    with pytest.raises(ValidationError) as caught:
        WasteContainer.attribute("fillingLevel", value)
    assert reasons(caught.value).startswith("fillingLevel: Input should be")


@pytest.mark.parametrize(
    "moment", ["2026-11-22T10:00:00", "2026-11-22", "yesterday", 1795341600, "2026-13-01T00:00:00Z"]
)
def test_a_time_that_cannot_be_placed_is_refused(moment: object) -> None:
    with pytest.raises(ValidationError):
        AirQualityObserved.attribute("dateObserved", moment)


def test_attributes_whose_names_are_no_python_names_keep_them_in_ngsi_ld() -> None:
    assert AirQualityObserved.attribute("as", 0.3)["unitCode"] == "GQ"
    where = {"id": "urn:ngsi-ld:WaterQualityObserved:1", "location": Point.at(7, 51), "dateObserved": "2026-11-22"}
    assert "Cl-" in WaterQualityObserved.model_validate({**where, "Cl-": 12.5}).to_ngsi_ld()


def test_attributes_of_this_project_extend_an_official_type() -> None:
    assert SmartMeteringObservation.attribute("flowTemperature", 71.5)["unitCode"] == "CEL"
    assert Device.attribute("snr", 9.8)["unitCode"] == "2N"


def test_attributes_that_the_model_does_not_know_are_kept() -> None:
    entity = {**spot().to_ngsi_ld(), "surface": {"type": "Property", "value": "asphalt"}}
    assert ParkingSpot.from_ngsi_ld(entity).to_ngsi_ld()["surface"] == {"type": "Property", "value": "asphalt"}


def test_an_array_of_one_item_that_json_ld_compacted_is_read_as_an_array() -> None:
    entity = {**spot().to_ngsi_ld(), "category": {"type": "Property", "value": "onStreet"}}
    assert ParkingSpot.from_ngsi_ld(entity) == spot()


def test_a_typed_date_time_and_a_context_are_read() -> None:
    entity = {
        **spot().to_ngsi_ld(),
        "dateCreated": {"type": "Property", "value": {"@type": "DateTime", "@value": "2026-11-22T10:00:00Z"}},
        "@context": "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld",
    }
    assert ParkingSpot.from_ngsi_ld(entity).dateCreated == AT


def test_an_entity_without_a_required_attribute_is_refused() -> None:
    entity = spot().to_ngsi_ld()
    del entity["refParkingSite"]
    with pytest.raises(ValidationError) as caught:
        ParkingSpot.from_ngsi_ld(entity)
    assert reasons(caught.value).startswith("refParkingSite: Field required")


@pytest.mark.parametrize("wrong", ["17", "", "urn:ngsi-ld:Parking Spot:17", 17])
def test_an_id_that_is_no_uri_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        ParkingSpot.from_ngsi_ld({**spot().to_ngsi_ld(), "id": wrong})
