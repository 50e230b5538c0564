"""Exports and the sample of a product: the same as its endpoint shows, and no more."""

import csv
import io
import json
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet
import pytest

from datenbroker.gateway.downloads import exports
from datenbroker.gateway.downloads import pages as paging
from datenbroker.identities.roles import Role
from datenbroker.products.grant import GrantState
from datenbroker.products.grants import Decision
from tests.datenbroker.products.council import ENERGY, STEWARD, WASTE
from tests.datenbroker.products.market import Market, market, station, without

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Market]:
    """Pages of ten entities, so that few of them make an export of several pages."""
    monkeypatch.setattr(paging, "MOST_A_PAGE", 10)
    async with market(tmp_path) as running:
        await running.desk.publish(visibility="open")
        yield running


def table(text: bytes, separator: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig")), delimiter=separator))


async def test_csv_has_every_entity_and_no_hidden_attribute(town: Market) -> None:
    await town.fill(ENERGY, [station(number) for number in range(25)])
    answer = await town.http.get("/products/charging/export.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="charging-2')
    assert 'rel="license"' in answer.headers["link"]
    rows = table(answer.content)
    assert [row["id"] for row in rows] == [station(number)["id"] for number in range(25)]
    assert rows[0] == {
        "id": "urn:ngsi-ld:EVChargingStation:00000",
        "type": "EVChargingStation",
        "location": "POINT (7.2 51.5)",
        "location.latitude": "51.5",
        "location.longitude": "7.2",
        "status": "working",
        "status.observedAt": "2026-11-22T10:00:00Z",
    }
    assert b"secret" not in answer.content


async def test_csv_for_germans_opens_in_their_spreadsheets(town: Market) -> None:
    await town.desk.publish("power", visibility="open", selection={"types": ["EVChargingStation"]})
    await town.fill(ENERGY, [station(1, power=22.5, count=3, free=True)])
    answer = await town.http.get("/products/power/export.csv?locale=de")
    row = table(answer.content, ";")[0]
    assert (row["Kennung"], row["Typ"]) == (station(1)["id"], "EVChargingStation")
    assert (row["power"], row["count"], row["free"]) == ("22,5", "3", "true")
    assert row["location (Längengrad)"] == "7,2"
    assert row["status (gemessen)"].startswith("2026")


async def test_a_column_that_only_later_entities_have_is_there(town: Market) -> None:
    await town.desk.publish("all", visibility="open", selection={"types": ["EVChargingStation"]})
    await town.fill(ENERGY, [*(station(number) for number in range(25)), station(30, power=11)])
    rows = table((await town.http.get("/products/all/export.csv")).content)
    assert (rows[0]["power"], rows[-1]["power"]) == ("", "11")


async def test_an_export_larger_than_what_is_read_ahead_is_whole(town: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "READ_AHEAD", 10)
    await town.fill(ENERGY, [station(number) for number in range(45)])
    rows = table((await town.http.get("/products/charging/export.csv")).content)
    assert [row["id"] for row in rows] == [station(number)["id"] for number in range(45)]
    assert rows[44]["location.latitude"] == "51.5"


async def test_no_text_becomes_a_formula(town: Market) -> None:
    texts = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"]
    await town.fill(ENERGY, [station(number, status=text) for number, text in enumerate(texts)])
    rows = table((await town.http.get("/products/charging/export.csv")).content)
    assert [row["status"] for row in rows] == ["'" + text for text in texts]


async def test_json_is_what_the_endpoint_answers(town: Market) -> None:
    await town.fill(ENERGY, [station(number) for number in range(25)])
    whole = (await town.http.get("/products/charging/export.json")).json()
    base = "/products/charging/ngsi-ld/v1/entities?local=true"
    assert whole == (await town.http.get(f"{base}&limit=100")).json()
    assert whole[0] == without(station(0), "owner")
    values = (await town.http.get("/products/charging/export.json?options=keyValues&q=status~=^work")).json()
    assert (len(values), values[0]["status"]) == (25, "working")


async def test_geojson_is_one_collection(town: Market) -> None:
    await town.fill(ENERGY, [station(number) for number in range(25)])
    answer = await town.http.get("/products/charging/export.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    features = answer.json()["features"]
    assert len(features) == 25
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [7.2, 51.5]}
    assert "owner" not in features[0]["properties"]


async def test_parquet_has_columns_with_types(town: Market) -> None:
    await town.desk.publish("all", visibility="open", selection={"types": ["EVChargingStation"]})
    mixed: list[Any] = [1, 2.5, "many"]
    entities = [station(number, power=float(number), mixed=mixed[number % 3]) for number in range(25)]
    await town.fill(ENERGY, entities)
    answer = await town.http.get("/products/all/export.parquet")
    read = pyarrow.parquet.read_table(io.BytesIO(answer.content))
    assert (read.num_rows, str(read.schema.field("power").type)) == (25, "double")
    assert str(read.schema.field("status.observedAt").type) == "timestamp[us, tz=UTC]"
    assert read.column("mixed").to_pylist()[:3] == ["1", "2.5", "many"]
    assert read.schema.metadata[b"licence"] == b"http://dcat-ap.de/def/licenses/dl-by-de/2.0"


async def test_without_pyarrow_parquet_says_what_to_do(town: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    answer = await town.http.get("/products/charging/export.parquet")
    assert (answer.status_code, "herne-datenbroker[parquet]" in answer.json()["detail"]) == (501, True)


async def test_an_empty_product_is_a_whole_file(town: Market) -> None:
    empty = {
        "json": b"[]",
        "geojson": b'{"type":"FeatureCollection","features":[]}',
        "csv": "\ufeffid,type,location,status\r\n".encode(),
    }
    for ending, content in empty.items():
        assert (await town.http.get(f"/products/charging/export.{ending}")).content == content


async def test_the_sample_has_ten_entities(town: Market) -> None:
    await town.fill(ENERGY, [station(number) for number in range(25)])
    sample = (await town.http.get("/products/charging/sample?options=keyValues")).json()
    assert [entity["status"] for entity in sample] == ["working"] * 10


async def test_what_cannot_be_exported_is_said(town: Market) -> None:
    for path, status, said in (
        ("export.xlsx", 404, "parquet"),
        ("export.csv?limit=3", 400, "limit"),
        ("export.csv?options=keyValues", 400, "export.json"),
        ("export.csv?locale=fr", 400, "locale"),
        ("export.json?q=owner==%22secret%22&shape=round", 400, "shape"),
        ("export.json?q=a==", 400, "grammar"),
        ("sample?offset=3", 400, "offset"),
    ):
        answer = await town.http.get(f"/products/charging/{path}")
        assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text


async def test_a_hidden_attribute_selects_nothing(town: Market) -> None:
    await town.fill(ENERGY, [station(1)])
    assert (await town.http.get("/products/charging/export.json?q=owner==%22secret%22")).json() == []


async def test_who_may_not_use_the_product_exports_nothing(town: Market) -> None:
    await town.desk.publish("asked-for")
    consumer = await town.key(Role.DATA_CONSUMER, WASTE)
    for what in ("export.csv", "export.json", "sample", "stream"):
        assert (await town.http.get(f"/products/asked-for/{what}")).status_code == 404
        assert (await town.http.get(f"/products/asked-for/{what}", headers=consumer)).status_code == 403
        assert (await town.http.post(f"/products/asked-for/{what}", headers=consumer)).status_code == 405
        tenant = {"NGSILD-Tenant": "entsorgung"}
        assert (await town.http.get(f"/products/charging/{what}", headers=tenant)).status_code == 400


async def test_a_revoked_grant_breaks_the_export_off(town: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.desk.publish("asked-for")
    grant = await town.desk.granted(date(2026, 12, 31), "asked-for")
    consumer = await town.key(Role.DATA_CONSUMER, WASTE)
    await town.fill(ENERGY, [station(number, status="x" * 60_000) for number in range(60)])
    with pytest.raises(httpx.RemoteProtocolError):
        async with town.http.stream("GET", "/products/asked-for/export.json", headers=consumer) as answer:
            assert answer.status_code == 200
            revoked = Decision(decision=GrantState.REVOKED, reason="Misuse")
            await town.desk.grants.decide(grant.id, revoked, STEWARD)
            async for _ in answer.aiter_bytes():
                pass


async def test_head_tells_type_and_name_without_the_file(town: Market) -> None:
    answer = await town.http.head("/products/charging/export.csv")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-disposition"].endswith('.csv"')


async def test_values_of_all_kinds_fit_into_a_table(town: Market) -> None:
    await town.desk.publish("kinds", visibility="open", selection={"types": ["Kind"]})
    line = {"type": "LineString", "coordinates": [[7.0, 51.0], [7.1, 51.1]]}
    entity = {
        "id": "urn:ngsi-ld:Kind:1",
        "type": "Kind",
        "road": {"type": "Relationship", "object": "urn:ngsi-ld:Road:1"},
        "name": {"type": "LanguageProperty", "languageMap": {"de": "Straße", "en": "Street"}},
        "path": {"type": "GeoProperty", "value": line},
        "list": {"type": "Property", "value": [1, 2]},
        "weight": {"type": "Property", "value": 3, "unitCode": "KGM"},
        "twice": [{"type": "Property", "value": 1}, {"type": "Property", "value": 2, "datasetId": "urn:d:2"}],
    }
    await town.fill(ENERGY, [entity])
    row = table((await town.http.get("/products/kinds/export.csv")).content)[0]
    assert json.loads(row["name"]) == {"de": "Straße", "en": "Street"}
    assert (row["road"], row["path"], row["list"]) == ("urn:ngsi-ld:Road:1", "LINESTRING (7 51, 7.1 51.1)", "[1,2]")
    assert (row["weight"], row["weight.unitCode"], row["twice"]) == ("3", "KGM", "[1,2]")
    german = table((await town.http.get("/products/kinds/export.csv?lang=de")).content)[0]
    assert german["name"] == "Straße"
