"""The data inventory: who collects what, what two collect, and who may see it."""

import asyncio
import csv
import io
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datenbroker.catalogue.inventory.duplicates import duplicates
from datenbroker.catalogue.inventory.thing import Thing, thing_of
from datenbroker.identities.roles import Role
from iot_agents.registry import DeviceRegistry
from tests.datenbroker.products.council import BUSES, ENERGY, WASTE
from tests.datenbroker.products.market import Market, market

pytestmark = pytest.mark.anyio

NAMES = {ENERGY: "Stadtwerke Herne", WASTE: "entsorgung herne", BUSES: "HCR"}
HERE = (7.2249, 51.5369)


def noise(organisation: str, id_: str, place: tuple[float, float] | None = HERE, **marks: str) -> Thing:
    return Thing(organisation, "NoiseLevelObserved", id_, place, frozenset(marks.items()))


def north(metres: float) -> tuple[float, float]:
    return HERE[0], HERE[1] + metres / 111_320


def east(metres: float) -> tuple[float, float]:
    return HERE[0] + metres / 111_320 / 0.622, HERE[1]


@pytest.mark.parametrize(("metres", "count"), [(0, 1), (24, 1), (26, 0), (5000, 0)])
def test_two_organisations_at_one_place_are_pointed_out(metres: float, count: int) -> None:
    for place in (north(metres), east(metres)):
        found = duplicates([noise(ENERGY, "a"), noise(WASTE, "b", place)], 25, NAMES)
        assert len(found) == count


def test_each_finding_is_a_sentence_with_what_to_do() -> None:
    (found,) = duplicates([noise(ENERGY, "a"), noise(WASTE, "b", north(12))], 25, NAMES)
    assert (found.organisations, found.reason, found.metres) == ((WASTE, ENERGY), "place", 12.0)
    assert found.sentence["de"].startswith("entsorgung herne und Stadtwerke Herne erfassen beide NoiseLevelObserved am")
    assert found.sentence["en"].endswith("use it as a data product.")


def test_what_one_organisation_has_twice_is_its_own_matter() -> None:
    assert duplicates([noise(ENERGY, "a"), noise(ENERGY, "b")], 25, NAMES) == []


def test_other_types_at_the_same_place_are_no_duplicates() -> None:
    other = Thing(WASTE, "AirQualityObserved", "b", HERE)
    assert duplicates([noise(ENERGY, "a"), other], 25, NAMES) == []


@pytest.mark.parametrize("reason", ["serialNumber", "source", "device", "address"])
def test_the_same_mark_points_to_the_same_thing(reason: str) -> None:
    things = [noise(ENERGY, "a", None, **{reason: "x1"}), noise(BUSES, "b", None, **{reason: "x1"})]
    (found,) = duplicates(things, 25, NAMES)
    assert found.reason == reason


def test_the_same_id_points_to_the_same_thing() -> None:
    (found,) = duplicates([noise(ENERGY, "a", None), noise(BUSES, "a", None)], 25, NAMES)
    assert (found.reason, found.examples) == ("id", [("a", "a")])


@given(st.floats(-80, 80), st.floats(-179, 179), st.floats(0, 24), st.floats(0, 6.28))
def test_near_things_are_found_anywhere(latitude: float, longitude: float, metres: float, angle: float) -> None:
    up, right = metres * math.sin(angle), metres * math.cos(angle)
    flat = math.cos(math.radians(latitude))
    moved = (longitude + right / 111_320 / flat, latitude + up / 111_320)
    first, second = noise(ENERGY, "a", (longitude, latitude)), noise(WASTE, "b", moved)
    assert len(duplicates([first, second], 25, NAMES)) == 1


@pytest.mark.parametrize("location", [None, 5, {"value": 5}, {"value": {"type": "Point", "coordinates": ["x", None]}}])
def test_a_place_that_is_none_is_left_out(location: Any) -> None:
    thing = thing_of(ENERGY, {"id": "a", "type": "Bench", "location": location})
    assert thing is not None
    assert thing.place is None


async def collect(town: Market) -> None:
    """Two organisations have a meter at one place, one of them shares what it has."""
    entity: dict[str, Any] = {"id": "urn:ngsi-ld:Meter:1", "type": "Meter"}
    place = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": list(HERE)}}
    device = {
        "_id": "chirpstack:01",
        "network": "chirpstack",
        "key": "01",
        "tenant": "stadtwerke",
        "profile": "heat-meter",
    }
    await DeviceRegistry(town.desk.store).register([device | {"entity": entity | {"location": place}}])
    await town.client.for_tenant("hcr").upsert([{"id": "urn:ngsi-ld:Meter:2", "type": "Meter", "location": place}])
    await town.desk.publish("secret", visibility="private", selection={"types": ["Meter"]})
    await town.desk.publish("meters", visibility="open", selection={"types": ["Meter"]})


async def test_the_inventory_tells_who_collects_what_and_what_twice(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await collect(town)
        found = (await town.http.get("/inventory", headers=await town.key(Role.AUDITOR, None))).json()
    devices = next(line for line in found["lines"] if line["kind"] == "devices")
    told = [devices[name] for name in ("organisation", "types", "count", "users")]
    assert told == [ENERGY, ["Meter"], 1, ["*"]]
    assert {line["name"] for line in found["lines"] if line["kind"] == "product"} == {"meters", "secret"}
    assert [(*one["organisations"], one["reason"]) for one in found["duplicates"]] == [(BUSES, ENERGY, "place")]


async def test_a_steward_sees_no_other_organisations_private_products(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await collect(town)
        seen = [
            (await town.http.get("/inventory", headers=await town.key(Role.DATA_STEWARD, organisation))).json()
            for organisation in (ENERGY, WASTE)
        ]
    names = [{line["name"] for line in one["lines"] if line["kind"] == "product"} for one in seen]
    assert names == [{"meters", "secret"}, {"meters"}]
    assert [len(one["duplicates"]) for one in seen] == [1, 0]


async def test_the_inventory_is_a_table_for_spreadsheets_and_a_page(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await collect(town)
        headers = await town.key(Role.PLATFORM_ADMIN, None)
        table = await town.http.get("/inventory?format=csv&lang=de", headers=headers)
        page = await town.http.get("/inventory?lang=en", headers=headers | {"Accept": "text/html"})
        wrong = await town.http.get("/inventory?format=xls", headers=headers)
    rows = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig")), delimiter=";"))
    assert len({len(row) for row in rows}) == 1
    assert any("LoRaWAN, ChirpStack" in row for row in rows)
    assert "both collect Meter at the same place" in page.text
    assert wrong.status_code == 400


def test_a_thousand_things_at_one_place_are_compared_in_time() -> None:
    things = [noise(ENERGY if number % 2 else WASTE, str(number)) for number in range(1000)]
    (found,) = asyncio.run(asyncio.to_thread(duplicates, things, 25.0, NAMES))
    assert 0 < found.count <= 2500
