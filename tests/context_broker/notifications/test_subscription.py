"""Whatever JSON a client sends as a subscription: it is read, or refused with an error of NGSI-LD."""

import asyncio
from contextlib import suppress
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from context_broker.notifications.matching import Matcher
from context_broker.notifications.registry import client_document
from context_broker.notifications.shown import shown_subscription
from context_broker.notifications.subscription import check_id
from ngsi_ld.errors import NgsiLdError
from ngsi_ld.jsonld.context import Context, core_context
from tests.context_broker.notifications.made import event, made

VALID: dict[str, Any] = {
    "id": "urn:x:1",
    "type": "Subscription",
    "subscriptionName": "n",
    "description": "d",
    "entities": [{"type": "Kiosk,(A;B)", "idPattern": "^urn:x"}, {"type": "*", "id": "urn:x:1"}],
    "watchedAttributes": ["queue"],
    "notificationTrigger": ["entityCreated"],
    "q": "queue>3",
    "geoQ": {"georel": "near;maxDistance==5", "geometry": "Point", "coordinates": [1, 2], "geoproperty": "place"},
    "scopeQ": "/a",
    "csf": "x",
    "lang": "de",
    "expandValues": "queue",
    "jsonKeys": ["queue"],
    "datasetId": ["urn:x:a"],
    "throttling": 1,
    "expiresAt": "2099-01-01T00:00:00Z",
    "isActive": True,
    "localOnly": False,
    "splitEntities": True,
    "jsonldContext": "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context.jsonld",
    "ngsildConformance": "1.8",
    "notification": {
        "endpoint": {
            "uri": "mqtt://u:p@127.0.0.1:1883/a/b",
            "accept": "application/json",
            "receiverInfo": [{"key": "a", "value": "b"}],
            "notifierInfo": [{"key": "MQTT-QoS", "value": "1"}],
            "timeout": 5,
            "cooldown": 5,
        },
        "format": "concise",
        "attributes": ["queue"],
        "omit": ["queue"],
        "sysAttrs": True,
        "showChanges": True,
        "join": "flat",
        "joinLevel": 1,
    },
}
TEXTS = st.one_of(
    st.text(max_size=8), st.sampled_from(["urn:x:1", "http://[", "http://a:b/", "(", "a;b", "{", "mqtt://h/", "1..2"])
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in paths_of(item, (*path, key)))]


def with_value(path: tuple[Any, ...], value: Any) -> Any:
    """The valid document with another value at a path."""
    changed: Any = orjson.loads(orjson.dumps(VALID))
    if not path:
        return value
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def test_the_valid_document_is_read() -> None:
    assert asyncio.run(made(VALID)).id == "urn:x:1"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(paths_of(VALID)[1:]), JSON)
def test_anything_anywhere_is_read_or_refused(path: tuple[Any, ...], value: Any) -> None:
    with suppress(NgsiLdError):
        document = client_document(with_value(path, value))
        check_id(document)
        subscription = asyncio.run(made(document))
        matcher = Matcher()
        matcher.add(subscription)
        happened = event({"id": "urn:x:1", "type": "Kiosk", "queue": 5}, {"queue"}, "entityCreated")
        list(matcher.matching(happened, lambda _: None))
        matcher.remove(subscription)
        orjson.dumps(shown_subscription(subscription, core_context(), sys_attrs=True))
        other = Context({"k": "https://example.org/k"}, [{"k": "https://example.org/k"}])
        orjson.dumps(shown_subscription(subscription, other, sys_attrs=True))
