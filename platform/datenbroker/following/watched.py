"""What the broker is asked to watch for a subscription through a product: no more than the product shows."""

from datetime import UTC, datetime
from typing import Any

from context_broker.notifications.subscription import Subscription
from context_broker.storage.selection import Selection
from datenbroker.lens.lens import Lens
from datenbroker.lens.narrowing import Narrowed, narrow_selection
from datenbroker.lens.wire import Terms, check, conditions, picked_members, types_text
from ngsi_ld.datetimes import render
from ngsi_ld.jsonld.context import CORE_URL

NOTHING = "https://uri.etsi.org/ngsi-ld/default-context/thisAttributeIsNowhere"
"""Watched where all that is asked to be watched is hidden: it never changes."""
RELAY_SECONDS = 5
"""So much longer than the subscriber may take, the broker waits for the relay."""
PASSED_ON = ("notificationTrigger", "throttling", "timeInterval", "isActive")


def narrowed_condition(subscription: Subscription, lens: Lens) -> Narrowed | None:
    """Its conditions as if only the selection existed; None where they can never hold."""
    condition = subscription.condition
    asked = Selection(alternatives=condition.selectors, q=condition.q, geo=condition.geo, scopes=condition.scopes)
    return narrow_selection(asked, lens)


def watched_document(
    subscription: Subscription, lens: Lens, relay: str, ends: float
) -> tuple[dict[str, Any], dict[str, str]] | None:
    """The subscription at the broker, without id, and the terms of its own in it; None where it never fires.

    It notifies `relay` in the normalized form, whatever its maker wants: the relay makes that of it.
    """
    narrowed = narrowed_condition(subscription, lens)
    if narrowed is None:
        return None
    terms = Terms()
    document: dict[str, Any] = {"type": "Subscription", "entities": _selectors(narrowed, terms)}
    document |= {name: subscription.document[name] for name in PASSED_ON if name in subscription.document}
    if (watched := _watched(subscription, lens)) is not None:
        document["watchedAttributes"] = [terms.name(iri) for iri in watched]
    document |= conditions(narrowed.selection, terms)
    if (expires := _expires(subscription, ends)) is not None:
        document["expiresAt"] = expires
    document["notification"] = _notification(subscription, narrowed, terms, relay)
    check(narrowed.selection.q, document.get("q"), terms, terms.context)
    if terms.made:
        document["@context"] = [terms.definitions, CORE_URL]
    return document, terms.definitions


def _selectors(narrowed: Narrowed, terms: Terms) -> list[dict[str, Any]]:
    """One id each: not every broker knows a list of them here."""
    selectors = []
    for selector in narrowed.selectors:
        asked = {"type": types_text(selector, terms)}
        if selector.id_pattern is not None:
            asked["idPattern"] = selector.id_pattern.pattern
        selectors += [asked | {"id": id_} for id_ in selector.ids] or [asked]
    return selectors


def _watched(subscription: Subscription, lens: Lens) -> list[str] | None:
    """Attributes whose changes count: a hidden one never changes. None: any, all are shown."""
    if subscription.time_interval is not None:
        return None
    asked = subscription.condition.watched
    if asked is None:
        return None if lens.attributes is None else sorted(lens.attributes - {"scope"}) or [NOTHING]
    return sorted(iri for iri in asked if lens.shows(iri)) or [NOTHING]


def _expires(subscription: Subscription, ends: float) -> str | None:
    own = subscription.expires_at
    if ends == float("inf"):
        return own
    end = render(datetime.fromtimestamp(ends, UTC))
    return end if own is None else min(own, end)


def _notification(subscription: Subscription, narrowed: Narrowed, terms: Terms, relay: str) -> dict[str, Any]:
    form = subscription.view.representation
    times = form.sys_attrs or bool(form.times) or narrowed.needs_times
    timeout = int((subscription.endpoint.timeout + RELAY_SECONDS) * 1000)
    params: dict[str, Any] = {
        "endpoint": {"uri": relay, "accept": "application/json", "timeout": min(timeout, 60_000)},
        "format": "normalized",
    }
    if subscription.endpoint.cooldown:
        params["endpoint"]["cooldown"] = int(subscription.endpoint.cooldown * 1000)
    if times:
        params["sysAttrs"] = True
    if subscription.show_changes:
        params["showChanges"] = True
    if narrowed.attributes is not None:
        attributes = [terms.name(iri) for iri in sorted(narrowed.attributes)]
        params["pick"] = picked_members(narrowed, times=times) + attributes
    return params
