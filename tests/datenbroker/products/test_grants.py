"""Asking for products, and deciding."""

from datetime import date

import pytest

from datenbroker.identities.roles import Role
from datenbroker.products.access import NoSuchProduct, NotGranted
from datenbroker.products.grant import GrantState
from datenbroker.products.grants import Decision, GrantWanted, NoSuchGrant
from datenbroker.products.life_cycle import NotAllowed, NotPossible
from datenbroker.products.products import AlreadyThere
from tests.datenbroker.products.council import (
    ADMIN,
    AUDITOR,
    CONSUMER,
    OTHER,
    PROVIDER,
    STEWARD,
    WASTE,
    Council,
    caller,
)

pytestmark = pytest.mark.anyio

WANTED = GrantWanted(purpose="Planning the routes of collection vehicles", until=date(2027, 6, 30))
YES = Decision(decision=GrantState.GRANTED)
NO = Decision(decision=GrantState.REFUSED, reason="The purpose needs no single values")


async def test_a_grant_is_asked_for_and_granted_for_a_shorter_time(desk: Council) -> None:
    await desk.publish()
    asked = await desk.grants.ask("charging", WANTED, CONSUMER)
    assert (asked.state, asked.asked_by) == (GrantState.ASKED, CONSUMER.name)
    with pytest.raises(NotGranted, match="is asked"):
        desk.products.open_for("charging", CONSUMER)
    shorter = Decision(decision=GrantState.GRANTED, until=date(2026, 12, 31))
    granted = await desk.grants.decide(asked.id, shorter, STEWARD)
    assert (granted.until, granted.decided_by) == (date(2026, 12, 31), STEWARD.name)
    assert desk.products.open_for("charging", CONSUMER).grant == granted
    deeds = [line.split()[1] for line in await desk.logged() if f"grant:{asked.id}" in line]
    assert deeds == ["grant.ask", "grant.granted"]


async def test_a_refusal_names_its_reason_to_who_asked(desk: Council) -> None:
    await desk.publish()
    asked = await desk.grants.ask("charging", WANTED, CONSUMER)
    await desk.grants.decide(asked.id, NO, STEWARD)
    with pytest.raises(NotGranted, match="needs no single values"):
        desk.products.open_for("charging", CONSUMER)
    assert (await desk.grants.ask("charging", WANTED, CONSUMER)).id != asked.id


async def test_a_revoked_grant_opens_nothing_at_once(desk: Council) -> None:
    await desk.publish()
    grant = await desk.granted()
    with pytest.raises(NotPossible, match="A reason"):
        await desk.grants.decide(grant.id, Decision(decision=GrantState.REVOKED), STEWARD)
    await desk.grants.decide(grant.id, Decision(decision=GrantState.REVOKED, reason="Misuse"), STEWARD)
    with pytest.raises(NotGranted, match="Misuse"):
        desk.products.open_for("charging", CONSUMER)


async def test_it_can_be_prolonged_while_it_holds(desk: Council) -> None:
    await desk.publish()
    first = await desk.granted(date(2026, 12, 1))
    more = await desk.grants.ask("charging", WANTED, CONSUMER)
    assert desk.products.open_for("charging", CONSUMER).grant == first
    await desk.grants.decide(more.id, YES, STEWARD)
    assert desk.products.open_for("charging", CONSUMER).ends == more.ends


@pytest.mark.parametrize("until", [date(2026, 11, 1), date(2031, 1, 1)])
async def test_a_last_day_that_cannot_be_is_refused(desk: Council, until: date) -> None:
    await desk.publish()
    with pytest.raises(NotPossible, match=str(until)):
        await desk.grants.ask("charging", WANTED.model_copy(update={"until": until}), CONSUMER)
    asked = await desk.grants.ask("charging", WANTED, CONSUMER)
    with pytest.raises(NotPossible, match=str(until)):
        await desk.grants.decide(asked.id, YES.model_copy(update={"until": until}), STEWARD)


