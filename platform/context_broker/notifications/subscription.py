"""The Subscription data type (CIM 009, 5.2.12, 5.2.14): what was sent, checked, and ready for matching."""

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from context_broker.http.request import GEO_JSON
from context_broker.notifications.endpoint import Endpoint, read_endpoint
from context_broker.reading.plan import View, make_view
from context_broker.reading.post_query import entity_selectors
from context_broker.storage.selection import Selection
from ngsi_ld.datetimes import check_datetime, parse_datetime
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import Context, ContextSource
from ngsi_ld.model.projection import parse_attrs
from ngsi_ld.names import NULL, check_uri
from ngsi_ld.query.geo import GeoQuery, parse_geo_query
from ngsi_ld.query.q import Query, parse_q
from ngsi_ld.query.scope import parse_scope_query

TRIGGERS = frozenset(
    {"entityCreated", "entityUpdated", "entityDeleted", "attributeCreated", "attributeUpdated", "attributeDeleted"}
)
DEFAULT_TRIGGERS = frozenset({"attributeCreated", "attributeUpdated"})
NAMING_MEMBERS = ("entities", "watchedAttributes", "q", "geoQ", "notification", "expandValues")
"""Members in which names stand: each is read with the context of the request that set it."""
OUTPUT_MEMBERS = frozenset({"status", "createdAt", "modifiedAt"})
_FORMATS = ("normalized", "concise", "keyValues", "simplified")
_TEXTS = ("subscriptionName", "description", "q", "scopeQ", "csf", "lang", "jsonldContext", "ngsildConformance")
_NOT_ATTRIBUTES = frozenset({"id", "type", "scope", "@id", "@type"})
_MAY_BE_EMPTY = frozenset({"subscriptionName", "description"})
_CONFORMANCE = re.compile(r"\d{1,3}\.\d{1,3}")


@dataclass(slots=True)
class Delivery:
    """What became of the notifications so far (5.2.14, output)."""

    times_sent: int = 0
    times_failed: int = 0
    last_notification: str | None = None
    last_success: str | None = None
    last_failure: str | None = None
    failed: bool = False

    def members(self) -> dict[str, Any]:
        """The output members of `notification`; absent until they happened."""
        if not self.times_sent:
            return {}
        times = {
            "lastNotification": self.last_notification,
            "lastSuccess": self.last_success,
            "lastFailure": self.last_failure,
        }
        shown = {name: moment for name, moment in times.items() if moment is not None}
        status = "failed" if self.failed else "ok"
        return {"status": status, "timesSent": self.times_sent, "timesFailed": self.times_failed, **shown}


@dataclass(frozen=True, slots=True)
class Condition:
    """Which changes of which entities are told. Equal conditions are evaluated once."""

    selectors: tuple[Selection, ...]
    watched: frozenset[str] | None
    triggers: frozenset[str]
    q: Query | None
    geo: GeoQuery | None
    scopes: tuple[tuple[str, ...], ...] | None


@dataclass(slots=True)
class Subscription:
    """One subscription. `document` is what the client sent, `contexts` by which context each member is read."""

    id: str
    tenant: int
    document: dict[str, Any]
    contexts: dict[str, ContextSource | None]
    created_at: str
    modified_at: str
    condition: Condition
    endpoint: Endpoint
    view: View
    context_url: str
    named: dict[str, list[str]] = field(default_factory=dict)
    """IRIs of the members that list names, in their order: watchedAttributes, expandValues, attributes."""
    show_changes: bool = False
    throttling: float | None = None
    time_interval: float | None = None
    expires_at: str | None = None
    is_active: bool = True
    delivery: Delivery = field(default_factory=Delivery)

    @property
    def shape(self) -> tuple[Hashable, ...]:
        """What the entities of its notifications look like: the same for subscriptions of equal shape."""
        view, shown = self.view, self.view.projection
        names = (shown.attrs, shown.datasets, repr(shown.pick), repr(shown.omit))
        asked = (view.representation, view.geometry_property, view.dataset, view.join, self.show_changes)
        return (self.tenant, self.endpoint.accept, *asked, *names)

    def status(self, now: str) -> str:
        """`active`, `paused` or `expired`."""
        if self.expires_at is not None and self.has_expired(now):
            return "expired"
        return "active" if self.is_active else "paused"

    def has_expired(self, now: str) -> bool:
        due, moment = parse_datetime(self.expires_at or ""), parse_datetime(now)
        return due is not None and moment is not None and due <= moment


