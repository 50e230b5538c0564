"""The SQLite file: opening, migrating, checkpoints."""

import sqlite3
from importlib.resources import files
from pathlib import Path

SCHEMA_VERSION = 1
FILE_NAME = "context-broker.sqlite3"
CHECKPOINT_BYTES = 16 * 1024 * 1024
"""Size of the write-ahead log at which it is copied back in the background."""
CHECKPOINT_LIMIT = 128 * 1024 * 1024
"""Size at which the next commit waits for that: the log's bound on disk."""


class Database:
    """One connection for all work on the event loop; two for threads: for checkpoints, and `lister` to read."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE_NAME
        self.connection = self._connect()
        self._migrate()
        self._checkpointer = self._connect()
        self.lister = self._connect()
        self.lister.execute("PRAGMA query_only=1")
        self._log = self.path.with_name(FILE_NAME + "-wal")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, cached_statements=512)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=0", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA cache_size=-32000")
        return connection

    def _migrate(self) -> None:
        version = self.connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise DatabaseTooNew(f"{self.path} has schema {version}, newer than the {SCHEMA_VERSION} known here")
        if version == 0:
            script = files("context_broker").joinpath("storage/schema.sql").read_text(encoding="utf-8")
            self.connection.executescript(f"BEGIN; {script} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")

    def log_size(self) -> int:
        """Bytes in the write-ahead log."""
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0

    def checkpoint(self, *, wait: bool = False) -> None:
        """Copy the log back into the file; with `wait`, all of it, and empty the log. May run in a thread."""
        self._checkpointer.execute("PRAGMA wal_checkpoint(TRUNCATE)" if wait else "PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        self._checkpointer.close()
        self.lister.close()
        self.connection.close()


class DatabaseTooNew(Exception):
    """The file's schema is newer than this program's."""
