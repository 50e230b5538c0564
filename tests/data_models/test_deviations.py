"""Official schemas stay as published; where they are not followed stands in one place, with a reason."""

import pytest

from data_models import Device, FlowerBed, IndoorEnvironmentObserved, PhotovoltaicMeasurement, model_of
from data_models.base import attribute_types
from data_models.schemas import Deviation, bundled, deviations, extensions, kinds, official, schema_types, validate

SUBJECTS = {name: subject for subject, name in schema_types()}


def member(schema: dict[str, object], attribute: str) -> object:
    parts = schema["allOf"]
    assert isinstance(parts, list)
    return next(part["properties"][attribute] for part in parts if attribute in part.get("properties", {}))


@pytest.mark.parametrize("deviation", deviations(), ids=lambda each: f"{each.type}.{each.attribute}")
def test_each_deviation_changes_the_official_schema_and_has_a_reason(deviation: Deviation) -> None:
    subject = SUBJECTS[deviation.type]
    published = member(official(subject, deviation.type), deviation.attribute)
    assert member(bundled(subject, deviation.type), deviation.attribute) != published
    assert len(deviation.reason) > 20


@pytest.mark.parametrize("model", [PhotovoltaicMeasurement, IndoorEnvironmentObserved])
def test_frost_can_be_measured(model: type[PhotovoltaicMeasurement | IndoorEnvironmentObserved]) -> None:
    assert model.attribute("temperature", -7.5)["value"] == -7.5


def test_a_device_may_have_an_address() -> None:
    device = Device(id="urn:ngsi-ld:Device:1", controlledProperty=["noise"], ipAddress=["192.0.2.7"])
    written = device.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert validate(written) == []


def test_every_kind_without_an_official_type_is_an_extension_of_one() -> None:
    assert {kind.kind for kind in kinds()} == {"tree", "road works", "smart pole", "heat meter", "data source"}
    for kind in kinds():
        assert any(f"({kind.kind})" in str(schema["description"]) for schema in extensions()[kind.type].values())
        assert extensions()[kind.type].keys() <= attribute_types(model_of(kind.type)).keys()


def test_a_tree_is_a_flower_bed_at_an_urban_tree_spot() -> None:
    tree = FlowerBed(
        id="urn:ngsi-ld:FlowerBed:herne:4711",
        category=["urbanTreeSpot"],
        taxon=["Tilia cordata"],
        plantingYear=1978,
        crownDiameter=9.5,
        refRecord=["urn:ngsi-ld:GreenspaceRecord:herne:17"],
    )
    written = tree.to_ngsi_ld()
    assert written["crownDiameter"] == {"type": "Property", "value": 9.5, "unitCode": "MTR"}
    assert FlowerBed.from_ngsi_ld(written) == tree
