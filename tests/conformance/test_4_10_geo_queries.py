"""4.10 Geo-queries: every relation over every geometry (digest 6.5)."""

from typing import Any

import orjson
import pytest

from tests.conformance.client import Client, is_problem, point

pytestmark = pytest.mark.anyio

SQUARE = [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]
INNER = [[[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]]
ACROSS = [[[3, 3], [6, 3], [6, 6], [3, 6], [3, 3]]]
FAR = [[[50, 50], [51, 50], [51, 51], [50, 50]]]
PLACES: dict[str, tuple[str, Any]] = {
    "point": ("Point", [1.5, 1.5]),
    "edge": ("Point", [4, 2]),
    "faraway": ("Point", [50.5, 50.2]),
    "points": ("MultiPoint", [[1, 1], [10, 10]]),
    "line": ("LineString", [[-1, 1], [5, 1]]),
    "inside": ("LineString", [[1, 1], [2, 2]]),
    "lines": ("MultiLineString", [[[1, 1], [2, 2]], [[20, 20], [21, 21]]]),
    "square": ("Polygon", [[[4, 4], [0, 4], [0, 0], [4, 0], [4, 4]]]),
    "inner": ("Polygon", INNER),
    "across": ("Polygon", ACROSS),
    "islands": ("MultiPolygon", [INNER, FAR]),
}
CASES = [
    ("within", "Polygon", SQUARE, "point inside square inner"),
    ("within", "MultiPolygon", [SQUARE, FAR], "point faraway inside square inner islands"),
    ("contains", "Point", [1.5, 1.5], "point inside lines square inner islands"),
    ("contains", "Polygon", INNER, "square inner islands"),
    ("contains", "LineString", [[1, 1], [2, 2]], "inside lines square inner islands"),
    ("contains", "MultiPoint", [[1.2, 1.2], [1.8, 1.8]], "inside lines square inner islands"),
    ("intersects", "Polygon", SQUARE, "point edge points line inside lines square inner across islands"),
    ("intersects", "Point", [1, 1], "points line inside lines square inner islands"),
    ("intersects", "MultiLineString", [[[4, 2], [5, 2]], [[50.5, 50], [50.5, 51]]], "edge faraway square islands"),
    ("disjoint", "Polygon", SQUARE, "faraway"),
    ("disjoint", "Point", [60, 60], " ".join(PLACES)),
    ("equals", "Polygon", SQUARE, "square"),
    ("equals", "Point", [4, 2], "edge"),
    ("equals", "LineString", [[2, 2], [1, 1]], "inside"),
    ("equals", "MultiPoint", [[10, 10], [1, 1]], "points"),
    ("overlaps", "Polygon", SQUARE, "across islands"),
    ("overlaps", "MultiPoint", [[1, 1], [7, 7]], "points"),
    ("near;maxDistance==100", "Point", [4.0005, 2], "edge square"),
    ("near;minDistance==5000000", "Point", [1, 1], "faraway"),
    ("near;maxDistance==150000", "Point", [10, 11], "points"),
    ("near;minDistance==100;maxDistance==100000", "Point", [1.5, 1.6], "point points line inside lines"),
    ("near;maxDistance==1", "Polygon", FAR, "faraway islands"),
]


@pytest.fixture
async def places(broker: Client) -> Client:
    batch = [
        {"id": f"urn:x:{name}", "type": "Place", "location": {"type": kind, "coordinates": coordinates}}
        for name, (kind, coordinates) in PLACES.items()
    ]
    await broker.send("POST", "/entityOperations/create", [*batch, {"id": "urn:x:nowhere", "type": "Place"}], 201)
    return broker


@pytest.mark.parametrize(("georel", "geometry", "coordinates", "found"), CASES)
async def test_the_entitys_geometry_stands_in_the_relation_to_the_reference(
    places: Client, georel: str, geometry: str, coordinates: Any, found: str
) -> None:
    text = orjson.dumps(coordinates).decode()
    assert " ".join(await places.ids(georel=georel, geometry=geometry, coordinates=text)) == found
    geo = {"georel": georel, "geometry": geometry, "coordinates": coordinates}
    answer = await places.send("POST", "/entityOperations/query", {"type": "Query", "geoQ": geo}, 200)
    assert " ".join(entity["id"][6:] for entity in answer.json()) == found


async def test_another_geoproperty_may_be_asked(broker: Client) -> None:
    await broker.create(location=point(0, 0), area=point(8, 8))
    params = {"georel": "near;maxDistance==10", "geometry": "Point", "coordinates": "[8,8]"}
    assert await broker.ids(**params) == []
    assert await broker.ids(**params, geoproperty="area") == ["4"]
    assert await broker.ids(**params, geoproperty="none") == []


async def test_any_instance_of_the_geoproperty_counts(broker: Client) -> None:
    await broker.create(location=[point(0, 0), {**point(8, 8), "datasetId": "urn:d:1"}])
    for coordinates in ("[0,0]", "[8,8]"):
        assert await broker.ids(georel="equals", geometry="Point", coordinates=coordinates) == ["4"]
    assert await broker.ids(georel="disjoint", geometry="Point", coordinates="[8,8]") == ["4"]


async def test_a_property_that_is_no_geoproperty_never_matches(broker: Client) -> None:
    await broker.create(area="here")
    params = {"geometry": "Point", "coordinates": "[8,8]", "geoproperty": "area"}
    for georel in ("disjoint", "near;minDistance==1", "intersects"):
        assert await broker.ids(georel=georel, **params) == []


async def test_a_geometry_that_moves_is_found_at_its_new_place(broker: Client) -> None:
    await broker.create(location=point(0, 0))
    await broker.send("PATCH", "/entities/urn:ngsi-ld:Kiosk:4/attrs", {"location": point(8, 8)})
    assert await broker.ids(georel="equals", geometry="Point", coordinates="[0,0]") == []
    assert await broker.ids(georel="equals", geometry="Point", coordinates="[8,8]") == ["4"]


async def test_near_reaches_over_the_date_line(broker: Client) -> None:
    await broker.create(location=point(179.99, 0))
    params = {"geometry": "Point", "coordinates": "[-179.99,0]"}
    assert await broker.ids(georel="near;maxDistance==3000", **params) == ["4"]


async def test_geoproperty_alone_is_no_geo_query(broker: Client) -> None:
    await broker.create()
    assert await broker.ids(type="Kiosk", geoproperty="area") == ["4"]


@pytest.mark.parametrize(
    "changes",
    [
        {"georel": None},
        {"geometry": None},
        {"coordinates": None},
        {"georel": "near"},
        {"georel": "near;maxDistance==-5"},
        {"georel": "near;maxDistance==0"},
        {"georel": "near;minDistance==0"},
        {"georel": "near;maxDistance==far"},
        {"georel": "near;maxDistance=5"},
        {"georel": "near;radius==5"},
        {"georel": "within;maxDistance==5"},
        {"georel": "touches"},
        {"georel": ""},
        {"geometry": "Circle"},
        {"geometry": "GeometryCollection"},
        {"geometry": "Polygon"},
        {"coordinates": "8,8"},
        {"coordinates": "[8]"},
        {"coordinates": '["8","8"]'},
        {"coordinates": "[[8,8]]"},
        {"geoproperty": "1a"},
    ],
)
async def test_an_incomplete_or_malformed_geo_query_is_bad_request_data(broker: Client, changes: Any) -> None:
    params = {"georel": "near;maxDistance==10", "geometry": "Point", "coordinates": "[8,8]", **changes}
    known = {name: value for name, value in params.items() if value is not None}
    assert is_problem(await broker.http.get("/entities", params={"type": "A", **known}), 400, "BadRequestData")
    geo = {**known, "coordinates": known.get("coordinates", [8, 8])} if "coordinates" in known else known
    answer = await broker.http.post("/entityOperations/query", json={"type": "Query", "geoQ": geo})
    assert is_problem(answer, 400, "BadRequestData")
