"""The one writer: operations of concurrent requests share a transaction and one sync to disk (group commit).

Whoever awaits `write` gets an answer only after its change is on disk.
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from context_broker.storage.database import CHECKPOINT_BYTES, CHECKPOINT_LIMIT, Database
from context_broker.storage.entity_cache import EntityCache
from context_broker.storage.tenants import Tenants
from context_broker.storage.transaction import Transaction

T = TypeVar("T")
Operation = Callable[[Transaction], Any]
Observer = Callable[[Transaction], Callable[[], None] | None]
"""Called with the transaction before it commits; what it returns is called after the commit."""

GROUP_LIMIT = 256
"""Operations in one transaction: bounds how long the event loop is held."""


class Writer:
    """Collects operations while the loop turns and commits them together."""

    def __init__(self, database: Database, tenants: Tenants, cache: EntityCache) -> None:
        self._database = database
        self._tenants = tenants
        self._cache = cache
        self._queue: list[tuple[Operation, asyncio.Future[Any]]] = []
        self._scheduled = False
        self._checkpoint: asyncio.Future[None] | None = None
        self.observers: list[Observer] = []
        self.commits = 0

    async def write(self, operation: Callable[[Transaction], T]) -> T:
        """Run an operation and return its result once it is on disk.

        It must raise before it writes, or not at all: its own writes are undone if it raises, those of others are not.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._queue.append((operation, future))
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._commit_group)
        return await future

    def _commit_group(self) -> None:
        self._scheduled = False
        group, self._queue = self._queue[:GROUP_LIMIT], self._queue[GROUP_LIMIT:]
        if self._queue:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._commit_group)
        try:
            done = self._run(group)
        except Exception as error:  # a full disk, an unreadable file: nobody of the group may believe that it is saved
            self._roll_back(group, error)
            return
        for outcome in done:
            _resolve(*outcome)
        self._checkpoint_if_due()

    def _run(self, group: list[tuple[Operation, asyncio.Future[Any]]]) -> list[tuple[Any, Any, Exception | None]]:
        run = self._database.connection.execute
        run("BEGIN IMMEDIATE")
        transaction = Transaction(self._database.connection, self._tenants, self._cache)
        done: list[tuple[Any, Any, Exception | None]] = []
        for operation, future in group:
            if future.cancelled():
                continue
            written = transaction.mark()
            transaction.operation += 1
            try:
                done.append((future, operation(transaction), None))
            except Exception as error:
                if transaction.mark() != written:
                    raise PartialWrite(f"{operation} wrote before it failed") from error
                done.append((future, None, error))
        transaction.flush()
        after = [action for observer in self.observers if (action := observer(transaction))]
        run("COMMIT")
        self.commits += 1
        transaction.publish()
        for action in after:
            action()
        return done

    def _roll_back(self, group: list[tuple[Operation, asyncio.Future[Any]]], error: Exception) -> None:
        if self._database.connection.in_transaction:
            self._database.connection.execute("ROLLBACK")
        self._tenants.reload()
        if len(group) == 1:
            cause = error.__cause__ if isinstance(error, PartialWrite) else error
            _resolve(group[0][1], None, cause if isinstance(cause, Exception) else error)
            return
        for one in group:  # apart, so that only the one that fails is refused
            if one[1].done():
                continue
            try:
                done = self._run([one])
            except Exception as own:
                self._roll_back([one], own)
            else:
                _resolve(*done[0])

    def _checkpoint_if_due(self) -> None:
        size = self._database.log_size() if self.commits % 64 == 0 else 0
        if size > CHECKPOINT_LIMIT:
            self._database.checkpoint(wait=True)
        elif size > CHECKPOINT_BYTES and self._checkpoint is None:
            loop = asyncio.get_running_loop()
            self._checkpoint = loop.run_in_executor(None, self._database.checkpoint)
            self._checkpoint.add_done_callback(self._checkpoint_done)

    def _checkpoint_done(self, future: "asyncio.Future[None]") -> None:
        self._checkpoint = None
        future.exception()

    async def stop(self) -> None:
        """Commit what waits, and wait for a running checkpoint."""
        if self._scheduled:
            await self.write(lambda _: None)
        if self._checkpoint is not None:
            await asyncio.wait([self._checkpoint])


class PartialWrite(Exception):
    """An operation raised after it had written: its group is rolled back and run again one by one."""


def _resolve(future: "asyncio.Future[Any]", result: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
