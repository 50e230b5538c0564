"""Every bound of the broker with its default; each has its own error."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from ngsi_ld.bounds import Bounds, up_to


@dataclass(frozen=True, slots=True, eq=False)
class Limits(Bounds):
    """Beside those of the language: bytes, counts and seconds; a request beyond a limit is answered, never cut."""

    body_bytes: int = 32 * 1024 * 1024
    """Largest request body: 413 beyond it."""
    json_depth: int = up_to(100, 60)
    """Deepest nesting of a request body or remote @context: 400 beyond it."""
    query_parameters: int = 100
    """Most parameters in a URL: 400 InvalidRequest beyond it."""
    batch_entities: int = 100_000
    """Most entities in one batch operation: 400 beyond it."""
    page_default: int = 20
    """Entities on a page where no `limit` is given."""
    page_max: int = 1000
    """Largest `limit`: 403 TooManyResults beyond it. Entities in one periodic notification: more go in several."""
    query_seconds: float = 30.0
    """How long one query may take: 403 TooComplexQuery beyond it."""
    context_bytes: int = 1024 * 1024
    """Largest remote @context: 504 LdContextNotAvailable beyond it."""
    context_seconds: float = 5.0
    """How long a remote @context may take: 504 beyond it."""
    context_references: int = 20
    """Most documents one remote @context may refer to: 400 beyond it."""
    context_inline_bytes: int = 64 * 1024
    """A context given inline that is larger is worked out anew each time: clients do not fill the memory."""
    contexts_cached: int = 500
    """Downloaded contexts kept; beyond it those least recently fetched go."""
    contexts_stored: int = 10_000
    """Most contexts served by the broker itself: 403 TooManyResults beyond it for those that clients add."""
    cache_bytes: int = 48 * 1024 * 1024
    """Memory for the documents of hot entities."""
    subscriptions_per_tenant: int = 100_000
    """Most subscriptions of one tenant: 403 TooManyResults beyond it."""
    notification_seconds: float = 3600.0
    """Age at which a notification that can't be delivered is given up and counted as failed."""
    notifications_waiting: int = 10_000
    """Notifications that may wait for one subscriber; the oldest beyond it are given up and counted as failed."""
    notification_bytes: int = 32 * 1024 * 1024
    """Memory for notifications that wait; beyond it they wait in the file."""
    notifications_at_once: int = 500
    """Deliveries under way at once: each holds a socket."""
    mqtt_connections: int = 200
    """Connections to subscribers' MQTT brokers; beyond it the one used least recently is closed."""
    allow_private_targets: bool = False
    """Whether contexts and notification endpoints may lie on private and loopback addresses."""


class UnknownLimit(ValueError):
    """A limit of that name does not exist, or its value is none."""


def limits_with(given: Mapping[str, float], *, allow_private_targets: bool = False) -> Limits:
    """The defaults with those given in their place; `UnknownLimit` names a wrong one."""
    known = {field.name: field for field in fields(Limits) if field.name != "allow_private_targets"}
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            raise UnknownLimit(f"there is no limit {name}; there are {', '.join(known)}")
        most = known[name].metadata.get("most", float("inf"))
        if not 0 < value < float("inf"):
            raise UnknownLimit(f"{name} must be a number above 0, not {value}")
        if value > most:
            raise UnknownLimit(f"{name} is at most {most}, not {value:g}: more nesting would exhaust the stack")
        whole = isinstance(known[name].default, int)
        if whole and value != int(value):
            raise UnknownLimit(f"{name} must be a whole number, not {value}")
        values[name] = int(value) if whole else value
    return replace(Limits(allow_private_targets=allow_private_targets), **values)
