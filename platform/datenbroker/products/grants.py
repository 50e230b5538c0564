"""Asking for a product of another organisation, and the owner's decision."""

import secrets
from datetime import date, datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from datenbroker.identities.roles import Caller, Right
from datenbroker.products.grant import CITY_TIME, MAX_DAYS, Grant, GrantState
from datenbroker.products.life_cycle import NotAllowed, NotPossible, may_release
from datenbroker.products.product import State, Visibility, now
from datenbroker.products.products import AlreadyThere, Products
from datenbroker.products.records import Overtaken

DECISIONS = {
    GrantState.GRANTED: frozenset({GrantState.ASKED}),
    GrantState.REFUSED: frozenset({GrantState.ASKED}),
    GrantState.REVOKED: frozenset({GrantState.GRANTED}),
}
"""What may be decided, and of which grants."""


class NoSuchGrant(Exception):
    """There is none, or the caller may not know of it."""


class GrantWanted(BaseModel):
    """What an organisation asks for."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"purpose": "Routing of the collection vehicles", "until": "2027-06-30"}]},
    )

    purpose: str = Field(
        min_length=5, max_length=2000, description="What the data are used for, for the owner to judge."
    )
    until: date = Field(description="The last day on which they are needed; three years ahead at most.")


class Decision(BaseModel):
    """What the owner decides."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"decision": "granted", "until": "2026-12-31"},
                {"decision": "refused", "reason": "The purpose needs no single values: ask for the hourly sums."},
            ]
        },
    )

    decision: GrantState = Field(description="granted, refused or revoked.")
    until: date | None = Field(None, description="With granted: an earlier last day than was asked for.")
    reason: str = Field("", max_length=2000, description="Needed to refuse and to revoke: who asked reads it.")


