"""Quality is measured through the product's own endpoint, daily, and kept for 90 days."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from datenbroker.catalogue.quality.job import Measuring
from datenbroker.catalogue.quality.measurement import Tally
from datenbroker.catalogue.quality.records import QualityRecords
from datenbroker.gateway.catalogue.reading import ThroughProducts
from datenbroker.identities.roles import Role
from tests.datenbroker.products.council import BUSES, ENERGY, PROVIDER, wanted
from tests.datenbroker.products.market import Market, market, station

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def value(number: float, at: str = "2026-11-22T10:00:00Z", **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": number, "observedAt": at} | more


def measured(*entities: dict[str, Any], promised: tuple[str, ...] = ()) -> Any:
    tally = Tally(promised, NOW - timedelta(minutes=30))
    for entity in entities:
        tally.add(entity)
    return tally.quality("x", "2026-11-22", NOW)


def test_completeness_is_the_share_of_what_was_promised() -> None:
    found = measured({"id": "a", "a": value(1), "b": value(2)}, {"id": "b", "a": value(1)}, promised=("a", "b", "c"))
    assert found.attributes == {"a": 1.0, "b": 0.5, "c": 0.0}
    assert found.completeness == 0.5


def test_where_nothing_was_promised_it_is_what_others_have() -> None:
    assert measured({"id": "a", "a": value(1), "b": value(2)}, {"id": "b", "a": value(1)}).completeness == 0.75


def test_timeliness_counts_the_newest_value_of_those_that_say_a_time() -> None:
    late, quiet = value(1, "2026-11-22T08:00:00Z"), {"type": "Property", "value": 1}
    found = measured({"a": late, "b": value(1)}, {"a": late}, {"a": quiet})
    assert (found.timeliness, found.dated, found.newest) == (0.5, 2, NOW)


def test_doubtful_values_are_a_share_of_all_values() -> None:
    flag = {"type": "Property", "value": ["outOfRange"]}
    found = measured({"a": value(1, qualityFlag=flag), "b": [value(1), value(2)]}, {"a": value(1)})
    assert (found.flagged, found.values) == (0.25, 4)


def test_of_nothing_there_is_no_share() -> None:
    found = measured(promised=("a",))
    assert (found.completeness, found.timeliness, found.flagged, found.bbox) == (None, None, None, None)


@pytest.mark.parametrize("broken", [None, 5, [], {"value": {}}, {"observedAt": 7}, {"observedAt": "soon"}, [None, 3]])
def test_what_a_broker_should_never_say_is_passed_over(broken: Any) -> None:
    assert measured({"id": "a", "location": broken, "type": ["A", "B"]}).entities == 1


def job(town: Market) -> Measuring:
    reading = ThroughProducts(town.pages)
    return Measuring(town.desk.products, reading, QualityRecords(town.desk.store), lambda: town.desk.now)


async def test_it_is_measured_once_a_day_and_kept_for_ninety(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.fill(ENERGY, [station(number) for number in range(1200)])
        await town.desk.publish(visibility="open")
        measuring = job(town)
        for _ in range(3):
            await measuring.measure_due()
        assert [one.entities for one in await measuring.records.of("charging")] == [1200]
        for _ in range(95):
            town.desk.now += 86_400
            days = await measuring.records.of("charging")
            await measuring.records.put(days[-1].model_copy(update=_tomorrow(days[-1].at)))
        assert len(await measuring.records.of("charging")) == 91


def _tomorrow(at: datetime) -> dict[str, Any]:
    then = at + timedelta(days=1)
    return {"at": then, "day": then.date().isoformat()}


async def test_what_is_hidden_is_not_measured(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.fill(ENERGY, [station(1, power=5), station(2, status="x")])
        await town.desk.publish(visibility="open", selection={"types": ["EVChargingStation"], "attributes": ["status"]})
        await job(town).measure_due()
        found = (await town.http.get("/catalog/charging/quality")).json()["newest"]
    assert found["attributes"] == {"status": 1.0}
    assert (found["values"], found["bbox"], found["timeliness"]) == (2, None, 0.0)


async def test_an_owner_has_it_measured_anew(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.desk.publish(visibility="open")
        await town.fill(ENERGY, [station(1)])
        measuring = job(town)
        await measuring.measure_due()
        await town.fill(ENERGY, [station(2)])
        asked = await town.http.post("/catalog/charging/quality", headers=await town.key(Role.DATA_PROVIDER))
        await measuring.measure_due()
        found = (await town.http.get("/catalog/charging/quality")).json()
    assert asked.status_code == 202
    assert (found["newest"]["entities"], len(found["days"])) == (2, 1)


async def test_a_slug_that_is_free_again_brings_no_figures_with_it(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        measuring = job(town)
        await measuring.records.put(measured({"a": value(1)}).model_copy(update={"slug": "charging"}))
        await measuring.measure_due()
        await town.desk.products.create(wanted(), ENERGY, PROVIDER)
        assert await measuring.records.newest("charging") is None


async def test_one_product_that_cannot_be_read_harms_no_other(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.fill(ENERGY, [station(1)])
        context = "http://127.0.0.1:1/none.jsonld"
        selection = {"types": ["EVChargingStation"], "context": context}
        await town.desk.publish("broken", visibility="open", selection=selection)
        await town.desk.publish("charging", visibility="open")
        measuring = job(town)
        await measuring.measure_due()
        assert await measuring.records.newest("broken") is None
        assert (await measuring.records.newest("charging")) is not None


async def test_who_has_not_been_granted_a_product_learns_no_places_and_no_names_of_attributes(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.fill(ENERGY, [station(1)])
        await town.desk.publish(selection={"types": ["EVChargingStation"]})
        await job(town).measure_due()
        other, own = await town.key(Role.DATA_CONSUMER, BUSES), await town.key(Role.DATA_PROVIDER)
        told, known = [
            (await town.http.get("/catalog/charging/quality", headers=headers)).json() for headers in (other, own)
        ]
        graph = (await town.http.get("/catalog.ttl", headers=other)).text
    assert [(one["attributes"], one["bbox"]) for one in (told["newest"], *told["days"])] == [({}, None)] * 2
    assert (set(known["newest"]["attributes"]), known["newest"]["entities"]) == ({"status", "location", "owner"}, 1)
    assert "POLYGON" not in graph
