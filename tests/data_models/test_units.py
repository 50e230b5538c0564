"""The table of units names attributes that exist, and every code means something."""

from data_models import MODELS, SmartMeteringObservation, WasteContainer
from data_models.base import attribute_types
from data_models.units import CODES, assignments, unit_of


def test_every_unit_belongs_to_an_attribute_of_a_model() -> None:
    known = {(model.__name__, name) for model in MODELS for name in attribute_types(model)}
    names = {name for _, name in known}
    wrong = [
        (type_name, name)
        for type_name, name, _ in assignments()
        if (name not in names if type_name is None else (type_name, name) not in known)
    ]
    assert wrong == []


def test_every_code_in_use_is_explained_and_every_explained_code_is_used() -> None:
    assert {code for _, _, code in assignments()} == set(CODES)


def test_the_same_attribute_has_the_unit_of_its_type() -> None:
    assert unit_of("AirQualityObserved", "co") == "GP"
    assert unit_of("AirQualityObserved", "no2") == "GQ"
    assert unit_of("Vehicle", "name") is None


def test_units_reach_the_attributes() -> None:
    assert SmartMeteringObservation.attribute("totalConsumption", 12.5)["unitCode"] == "KWH"
    assert WasteContainer.attribute("temperature", 8)["unitCode"] == "CEL"
