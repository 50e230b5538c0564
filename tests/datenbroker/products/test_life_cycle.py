"""The steps of a product, and who may take them."""

from typing import Any

import pytest

from datenbroker.identities.roles import Role
from datenbroker.products.access import NoSuchProduct
from datenbroker.products.life_cycle import NotAllowed, NotPossible, Step
from datenbroker.products.product import State
from datenbroker.products.products import AlreadyThere
from tests.datenbroker.products.council import (
    ADMIN,
    CONSUMER,
    ENERGY,
    OTHER,
    PROVIDER,
    STEWARD,
    WASTE,
    Council,
    caller,
    described,
    wanted,
)

pytestmark = pytest.mark.anyio

WIDER: dict[str, Any] = {"selection": {"types": ["EVChargingStation"]}}


async def test_a_product_goes_from_draft_to_retired_and_each_step_is_in_the_audit_log(desk: Council) -> None:
    await desk.publish()
    assert desk.products.index.products["charging"].shown.released_by == STEWARD.name
    await desk.products.step("charging", Step.RETIRE, PROVIDER)
    assert desk.products.index.products["charging"].shown.state is State.RETIRED
    deeds = [line.split()[1] for line in await desk.logged() if "product:charging" in line]
    assert deeds == ["product.create", "product.ready", "product.release", "product.retire"]


async def test_who_made_it_ready_cannot_release_it(desk: Council) -> None:
    await desk.products.create(wanted(), ENERGY, STEWARD)
    await desk.products.step("charging", Step.READY, STEWARD)
    with pytest.raises(NotAllowed, match="four eyes"):
        await desk.products.step("charging", Step.RELEASE, STEWARD)
    second = caller(Role.DATA_STEWARD, ENERGY, "another steward")
    assert (await desk.products.step("charging", Step.RELEASE, second)).shown.state is State.AVAILABLE


async def test_an_administrator_too_needs_other_eyes(desk: Council) -> None:
    await desk.products.create(wanted(), ENERGY, ADMIN)
    await desk.products.step("charging", Step.READY, ADMIN)
    with pytest.raises(NotAllowed, match="four eyes"):
        await desk.products.step("charging", Step.RELEASE, ADMIN)


async def test_a_provider_does_not_release(desk: Council) -> None:
    await desk.products.create(wanted(), ENERGY, PROVIDER)
    await desk.products.step("charging", Step.READY, PROVIDER)
    with pytest.raises(NotAllowed, match="data-steward"):
        await desk.products.step("charging", Step.RELEASE, caller(Role.DATA_PROVIDER, ENERGY, "second"))


@pytest.mark.parametrize("step", list(Step))
async def test_a_step_that_cannot_be_taken_says_so(desk: Council, step: Step) -> None:
    await desk.products.create(wanted(), ENERGY, PROVIDER)
    if step is Step.READY:
        await desk.products.step("charging", step, PROVIDER)
    with pytest.raises(NotPossible, match="charging"):
        await desk.products.step("charging", step, STEWARD)


async def test_a_changed_selection_is_served_only_after_the_whole_cycle(desk: Council) -> None:
    await desk.publish()
    await desk.products.change(wanted(**WIDER), PROVIDER)
    served = desk.products.open_for("charging", PROVIDER)
    assert (served.product.version, served.selection.attributes) == (1, ("status", "location"))
    await desk.release()
    served = desk.products.open_for("charging", PROVIDER)
    assert (served.product.version, served.selection.attributes) == (2, ())


async def test_wording_changes_at_once(desk: Council) -> None:
    await desk.publish()
    await desk.products.change(wanted(title={"de": "Ladesäulen", "en": "Charge points"}), PROVIDER)
    shown = desk.products.open_for("charging", PROVIDER).product
    assert (shown.title.de, shown.version, shown.state) == ("Ladesäulen", 1, State.AVAILABLE)


async def test_changing_what_is_ready_makes_it_a_draft_again(desk: Council) -> None:
    await desk.products.create(wanted(), ENERGY, PROVIDER)
    await desk.products.step("charging", Step.READY, PROVIDER)
    same = await desk.products.change(wanted(), STEWARD)
    assert same.next is not None and same.next.state is State.READY
    changed = await desk.products.change(wanted(**WIDER), STEWARD)
    assert changed.next is not None
    assert (changed.next.state, changed.next.ready_by) == (State.DRAFT, None)