class Withdrawal(BaseModel):
    """That who asked needs it no more."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"examples": [{"reason": "The project has ended."}]}
    )

    reason: str = Field("", max_length=2000, description="The product's owner reads it.")


class Grants:
    """A grant holds from the moment of its decision, and no longer from that of its revocation."""

    def __init__(self, products: Products) -> None:
        self._products = products

    async def ask(self, slug: str, wanted: GrantWanted, caller: Caller) -> Grant:
        """`NoSuchProduct`, `NotAllowed`, `NotPossible`, `AlreadyThere`."""
        products = self._products
        async with products.changing:
            product = products.versions(slug, caller).shown
            organisation = caller.organisation
            if organisation is None or Right.READ not in caller.rights:
                raise NotAllowed(f"{caller.name} may not ask for products: a reading identity of an organisation may.")
            if organisation == product.organisation:
                raise NotPossible(f"{slug} is a product of your own: it needs no grant.")
            if product.state is not State.AVAILABLE or product.visibility is not Visibility.KONZERN:
                raise NotPossible(f"{slug} is {product.state} and {product.visibility}: it cannot be asked for.")
            self._require_date(wanted.until)
            if any(grant.at(products.clock()).state is GrantState.ASKED for grant in self._of(slug, organisation)):
                raise AlreadyThere(f"{organisation} has asked for {slug} already: its owner decides.")
            grant = Grant(
                id=f"g-{secrets.token_hex(6)}",
                product=slug,
                organisation=organisation,
                purpose=wanted.purpose,
                state=GrantState.ASKED,
                until=wanted.until,
                asked_by=caller.name,
                asked=now(),
            )
            return await self._put(grant, caller, "ask", None)

    async def decide(self, grant_id: str, decision: Decision, caller: Caller) -> Grant:
        """`NoSuchGrant`, `NotAllowed`, `NotPossible`. A revoked grant opens nothing from now on."""
        products = self._products
        async with products.changing:
            kept = await self._kept(grant_id, caller)
            owner = self._owner(kept)
            if owner is None or not may_release(caller, owner):
                raise NotAllowed(f"{caller.name} may not decide on {grant_id}: a data-steward of {owner} may.")
            grant = kept.at(products.clock())
            if grant.state not in DECISIONS.get(decision.decision, ()):
                raise NotPossible(f"{grant_id} is {grant.state}: it cannot be {decision.decision}.")
            decided = {
                "state": decision.decision,
                "decided_by": caller.name,
                "decided": now(),
                "reason": decision.reason,
            }
            return await self._put(
                grant.model_copy(update=decided | self._terms(grant, decision)), caller, decision.decision, kept
            )

    async def withdraw(self, grant_id: str, reason: str, caller: Caller) -> Grant:
        """By who asked: a question is taken back, a grant given up. `NoSuchGrant`, `NotAllowed`, `NotPossible`."""
        products = self._products
        async with products.changing:
            kept = await self._kept(grant_id, caller)
            theirs = caller.organisation == kept.organisation and Right.READ in caller.rights
            if not theirs and Right.ADMINISTER not in caller.rights:
                raise NotAllowed(f"{caller.name} may not withdraw {grant_id}: {kept.organisation} may, which asked.")
            grant = kept.at(products.clock())
            if grant.state not in (GrantState.ASKED, GrantState.GRANTED):
                raise NotPossible(f"{grant_id} is {grant.state}: there is nothing to withdraw.")
            told = {"decided_by": caller.name, "decided": now(), "reason": reason}
            given_up = grant.model_copy(update={"state": GrantState.WITHDRAWN} | told)
            return await self._put(given_up, caller, "withdrawn", kept)

    async def _kept(self, grant_id: str, caller: Caller) -> Grant:
        """As the store has it: another process may have decided since."""
        kept = await self._products.records.grant(grant_id)
        if kept is None or not self._may_see(kept, caller):
            raise NoSuchGrant(f"There is no grant {grant_id:.40} that you may see: see /grants.")
        return kept

    def _terms(self, grant: Grant, decision: Decision) -> dict[str, date]:
        if decision.decision is not GrantState.GRANTED:
            if not decision.reason.strip():
                raise NotPossible("A reason is needed: the organisation that asked reads it.")
            return {}
        if decision.until is None:
            return {}
        self._require_date(decision.until)
        if decision.until > grant.until:
            raise NotPossible(f"{grant.id} was asked for until {grant.until}: it cannot be granted for longer.")
        return {"until": decision.until}

    def listed(self, caller: Caller, product: str | None = None, state: GrantState | None = None) -> list[Grant]:
        """What a caller's organisation asked for or decides on, the newest first; all, for who runs the platform."""
        moment = self._products.clock()
        index = self._products.index
        known = index.grants if _sees_all(caller) else index.grants_between(caller.organisation or "")
        found = (grant.at(moment) for grant in known.values())
        wanted = [grant for grant in found if product in (None, grant.product) and state in (None, grant.state)]
        return sorted(wanted, key=lambda grant: (grant.asked, grant.id), reverse=True)

    def get(self, grant_id: str, caller: Caller) -> Grant:
        grant = self._products.index.grants.get(grant_id)
        if grant is None or not self._may_see(grant, caller):
            raise NoSuchGrant(f"There is no grant {grant_id:.40} that you may see: see /grants.")
        return grant.at(self._products.clock())

    def _may_see(self, grant: Grant, caller: Caller) -> bool:
        if _sees_all(caller):
            return True
        return caller.organisation is not None and caller.organisation in (grant.organisation, self._owner(grant))

    def _owner(self, grant: Grant) -> str | None:
        versions = self._products.index.products.get(grant.product)
        return versions.organisation if versions else None

    def _of(self, slug: str, organisation: str) -> list[Grant]:
        return list(self._products.index.asked(slug, organisation))

    def _require_date(self, until: date) -> None:
        today = datetime.fromtimestamp(self._products.clock(), CITY_TIME).date()
        if not today <= until <= today + timedelta(days=MAX_DAYS):
            raise NotPossible(f"{until} cannot be the last day: it must be between today and {MAX_DAYS} days ahead.")

    async def _put(self, grant: Grant, caller: Caller, deed: str, before: Grant | None) -> Grant:
        """`before` is what the decision was taken on; `Overtaken` where another process was quicker."""
        products = self._products
        detail = {"product": grant.product, "organisation": grant.organisation, "until": grant.until.isoformat()}
        # logged first: what cannot be logged is not done
        await products.audit.record(caller.name, f"grant.{deed}", f"grant:{grant.id}", detail=detail)
        try:
            put = await products.records.put_grant(grant, before)
        except Overtaken:
            await products.note_overtaken(caller, f"grant.{deed}", f"grant:{grant.id}")
            raise
        products.index.put_grant(put)
        return put


def _sees_all(caller: Caller) -> bool:
    """Who runs the platform, or audits it."""
    return Right.ADMINISTER in caller.rights or (Right.INSPECT in caller.rights and caller.organisation is None)
