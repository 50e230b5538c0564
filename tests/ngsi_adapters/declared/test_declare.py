"""Sources that an operator declares in a file: what is read, and what is refused."""

import io
import sqlite3
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from openpyxl import Workbook

from data_models.schemas import validate
from ngsi_adapters.declared.declare import InvalidDeclaration, declared
from ngsi_adapters.reading import read
from ngsi_adapters.registry import sources_with_urls
from ngsi_adapters.source import Record, Source
from tests.ngsi_adapters.conftest import FETCHED, Bench
from tests.ngsi_adapters.outcomes import entities, rejects, sample

DOCS = Path(__file__).parents[3] / "docs" / "sources"
CSV = sample("waste_containers/containers.csv")
FEATURE = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [7.22, 51.54]},
    "properties": {"nummer": 4, "bezeichnung": "Bahnhof", "plaetze": "40"},
}


def source(name: str) -> Source:
    return declared(name, DOCS / f"{name}.yaml")


def changed(tmp_path: Path, **changes: Any) -> Path:
    said = yaml.safe_load((DOCS / "containers.yaml").read_text(encoding="utf-8"))
    path = tmp_path / "changed.yaml"
    path.write_text(yaml.safe_dump(said | changes, allow_unicode=True), encoding="utf-8")
    return path


def test_a_table_becomes_entities_with_units() -> None:
    first = entities(source("containers"), CSV)[0]
    assert first["id"] == "urn:ngsi-ld:WasteContainer:register-GL-0001"
    assert first["fillingLevel"] == {
        "type": "Property",
        "value": 0.575,
        "unitCode": "C62",
        "observedAt": "2026-11-22T09:15:00Z",
    }
    assert first["storedWasteKind"]["value"] == "glass"
    assert first["location"]["value"]["coordinates"] == [7.2257, 51.5388]


def test_what_is_made_suits_the_official_schema() -> None:
    records = [found for found in read(source("containers"), CSV, FETCHED) if isinstance(found, Record)]
    assert len(records) == 4
    for record in records:
        assert validate(record.entity.model_dump(mode="json", by_alias=True, exclude_none=True)) == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (";57,5;", ";voll;", "'voll' is not a number"),
        (";57,5;", ";157,5;", "less than or equal to 1"),
        ("Altglas", "Atommüll", "'Atommüll' is none of Altglas"),
        ("Röhlinghausen Markt;", "", "the line has 17 columns"),
        ("GL-0001", "", "'Behälternummer' is missing"),
    ],
)
def test_a_wrong_row_is_rejected_and_the_others_are_kept(old: str, new: str, reason: str) -> None:
    payload = CSV.decode("utf-8-sig").replace(old, new, 1).encode("cp1252")
    (rejected,) = rejects(source("containers"), payload)
    assert reason in rejected.reason
    assert len(entities(source("containers"), payload)) == 3


def test_an_excel_file_is_read_like_a_table(tmp_path: Path) -> None:
    book, file = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for line in (["Behälternummer", "Längengrad", "Breitengrad", "Füllstand_Prozent"], ["A1", "7,2", "51,5", 57.5]):
        sheet.append(line)
    book.save(file)
    of = declared("containers", changed(tmp_path, format="xlsx"))
    assert entities(of, file.getvalue())[0]["fillingLevel"]["value"] == 0.575
    for damaged in (b"", file.getvalue()[:500], b"PK\x03\x04"):
        assert rejects(of, damaged)[0].kind == "malformed"
    other = declared("containers", changed(tmp_path, format="xlsx", sheet="Behälter"))
    assert "there is no sheet 'Behälter'" in rejects(other, file.getvalue())[0].reason


def test_geojson_gives_geometry_and_properties() -> None:
    of = source("bicycle_parking")
    (site,) = entities(of, {"type": "FeatureCollection", "features": [FEATURE]})
    assert site["id"] == "urn:ngsi-ld:OffStreetParking:bike-4"
    assert (site["location"]["type"], site["totalSpotNumber"]["value"]) == ("GeoProperty", 40)
    assert rejects(of, b"[]")[0].kind == "malformed"
    broken = orjson.dumps({"features": [FEATURE | {"geometry": None}, 7, FEATURE]})
    assert len(rejects(of, broken)) == 2
    assert len(entities(of, broken)) == 1


@pytest.mark.anyio
async def test_a_database_is_read_and_cannot_be_written(bench: Bench, tmp_path: Path) -> None:
    database, said = tmp_path / "waage.sqlite", yaml.safe_load((DOCS / "weighings_database.yaml").read_text("utf-8"))
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE wiegungen (nummer, zeit, netto_t)")
        connection.execute("INSERT INTO wiegungen VALUES ('W1', '2026-11-20T11:42:00', 10.74), ('W2', 'gestern', 1)")
    file = tmp_path / "weighings.yaml"
    file.write_text(yaml.safe_dump(said | {"address": f"sqlite:///{database}"}), encoding="utf-8")
    of = sources_with_urls({"weighings": str(file)})[-1]
    state = await bench.runner([of]).run_once(of)
    assert (state.records, state.rejects, state.last_error) == (1, 1, None)
    (weighing,) = await bench.client.for_tenant("entsorgung").query(type="WasteObserved")
    assert weighing["weight"]["value"] == pytest.approx(10740)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "WasteBin"}, "there is no data model WasteBin"),
        ({"attributes": {"fillLevel": "x"}}, "WasteContainer has no attribute fillLevel"),
        ({"attributes": {"fillingLevel": {"column": "x", "read": "number", "unit": "CEL"}}}, "is in C62: nothing"),
        ({"attributes": {"location": {"column": "x", "read": "point"}}}, "are read from two columns"),
        ({"attributes": {"name": {"column": "x", "red": "text"}}}, "red: Extra inputs are not permitted"),
        ({"id": "all-the-same"}, "an id names a column in braces"),
        ({"every": 1}, "every: Input should be greater than or equal to 10"),
        ({"format": "sql"}, "format sql needs a query"),
        ({"format": "sql", "query": "DELETE FROM x"}, "has to be one SELECT"),
        ({"format": "sql", "query": "SELECT 1; DROP TABLE x"}, "has to be one SELECT"),
    ],
)
def test_a_declaration_that_cannot_be_says_why(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidDeclaration) as refused:
        declared("containers", changed(tmp_path, **changes))
    assert reason in str(refused.value)


def test_a_file_that_is_missing_or_no_yaml_is_said(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(InvalidDeclaration, match="is no YAML"):
        declared("x", tmp_path / "bad.yaml")
    with pytest.raises(InvalidDeclaration, match="cannot be read"):
        declared("x", tmp_path / "missing.yaml")
