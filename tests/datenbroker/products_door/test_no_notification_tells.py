"""What subscribers are told does not depend on what the product hides: two owners whose data differ only there."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.datenbroker.products.council import CONSUMER
from tests.datenbroker.products_door.followed import SUBSCRIPTIONS, Followed, followed

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")
PLACE = {"type": "Point", "coordinates": [7, 51]}
QUERIES = ['status=="free"', 'status!="used"', 'meter=="S-1"', "owner", "status|meter", '(owner=="city";status)']
WATCHED = [["status"], ["meter"], ["owner"], ["status", "meter"]]
TRIGGERS = [["attributeUpdated"], ["attributeCreated", "entityUpdated"], ["entityCreated"], ["entityUpdated"]]
ASKED: list[dict[str, Any]] = [
    {},
    {"format": "simplified"},
    {"attributes": ["status", "meter"]},
    {"pick": ["id", "status", "owner"]},
    {"omit": ["status"]},
    {"showChanges": True},
    {"sysAttrs": True},
]


def subscription(chance: Random) -> dict[str, Any]:
    """One that may ask for what it must not learn."""
    members: dict[str, Any] = {"notification": chance.choice(ASKED)}
    for name, choices in (("q", QUERIES), ("watchedAttributes", WATCHED), ("notificationTrigger", TRIGGERS)):
        if chance.random() < 0.25:
            members[name] = chance.choice(choices)
    if chance.random() < 0.15:
        members["geoQ"] = {"georel": "near;maxDistance==9", "geometry": "Point", "coordinates": [7, 51]}
    return members


def hidden(chance: Random) -> dict[str, Any]:
    return {"meter": chance.choice(["S-1", "S-2"])} | ({"location": PLACE} if chance.random() < 0.5 else {})


def steps(chance: Random) -> list[tuple[int, dict[str, Any], dict[str, Any]]]:
    """Which station, what all see of its change, and what is written besides that only the owner sees."""
    made: list[tuple[int, dict[str, Any], dict[str, Any]]] = []
    for number in (1, 2):
        made.append((number, {"owner": "city", "status": "free"}, hidden(chance)))
    for _ in range(6):
        seen = chance.choice([{}, {"status": chance.choice(["free", "used"])}, {"owner": chance.choice(["city", "x"])}])
        # another's station is hidden whole; the first two are the city's, most of the time
        made.append((chance.choice([1, 1, 2]), seen, hidden(chance) if chance.random() < 0.7 else {}))
        made.append((3, {}, {"status": chance.choice(["free", "used"]), "owner": "bank"}))
    return made


async def told(product: Followed, members: dict[str, Any], chance: Random, secret: bool) -> tuple[int, str]:
    """The status of the subscription; its address."""
    endpoint = {"endpoint": {"uri": product.receiver.url}}
    document = {"type": "Subscription", "entities": [{"type": "EVChargingStation"}], **members}
    document["notification"] = members["notification"] | endpoint
    made = await product.asks("POST", SUBSCRIPTIONS, CONSUMER, json=document)
    for number, seen, besides in steps(chance):
        written = seen | (besides if secret else {})
        if written:
            await product.puts(number, **written)
    return made.status_code, made.headers.get("location", "").removeprefix("/products/charging")


def received(product: Followed) -> list[str]:
    """Everything that has arrived so far, but for the moments of the test and the subscription's own id."""
    known: list[str] = product.__dict__.setdefault("known", [])
    while not product.receiver.received.empty():
        body = product.receiver.received.get_nowait().body
        known += [TIME.sub("T", json.dumps(entity, sort_keys=True)) for entity in body["data"]]
    return sorted(known)


async def compare(plain: Followed, full: Followed, seed: int) -> int:
    members = subscription(Random(seed))
    one, two = [await told(each, members, Random(seed), each is full) for each in (plain, full)]
    assert one[0] == two[0], members
    for _ in range(20):  # deliveries are on their way
        await asyncio.sleep(0.1)
        if received(plain) == received(full):
            break
    await asyncio.sleep(0.1)
    assert received(full) == received(plain), members
    count = len(received(full))
    for each, (_, address) in ((plain, one), (full, two)):
        if address:
            assert (await each.asks("DELETE", address)).status_code == 204
        each.__dict__["known"] = []
        for number in (1, 2, 3):
            await each.owner.delete(f"/ngsi-ld/v1/entities/urn:ngsi-ld:EVChargingStation:{number}")
    return count


@contextmanager
def two_worlds(folder: Path) -> Iterator[tuple[asyncio.Runner, Followed, Followed]]:
    """One event loop for all examples."""
    selected: dict[str, Any] = {"q": 'owner=="city"', "attributes": ["status"]}
    with asyncio.Runner() as runner:
        opened = []
        for name in ("plain", "full"):
            (folder / name).mkdir()
            opened.append(followed(folder / name, **selected))
        plain, full = [runner.run(one.__aenter__()) for one in opened]
        try:
            yield runner, plain, full
        finally:
            for one in opened:
                runner.run(one.__aexit__(None, None, None))


def test_subscribers_are_told_the_same_whatever_is_hidden(tmp_path: Path) -> None:
    counts: list[int] = []
    usual = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}

    with two_worlds(tmp_path) as (runner, plain, full):

        @settings(max_examples=25, phases=[Phase.generate], **usual)  # type: ignore[arg-type]
        @given(st.integers(0, 2**32))
        def differs_nowhere(seed: int) -> None:
            counts.append(runner.run(compare(plain, full, seed)))

        differs_nowhere()
    assert sum(counts) > 5, "hardly anything was told: this shows nothing"
