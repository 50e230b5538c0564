"""Answers are told some at a time, and all of them in the end."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from datenbroker.gateway.limits.journal import AT_ONCE, TOGETHER_SECONDS, Answer, Journal
from datenbroker.gateway.limits.usage import Usage
from datenbroker.identities.roles import Caller, Role, rights_of
from datenbroker.metrics import RequestTimes
from datenbroker.process.logs import ACCESS
from document_store.sqlite import SqliteDocumentStore

pytestmark = pytest.mark.anyio
ROLES = frozenset({Role.DATA_CONSUMER})
CALLER = Caller("3f9a1c20", "hcr", "hcr", ROLES, rights_of(ROLES))


def answer(status: int = 200, path: str = "/ngsi-ld/v1/entities", observing: bool = False) -> Answer:
    now = datetime.now(UTC).timestamp()
    return "GET", path, path.encode(), "192.0.2.1", status, 0.002, now, "abc", CALLER, None, observing


@dataclass
class Told:
    journal: Journal
    times: RequestTimes
    usage: Usage

    def measured(self) -> float:
        return sum(sample.value for sample in self.times.collect().samples if sample.name.endswith("_count"))


@pytest.fixture
async def told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Told]:
    caplog.set_level(logging.INFO, ACCESS)
    store, times = SqliteDocumentStore.open(tmp_path / "documents.db"), RequestTimes()
    usage = Usage(store)
    yield Told(Journal(times.measure, usage), times, usage)
    await store.close()


async def test_what_was_answered_is_told_within_a_tenth_of_a_second(
    told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        told.journal.note(answer())
    assert (told.measured(), caplog.messages) == (0, [])
    await asyncio.sleep(TOGETHER_SECONDS * 2)
    assert (told.measured(), caplog.messages) == (3, ["GET /ngsi-ld/v1/entities 200"] * 3)
    told.journal.note(answer())
    await asyncio.sleep(TOGETHER_SECONDS * 2)
    assert told.measured() == 4


async def test_many_answers_and_failures_are_told_at_once(told: Told) -> None:
    for _ in range(AT_ONCE):
        told.journal.note(answer())
    assert told.measured() == AT_ONCE
    told.journal.note(answer())
    told.journal.note(answer(503))
    assert told.measured() == AT_ONCE + 2


async def test_the_end_of_the_usage_is_told_all_that_was_answered(told: Told, caplog: pytest.LogCaptureFixture) -> None:
    told.journal.note(answer())
    await told.usage.stop()
    today = datetime.now(UTC).date()
    assert [row.requests for row in await told.usage.rows(today, today)] == [1]
    assert (told.measured(), len(caplog.messages)) == (1, 1)


async def test_machines_that_look_every_few_seconds_are_measured_but_not_logged(
    told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    told.journal.note(answer(path="/health/ready", observing=True))
    told.journal.tell()
    today = datetime.now(UTC).date()
    assert (told.measured(), caplog.messages, await told.usage.rows(today, today)) == (1, [], [])
