"""The audit log: append-only and hash-chained, in the document store, so that several processes can write it.

Each process has a chain of its own: one chain for all would make every record wait for a lock across machines. A chain
begins by naming the last hashes of the others, so that none can be removed, or lose its end, without that showing.
"""

import asyncio
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from datenbroker.audit.record import BEGINNING, Decision, Record, bounded, sealed
from datenbroker.process.logs import client_address, request_id
from document_store.store import Document, DocumentStore

log = logging.getLogger("datenbroker.audit")

HEADS = "audit_heads"
"""The last record of each chain."""

DAYS = "audit_days"
"""The days that have records; each day's are in a collection of their own, so that reading one reads no other."""

PENDING = 1_000
"""Denials and reads that wait to be written; what comes beyond is counted only. At half of it they are written."""


def collection_of(day: str) -> str:
    return f"audit_{day}"


class AuditLog:
    """One process's chain. `record` is durable when it returns; `note` waits for `flush`."""

    def __init__(self, store: DocumentStore, clock: Callable[[], float] = time.time) -> None:
        self._store, self._clock = store, clock
        self.chain = f"{datetime.fromtimestamp(clock(), UTC):%Y%m%d}-{secrets.token_hex(6)}"
        self._sequence, self._previous = 0, BEGINNING
        self._days: set[str] = set()
        self._turn = asyncio.Lock()
        self._noted: dict[tuple[str, str, str, str], dict[str, Any]] = {}
        self._not_noted: Counter[tuple[str, Decision]] = Counter()
        self.much = asyncio.Event()
        """Set where a flush should not wait any longer."""

    async def record(
        self,
        actor: str,
        action: str,
        object: str,  # noqa: A002
        decision: Decision = Decision.ALLOWED,
        *,
        origin: str | None = None,
        request_id: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> Record:
        """Append a record; durable when this returns.

        `origin` and `request_id` are those of the request under way where they are not given. `detail` holds short
        facts, never payloads or secrets.
        """
        said = _said(actor, action, object, decision) | _whence(origin, request_id) | {"detail": bounded(detail or {})}
        async with self._turn:
            if self._sequence == 0:
                await self._begin()
            return await self._append([said])

    def note(
        self,
        actor: str,
        action: str,
        object: str,  # noqa: A002
        reason: str = "",
        decision: Decision = Decision.DENIED,
    ) -> None:
        """Keep a denial or a read until the next flush; the same again is only counted, so that a flood writes little.

        `reason` is why it was denied.
        """
        where = _whence(None, None)
        key = (actor, action, object, where["origin"])
        if (noted := self._noted.get(key)) is not None:
            noted["detail"]["times"] = noted["detail"].get("times", 1) + 1
        elif len(self._noted) < PENDING:
            detail = {"reason": reason[:300]} if reason else {}
            self._noted[key] = _said(actor, action, object, decision) | where | {"detail": detail}
        else:
            self._not_noted[action, decision] += 1
        if len(self._noted) >= PENDING // 2:
            self.much.set()

    async def flush(self) -> None:
        """Write what was noted since."""
        noted, self._noted = self._noted, {}
        beyond, self._not_noted = self._not_noted, Counter()
        self.much.clear()
        said = [*noted.values()]
        for (action, decision), times in beyond.items():
            said.append(_said("-", action, "*", decision) | _whence("*", None) | {"detail": {"times": times}})
        if not said:
            return
        try:
            async with self._turn:
                if self._sequence == 0:
                    await self._begin()
                await self._append(said)
        except BaseException:  # also where the end comes in the middle
            self._take_back(noted, beyond)
            raise

    def _take_back(self, noted: dict[tuple[str, str, str, str], dict[str, Any]], beyond: Counter[Any]) -> None:
        """What could not be written is written with the next flush, together with what came meanwhile."""
        newer, self._noted = self._noted, noted
        self._not_noted += beyond
        for key, one in newer.items():
            times = one["detail"].get("times", 1)
            if (known := noted.get(key)) is not None:
                known["detail"]["times"] = known["detail"].get("times", 1) + times
            elif len(noted) < PENDING:
                noted[key] = one
            else:
                self._not_noted[one["action"], one["decision"]] += times

    async def _begin(self) -> None:
        heads = {head["_id"]: head["hash"] for head in await self._store.find(HEADS)}
        # as many as a line holds: the newest, whose names sort last
        named = dict(sorted(heads.items())[-20:])
        said = _said("-", "chain.begin", f"chain:{self.chain}", Decision.ALLOWED)
        await self._append([said | _whence("-", None) | {"detail": {"heads": named}}])

    async def _append(self, said: list[dict[str, Any]]) -> Record:
        now = datetime.fromtimestamp(self._clock(), UTC)
        records, sequence, previous = [], self._sequence, self._previous
        for one in said:
            sequence += 1
            place = {"chain": self.chain, "sequence": sequence, "at": now, "previous": previous}
            records.append(sealed(one | place))
            previous = records[-1].hash
        await self._keep(f"{now:%Y-%m-%d}", records)
        self._sequence, self._previous = sequence, previous
        for record in records:
            # whoever ships the log elsewhere has a copy of each hash that the store's owner cannot change
            log.info("%s %s %s", record.action, record.object, record.decision, extra={"fields": _shown(record)})
        return records[-1]

    async def _keep(self, day: str, records: list[Record]) -> None:
        if day not in self._days:
            await self._store.put(DAYS, {"_id": day})
            self._days.add(day)
        await self._store.put_many(collection_of(day), [_document(record) for record in records])
        last = records[-1]
        await self._store.put(HEADS, {"_id": self.chain, "sequence": last.sequence, "hash": last.hash, "day": day})


def _said(actor: str, action: str, object: str, decision: Decision) -> dict[str, Any]:  # noqa: A002
    return {"actor": actor[:100], "action": action, "object": object[:300], "decision": decision}


def _whence(origin: str | None, request: str | None) -> dict[str, Any]:
    return {"origin": origin or client_address.get() or "-", "request_id": request or request_id.get()}


def _document(record: Record) -> Document:
    return {"_id": f"{record.chain}:{record.sequence:09}", **record.model_dump(mode="json")}


def _shown(record: Record) -> dict[str, Any]:
    return record.model_dump(mode="json", exclude={"at", "request_id", "detail"})
