"""How long a write takes to find, among many subscriptions, those that it concerns."""

import asyncio
import sqlite3
import statistics
import time
from collections.abc import Callable
from typing import Any

from context_broker.contexts import Contexts
from context_broker.events import EntityEvent
from context_broker.limits import Limits
from context_broker.notifications.matching import Matcher
from context_broker.notifications.registry import SubscriptionRegistry
from context_broker.notifications.subscription import Subscription
from context_broker.targets import TargetGuard
from ngsi_ld.jsonld.context import CORE_URL, core_context
from ngsi_ld.model.entity import read_entity, stamp
from ngsi_ld.model.fragments import update

NOW = "2026-01-01T00:00:00.000Z"
_HERE = {"type": "Point", "coordinates": [7.2257, 51.5388]}
Condition = Callable[[int], dict[str, Any]]


def median_match_ms(number: int) -> dict[str, float]:
    """Median milliseconds of one matching, by what distinguishes the subscriptions."""
    cases: dict[str, Condition] = {
        "one condition, other endpoints": lambda n: {"watchedAttributes": ["heading"]},
        "a threshold each": lambda n: {"q": f"speed>{1000 + n}"},
        "an idPattern each": lambda n: {"entities": [{"type": "Vehicle", "idPattern": f".*:{n + 10}$"}]},
        "an area each": lambda n: {"geoQ": _area(n)},
        "an entity each": lambda n: {"entities": [{"type": "Vehicle", "id": f"urn:ngsi-ld:Vehicle:{n + 10}"}]},
    }
    return {name: _measure(number, conditions) for name, conditions in cases.items()}


def _measure(number: int, condition: Condition) -> float:
    matcher = Matcher()
    for subscription in asyncio.run(_subscriptions(number, condition)):
        matcher.add(subscription)
    context = core_context()
    entity = stamp(
        read_entity({"id": "urn:ngsi-ld:Vehicle:1", "type": "Vehicle", "speed": 50, "location": _HERE}, context), NOW
    )
    outcome = update(entity, {context.expand("speed"): [{"type": "Property", "value": 51}]}, NOW)
    event = EntityEvent(1, "entityUpdated", entity, outcome.entity, outcome.changes)
    times = []
    for _ in range(50):
        began = time.perf_counter()
        list(matcher.matching(event, lambda _: None))
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _area(n: int) -> dict[str, Any]:
    return {"georel": "near;maxDistance==50", "geometry": "Point", "coordinates": [7.1 + n % 100 / 500, 51.5 + n / 1e5]}


async def _subscriptions(number: int, condition: Condition) -> list[Subscription]:
    limits = Limits()
    contexts = Contexts(limits, TargetGuard(allow_private=False))
    registry = SubscriptionRegistry(sqlite3.connect(":memory:"), contexts)
    meta = {"created_at": NOW, "modified_at": NOW, "context_url": CORE_URL}
    return [await registry.build(1, _document(n) | condition(n), {}, meta) for n in range(number)]


def _document(n: int) -> dict[str, Any]:
    return {
        "id": f"urn:ngsi-ld:Subscription:{n}",
        "type": "Subscription",
        "entities": [{"type": "Vehicle"}],
        "notification": {"endpoint": {"uri": f"http://127.0.0.1:9/{n}"}},
    }
