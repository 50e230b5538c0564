"""Rows as Parquet. Each column has one type, so that all rows are read, to a file, before the first is written."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

import orjson

from datenbroker.gateway.downloads.spool import Spool
from datenbroker.gateway.downloads.table import Cell, Row, columns_of
from datenbroker.gateway.problems import GatewayProblem

if TYPE_CHECKING:
    import pyarrow

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
    with Spool() as spool, TemporaryFile() as made:
        async for page in pages:
            await spool.add(page)
        await asyncio.to_thread(_write, spool, made, about)
        made.seek(0)
        while piece := await asyncio.to_thread(made.read, CHUNK):
            yield piece


def _write(spool: Spool, made: IO[bytes], about: dict[str, str]) -> None:
    import pyarrow
    import pyarrow.parquet

    columns = columns_of([dict.fromkeys(spool.kinds)])
    fields = [pyarrow.field(name, _type(name, spool.kinds.get(name, set()))) for name in columns]
    schema = pyarrow.schema(fields, metadata=about)
    with pyarrow.parquet.ParquetWriter(made, schema, compression="zstd") as writer:
        for batch in spool.batches():
            arrays = [
                pyarrow.array([_fit(row.get(field.name), field.type) for row in batch], field.type) for field in fields
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


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
