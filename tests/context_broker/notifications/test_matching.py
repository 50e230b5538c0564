"""The index of conditions never loses what brute force finds."""

import asyncio
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from context_broker.events import EntityEvent
from context_broker.notifications.matching import Matcher, meets
from context_broker.notifications.subscription import TRIGGERS, Subscription
from tests.context_broker.notifications.made import event, made

TYPES = ("Kiosk", "Shop")
NAMES = ("queue", "name", "open")
IDS = tuple(f"urn:ngsi-ld:{kind}:{number}" for kind in TYPES for number in (1, 12, 123))
PLACES = st.tuples(st.integers(-3, 3), st.integers(-2, 2)).map(lambda place: [place[0] / 2, place[1] / 2])
ODD_PATTERNS = [".*", "Kiosk:12?", "Shop|Kiosk", r"Kiosk\:1", "[0-9]{3}$", ":12+", "(?i)kIOSK", "K.o(s)k:1{2}", "1*2"]
BEGINNINGS, ENDS = ["", "^", ".*"], ["", "$", ".*", "?"]
ODD_TERMS = ['name~="a"', "open==true", "open==false", "open==1", "open", "!name", "queue.of>1", "name[de]==1"]
HAPPENINGS = ["entityCreated", "entityUpdated", "entityDeleted"]

numbers = st.one_of(st.integers(-2, 3), st.sampled_from([0.5, 1.5]))
terms = st.one_of(
    st.builds("queue{}{}".format, st.sampled_from([">", ">=", "<", "<=", "==", "!="]), numbers),
    st.builds("queue=={}..{}".format, st.integers(-2, 0), st.integers(0, 3)),
    st.builds("queue=={},{}".format, numbers, numbers),
    st.builds('name=="{}"'.format, st.sampled_from("ab")),
    st.builds('name!="{}"'.format, st.sampled_from("ab")),
    st.sampled_from(ODD_TERMS),
)
queries = st.recursive(
    terms, lambda inner: st.one_of(st.builds("{};{}".format, inner, inner), st.builds("({}|{})".format, inner, inner))
)
patterns = st.one_of(
    st.sampled_from(ODD_PATTERNS),
    st.builds("{}{}{}".format, st.sampled_from(BEGINNINGS), st.sampled_from(IDS), st.sampled_from(ENDS)),
)
selectors = st.fixed_dictionaries(
    {"type": st.sampled_from(["Kiosk", "Shop", "Kiosk,Shop", "(Kiosk;Shop)", "*"])},
    optional={"id": st.sampled_from(IDS), "idPattern": patterns},
)


@st.composite
def geo_queries(draw: st.DrawFn) -> dict[str, Any]:
    west, south = draw(PLACES)
    size = draw(st.sampled_from([0.01, 0.5, 1, 3]))
    if draw(st.booleans()):
        distance = draw(st.sampled_from(["max", "min"])) + f"Distance=={draw(st.sampled_from([1, 60_000]))}"
        return {"georel": f"near;{distance}", "geometry": "Point", "coordinates": [west, south]}
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    relation = draw(st.sampled_from(["within", "intersects", "disjoint", "contains", "overlaps", "equals"]))
    return {"georel": relation, "geometry": "Polygon", "coordinates": [ring]}


documents = st.fixed_dictionaries(
    {"type": st.just("Subscription"), "notification": st.just({"endpoint": {"uri": "http://127.0.0.1:9/"}})},
    optional={
        "watchedAttributes": st.lists(st.sampled_from(NAMES), min_size=1, max_size=2),
        "notificationTrigger": st.lists(st.sampled_from(sorted(TRIGGERS)), min_size=1, max_size=3),
        "q": queries,
        "geoQ": geo_queries(),
        "entities": st.lists(selectors, min_size=1, max_size=2),
    },
)
geometries = st.one_of(
    st.builds(lambda place: {"type": "Point", "coordinates": place}, PLACES),
    st.builds(lambda one, other: {"type": "LineString", "coordinates": [one, [other[0] + 0.1, 9]]}, PLACES, PLACES),
)
entities = st.fixed_dictionaries(
    {"id": st.sampled_from(IDS), "type": st.lists(st.sampled_from(TYPES), min_size=1, unique=True)},
    optional={
        "queue": st.one_of(numbers, st.lists(numbers, min_size=1, max_size=2), st.sampled_from("ab")),
        "name": st.sampled_from("abc"),
        "open": st.sampled_from([True, False, 1]),
        "location": geometries,
    },
)
events = st.builds(event, entities, st.sets(st.sampled_from(NAMES)), st.sampled_from(HAPPENINGS))


async def subscriptions_of(found: list[dict[str, Any]]) -> list[Subscription]:
    base = {"localOnly": True}
    return [await made(base | document | {"id": f"urn:x:{n}"}) for n, document in enumerate(found)]


def matched(matcher: Matcher, happened: EntityEvent) -> list[str]:
    return sorted(subscription.id for subscription in matcher.matching(happened, lambda _: None))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(documents, min_size=1, max_size=12), st.lists(events, min_size=1, max_size=6), st.data())
def test_the_index_finds_what_brute_force_finds(
    found: list[dict[str, Any]], happened: list[EntityEvent], data: st.DataObject
) -> None:
    subscriptions = asyncio.run(subscriptions_of(found))
    matcher = Matcher()
    for subscription in subscriptions:
        matcher.add(subscription)
    removed = data.draw(st.sets(st.sampled_from(range(len(subscriptions)))))
    for number in removed:
        matcher.remove(subscriptions[number])
    kept = [subscription for number, subscription in enumerate(subscriptions) if number not in removed]
    for one in happened:
        expected = sorted(item.id for item in kept if meets(item.condition, one, lambda _: None))
        assert matched(matcher, one) == expected


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(documents, min_size=1, max_size=12))
def test_an_index_whose_conditions_are_all_removed_is_empty(found: list[dict[str, Any]]) -> None:
    subscriptions = asyncio.run(subscriptions_of(found))
    matcher = Matcher()
    for subscription in subscriptions:
        matcher.add(subscription)
    for subscription in subscriptions:
        matcher.remove(subscription)
    assert not matcher
    assert vars(matcher) == vars(Matcher())


def test_tenants_share_no_conditions() -> None:
    document: dict[str, Any] = {"id": "urn:x:1", "type": "Subscription", "entities": [{"type": "Kiosk"}]}
    document["notification"] = {"endpoint": {"uri": "http://127.0.0.1:9/"}}
    matcher = Matcher()
    matcher.add(asyncio.run(made(document, tenant=2)))
    assert matched(matcher, event({"id": IDS[0], "type": "Kiosk", "queue": 1}, {"queue"}, "entityCreated")) == []
