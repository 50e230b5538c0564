"""Tenants and the names they use: small tables, held in memory (CIM 009, 4.14)."""

import sqlite3

from context_broker.storage.entity_index import NumberOf
from ngsi_ld.datetimes import now
from ngsi_ld.errors import NonexistentTenant

DEFAULT_TENANT = 1


class Tenants:
    """Numbers of tenants by name and of IRIs by tenant. New ones are written by whoever holds the transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tenants: dict[str, int] = {}
        self._names: dict[int, dict[str, int]] = {}
        self.reload()

    def reload(self) -> None:
        """Forget what a rolled-back transaction may have added."""
        self._tenants = dict(self._connection.execute("SELECT name, id FROM tenant").fetchall())
        self._names.clear()

    def number(self, name: str) -> int:
        """The tenant's number; the empty name is the default tenant's."""
        number = self._tenants.get(name)
        if number is None:
            raise NonexistentTenant(f"Tenant {name} does not exist: it begins with its first entity or subscription")
        return number

    def name(self, number: int) -> str:
        """The name of a tenant; empty for the default one and one that is gone."""
        return next((name for name, known in self._tenants.items() if known == number), "")

    def all(self) -> dict[str, int]:
        return dict(self._tenants)

    def ensure(self, name: str) -> int:
        """The tenant's number, made where there is none; inside a transaction."""
        if name not in self._tenants:
            cursor = self._connection.execute("INSERT INTO tenant (name, created_at) VALUES (?, ?)", (name, now()))
            assert cursor.lastrowid is not None
            self._tenants[name] = cursor.lastrowid
        return self._tenants[name]

    def known_name(self, tenant: int, iri: str) -> int | None:
        """The number of an IRI, None where the tenant never had it."""
        return self._of(tenant).get(iri)

    def numbering(self, tenant: int) -> NumberOf:
        """A function that numbers IRIs, new ones too; inside a transaction."""
        names = self._of(tenant)

        def number(iri: str) -> int:
            known = names.get(iri)
            if known is None:
                cursor = self._connection.execute("INSERT INTO name (tenant, iri) VALUES (?, ?)", (tenant, iri))
                assert cursor.lastrowid is not None
                known = names[iri] = cursor.lastrowid
            return known

        return number

    def iris(self, tenant: int) -> dict[int, str]:
        """IRIs by number."""
        return {number: iri for iri, number in self._of(tenant).items()}

    def remove(self, name: str) -> None:
        """Forget a tenant whose rows are deleted; inside a transaction."""
        number = self._tenants.pop(name)
        self._names.pop(number, None)

    def _of(self, tenant: int) -> dict[str, int]:
        if tenant not in self._names:
            rows = self._connection.execute("SELECT iri, id FROM name WHERE tenant = ?", (tenant,)).fetchall()
            self._names[tenant] = dict(rows)
        return self._names[tenant]
