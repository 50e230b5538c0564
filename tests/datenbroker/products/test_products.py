"""Who may see and use a product."""

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from datenbroker.identities.roles import Caller, Role
from datenbroker.products import products as module
from datenbroker.products.access import NoSuchProduct, NotGranted, ProductRefused, ProductRetired
from datenbroker.products.grant import GrantState
from datenbroker.products.grants import Decision
from datenbroker.products.life_cycle import Step
from tests.datenbroker.products.council import (
    ADMIN,
    AUDITOR,
    CONSUMER,
    ENERGY,
    OTHER,
    PROVIDER,
    STEWARD,
    WASTE,
    Council,
    caller,
    wanted,
)

pytestmark = pytest.mark.anyio

MACHINE = caller(Role.DEVICE_GATEWAY, ENERGY)


def outcome(desk: Council, who: Caller | None) -> int:
    try:
        desk.products.open_for("charging", who)
    except ProductRefused as refused:
        return refused.status
    return 200


@pytest.mark.parametrize(
    ("visibility", "answers"),
    [
        # nobody, owner, granted, other, administrator, auditor, the owner's machine
        ("private", [404, 200, 404, 404, 200, 403, 403]),
        ("konzern", [404, 200, 200, 403, 200, 403, 403]),
        ("open", [200, 200, 200, 200, 200, 200, 200]),
    ],
)
async def test_who_opens_an_available_product(desk: Council, visibility: str, answers: list[int]) -> None:
    await desk.publish()
    await desk.granted()
    await desk.products.change(wanted(visibility=visibility), PROVIDER)
    if visibility != "konzern":
        await desk.release()
    who = [None, PROVIDER, CONSUMER, OTHER, ADMIN, AUDITOR, MACHINE]
    assert [outcome(desk, one) for one in who] == answers


@pytest.mark.parametrize(
    ("visibility", "answers"),
    [("private", [404, 410, 404]), ("konzern", [404, 410, 410]), ("open", [410, 410, 410])],
)
async def test_a_retired_product_says_whom_to_ask(desk: Council, visibility: str, answers: list[int]) -> None:
    await desk.publish(visibility=visibility)
    await desk.products.step("charging", Step.RETIRE, PROVIDER)
    assert [outcome(desk, one) for one in (None, PROVIDER, CONSUMER)] == answers
    with pytest.raises(ProductRetired, match="daten@stadtwerke"):
        desk.products.open_for("charging", PROVIDER)


async def test_an_unreleased_product_is_open_to_its_owner_alone(desk: Council) -> None:
    await desk.products.create(wanted(visibility="open"), ENERGY, PROVIDER)
    assert [outcome(desk, one) for one in (None, PROVIDER, CONSUMER)] == [404, 200, 404]


async def test_what_one_may_not_know_of_has_the_text_of_what_there_is_not(desk: Council) -> None:
    await desk.publish("hidden", visibility="private")
    texts = []
    for slug in ("hidden", "absent"):
        with pytest.raises(NoSuchProduct) as refused:
            desk.products.open_for(slug, OTHER)
        texts.append(str(refused.value).replace(slug, "…"))
    assert texts[0] == texts[1]


async def test_access_tells_tenant_selection_and_grant(desk: Council) -> None:
    await desk.publish()
    grant = await desk.granted()
    access = desk.products.open_for("charging", CONSUMER)
    assert (access.tenant, access.selection, access.grant) == ("stadtwerke", wanted().selection, grant)
    assert access.ends == grant.ends


async def test_aggregates_are_served_from_a_tenant_of_their_own(desk: Council) -> None:
    selection = {"types": ["Meter"], "context": "https://example.org/c.jsonld"}
    aggregation = {"type": "Use", "measures": [{"attribute": "energy"}]}
    await desk.publish("meter-use", selection=selection, aggregation=aggregation, visibility="open")
    access = desk.products.open_for("meter-use", None)
    assert (access.tenant, access.selection.types) == ("product_meter_use", ("Use",))
    assert access.selection.context == "https://example.org/c.jsonld"


