"""What is wrong with an entity is found where it is, with what is allowed and how to mend it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_models import MODELS, SmartDataModel
from data_models.checking.entity import check
from data_models.checking.texts import GERMAN_UNITS, TEXTS
from data_models.units import CODES
from tests.data_models.strategies import entities

SPOT: dict[str, Any] = {
    "id": "urn:ngsi-ld:ParkingSpot:17",
    "type": "ParkingSpot",
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [7.22, 51.54]}},
    "status": {"type": "Property", "value": "free", "observedAt": "2026-11-22T10:00:00Z"},
    "category": {"type": "Property", "value": ["onStreet"]},
    "refParkingSite": {"type": "Relationship", "object": "urn:ngsi-ld:OnStreetParking:1"},
}


def value(given: Any, **members: Any) -> dict[str, Any]:
    return {"type": "Property", "value": given, **members}


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({"id": "17"}, "id", "no_uri", "urn:ngsi-ld:Device"),
    ({"id": None}, "id", "id_missing", "urn:ngsi-ld:ParkingSpot:herne:1"),
    ({"type": None}, "type", "type_missing", "ParkingSpot"),
    ({"type": "ParkingSpots"}, "type", "type_misspelt", "Probably ParkingSpot is meant"),
    ({"status": value("Free")}, "status", "not_one_of", "Probably free is meant"),
    ({"status": value("vacant")}, "status", "not_one_of", "closed, free, occupied, unknown"),
    ({"width": value("2,5")}, "width", "no_number", "without quotes: 2.5"),
    ({"width": value("wide")}, "width", "no_number", "a number is expected"),
    ({"width": value(-1)}, "width", "too_small", "at least 0"),
    ({"width": value(2.5, unitCode="CMT")}, "width.unitCode", "unit", "but MTR (metre) is expected"),
    ({"categry": value("x")}, "categry", "misspelt", "Probably category is meant"),
    ({"category": value(["onStreet", "onRoof"])}, "category[1]", "not_one_of", "onStreet, offStreet"),
    ({"category": value([])}, "category", "too_few", "at least 1 are needed"),
    ({"location": value({"type": "Point", "coordinates": [7, 51]})}, "location", "kind", "must be a GeoProperty"),
    ({"location": {"type": "Point", "coordinates": [7, 151]}}, "location.coordinates", "no_position", "7.22, 51.54"),
    ({"refParkingSite": {"type": "Relationship", "value": "a:b"}}, "refParkingSite", "ngsi_ld", "Relationship"),
    ({"status": value("free", observedAt="yesterday")}, "status", "ngsi_ld", "DateTime"),
    ({"refParkingSite": value("Markt")}, "refParkingSite", "no_uri", "a URI is expected"),
    ({"dateCreated": value("22.11.2026")}, "dateCreated", "no_date_time", "2026-11-22T10:00:00Z"),
    ({"address": value("Markt 1")}, "address", "no_structure", "an object is expected: {"),
    ({"name": value(17)}, "name", "no_text", "a text in quotes"),
]


@pytest.mark.parametrize(("change", "path", "code", "words"), WRONG, ids=[f"{row[1]} {row[2]}" for row in WRONG])
def test_each_mistake_is_named_with_what_is_allowed(change: dict[str, Any], path: str, code: str, words: str) -> None:
    entity = {name: member for name, member in (SPOT | change).items() if member is not None}
    found = [finding for finding in check(entity) if (finding.path, finding.code) == (path, code)]
    assert len(found) == 1
    assert words in found[0].text("en")
    assert "{" not in found[0].text("de").replace(": { … }", "").replace('{"', "")


def test_a_good_entity_has_no_findings_in_any_form() -> None:
    simplified = {name: member.get("value", member.get("object")) for name, member in list(SPOT.items())[2:]}
    concise = {
        name: {key: part for key, part in member.items() if key != "type"} for name, member in list(SPOT.items())[2:]
    }
    head = {"id": SPOT["id"], "type": SPOT["type"], "@context": "https://daten.example/contexts/herne.jsonld"}
    for form in (SPOT, head | simplified, head | concise):
        assert check(form) == []


def test_full_iris_and_several_types_are_understood() -> None:
    iri = "https://smartdatamodels.org/dataModel.Parking/"
    entity = {**SPOT, "type": ["Thing", f"{iri}ParkingSpot"], f"{iri}status": value("vacant")}
    del entity["status"]
    assert [(finding.path, finding.code) for finding in check(entity)] == [("status", "not_one_of")]


def test_of_several_instances_each_is_checked() -> None:
    instances = [value(2.0), value(-2.0, datasetId="urn:ngsi-ld:Dataset:2")]
    assert [finding.sent for finding in check({**SPOT, "width": instances})] == [-2.0]


def test_a_percentage_in_place_of_a_share_is_explained() -> None:
    entity = {"id": "urn:a:1", "type": "WasteContainer", "fillingLevel": 57}
    (finding,) = [finding for finding in check(entity) if finding.path == "fillingLevel"]
    assert finding.text("de").endswith("hier zählt der Anteil, also 0.57.")


def test_swapped_coordinates_are_a_warning() -> None:
    location = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [51.54, 7.22]}}
    (finding,) = check({**SPOT, "location": location})
    assert (finding.code, finding.severity) == ("swapped", "warning")


def test_a_type_and_attributes_without_a_model_are_warnings() -> None:
    assert [finding.severity for finding in check({"id": "urn:a:1", "type": "Zeppelin"})] == ["warning"]
    assert [finding.severity for finding in check({**SPOT, "zeppelinHeight": value(1)})] == ["warning"]


@pytest.mark.parametrize("entity", [5, None, "x", [], [[]]])
def test_what_is_no_entity_is_said_to_be_none(entity: Any) -> None:
    assert [finding.code for finding in check(entity)] == ["no_object"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_what_a_model_writes_has_no_errors(model: type[SmartDataModel], data: st.DataObject) -> None:
    written = data.draw(entities(model)).to_ngsi_ld()
    assert [finding for finding in check(written) if finding.severity == "error"] == []


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "value", "object", "a"]), inner)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(["id", "type", "location", "status", "category", "address", "width", "refDevice", "@context"])


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, JSON), st.sampled_from([{}, {"type": "ParkingSpot"}]))
def test_no_input_breaks_the_check_or_its_sentences(entity: dict[str, Any], head: dict[str, Any]) -> None:
    for finding in check(entity | head):
        assert finding.text("de") and finding.text("en") and json.dumps(finding.as_json("de"))


def test_every_sentence_and_unit_is_there_in_both_languages() -> None:
    assert all(text.keys() == {"de", "en"} and all(text.values()) for text in TEXTS.values())
    assert GERMAN_UNITS.keys() == CODES.keys()


def test_the_programme_s_own_examples_have_the_mistakes_that_they_have() -> None:
    folder = Path(__file__).parents[1] / "examples" / "normalized"
    work = check(json.loads((folder / "CityWork.jsonld").read_text(encoding="utf-8")))
    assert {finding.path for finding in work} == {"contactPoint", "workDisposition", "workLevel[1]"}
