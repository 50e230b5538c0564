"""What the commands on organisations and keys share: the store, opened for one command, and tables."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.organisations import Organisations
from datenbroker.settings import Settings
from datenbroker.stores import open_store

T = TypeVar("T")


@dataclass(frozen=True)
class Desk:
    """Organisations and keys, also while a platform runs on the same store."""

    organisations: Organisations
    keys: ApiKeys
    _runner: asyncio.Runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)


@contextmanager
def at_desk(settings: Settings) -> Iterator[Desk]:
    with asyncio.Runner() as runner:
        store = runner.run(open_store(settings))
        organisations = Organisations(store)
        try:
            yield Desk(organisations, ApiKeys(store, organisations), runner)
        finally:
            runner.run(store.close())


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