async def test_who_may_not_ask(desk: Council) -> None:
    await desk.publish()
    await desk.publish("hidden", visibility="private")
    await desk.publish("for-all", visibility="open")
    for who in (ADMIN, AUDITOR, caller(Role.DEVICE_GATEWAY, WASTE)):
        with pytest.raises(NotAllowed):
            await desk.grants.ask("charging", WANTED, who)
    with pytest.raises(NotPossible, match="your own"):
        await desk.grants.ask("charging", WANTED, PROVIDER)
    with pytest.raises(NoSuchProduct):
        await desk.grants.ask("hidden", WANTED, CONSUMER)
    with pytest.raises(NotPossible, match="open"):
        await desk.grants.ask("for-all", WANTED, CONSUMER)
    await desk.grants.ask("charging", WANTED, CONSUMER)
    with pytest.raises(AlreadyThere):
        await desk.grants.ask("charging", WANTED, CONSUMER)


async def test_who_may_not_decide(desk: Council) -> None:
    await desk.publish()
    asked = await desk.grants.ask("charging", WANTED, CONSUMER)
    for who in (CONSUMER, caller(Role.DATA_STEWARD, WASTE), PROVIDER, AUDITOR):
        with pytest.raises(NotAllowed):
            await desk.grants.decide(asked.id, YES, who)
    for stranger in (OTHER, caller(Role.DATA_STEWARD, "hcr")):
        with pytest.raises(NoSuchGrant):
            await desk.grants.decide(asked.id, YES, stranger)
    with pytest.raises(NoSuchGrant):
        await desk.grants.decide("g-none", YES, STEWARD)


async def test_what_is_decided_cannot_be_decided_otherwise(desk: Council) -> None:
    await desk.publish()
    asked = await desk.grants.ask("charging", WANTED, CONSUMER)
    await desk.grants.decide(asked.id, NO, STEWARD)
    for decision in (YES, Decision(decision=GrantState.REVOKED, reason="x"), Decision(decision=GrantState.EXPIRED)):
        with pytest.raises(NotPossible, match="is refused"):
            await desk.grants.decide(asked.id, decision, STEWARD)


async def test_an_old_question_expires_unanswered(desk: Council) -> None:
    await desk.publish()
    asked = await desk.grants.ask("charging", WANTED, CONSUMER)
    desk.now = asked.ends
    assert desk.grants.get(asked.id, CONSUMER).state is GrantState.EXPIRED
    with pytest.raises(NotPossible, match="is expired"):
        await desk.grants.decide(asked.id, YES, STEWARD)


async def test_each_side_sees_its_grants_and_no_stranger(desk: Council) -> None:
    await desk.publish()
    grant = await desk.granted()
    for who in (CONSUMER, STEWARD, ADMIN, AUDITOR):
        assert desk.grants.listed(who) == [grant]
        assert desk.grants.get(grant.id, who) == grant
    assert desk.grants.listed(OTHER) == []
    assert desk.grants.listed(STEWARD, "another") == desk.grants.listed(STEWARD, state=GrantState.ASKED) == []
    with pytest.raises(NoSuchGrant):
        desk.grants.get(grant.id, OTHER)


async def test_who_asked_takes_back_a_question_or_gives_up_a_grant(desk: Council) -> None:
    await desk.publish()
    asked = await desk.grants.ask("charging", WANTED, CONSUMER)
    for stranger, refusal in ((STEWARD, NotAllowed), (AUDITOR, NotAllowed), (OTHER, NoSuchGrant)):
        with pytest.raises(refusal):
            await desk.grants.withdraw(asked.id, "", stranger)
    taken_back = await desk.grants.withdraw(asked.id, "The project has ended", CONSUMER)
    assert (taken_back.state, taken_back.reason) == (GrantState.WITHDRAWN, "The project has ended")
    with pytest.raises(NotPossible, match="is withdrawn"):
        await desk.grants.decide(asked.id, YES, STEWARD)
    granted = await desk.granted()
    await desk.grants.withdraw(granted.id, "", ADMIN)
    with pytest.raises(NotGranted, match="is withdrawn"):
        desk.products.open_for("charging", CONSUMER)
    with pytest.raises(NotPossible, match="nothing to withdraw"):
        await desk.grants.withdraw(granted.id, "", CONSUMER)