async def test_undoing_a_release_serves_the_version_before(desk: Council) -> None:
    await desk.publish()
    await desk.products.change(wanted(**WIDER), PROVIDER)
    await desk.release()
    with pytest.raises(NotAllowed, match="data-steward"):
        await desk.products.step("charging", Step.UNDO, PROVIDER)
    undone = await desk.products.step("charging", Step.UNDO, STEWARD)
    assert undone.next is not None
    assert (undone.next.version, undone.next.state) == (2, State.READY)
    assert desk.products.open_for("charging", PROVIDER).product.version == 1


async def test_undoing_the_first_release_takes_the_product_back(desk: Council) -> None:
    await desk.publish(visibility="open")
    await desk.products.step("charging", Step.UNDO, PROVIDER)
    with pytest.raises(NoSuchProduct):
        desk.products.open_for("charging", None)
    undone = await desk.products.step("charging", Step.UNDO, PROVIDER)
    assert undone.shown.state is State.DRAFT


async def test_undoing_a_retirement_needs_the_steward(desk: Council) -> None:
    await desk.publish()
    await desk.products.step("charging", Step.RETIRE, PROVIDER)
    with pytest.raises(NotAllowed, match="data-steward"):
        await desk.products.step("charging", Step.UNDO, PROVIDER)
    assert (await desk.products.step("charging", Step.UNDO, STEWARD)).shown.state is State.AVAILABLE


async def test_discarding_a_draft_leaves_what_was_released(desk: Council) -> None:
    await desk.publish()
    await desk.products.change(wanted(**WIDER), PROVIDER)
    await desk.products.discard("charging", PROVIDER)
    assert desk.products.versions("charging", PROVIDER).next is None
    with pytest.raises(NotPossible, match="retire it instead"):
        await desk.products.discard("charging", PROVIDER)


async def test_a_discarded_draft_that_was_never_released_is_gone(desk: Council) -> None:
    await desk.products.create(wanted(), ENERGY, PROVIDER)
    await desk.products.discard("charging", PROVIDER)
    assert await desk.products.records.products() == []
    await desk.products.create(wanted(), ENERGY, PROVIDER)


async def test_others_may_not_change_a_product(desk: Council) -> None:
    await desk.publish()
    reader = caller(Role.DATA_CONSUMER, ENERGY)
    for foreign in (CONSUMER, OTHER, reader):
        with pytest.raises(NotAllowed):
            await desk.products.change(wanted(**WIDER), foreign)
        with pytest.raises(NotAllowed):
            await desk.products.step("charging", Step.RETIRE, foreign)


async def test_a_foreign_draft_cannot_be_told_from_none(desk: Council) -> None:
    await desk.products.create(wanted(), ENERGY, PROVIDER)
    foreign = caller(Role.DATA_PROVIDER, WASTE)
    with pytest.raises(NoSuchProduct):
        await desk.products.change(wanted(), foreign)


async def test_creating_is_for_the_owners_providers_and_within_bounds(desk: Council) -> None:
    with pytest.raises(NotAllowed):
        await desk.products.create(wanted(), WASTE, PROVIDER)
    with pytest.raises(NotPossible, match="no organisation nobody"):
        await desk.products.create(wanted(), "nobody", ADMIN)
    for number in range(5):
        await desk.products.create(wanted(f"one-{number}"), ENERGY, PROVIDER)
    with pytest.raises(AlreadyThere, match="one-1"):
        await desk.products.create(wanted("one-1"), WASTE, caller(Role.DATA_PROVIDER, WASTE))
    with pytest.raises(NotPossible, match="5 products"):
        await desk.products.create(wanted("one-5"), ENERGY, PROVIDER)


async def test_a_slug_never_changes_and_drafts_keep_their_description(desk: Council) -> None:
    await desk.products.create(wanted(), ENERGY, PROVIDER)
    kept = await desk.products.records.product("charging")
    assert kept is not None and kept.next is not None
    assert kept.next.model_dump(mode="json").items() >= wanted().model_dump(mode="json").items()
    assert set(described()) <= set(kept.next.model_dump())
