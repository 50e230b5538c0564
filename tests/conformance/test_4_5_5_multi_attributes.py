"""4.5.5 Multi-attributes: instances of one attribute by datasetId."""

import pytest

from tests.conformance.client import KIOSK, SYS, Client, is_problem, point, prop, rel

pytestmark = pytest.mark.anyio
ONE, TWO = prop(1, datasetId="urn:d:1"), prop(2, datasetId="urn:d:2")


async def test_one_instance_is_an_object_and_several_are_an_array(broker: Client) -> None:
    await broker.create(a=[prop(0)], b=[prop(0), ONE], c=[ONE])
    entity = await broker.get()
    assert (entity["a"], entity["b"], entity["c"]) == (prop(0), [prop(0), ONE], ONE)


async def test_none_names_the_default_instance_and_is_never_returned(broker: Client) -> None:
    await broker.create(queue=[prop(0, datasetId="@none"), ONE])
    assert await broker.attribute("queue") == [prop(0), ONE]


async def test_two_default_instances_or_equal_datasets_are_bad_request_data(broker: Client) -> None:
    for instances in ([prop(0), prop(1)], [prop(0), prop(1, datasetId="@none")], [ONE, ONE]):
        answer = await broker.http.post("/entities", json={"id": KIOSK, "type": "Kiosk", "queue": instances})
        assert is_problem(answer, 400, "BadRequestData")


async def test_instances_may_be_of_several_kinds(broker: Client) -> None:
    await broker.create(queue=[prop(0), rel("urn:x:a", datasetId="urn:d:1")])
    assert await broker.attribute("queue") == [prop(0), rel("urn:x:a", datasetId="urn:d:1")]


async def test_each_instance_has_its_own_times(broker: Client) -> None:
    await broker.create(queue=[prop(0), ONE])
    before = await broker.attribute("queue", **SYS)
    await broker.send("POST", f"/entities/{KIOSK}/attrs", {"queue": [prop(5, datasetId="urn:d:1"), TWO]})
    default, one, two = await broker.attribute("queue", **SYS)
    assert default == before[0]
    assert (one["createdAt"], two["createdAt"]) == (before[1]["createdAt"], one["modifiedAt"])


async def test_sub_attributes_have_instances_too(broker: Client) -> None:
    await broker.create(queue=prop(0, note=[prop("a"), prop("b", datasetId="urn:d:1")]))
    assert (await broker.attribute("queue"))["note"] == [prop("a"), prop("b", datasetId="urn:d:1")]


async def test_simplified_several_instances_are_a_dataset(broker: Client) -> None:
    await broker.create(queue=[prop(0), ONE], only=ONE, plain=prop(7))
    entity = await broker.get(format="simplified")
    assert entity["queue"] == {"dataset": {"@none": 0, "urn:d:1": 1}}
    assert entity["plain"] == 7


async def test_an_array_of_values_is_no_array_of_instances(broker: Client) -> None:
    await broker.create(queue=[1, 2], objects=[{"a": 1}, {"a": 2}])
    assert await broker.attribute("queue") == prop([1, 2])
    assert await broker.attribute("objects") == prop([{"a": 1}, {"a": 2}])


async def test_a_bare_geometry_may_stand_among_the_instances(broker: Client) -> None:
    bare = {"type": "Point", "coordinates": [1, 2]}
    await broker.create(location=[bare, {"value": {**bare, "coordinates": [3, 4]}, "datasetId": "urn:d:1"}])
    assert await broker.attribute("location") == [point(1, 2), {**point(3, 4), "datasetId": "urn:d:1"}]
    await broker.create(id="urn:x:1", places=[bare, bare])
    assert await broker.attribute("places", "urn:x:1") == prop([bare, bare])
