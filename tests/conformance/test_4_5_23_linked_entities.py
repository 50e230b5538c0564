"""4.5.23 Linked entity retrieval: join, joinLevel, containedBy."""

from typing import Any

import pytest

from tests.conformance.client import KIOSK, Client, is_problem, prop, rel

pytestmark = pytest.mark.anyio
PARK = {"id": "urn:x:park", "type": "Park", "area": prop(900), "inTown": rel("urn:x:town")}
TOWN = {"id": "urn:x:town", "type": "Town", "name": prop("Herne"), "kiosk": rel(KIOSK)}
CAM = {"id": "urn:x:cam", "type": "Camera"}


@pytest.fixture
async def linked(broker: Client) -> Client:
    await broker.create(
        inPark=rel("urn:x:park", objectType="Park"), many=rel(["urn:x:cam", "urn:x:park"]), lost=rel("urn:x:lost"),
        steps={"type": "ListRelationship", "objectList": ["urn:x:park", "urn:x:cam"]}, queue=1,
    )  # fmt: skip
    await broker.send("POST", "/entityOperations/create", [PARK, TOWN, CAM], 201)
    return broker


async def test_inline_targets_stand_in_the_relationship(linked: Client) -> None:
    entity = await linked.get(join="inline")
    assert entity["inPark"] == rel("urn:x:park", objectType="Park", entity=PARK)
    assert entity["many"] == rel(["urn:x:cam", "urn:x:park"], entity=[CAM, PARK])
    assert entity["steps"]["entityList"] == [PARK, CAM]
    assert entity["lost"] == rel("urn:x:lost")
    assert await linked.query(type="Kiosk", join="inline") == [entity]


async def test_what_is_found_of_several_targets_is_shown(broker: Client) -> None:
    await broker.create(id="urn:x:cam", type="Camera")
    await broker.create(many=rel(["urn:x:lost", "urn:x:cam"]))
    assert await broker.attribute("many", join="inline") == rel(["urn:x:lost", "urn:x:cam"], entity=[CAM])


async def test_a_join_level_goes_deeper_and_never_in_circles(linked: Client) -> None:
    entity = await linked.get(join="inline", joinLevel=2)
    assert entity["inPark"]["entity"]["inTown"]["entity"] == TOWN
    entity = await linked.get(join="inline", joinLevel=30)
    assert entity["inPark"]["entity"]["inTown"]["entity"]["kiosk"] == rel(KIOSK)


async def test_simplified_the_entity_takes_the_place_of_the_uri(linked: Client) -> None:
    entity = await linked.get(join="inline", format="simplified")
    park = {"id": "urn:x:park", "type": "Park", "area": 900, "inTown": "urn:x:town"}
    assert (entity["inPark"], entity["lost"]) == (park, "urn:x:lost")
    assert entity["steps"] == [park, {"id": "urn:x:cam", "type": "Camera"}]


async def test_concise_the_linked_entity_is_concise(linked: Client) -> None:
    assert (await linked.get(join="inline", format="concise"))["inPark"]["entity"]["area"] == 900


async def test_contained_by_names_what_is_known_already(linked: Client) -> None:
    entity = await linked.get(join="inline", containedBy="urn:x:park")
    assert "entity" not in entity["inPark"]
    flat = await linked.get(join="flat", containedBy="urn:x:park,urn:x:none")
    assert [item["id"] for item in flat] == [KIOSK, "urn:x:cam"]


async def test_flat_linked_entities_follow_once_each(linked: Client) -> None:
    flat = await linked.get(join="flat")
    assert [item["id"] for item in flat] == [KIOSK, "urn:x:park", "urn:x:cam"]
    assert "entity" not in flat[0]["inPark"]
    found = await linked.query(type="Kiosk,Town", join="flat", joinLevel=9)
    assert [item["id"] for item in found] == [KIOSK, "urn:x:town", "urn:x:park", "urn:x:cam"]


async def test_flat_geojson_is_a_collection(linked: Client) -> None:
    answer = await linked.http.get(f"/entities/{KIOSK}?join=flat", headers={"Accept": "application/geo+json"})
    assert [item["id"] for item in answer.json()["features"]] == [KIOSK, "urn:x:park", "urn:x:cam"]


async def test_a_projection_reaches_into_linked_entities(linked: Client) -> None:
    params: dict[str, Any] = {"pick": "id,queue,inPark{id,area}"}
    park = {"id": "urn:x:park", "area": prop(900)}
    assert await linked.get(join="inline", **params) == {
        "id": KIOSK, "queue": prop(1), "inPark": rel("urn:x:park", objectType="Park", entity=park)
    }  # fmt: skip
    flat = await linked.get(join="flat", omit="many,steps,inPark{type,inTown}")
    assert flat[1] == park
    assert set(flat[0]) == {"id", "type", "lost", "queue", "inPark"}


async def test_the_join_must_make_sense(broker: Client) -> None:
    await broker.create()
    for query in ("join=both", "joinLevel=2", "join=flat&joinLevel=0", "join=flat&containedBy=x"):
        answer = await broker.http.get(f"/entities/{KIOSK}?{query}")
        assert is_problem(answer, 400, "BadRequestData")
    assert await broker.get(join="@none") == {"id": KIOSK, "type": "Kiosk"}


async def test_a_join_that_multiplies_without_end_is_refused(broker: Client) -> None:
    names = [f"urn:x:{number}" for number in range(12)]
    batch = [{"id": name, "type": "Kiosk", "all": rel([other for other in names if other != name])} for name in names]
    await broker.send("POST", "/entityOperations/create", batch, 201)
    answer = await broker.http.get("/entities/urn:x:0?join=inline&joinLevel=12")
    assert is_problem(answer, 403, "TooManyResults")
    assert is_problem(await broker.http.get("/entities/urn:x:0?join=flat&joinLevel=99"), 403, "TooComplexQuery")
