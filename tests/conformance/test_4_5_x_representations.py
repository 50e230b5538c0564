"""4.5.2-4.5.4, 4.5.16 Representations: normalized, concise, simplified, GeoJSON; in and out (digest 4)."""

from typing import Any

import pytest

from tests.conformance.client import CORE, KIOSK, SYS, Client, is_problem, point, prop, rel

pytestmark = pytest.mark.anyio
PLACE = {"type": "Point", "coordinates": [8.5, 47.4]}
LABEL = {"type": "LanguageProperty", "languageMap": {"de": "Stand"}}
OBSERVED = "2031-02-03T10:00:00Z"
FORMS: list[tuple[Any, Any, Any]] = [
    # normalized, concise, simplified
    (prop(3), 3, 3),
    (prop("x"), "x", "x"),
    (prop(False), False, False),
    (prop([1, {"a": 2}]), [1, {"a": 2}], [1, {"a": 2}]),
    (prop([]), [], []),
    (prop({"a": 1}), {"a": 1}, {"a": 1}),
    (prop({"type": "PostalAddress"}), prop({"type": "PostalAddress"}), {"type": "PostalAddress"}),
    (prop(PLACE), prop(PLACE), PLACE),
    (prop(PLACE, unitCode="X"), prop(PLACE, unitCode="X"), PLACE),
    (prop({"value": 1}), {"value": {"value": 1}}, {"value": 1}),
    (prop([{"value": 1}]), {"value": [{"value": 1}]}, [{"value": 1}]),
    (prop({"@type": "Date", "@value": "2031-02-03"}), {"value": {"@type": "Date", "@value": "2031-02-03"}},
     {"@type": "Date", "@value": "2031-02-03"}),
    (prop(3, unitCode="C62", observedAt=OBSERVED), {"value": 3, "unitCode": "C62", "observedAt": OBSERVED}, 3),
    (prop(3, by=rel("urn:x:c")), {"value": 3, "by": {"object": "urn:x:c"}}, 3),
    (prop(3, note=prop("n", deep=prop(1))), {"value": 3, "note": {"value": "n", "deep": 1}}, 3),
    ({"type": "GeoProperty", "value": PLACE}, PLACE, PLACE),
    ({"type": "GeoProperty", "value": PLACE, "observedAt": OBSERVED}, {"value": PLACE, "observedAt": OBSERVED}, PLACE),
    (rel("urn:x:p"), {"object": "urn:x:p"}, "urn:x:p"),
    (rel(["urn:x:p", "urn:x:q"]), {"object": ["urn:x:p", "urn:x:q"]}, ["urn:x:p", "urn:x:q"]),
    (rel("urn:x:p", objectType="Park"), {"object": "urn:x:p", "objectType": "Park"}, "urn:x:p"),
    (LABEL, {"languageMap": {"de": "Stand"}}, {"languageMap": {"de": "Stand"}}),
    ({"type": "VocabProperty", "vocab": "a"}, {"vocab": "a"}, {"vocab": "a"}),
    ({"type": "VocabProperty", "vocab": ["a"]}, {"vocab": ["a"]}, {"vocab": ["a"]}),
    ({"type": "JsonProperty", "json": {"type": "x"}}, {"json": {"type": "x"}}, {"json": {"type": "x"}}),
    ({"type": "ListProperty", "valueList": [1]}, {"valueList": [1]}, [1]),
    ({"type": "ListRelationship", "objectList": ["urn:x:p"]}, {"objectList": ["urn:x:p"]}, ["urn:x:p"]),
    ([prop(1), prop(2, datasetId="urn:d:1")], [{"value": 1}, {"value": 2, "datasetId": "urn:d:1"}],
     {"dataset": {"@none": 1, "urn:d:1": 2}}),
]  # fmt: skip


@pytest.mark.parametrize(("normalized", "concise", "simplified"), FORMS)
async def test_an_attribute_has_its_form_in_each_representation(
    broker: Client, normalized: Any, concise: Any, simplified: Any
) -> None:
    await broker.create(thing=normalized)
    for name, form in (
        ("normalized", normalized),
        ("concise", concise),
        ("simplified", simplified),
        ("keyValues", simplified),
    ):
        for params in ({"format": name}, {"options": name}, {"format": name, "options": "concise"}):
            entity = await broker.get(**params)
            assert entity == {"id": KIOSK, "type": "Kiosk", "thing": form}
            assert await broker.query(type="Kiosk", **params) == [entity]


@pytest.mark.parametrize(("normalized", "concise"), [form[:2] for form in FORMS])
async def test_the_concise_form_is_read_back_without_loss(broker: Client, normalized: Any, concise: Any) -> None:
    await broker.create(thing=concise)
    assert await broker.attribute("thing") == normalized


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"value": PLACE}, point(8.5, 47.4)),
        ({"type": "Property", "value": 1, "sub": PLACE}, prop(1, sub=point(8.5, 47.4))),
        ({"a": 1, "b": None}, prop({"a": 1, "b": None})),
        ({}, prop({})),
        ([{"value": 1, "datasetId": "urn:d:1"}], prop(1, datasetId="urn:d:1")),
        ([{"object": "urn:x:a"}], rel("urn:x:a")),
        ({"objectList": [{"object": "urn:x:a"}]}, {"type": "ListRelationship", "objectList": ["urn:x:a"]}),
        ({"type": "VocabularyProperty", "vocab": "a"}, {"type": "VocabProperty", "vocab": "a"}),
    ],
)
async def test_what_a_concise_attribute_is_follows_from_its_members(broker: Client, sent: Any, read: Any) -> None:
    await broker.create(thing=sent)
    assert await broker.attribute("thing") == read


