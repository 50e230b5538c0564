"""Rows as Parquet. Each column has one type, so that all rows are read, to a file, before the first is written."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from datetime import datetime
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

import orjson

from datenbroker.gateway.downloads.table import Cell, Row, columns_of
from datenbroker.gateway.problems import GatewayProblem

if TYPE_CHECKING:
    import pyarrow

BATCH = 10_000
CHUNK = 65_536
TIMES = ".observedAt"


class NotInstalled(GatewayProblem):
    """The format needs what this installation does not have."""

    status, title = 501, "Not Implemented"


def require_parquet() -> None:
    """`NotInstalled` without pyarrow, which is too large to be everybody's."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        raise NotInstalled(
            "Parquet is not offered here: the operator gets it with pip install 'herne-datenbroker[parquet]'. "
            "Take export.csv or export.json instead."
        ) from None


async def parquet(pages: AsyncIterable[list[Row]], about: dict[str, str]) -> AsyncIterator[bytes]:
    """The file in pieces; `about` is kept in it as metadata."""
    with TemporaryFile() as rows, TemporaryFile() as made:
        kinds: dict[str, set[str]] = {}
        async for page in pages:
            _note(kinds, page)
            await asyncio.to_thread(rows.write, b"".join(orjson.dumps(row) + b"\n" for row in page))
        rows.seek(0)
        await asyncio.to_thread(_write, rows, made, kinds, about)
        made.seek(0)
        while piece := await asyncio.to_thread(made.read, CHUNK):
            yield piece


def _note(kinds: dict[str, set[str]], page: list[Row]) -> None:
    for row in page:
        for name, cell in row.items():
            if cell is not None:
                kinds.setdefault(name, set()).add(type(cell).__name__)


def _write(rows: IO[bytes], made: IO[bytes], kinds: dict[str, set[str]], about: dict[str, str]) -> None:
    import pyarrow
    import pyarrow.parquet

    columns = columns_of([dict.fromkeys(kinds)])
    fields = [pyarrow.field(name, _type(name, kinds.get(name, set()))) for name in columns]
    schema = pyarrow.schema(fields, metadata=about)
    with pyarrow.parquet.ParquetWriter(made, schema, compression="zstd") as writer:
        for batch in _batches(rows):
            arrays = [
                pyarrow.array([_fit(row.get(field.name), field.type) for row in batch], field.type) for field in fields
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _batches(rows: IO[bytes]) -> Iterator[list[Row]]:
    while batch := [orjson.loads(line) for line in islice(rows, BATCH)]:
        yield batch


def _type(name: str, kinds: set[str]) -> "pyarrow.DataType":
    import pyarrow

    if name.endswith(TIMES):
        return pyarrow.timestamp("us", tz="UTC")
    if kinds == {"bool"}:
        return pyarrow.bool_()
    return pyarrow.float64() if kinds and kinds <= {"int", "float"} else pyarrow.string()


def _fit(cell: Cell, kind: "pyarrow.DataType") -> Any:
    import pyarrow

    if cell is None:
        return None
    if pyarrow.types.is_timestamp(kind):
        return datetime.fromisoformat(str(cell).replace("Z", "+00:00"))
    if pyarrow.types.is_floating(kind):
        return float(cell)
    if pyarrow.types.is_string(kind):
        return cell if isinstance(cell, str) else orjson.dumps(cell).decode()
    return cell
