"""What the commands on organisations and keys share: the store, opened for one command, and tables."""

import asyncio
import os
import pwd
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from datenbroker.audit.log import AuditLog
from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.organisations import Organisations
from datenbroker.settings import Settings
from datenbroker.stores import open_store
from document_store.store import DocumentStore

T = TypeVar("T")


@dataclass(frozen=True)
class Desk:
    """Organisations and keys, also while a platform runs on the same store."""

    organisations: Organisations
    keys: ApiKeys
    store: DocumentStore
    audit: AuditLog
    _runner: asyncio.Runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def did(self, action: str, on: str, **detail: Any) -> None:
        """Keep it in the audit log: the operating system's user has done it, on the command line."""
        self.run(self.audit.record(f"cli:{_user()}", action, on, origin="cli", detail=detail))


@contextmanager
def at_desk(settings: Settings) -> Iterator[Desk]:
    with asyncio.Runner() as runner:
        store = runner.run(open_store(settings))
        organisations = Organisations(store)
        try:
            yield Desk(organisations, ApiKeys(store, organisations), store, AuditLog(store), runner)
        finally:
            runner.run(store.close())


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # containers run as users that have no name
        return str(os.getuid())


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on a terminal; otherwise lines with tabs, for other programs."""
    console = Console()
    if not console.is_terminal:
        for row in rows:
            print("\t".join(row))  # noqa: T201
        return
    shown = Table(*headings, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        shown.add_row(*row)
    console.print(shown)