@pytest.mark.parametrize(
    "bad", [{"type": "Foo", "a": 1}, {"type": "Point"}, {"value": 1, "object": "urn:x:a"}, {"object": "x"}]
)
async def test_a_concise_attribute_that_makes_no_sense_is_bad_request_data(broker: Client, bad: Any) -> None:
    answer = await broker.http.post("/entities", json={"id": KIOSK, "type": "Kiosk", "thing": bad})
    assert is_problem(answer, 400, "BadRequestData")


async def test_system_attributes_are_at_every_depth(broker: Client) -> None:
    await broker.create(queue=prop(1, note=prop("n", deep=prop(1))), inPark=rel("urn:x:p"))
    entity = await broker.get(**SYS)
    nodes = [entity, entity["queue"], entity["queue"]["note"], entity["queue"]["note"]["deep"], entity["inPark"]]
    assert all({"createdAt", "modifiedAt"} <= set(node) for node in nodes)
    assert all(node["createdAt"].endswith("Z") for node in nodes)
    concise = await broker.get(options="sysAttrs,concise")
    assert set(concise["queue"]["note"]["deep"]) == {"value", "createdAt", "modifiedAt"}


async def test_without_sys_attrs_no_times_are_shown(broker: Client) -> None:
    await broker.create(queue=prop(1, note=prop("n")))
    assert "At" not in str(await broker.get())


async def test_simplified_system_attributes_are_those_of_the_entity(broker: Client) -> None:
    await broker.create(queue=1)
    entity = await broker.get(format="simplified", options="sysAttrs")
    assert set(entity) == {"id", "type", "queue", "createdAt", "modifiedAt"}
    assert entity["queue"] == 1


async def geojson(broker: Client, path: str = f"/entities/{KIOSK}", **options: Any) -> Any:
    headers = {"Accept": "application/geo+json", **options.pop("headers", {})}
    answer = await broker.http.get(path, headers=headers, params=options or None)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/geo+json")
    return answer


async def test_an_entity_is_a_feature(broker: Client) -> None:
    await broker.create(queue=1, location=point(8.5, 47.4))
    answer = await geojson(broker)
    assert answer.json() == {
        "id": KIOSK,
        "type": "Feature",
        "geometry": PLACE,
        "properties": {"type": "Kiosk", "queue": prop(1), "location": point(8.5, 47.4)},
        "@context": CORE,
    }
    assert "link" not in answer.headers


async def test_a_query_is_a_feature_collection(broker: Client) -> None:
    empty = (await geojson(broker, "/entities", type="Kiosk")).json()
    assert empty == {"type": "FeatureCollection", "features": [], "@context": CORE}
    await broker.create(location=point(8.5, 47.4))
    features = (await geojson(broker, "/entities", type="Kiosk", format="simplified")).json()["features"]
    assert features == [
        {"id": KIOSK, "type": "Feature", "geometry": PLACE, "properties": {"type": "Kiosk", "location": PLACE}}
    ]


async def test_prefer_body_json_moves_the_context_to_the_link(broker: Client) -> None:
    await broker.create()
    for path in (f"/entities/{KIOSK}", "/entities?type=Kiosk"):
        answer = await geojson(broker, path, headers={"Prefer": "body=json"})
        assert "@context" not in answer.json()
        assert answer.headers["link"].startswith(f"<{CORE}>")
        assert answer.headers["preference-applied"] == "body=json"
        assert "@context" in (await geojson(broker, path, headers={"Prefer": "body=ld+json"})).json()


async def test_the_geometry_may_be_of_another_property_or_missing(broker: Client) -> None:
    await broker.create(area=point(1, 2), location=point(8.5, 47.4), name="K")
    assert (await geojson(broker, geometryProperty="area")).json()["geometry"]["coordinates"] == [1, 2]
    assert (await geojson(broker, geometryProperty="name")).json()["geometry"] is None
    assert (await geojson(broker, geometryProperty="none")).json()["geometry"] is None
    assert (await geojson(broker, pick="name")).json()["geometry"] == PLACE


async def test_the_geometry_of_several_instances_is_the_default_or_the_chosen_one(broker: Client) -> None:
    await broker.create(location=[point(8.5, 47.4), {**point(1, 2), "datasetId": "urn:d:1"}])
    assert (await geojson(broker)).json()["geometry"] == PLACE
    assert (await geojson(broker, datasetId="urn:d:1")).json()["geometry"]["coordinates"] == [1, 2]


async def test_geometry_property_is_only_for_geojson(broker: Client) -> None:
    await broker.create()
    for path in (f"/entities/{KIOSK}", "/entities?type=Kiosk"):
        answer = await broker.http.get(path, params={"geometryProperty": "area", "type": "Kiosk"})
        assert is_problem(answer, 400, "BadRequestData")
