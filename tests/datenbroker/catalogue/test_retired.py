"""What a reader finds who had bookmarked a product that its owner has ended."""

from pathlib import Path

import pytest

from datenbroker.identities.roles import Role
from datenbroker.products.life_cycle import Step
from tests.datenbroker.catalogue.test_pages import BROWSER
from tests.datenbroker.products.council import BUSES, ENERGY, STEWARD
from tests.datenbroker.products.market import market

pytestmark = pytest.mark.anyio


async def test_a_reader_learns_since_when_it_is_gone_and_what_takes_its_place(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.desk.publish("newer", visibility="open", title={"de": "Lade<b>punkte</b> 2", "en": "Charging 2"})
        await town.desk.publish(visibility="open", successor="newer")
        await town.desk.products.step("charging", Step.RETIRE, STEWARD)
        german = await town.http.get("/catalog/charging", headers=BROWSER)
        english = await town.http.get("/catalog/charging?lang=en", headers=BROWSER)
        machine = await town.http.get("/catalog/charging.ttl")
        owner = await town.http.get("/catalog/charging", headers=BROWSER | await town.key(Role.DATA_STEWARD))
    assert {page.status_code for page in (german, english, machine)} == {410}
    since = machine.json()["retired"]
    assert ".".join(reversed(since.split("-"))) in german.text and "Netzleitstelle" in german.text
    assert '<a href="/catalog/newer?lang=de">Lade&lt;b&gt;punkte&lt;/b&gt; 2</a>' in german.text
    assert '<a href="/catalog/newer?lang=en">Charging 2</a>' in english.text
    assert machine.json()["successor"] == {
        "title": {"de": "Lade<b>punkte</b> 2", "en": "Charging 2"},
        "href": "/catalog/newer",
    }
    assert (owner.status_code, "Eingestellt" in owner.text) == (200, True)


@pytest.mark.parametrize("visibility", ["konzern", "private"])
async def test_of_a_retired_product_that_was_not_open_strangers_learn_nothing(tmp_path: Path, visibility: str) -> None:
    async with market(tmp_path) as town:
        await town.desk.publish(visibility=visibility)
        await town.desk.products.step("charging", Step.RETIRE, STEWARD)
        for headers in (BROWSER, BROWSER | {"Accept": "text/turtle"}):
            gone, never = [await town.http.get(f"/catalog/{slug}", headers=headers) for slug in ("charging", "nothing")]
            marks = gone.headers["x-request-id"], never.headers["x-request-id"]
            assert (gone.status_code, never.status_code) == (404, 404)
            assert gone.text.replace("charging", "nothing").replace(marks[0], marks[1]) == never.text
        known = await town.http.get("/catalog/charging", headers=await town.key(Role.DATA_CONSUMER, BUSES))
        assert known.status_code == (410 if visibility == "konzern" else 404)


async def test_a_successor_that_a_reader_must_not_know_of_is_not_named(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        await town.desk.publish("inner", visibility="konzern")
        await town.desk.publish(visibility="open", successor="inner")
        await town.desk.products.step("charging", Step.RETIRE, STEWARD)
        page = await town.http.get("/catalog/charging", headers=BROWSER)
        listed = await town.http.get("/products/charging")
        colleague = await town.http.get("/catalog/charging", headers=await town.key(Role.DATA_CONSUMER, BUSES))
    assert page.status_code == 410
    assert "inner" not in page.text and "inner" not in listed.text
    assert colleague.json()["successor"]["href"] == "/catalog/inner"
    assert ENERGY not in page.text