def check_document(document: Mapping[str, Any], now: str) -> None:
    """The rules of 7.1 that need no context; `BadRequestData` names the member."""
    if document.get("type") != "Subscription":
        raise BadRequestData("the type of a subscription is Subscription")
    _check_texts(document)
    for name in ("isActive", "localOnly", "splitEntities"):
        if not isinstance(document.get(name, True), bool):
            raise BadRequestData(f"{name} of a subscription is true or false")
    for name in ("throttling", "timeInterval"):
        check_seconds(document, name)
    if "temporalQ" in document:
        raise BadRequestData("temporalQ belongs to subscriptions to context sources")
    _check_subject(document)
    if "expiresAt" in document:
        expires_at = parse_datetime(check_datetime(document["expiresAt"], "expiresAt"))
        moment = parse_datetime(now)
        if expires_at is None or moment is None or expires_at <= moment:
            raise BadRequestData("expiresAt of a subscription lies in the past")


def _check_texts(document: Mapping[str, Any]) -> None:
    for name in _TEXTS:
        text = document.get(name, "-")
        if not isinstance(text, str) or not (text or name in _MAY_BE_EMPTY):
            raise BadRequestData(f"{name} of a subscription is a string")
    if "jsonldContext" in document:
        check_uri(document["jsonldContext"], "jsonldContext")
    if not _CONFORMANCE.fullmatch(document.get("ngsildConformance", "1.9")):
        raise BadRequestData("ngsildConformance of a subscription is a version, as in 1.6")
    if has_null(dict(document)):
        raise BadRequestData("a subscription can't hold NGSI-LD Null or null but to remove one of its members")


def has_null(value: Any) -> bool:
    """Whether null, or NGSI-LD Null in its place, stands anywhere in a JSON value."""
    if isinstance(value, dict):
        return any(has_null(item) for item in value.values())
    if isinstance(value, list):
        return any(has_null(item) for item in value)
    return value is None or value == NULL


def _check_subject(document: Mapping[str, Any]) -> None:
    """What a subscription is about: entities, watched attributes, or a time interval over entities."""
    if "timeInterval" in document and ("watchedAttributes" in document or "throttling" in document):
        raise BadRequestData("timeInterval excludes watchedAttributes and throttling")
    if document.get("localOnly"):
        return
    if "entities" not in document and "watchedAttributes" not in document:
        raise BadRequestData("a subscription needs entities or watchedAttributes")
    if "timeInterval" in document and "entities" not in document:
        raise BadRequestData("a subscription with timeInterval needs entities")


def check_seconds(document: Mapping[str, Any], name: str) -> None:
    value = document.get(name, 1)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise BadRequestData(f"{name} is a number of seconds above 0")


def read_condition(document: Mapping[str, Any], contexts: Mapping[str, Context]) -> Condition:
    """The condition of a document; `contexts` has the active one of each naming member."""
    selectors: tuple[Selection, ...] = ()
    if "entities" in document:
        selectors = entity_selectors(document["entities"], contexts["entities"])
    expands, _ = (
        parse_attrs(_joined(document[name], name).split(","), contexts["expandValues"], name)
        if name in document
        else frozenset[str]()
        for name in ("expandValues", "jsonKeys")
    )
    if "csf" in document:
        parse_q(document["csf"], contexts["q"])
    return Condition(
        selectors,
        _watched(document, contexts),
        _triggers(document),
        parse_q(document["q"], contexts["q"], expands) if "q" in document else None,
        _geo(document, contexts),
        parse_scope_query(document["scopeQ"]) if "scopeQ" in document else None,
    )


