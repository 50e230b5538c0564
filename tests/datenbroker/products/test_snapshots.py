"""Aggregated products, from the owner's meters to what others get."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from datenbroker.identities.roles import Role
from datenbroker.products.aggregation.snapshots import HELD_PERIODS, Reading
from datenbroker.products.life_cycle import Step
from datenbroker.products.selection import Selection
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.kinds import EntityDocument
from tests.datenbroker.products.council import ENERGY, PROVIDER, STEWARD, TENANTS, wanted
from tests.datenbroker.products.market import Market, market

pytestmark = pytest.mark.anyio

AGGREGATION = {"type": "Use", "measures": [{"attribute": "energy"}], "group_by": "street", "floor": 5}
SELECTION = {"types": ["Meter"], "attributes": ["energy", "street"]}
HOUR = 3600


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Market]:
    async with market(tmp_path) as running:
        await running.desk.publish("use", visibility="open", selection=SELECTION, aggregation=AGGREGATION)
        yield running


def meters(count: int, start: int = 0, energy: float = 2.0, street: str = "A") -> list[dict[str, Any]]:
    return [
        {
            "id": f"urn:ngsi-ld:Meter:{number}",
            "type": "Meter",
            "energy": {"type": "Property", "value": energy, "unitCode": "KWH"},
            "street": {"type": "Property", "value": street},
            "customer": {"type": "Property", "value": "somebody"},
        }
        for number in range(start, start + count)
    ]


async def shown(town: Market) -> dict[str, Any]:
    answer = await town.http.get("/products/use/ngsi-ld/v1/entities?type=Use&options=keyValues")
    assert answer.status_code == 200, answer.text
    return {one["group"]: (one["energy"], one["entities"]) for one in answer.json()}


async def test_only_sums_over_enough_meters_are_served(town: Market) -> None:
    await town.fill(ENERGY, meters(6) + meters(4, start=20, street="B"))
    await town.snapshots().take_due()
    assert await shown(town) == {"A": (12.0, 6)}
    base = "/products/use/ngsi-ld/v1"
    assert (await town.http.get(f"{base}/entities?type=Use")).json()[0]["energy"]["unitCode"] == "KWH"
    for path in ("entities?type=Meter", "entities?id=urn:ngsi-ld:Meter:1&local=true", "entities?q=customer"):
        assert (await town.http.get(f"{base}/{path}")).json() == []
    assert (await town.http.get(f"{base}/entities/urn:ngsi-ld:Meter:1")).status_code == 404
    assert (await town.http.get(f"{base}/types")).json()["typeList"] == ["Use"]
    assert b"customer" not in (await town.http.get("/products/use/export.json")).content


async def test_there_is_one_snapshot_a_period(town: Market) -> None:
    job = town.snapshots()
    await town.fill(ENERGY, meters(6))
    await job.take_due()
    await town.fill(ENERGY, meters(6, energy=7.0))
    await job.take_due()
    assert await shown(town) == {"A": (12.0, 6)}
    town.desk.now += HOUR
    await job.take_due()
    assert await shown(town) == {"A": (42.0, 6)}


class Counting:
    """Counts who reads what is to be aggregated."""

    def __init__(self, reading: Reading) -> None:
        self.reading, self.times, self.context = reading, 0, reading.context

    def entities(self, tenant: str, selection: Selection, context: Context) -> AsyncIterator[EntityDocument]:
        self.times += 1
        return self.reading.entities(tenant, selection, context)


async def test_of_two_processes_one_takes_the_snapshot(town: Market) -> None:
    await town.fill(ENERGY, meters(6))
    counting = Counting(town.reading)
    first, second = town.snapshots(counting), town.snapshots(counting)
    await asyncio.gather(first.take_due(), second.take_due())
    assert (await shown(town), counting.times) == ({"A": (12.0, 6)}, 1)


async def test_a_group_is_held_back_after_one_has_left_and_comes_again_with_it(town: Market) -> None:
    job = town.snapshots()
    await town.fill(ENERGY, meters(7))
    await job.take_due()
    await town.client.for_tenant(TENANTS[ENERGY]).delete("urn:ngsi-ld:Meter:3")
    town.desk.now += HOUR
    await job.take_due()
    assert await shown(town) == {}
    await town.fill(ENERGY, meters(7))
    town.desk.now += HOUR
    await job.take_due()
    assert await shown(town) == {"A": (14.0, 7)}


async def test_after_a_day_a_held_back_group_is_shown_as_it_is_then(town: Market) -> None:
    job = town.snapshots()
    await town.fill(ENERGY, meters(7))
    await job.take_due()
    await town.client.for_tenant(TENANTS[ENERGY]).delete("urn:ngsi-ld:Meter:3")
    for hours, expected in ((HELD_PERIODS, {}), (1, {"A": (12.0, 6)})):
        town.desk.now += hours * HOUR
        await job.take_due()
        assert await shown(town) == expected


async def test_another_aggregation_begins_anew(town: Market) -> None:
    job = town.snapshots()
    await town.fill(ENERGY, meters(7))
    await job.take_due()
    mean = AGGREGATION | {"measures": [{"attribute": "energy", "function": "mean"}]}
    changed = wanted("use", visibility="open", selection=SELECTION, aggregation=mean)
    await town.desk.products.change(changed, PROVIDER)
    await town.desk.release("use")
    await job.take_due()
    assert await shown(town) == {"A": (2.0, 7)}


async def test_the_owner_sees_figures_before_the_release(town: Market) -> None:
    await town.desk.products.create(wanted("later", selection=SELECTION, aggregation=AGGREGATION), ENERGY, PROVIDER)
    await town.fill(ENERGY, meters(6))
    await town.snapshots().take_due()
    path, own = "/products/later/ngsi-ld/v1/entities?type=Use", await town.key(Role.DATA_PROVIDER)
    assert (await town.http.get(path, headers=own)).json()[0]["entities"]["value"] == 6
    assert (await town.http.get(path)).status_code == 404


async def test_a_product_that_fails_harms_no_other(town: Market) -> None:
    broken = SELECTION | {"context": "http://127.0.0.1:9/none.jsonld"}
    await town.desk.publish("a-broken-one", selection=broken, aggregation=AGGREGATION)
    await town.fill(ENERGY, meters(6))
    await town.snapshots().take_due()
    assert await shown(town) == {"A": (12.0, 6)}


async def test_a_discarded_products_aggregates_are_forgotten(town: Market) -> None:
    job = town.snapshots()
    await town.fill(ENERGY, meters(7))
    await job.take_due()
    for _ in range(2):
        await town.desk.products.step("use", Step.UNDO, STEWARD)
    await town.desk.products.discard("use", PROVIDER)
    await job.take_due()
    assert await town.client.for_tenant("product_use").query(type="Use") == []
    await town.desk.publish("use", visibility="open", selection=SELECTION, aggregation=AGGREGATION)
    assert await shown(town) == {}
