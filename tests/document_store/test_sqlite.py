"""What only the SQLite store promises."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from document_store.sqlite import SqliteDocumentStore

KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from document_store.sqlite import SqliteDocumentStore
store = SqliteDocumentStore.open(Path(sys.argv[1]))
asyncio.run(store.put("things", {"_id": "1"}))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_write_that_returned_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "documents.db"
    assert subprocess.run([sys.executable, "-c", KILLED, path], check=False).returncode == -9
    store = SqliteDocumentStore.open(path)
    assert asyncio.run(store.get("things", "1")) == {"_id": "1"}
    asyncio.run(store.close())


@pytest.mark.anyio
async def test_two_processes_see_each_others_writes(tmp_path: Path) -> None:
    one, other = (SqliteDocumentStore.open(tmp_path / "documents.db") for _ in range(2))
    await one.put("things", {"_id": "1", "by": "one"})
    assert await other.get("things", "1") == {"_id": "1", "by": "one"}
    await other.delete("things", "1")
    assert await one.find("things") == []
    for store in (one, other):
        await store.close()


@pytest.mark.anyio
async def test_of_many_either_all_are_put_or_none(tmp_path: Path) -> None:
    store = SqliteDocumentStore.open(tmp_path / "documents.db")
    with pytest.raises(sqlite3.Error):
        await store.put_many("things", [{"_id": "1"}, {"_id": None}])
    assert await store.find("things") == []
    await store.put("things", {"_id": "2"})
    await store.close()


def test_a_path_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        SqliteDocumentStore.open(tmp_path)
