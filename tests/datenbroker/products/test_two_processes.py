"""Two processes that change the same product or grant at the same moment."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from datenbroker.audit.log import AuditLog
from datenbroker.audit.record import Record
from datenbroker.products.grant import GrantState
from datenbroker.products.grants import Decision, Grants
from datenbroker.products.life_cycle import Step
from datenbroker.products.records import PRODUCTS, Overtaken
from tests.datenbroker.products.council import CONSUMER, PROVIDER, STEWARD, Council, wanted
from tests.datenbroker.products.test_grants import WANTED

pytestmark = pytest.mark.anyio


class AuditFarAway(AuditLog):
    """One that takes its time, in which others get on."""

    async def record(self, *said: Any, **more: Any) -> Record:
        await asyncio.sleep(0.01)
        return await super().record(*said, **more)


@pytest.fixture
async def racing(desk: Council) -> Council:
    await desk.publish()
    await desk.elsewhere.load()
    desk.products.audit, desk.elsewhere.audit = AuditFarAway(desk.store), AuditFarAway(desk.other)
    return desk


async def both(*deeds: Coroutine[Any, Any, Any]) -> list[str]:
    """What became of them, in the order of their names."""
    done = await asyncio.gather(*deeds, return_exceptions=True)
    return sorted(type(one).__name__ for one in done)


async def test_of_two_changes_of_a_product_one_is_told_to_look_again(racing: Council) -> None:
    one = wanted(title={"de": "Eins", "en": "One"})
    two = wanted(title={"de": "Zwei", "en": "Two"})
    deeds = racing.products.change(one, PROVIDER), racing.elsewhere.change(two, PROVIDER)
    assert await both(*deeds) == ["Overtaken", "Versions"]
    await racing.products.refresh()
    await racing.elsewhere.refresh()
    assert racing.products.versions("charging", PROVIDER) == racing.elsewhere.versions("charging", PROVIDER)
    assert len([line for line in await racing.logged() if "product.change" in line]) == 3


@pytest.mark.parametrize("released", [False, True])
async def test_a_draft_that_was_changed_meanwhile_is_not_discarded(desk: Council, released: bool) -> None:
    await desk.products.create(wanted(), STEWARD.organisation or "", PROVIDER)
    if released:
        await desk.release()
        await desk.products.change(wanted(visibility="open"), PROVIDER)
    await desk.elsewhere.load()
    desk.products.audit, desk.elsewhere.audit = AuditFarAway(desk.store), AuditFarAway(desk.other)
    changed = desk.elsewhere.change(wanted(title={"de": "Neu", "en": "New"}), PROVIDER)
    assert await both(changed, desk.products.discard("charging", PROVIDER)) == ["Overtaken", "Versions"]
    kept = await desk.products.records.product("charging")
    assert kept is not None
    assert kept.latest.title.en == "New"


async def test_of_two_products_of_one_name_one_is_made(racing: Council) -> None:
    made = racing.products.create(wanted("new"), STEWARD.organisation or "", PROVIDER)
    same = racing.elsewhere.create(wanted("new"), STEWARD.organisation or "", PROVIDER)
    assert await both(made, same) == ["Overtaken", "Versions"]


async def test_a_grant_is_not_refused_and_granted_at_once(racing: Council) -> None:
    asked = await racing.grants.ask("charging", WANTED, CONSUMER)
    await racing.elsewhere.refresh()
    yes = racing.grants.decide(asked.id, Decision(decision=GrantState.GRANTED), STEWARD)
    no = Grants(racing.elsewhere).decide(asked.id, Decision(decision=GrantState.REFUSED, reason="No"), STEWARD)
    assert await both(yes, no) == ["Grant", "Overtaken"]


async def test_what_an_earlier_release_has_written_can_be_changed(desk: Council) -> None:
    await desk.products.create(wanted(), STEWARD.organisation or "", PROVIDER)
    document = await desk.store.get(PRODUCTS, "charging")
    assert document is not None
    await desk.store.put(PRODUCTS, {name: value for name, value in document.items() if name != "revision"})
    ready = await desk.products.step("charging", Step.READY, PROVIDER)
    assert ready.revision == 1
    with pytest.raises(Overtaken):
        await desk.elsewhere.records.put_product(ready, None)
