"""The table of a mapping tells what the code does."""

from xml.etree.ElementTree import fromstring

import pytest

from data_models import OffStreetParking, WasteContainer
from ngsi_adapters.formats.numerals import german_percent, whole
from ngsi_adapters.mapping import Field, Mapped, MappingRow, rows, value_at
from ngsi_adapters.reading import read
from ngsi_adapters.registry import SOURCES
from ngsi_adapters.source import Source
from ngsi_client.rejected import Rejected
from tests.ngsi_adapters.conftest import FETCHED
from tests.ngsi_adapters.outcomes import documents_of


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.uid)
def test_a_mapping_names_exactly_the_attributes_that_the_samples_yield(source: Source) -> None:
    outcomes = [outcome for payload in documents_of(source) for outcome in read(source, payload, FETCHED)]
    made = [outcome.to_entity() for outcome in outcomes if not isinstance(outcome, Rejected)]
    yielded = {(entity["type"], name) for entity in made for name in entity.keys() - {"id", "type"}}
    fields = [(mapped.model.__name__, each) for mapped in source.mapping for each in mapped.fields]
    fixed = {(mapped.model.__name__, name) for mapped in source.mapping for name in mapped.fixed}
    seldom = {(name, each.attribute) for name, each in fields if each.seldom}
    assert yielded == {(name, each.attribute) for name, each in fields} - seldom | fixed


def test_values_are_found_in_json_and_in_xml_and_empty_texts_are_none() -> None:
    row = {"a": {"b": 1}, "c.d": 2, "e": "  "}
    assert [value_at(row, path) for path in ("a.b", "c.d", "e", "a.x", "x.y")] == [1, 2, None, None, None]
    xml = fromstring('<r xmlns="urn:x" id="7"><a><b> 1 </b></a></r>')
    assert [value_at(xml, path) for path in ("a/b", "@id", "a/x", "a")] == ["1", "7", None, None]


def test_a_value_that_is_missing_is_left_out_or_refused() -> None:
    field = Field("fill", "fillingLevel", german_percent)
    assert Mapped(WasteContainer, (field,)).values({}) == {}
    with pytest.raises(KeyError, match="fill"):
        Mapped(WasteContainer, (Field("fill", "fillingLevel", german_percent, needed=True),)).values({})


def test_a_value_that_cannot_be_read_names_its_field() -> None:
    with pytest.raises(ValueError, match="free: 'many' is not a whole number"):
        Mapped(OffStreetParking, (Field("free", "availableSpotNumber", whole),)).values({"free": "many"})


def test_a_mapping_to_an_attribute_that_the_type_lacks_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="WasteContainer has no attribute fillLevel"):
        Mapped(WasteContainer, (Field("fill", "fillLevel"),))


def test_the_table_tells_field_attribute_unit_and_how() -> None:
    mapped = Mapped(
        WasteContainer, (Field("fill", "fillingLevel", german_percent),), fixed={"storedWasteOrigin": "household"}
    )
    assert list(rows((mapped,))) == [
        MappingRow("fill", "WasteContainer", "fillingLevel", "C62 (one (a part of one, 0 to 1))", "57,5 % → 0.575"),
        MappingRow("", "WasteContainer", "storedWasteOrigin", "", "always 'household'"),
    ]