async def test_a_grant_ends_by_itself_after_its_last_day(desk: Council) -> None:
    await desk.publish()
    grant = await desk.granted(date(2026, 11, 30))
    desk.now = grant.ends - 1
    assert outcome(desk, CONSUMER) == 200
    desk.now = grant.ends
    with pytest.raises(NotGranted, match="expired"):
        desk.products.open_for("charging", CONSUMER)


async def test_products_of_an_organisation_that_is_gone_are_gone(desk: Council) -> None:
    await desk.publish(visibility="open")
    await desk.organisations.remove(ENERGY)
    await desk.products.refresh()
    assert outcome(desk, None) == 404
    assert desk.products.visible(None) == []


async def test_listing_shows_what_one_may_find(desk: Council) -> None:
    await desk.publish("an-open-one", visibility="open")
    await desk.publish("for-the-konzern")
    await desk.publish("hidden", visibility="private")
    await desk.products.create(wanted("unfinished"), ENERGY, PROVIDER)
    listed = {who: [p.slug for p in desk.products.visible(who)] for who in (None, CONSUMER, AUDITOR, STEWARD)}
    assert listed[None] == ["an-open-one"]
    assert listed[CONSUMER] == ["an-open-one", "for-the-konzern"]
    assert listed[STEWARD] == listed[AUDITOR] == ["an-open-one", "for-the-konzern", "hidden", "unfinished"]


async def test_the_next_version_is_shown_to_its_owner_only(desk: Council) -> None:
    await desk.publish()
    await desk.products.change(wanted(history=True), PROVIDER)
    assert desk.products.versions("charging", PROVIDER).next is not None
    assert desk.products.versions("charging", CONSUMER).next is None


async def test_another_process_hears_of_changes(desk: Council) -> None:
    await desk.publish()
    grant = await desk.granted()
    await desk.elsewhere.refresh()
    assert desk.elsewhere.open_for("charging", CONSUMER).grant == grant
    revoked = Decision(decision=GrantState.REVOKED, reason="The project has ended")
    await desk.grants.decide(grant.id, revoked, STEWARD)
    await desk.elsewhere.refresh()
    with pytest.raises(NotGranted, match="The project has ended"):
        desk.elsewhere.open_for("charging", CONSUMER)
    await desk.products.step("charging", Step.UNDO, PROVIDER)
    await desk.products.discard("charging", PROVIDER)
    await desk.elsewhere.refresh()
    assert desk.elsewhere.visible(STEWARD) == []


async def test_who_missed_more_than_is_told_reads_everything(desk: Council, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datenbroker.products.records.KEPT_CHANGES", 2)
    for number in range(4):
        await desk.products.create(wanted(f"one-{number}"), ENERGY, PROVIDER)
    assert await desk.elsewhere.records.changed() is None
    await desk.products.change(wanted("one-0", history=True), PROVIDER)
    await desk.products.create(wanted("one-4"), ENERGY, PROVIDER)
    await desk.elsewhere.load()
    assert len(desk.elsewhere.visible(ADMIN)) == 5


async def test_a_started_one_hears_by_itself(desk: Council, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REFRESH_SECONDS", 0.01)
    await desk.elsewhere.start()
    await desk.publish(visibility="open")
    for _ in range(500):
        if desk.elsewhere.visible(None):
            break
        await asyncio.sleep(0.01)
    assert desk.elsewhere.visible(None) == desk.products.visible(None)
    await desk.elsewhere.stop()


async def test_two_at_once_cannot_both_take_a_slug(desk: Council) -> None:
    waste = caller(Role.DATA_PROVIDER, WASTE)
    both = desk.products.create(wanted(), ENERGY, PROVIDER), desk.products.create(wanted(), WASTE, waste)
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyThere", "Versions"]


async def test_a_key_limited_to_some_products_opens_no_other(desk: Council) -> None:
    await desk.publish()
    await desk.granted()
    limited = [
        replace(who, products=frozenset({named})) for who in (CONSUMER, STEWARD) for named in ("else", "charging")
    ]
    assert [outcome(desk, who) for who in limited] == [403, 200, 403, 200]
