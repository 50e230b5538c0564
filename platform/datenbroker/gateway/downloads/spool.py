"""Rows kept in a file without a name, so that all their columns are known before the first of them is written."""

import asyncio
from collections.abc import Iterator
from itertools import islice
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

import orjson

from datenbroker.gateway.downloads.table import Row

BATCH = 5_000


class Spool:
    """A context manager; the file is gone with it."""

    def __init__(self) -> None:
        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self.kinds: dict[str, set[str]] = {}
        """The names of the Python types of each column's cells."""
        self.count = 0

    async def add(self, rows: list[Row]) -> None:
        self.count += len(rows)
        for row in rows:
            for name, cell in row.items():
                kinds = self.kinds.setdefault(name, set())
                if cell is not None:
                    kinds.add(type(cell).__name__)
        await asyncio.to_thread(self._file.write, b"".join(orjson.dumps(row) + b"\n" for row in rows))

    def batches(self) -> Iterator[list[Row]]:
        """All rows, in the order in which they came."""
        self._file.seek(0)
        while batch := [orjson.loads(line) for line in islice(self._file, BATCH)]:
            yield batch

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
