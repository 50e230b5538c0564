from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from document_store.sqlite import SqliteDocumentStore
from iot_agents.ingest.deadletters import LETTER_BYTES, DeadLetters, LetterLimits
from iot_agents.ingest.letterbox import LetterBox
from iot_agents.ingest.waiting import Origin
from iot_agents.refused import Refused
from tests.iot_agents.ingest.waits import until

pytestmark = pytest.mark.anyio

WRONG = Refused("malformed", "The message is no JSON")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteDocumentStore]:
    store = SqliteDocumentStore.open(tmp_path / "documents.db")
    yield store
    await store.close()


async def written(
    letters: DeadLetters, *payloads: bytes, tenant: str | None = "t", days_old: float = 0, device: str = "1"
) -> None:
    done: list[bytes] = []
    for payload in payloads:
        origin = Origin("chirpstack", "application/a/device/1/event/up", payload, device, tenant)
        at = datetime.now(UTC) - timedelta(days=days_old)
        letters.add(origin, WRONG, at, lambda payload=payload: done.append(payload))  # type: ignore[misc]
    await until(lambda: len(done) == len(payloads))


async def opened(store: SqliteDocumentStore, limits: LetterLimits | None = None) -> DeadLetters:
    letters = DeadLetters(store, "agent", limits)
    await letters.start()
    return letters


async def kept(store: SqliteDocumentStore, tenant: str | None = "t") -> list[bytes]:
    """The payloads, the oldest first."""
    box = LetterBox(store)
    mine = [letter for letter in reversed(await box.all()) if letter.tenant == tenant]
    return [await box.payload(letter) for letter in mine]


async def test_a_letter_keeps_message_and_reason(store: SqliteDocumentStore) -> None:
    await written(await opened(store), b"\xff{")
    (letter,) = await LetterBox(store).all()
    assert (letter.source, letter.device, letter.tenant, letter.kind) == ("chirpstack", "1", "t", "malformed")
    assert (letter.topic, letter.reason) == ("application/a/device/1/event/up", WRONG.reason)
    assert await kept(store) == [b"\xff{"]


async def test_the_oldest_are_dropped_and_counted(store: SqliteDocumentStore) -> None:
    letters = await opened(store, LetterLimits(letters=3))
    for number in range(5):
        await written(letters, b"%d" % number)
    assert await kept(store) == [b"2", b"3", b"4"]
    assert letters.counters() == {"kept": 3, "added": 5, "dropped": 2}


async def test_bytes_are_bounded_too(store: SqliteDocumentStore) -> None:
    letters = await opened(store, LetterLimits(size=3 * (LETTER_BYTES + 1000)))
    for number in range(5):
        await written(letters, b"%d" % number * 1000)
    assert [payload[:1] for payload in await kept(store)] == [b"2", b"3", b"4"]
    await written(letters, b"x" * 100_000)
    assert sum(map(len, await kept(store))) < 3 * 1000


async def test_a_flood_of_one_tenant_drops_none_of_anothers(store: SqliteDocumentStore) -> None:
    letters = await opened(store, LetterLimits(letters=10))
    await written(letters, b"good to know", tenant="other")
    await written(letters, *(b"%d" % number for number in range(1000)))
    assert await kept(store, "other") == [b"good to know"]
    assert len(await kept(store)) == 10
    assert len(await store.find("dead_letters")) <= 11


async def test_a_flood_of_one_device_drops_none_of_anothers_over_restarts_too(store: SqliteDocumentStore) -> None:
    limits = LetterLimits(letters=10, of_device=4)
    await written(await opened(store, limits), b"good to know", device="2")
    await written(await opened(store, limits), *(b"%d" % number for number in range(100)))
    letters = await opened(store, limits)
    await written(letters, *(b"%d" % number for number in range(100, 200)))
    assert await kept(store) == [b"good to know", b"196", b"197", b"198", b"199"]
    assert letters.counters() == {"kept": 5, "added": 100, "dropped": 100}
    assert len(await store.find("dead_letters")) <= 6


async def test_old_letters_are_dropped_when_new_ones_come(store: SqliteDocumentStore) -> None:
    first = await opened(store)
    await written(first, b"old", days_old=40)
    letters = await opened(store)
    await written(letters, b"new")
    assert await kept(store) == [b"new"]


async def test_the_bounds_hold_over_restarts(store: SqliteDocumentStore) -> None:
    for number in range(7):
        await written(await opened(store, LetterLimits(letters=3)), b"%d" % number)
    assert await kept(store) == [b"4", b"5", b"6"]


async def test_a_discarded_letter_is_gone_and_its_id_is_never_anothers(store: SqliteDocumentStore) -> None:
    letters, box = await opened(store, LetterLimits(letters=1)), LetterBox(store)
    await written(letters, b"one")
    (one,) = await box.all()
    await box.discard(one)
    assert await box.get(one.id) is None
    await written(letters, b"two")
    assert await box.get(one.id) is None
    assert await kept(store) == [b"two"]


async def test_a_letter_is_mended(store: SqliteDocumentStore) -> None:
    await written(await opened(store), b"{")
    box = LetterBox(store)
    (letter,) = await box.all()
    await box.mend(letter, b"{}", "application/a/device/2/event/up")
    (mended,) = await box.all()
    assert (mended.id, mended.topic, mended.mended) == (letter.id, "application/a/device/2/event/up", True)
    assert await box.payload(mended) == b"{}"
