"""What the commands on products and grants share: both, opened for one command, and the operator who decides."""

import asyncio
import os
import pwd
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from datenbroker.errors import CannotStart
from datenbroker.settings import Settings

if TYPE_CHECKING:
    from datenbroker.identities.roles import Caller
    from datenbroker.products.grants import Grants
    from datenbroker.products.products import Products

T = TypeVar("T")


@dataclass(frozen=True)
class Counter:
    """Products and grants, also while a platform runs on the same store: its gateways hear of changes in seconds."""

    products: "Products"
    grants: "Grants"
    _runner: asyncio.Runner

    def run(self, work: "Coroutine[Any, Any, T]") -> T:
        """The result; `CannotStart` where it was refused."""
        from datenbroker.products.access import ProductRefused
        from datenbroker.products.grants import NoSuchGrant
        from datenbroker.products.life_cycle import NotAllowed, NotPossible

        try:
            return self._runner.run(work)
        except (ProductRefused, NoSuchGrant, NotAllowed, NotPossible) as refused:
            raise CannotStart(str(refused)) from None


@contextmanager
def at_counter(settings: Settings) -> Iterator[Counter]:
    from datenbroker.audit.log import AuditLog
    from datenbroker.identities.organisations import Organisations
    from datenbroker.products.grants import Grants
    from datenbroker.products.products import Products
    from datenbroker.stores import open_store

    with asyncio.Runner() as runner:
        store = runner.run(open_store(settings))
        try:
            products = Products(store, Organisations(store), AuditLog(store), most=settings.product_limit)
            products.default_context = settings.default_context
            runner.run(products.load())
            yield Counter(products, Grants(products), runner)
        finally:
            runner.run(store.close())


def operator(organisation: str | None = None) -> "Caller":
    """Who works on this machine, as administrator or for an organisation; the user of the process, for four eyes."""
    from datenbroker.identities.roles import Caller, Role, rights_of

    roles = frozenset({Role.PLATFORM_ADMIN if organisation is None else Role.DATA_CONSUMER})
    return Caller(f"cli:{_user()}", organisation, None, roles, rights_of(roles))


def _user() -> str:
    """Not from the environment, which everybody sets as they like."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a container run as some number
        return str(os.geteuid())
