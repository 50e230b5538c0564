"""Draft, ready, available, retired: who may take which step, and what becomes of a product. Pure functions.

The identity that made a version ready cannot release it (four eyes). What is served stays as released until its next
version has gone the whole way too; only wording changes at once.
"""

from enum import StrEnum
from typing import Any

from datenbroker.identities.roles import Caller, Right
from datenbroker.products.product import Product, ProductWanted, State, now
from datenbroker.products.versions import KEPT_VERSIONS, Versions

WORDING = frozenset(
    {"title", "description", "contact", "update_interval", "theme", "keywords", "hvd_category", "successor"}
)
"""What may change of a released version: it changes nobody's access."""

OWN = frozenset(
    {"organisation", "version", "state", "created", "modified", "by", "ready_by", "released_by", "released"}
)


class Step(StrEnum):
    READY = "ready"
    RELEASE = "release"
    RETIRE = "retire"
    UNDO = "undo"


class NotPossible(Exception):
    """The step cannot be taken from where the product stands; the message says which one can."""


class NotAllowed(Exception):
    """The caller may not do this; the message says who may."""


def may_offer(caller: Caller, organisation: str) -> bool:
    """Whether the caller may describe products of an organisation, make them ready and retire them."""
    return _acts_for(caller, organisation, Right.OFFER)


def may_release(caller: Caller, organisation: str) -> bool:
    """Whether the caller may release what another identity of the organisation made ready, and decide on grants."""
    return _acts_for(caller, organisation, Right.RELEASE)


def _acts_for(caller: Caller, organisation: str, right: Right) -> bool:
    return Right.ADMINISTER in caller.rights or (caller.organisation == organisation and right in caller.rights)


def created(wanted: ProductWanted, organisation: str, by: str) -> Versions:
    """A draft, which nobody but its owner sees."""
    at = now()
    members = _described(wanted) | {"organisation": organisation, "created": at, "modified": at, "by": by}
    return Versions(next=Product(**members))


def changed(versions: Versions, wanted: ProductWanted, by: str) -> Versions:
    """The product with a new description: at once where only wording differs, else as a draft of the next version."""
    _require_same_slug(versions, wanted)
    described, at = _described(wanted), now()
    if versions.next is not None:
        if all(getattr(versions.next, name) == value for name, value in described.items()):
            return versions
        reset = {"state": State.DRAFT, "ready_by": None, "modified": at, "by": by}
        return versions.model_copy(update={"next": versions.next.model_copy(update=described | reset)})
    live = versions.shown
    differs = {name for name, value in described.items() if getattr(live, name) != value}
    if not differs:
        return versions
    update: dict[str, Any] = described | {"modified": at, "by": by}
    if live.state is State.AVAILABLE and differs <= WORDING:
        return versions.model_copy(update={"live": live.model_copy(update=update)})
    fresh = {"state": State.DRAFT, "version": live.version + 1, "ready_by": None, "released_by": None, "released": None}
    return versions.model_copy(update={"next": live.model_copy(update=update | fresh)})


def _require_same_slug(versions: Versions, wanted: ProductWanted) -> None:
    if wanted.slug != versions.slug:
        raise NotPossible(f"The product {versions.slug} cannot become {wanted.slug}: its slug never changes.")


def discarded(versions: Versions) -> Versions | None:
    """The product without its draft; None where nothing is left of it."""
    if versions.next is None:
        raise NotPossible(
            f"{versions.slug} is {versions.shown.state}, there is no draft to discard: retire it instead."
        )
    return versions.model_copy(update={"next": None}) if versions.live else None


def stepped(versions: Versions, step: Step, caller: Caller) -> Versions:
    """The product after a step; `NotPossible`, `NotAllowed`."""
    return _STEPS[step](versions, caller)


def _ready(versions: Versions, caller: Caller) -> Versions:
    draft = versions.next
    if draft is None or draft.state is not State.DRAFT:
        raise NotPossible(f"{versions.slug} has no draft to make ready: change it first.")
    _require(may_offer(caller, versions.organisation), caller, "make it ready", "data-provider or data-steward")
    update = _stamp(caller) | {"state": State.READY, "ready_by": caller.name}
    return versions.model_copy(update={"next": draft.model_copy(update=update)})


def _release(versions: Versions, caller: Caller) -> Versions:
    ready = versions.next
    if ready is None or ready.state is not State.READY:
        raise NotPossible(f"{versions.slug} has no version that is ready: make its draft ready first.")
    _require_four_eyes(versions.organisation, ready, caller)
    update = _stamp(caller) | {"state": State.AVAILABLE, "released_by": caller.name, "released": now()}
    before = (*versions.before, versions.live) if versions.live else versions.before
    return Versions(live=ready.model_copy(update=update), before=before[-KEPT_VERSIONS:])


def _retire(versions: Versions, caller: Caller) -> Versions:
    live = versions.live
    if live is None or live.state is not State.AVAILABLE:
        raise NotPossible(f"{versions.slug} is not available, so that it cannot be retired: discard its draft instead.")
    _require(may_offer(caller, versions.organisation), caller, "retire it", "data-provider or data-steward")
    update = _stamp(caller) | {"state": State.RETIRED}
    return versions.model_copy(update={"live": live.model_copy(update=update)})


def _undo(versions: Versions, caller: Caller) -> Versions:
    """One step back: ready to draft, available to ready (or to the version before), retired to available."""
    live, following = versions.live, versions.next
    if following is not None:
        return _undo_ready(versions, following, caller)
    assert live is not None
    if live.state is State.RETIRED:
        _require_four_eyes(versions.organisation, live, caller)
        return versions.model_copy(update={"live": live.model_copy(update=_stamp(caller) | {"state": State.AVAILABLE})})
    back = live.model_copy(update=_stamp(caller) | {"state": State.READY, "released_by": None, "released": None})
    if not versions.before:
        _require(may_offer(caller, versions.organisation), caller, "take it back", "data-provider or data-steward")
        return Versions(next=back)
    _require_four_eyes(versions.organisation, versions.before[-1], caller)  # it may show more than the one after it
    former = versions.before[-1].model_copy(update=_stamp(caller) | {"state": State.AVAILABLE})
    return Versions(live=former, next=back, before=versions.before[:-1])


def _undo_ready(versions: Versions, following: Product, caller: Caller) -> Versions:
    if following.state is State.DRAFT:
        raise NotPossible(f"{versions.slug} has a draft and no step to take back: change or discard the draft.")
    _require(may_offer(caller, versions.organisation), caller, "take it back", "data-provider or data-steward")
    update = _stamp(caller) | {"state": State.DRAFT, "ready_by": None}
    return versions.model_copy(update={"next": following.model_copy(update=update)})


_STEPS = {Step.READY: _ready, Step.RELEASE: _release, Step.RETIRE: _retire, Step.UNDO: _undo}


def _require_four_eyes(organisation: str, product: Product, caller: Caller) -> None:
    _require(may_release(caller, organisation), caller, "release it", "data-steward")
    if caller.name == product.ready_by:
        raise NotAllowed(
            f"{caller.name} has made {product.slug} ready itself: somebody else must release it (four eyes)."
        )


def _require(allowed: bool, caller: Caller, deed: str, who: str) -> None:
    if not allowed:
        raise NotAllowed(f"{caller.name} may not {deed}: {who} of the owner may.")


def _stamp(caller: Caller) -> dict[str, Any]:
    return {"modified": now(), "by": caller.name}


def _described(wanted: ProductWanted) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in ProductWanted.model_fields}
