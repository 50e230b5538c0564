"""What a query to a database answers, as JSON: one transaction that only reads, and is rolled back."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import orjson

from ngsi_adapters.fetching.access import Access
from ngsi_adapters.fetching.failures import FetchFailed
from ngsi_adapters.fetching.fetch import Fetched, Validators

DATABASE = re.compile(r"(postgresql|mysql|mariadb|sqlite|mssql|oracle)(\+\w+)?:/", re.IGNORECASE)
READ_ONLY = {
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
    "postgresql": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}
PIECE = 1000


async def query_database(url: str, query: str, max_bytes: int, access: Access) -> Fetched:
    """The rows as a JSON array of objects; `FetchFailed` where there are none to be had."""
    payload = await asyncio.to_thread(_queried, url, query, max_bytes, access)
    return Fetched(payload, datetime.now(UTC), Validators(url))


def _queried(url: str, query: str, max_bytes: int, access: Access) -> bytes:
    try:
        from sqlalchemy import create_engine, make_url, text
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        raise FetchFailed("databases need SQLAlchemy: pip install 'herne-datenbroker[sql]' and a driver") from None
    try:
        address = make_url(url)
        if access.user is not None:
            address = address.set(username=access.user, password=access.password)
        engine = create_engine(address)
    except (SQLAlchemyError, ImportError) as error:
        raise FetchFailed(f"no address of a database, or no driver for it: {_without_secrets(error)}") from None
    try:
        with engine.connect() as connection:
            if statement := READ_ONLY.get(address.get_backend_name()):
                connection.exec_driver_sql(statement)
            rows = connection.execution_options(stream_results=True).execute(text(query)).mappings()
            pieces, size = [], 0
            for part in rows.partitions(PIECE):
                pieces.append(b",".join(orjson.dumps(dict(row), default=_plain) for row in part))
                size += len(pieces[-1]) + 1
                if size > max_bytes:
                    raise FetchFailed(f"the database answers more than the {max_bytes} bytes agreed")
            connection.rollback()
            return b"[" + b",".join(pieces) + b"]"
    except (SQLAlchemyError, orjson.JSONEncodeError) as error:
        raise FetchFailed(f"the database does not answer: {_without_secrets(error)}", again=True) from None
    finally:
        engine.dispose()


def _plain(value: Any) -> Any:
    """Decimal and the like as text, which the readers understand."""
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def _without_secrets(error: Exception) -> str:
    return re.sub(r"//[^@/\s]*@", "//…@", str(getattr(error, "orig", None) or error).splitlines()[0])