def read_names(document: Mapping[str, Any], contexts: Mapping[str, Context]) -> dict[str, list[str]]:
    """`Subscription.named` of a document that has been checked."""
    listed = {name: document[name] for name in ("watchedAttributes", "expandValues") if name in document}
    named = {name: _expanded(value, contexts[name]) for name, value in listed.items()}
    if "attributes" in document["notification"]:
        named["attributes"] = _expanded(document["notification"]["attributes"], contexts["notification"])
    return named


def _expanded(value: Any, context: Context) -> list[str]:
    return [context.expand(name.strip()) for name in _joined(value, "names").split(",")]


def _watched(document: Mapping[str, Any], contexts: Mapping[str, Context]) -> frozenset[str] | None:
    if "watchedAttributes" not in document:
        return None
    written = names(document["watchedAttributes"], "watchedAttributes")
    return parse_attrs(written, contexts["watchedAttributes"], "watchedAttributes")


def _triggers(document: Mapping[str, Any]) -> frozenset[str]:
    if "notificationTrigger" not in document:
        return DEFAULT_TRIGGERS
    triggers = frozenset(names(document["notificationTrigger"], "notificationTrigger"))
    unknown = triggers - TRIGGERS
    if unknown:
        raise BadRequestData(f"notificationTrigger {min(unknown)!r:.60} is none of {', '.join(sorted(TRIGGERS))}")
    return triggers


def _geo(document: Mapping[str, Any], contexts: Mapping[str, Context]) -> GeoQuery | None:
    if "geoQ" not in document:
        return None
    geo = document["geoQ"]
    query = parse_geo_query(geo, contexts["geoQ"]) if isinstance(geo, dict) else None
    if query is None:
        raise BadRequestData("geoQ is an object with georel, geometry and coordinates")
    return query


def read_notification(document: Mapping[str, Any], names_in: Context, shown_in: Context) -> tuple[Endpoint, View, bool]:
    """Endpoint, view and showChanges of `notification`; names are read by one context and shown by another."""
    params = document.get("notification")
    if not isinstance(params, dict):
        raise BadRequestData("a subscription needs a notification with an endpoint")
    endpoint = read_endpoint(params.get("endpoint"))
    for name in ("sysAttrs", "showChanges"):
        if not isinstance(params.get(name, False), bool):
            raise BadRequestData(f"notification.{name} is true or false")
    form = params.get("format", "normalized")
    if form not in _FORMATS:
        raise BadRequestData(f"notification.format is one of {', '.join(_FORMATS)}")
    show_changes = params.get("showChanges", False)
    if show_changes and form in ("keyValues", "simplified"):
        raise BadRequestData("showChanges needs the normalized or concise format")
    asked: dict[str, Any] = {"format": form, "options": "sysAttrs" if params.get("sysAttrs") else ""}
    asked |= _asked_names(params)
    asked |= {name: params[name] for name in ("join", "joinLevel") if name in params}
    if "lang" in document:
        asked["lang"] = document["lang"]
    if "datasetId" in document:
        asked["datasetId"] = ",".join(names(document["datasetId"], "datasetId"))
    view = make_view(asked, names_in, GEO_JSON if endpoint.accept == GEO_JSON else "application/json")
    return endpoint, view.shown_by(shown_in), show_changes


def _asked_names(params: Mapping[str, Any]) -> dict[str, str]:
    """Which members of entities are sent, as a query would ask for them."""
    written = {"attributes": "attrs", "pick": "pick", "omit": "omit"}
    given = {name: names(params[name], f"notification.{name}") for name in written if name in params}
    if none := _NOT_ATTRIBUTES.intersection(given.get("attributes", ())):
        raise BadRequestData(f"notification.attributes has {min(none)}, which is no attribute and sent at any rate")
    return {written[name]: ",".join(value) for name, value in given.items()}


def names(value: Any, what: str) -> list[str]:
    """A non-empty array of strings."""
    if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
        raise BadRequestData(f"{what} is a non-empty array of names")
    return value


def _joined(value: Any, what: str) -> str:
    return value if isinstance(value, str) else ",".join(names(value, what))


def check_id(document: Mapping[str, Any]) -> str | None:
    """The id that a client gives a subscription, if any."""
    return check_uri(document["id"], "the subscription's id") if "id" in document else None
