"""What the indexes know of an entity: derived from its document alone, so that old rows can be found and deleted."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ngsi_ld.model.kinds import ENTITY_MEMBERS, KIND_OF, EntityDocument, Instance
from ngsi_ld.query.geo import plane_shape

TEXT_PREFIX = 64
"""Characters of a text in the index; longer texts are told apart by evaluating the document."""
OTHER = b""
TRUE, FALSE = b"\x01", b"\x00"

NumberOf = Callable[[str], int]
"""Gives the number of a type's or attribute's IRI."""
Box = tuple[float, float, float, float]


class IndexEntry(NamedTuple):
    """All rows of one entity. `values`: (attribute, value); `places`: (attribute, box); `kinds`: (attribute, kind)."""

    types: frozenset[int]
    values: frozenset[tuple[int, Any]]
    scopes: frozenset[str]
    places: frozenset[tuple[int, Box]]
    kinds: frozenset[tuple[int, str]]


EMPTY = IndexEntry(frozenset(), frozenset(), frozenset(), frozenset(), frozenset())


def entry_of(entity: EntityDocument, number: NumberOf) -> IndexEntry:
    """The index rows of a document."""
    values: set[tuple[int, Any]] = set()
    places: set[tuple[int, Box]] = set()
    kinds: set[tuple[int, str]] = set()
    for name, instances in entity.items():
        if name in ENTITY_MEMBERS:
            continue
        attribute = number(name)
        for instance in instances:
            kind = instance["type"]
            kinds.add((attribute, kind))
            if kind == "GeoProperty":
                values.add((attribute, OTHER))
                places.add((attribute, box_of(instance["value"])))
            else:
                values.update((attribute, value) for value in scalars_of(instance))
    return IndexEntry(
        frozenset(map(number, entity["type"])),
        frozenset(values),
        frozenset(entity.get("scope", ())),
        frozenset(places),
        frozenset(kinds),
    )


def scalars_of(instance: Instance) -> Iterable[Any]:
    """The values of an instance as the index holds them: at least one, so that existence can be looked up."""
    value = instance[KIND_OF[instance["type"]].value]
    if isinstance(value, dict):
        if instance["type"] == "LanguageProperty":
            value = [text for texts in value.values() for text in (texts if isinstance(texts, list) else [texts])]
        elif "@value" in value:
            value = value["@value"]
    if isinstance(value, list):
        return {key_of(item) for item in value} or {OTHER}
    return (key_of(value),)


def key_of(value: object) -> Any:
    """A scalar as it stands in the index."""
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, str):
        return value[:TEXT_PREFIX]
    if isinstance(value, int | float):
        return value if isinstance(value, float) or -(2**53) < value < 2**53 else float(value)
    return OTHER


def box_of(geometry: dict[str, Any]) -> Box:
    """West, east, south, north of a geometry."""
    if geometry["type"] == "Point":
        longitude, latitude = geometry["coordinates"][:2]
        return longitude, longitude, latitude, latitude
    west, south, east, north = plane_shape(geometry).bounds
    return west, east, south, north


class IndexWriter:
    """Writes differences of index entries inside the current transaction; counts are added up until `flush`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._type_counts: Counter[int] = Counter()
        self._attribute_counts: Counter[tuple[int, int, str]] = Counter()

    def change(self, tenant: int, seq: int, old: IndexEntry, new: IndexEntry) -> None:
        """Make the rows of the entity `seq` those of `new`."""
        if old.values != new.values:
            self._rows(
                _VALUES,
                [(*row, seq) for row in old.values - new.values],
                [(*row, seq) for row in new.values - old.values],
            )
        if old.types != new.types:
            self._rows(
                _TYPES, [(row, seq) for row in old.types - new.types], [(row, seq) for row in new.types - old.types]
            )
        if old.scopes != new.scopes:
            gone, come = old.scopes - new.scopes, new.scopes - old.scopes
            self._rows(_SCOPES, [(tenant, row, seq) for row in gone], [(tenant, row, seq) for row in come])
        if old.places != new.places:
            self._places(seq, new)
        if (old.types, old.kinds) != (new.types, new.kinds):
            self._count(old, -1)
            self._count(new, +1)

    def _rows(self, table: "_Table", gone: list[tuple[Any, ...]], come: list[tuple[Any, ...]]) -> None:
        if gone:
            self._connection.executemany(table.delete, gone)
        if come:
            self._connection.executemany(table.insert, come)

    def _places(self, seq: int, new: IndexEntry) -> None:
        run = self._connection.execute
        for (place,) in run("SELECT id FROM place_of WHERE seq = ?", (seq,)).fetchall():
            run("DELETE FROM place WHERE id = ?", (place,))
        run("DELETE FROM place_of WHERE seq = ?", (seq,))
        for attribute, box in new.places:
            place = run("INSERT INTO place_of (seq) VALUES (?)", (seq,)).lastrowid
            run("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?)", (place, *box, attribute, seq))

    def _count(self, entry: IndexEntry, step: int) -> None:
        for type_ in entry.types:
            self._type_counts[type_] += step
            for attribute, kind in entry.kinds:
                self._attribute_counts[type_, attribute, kind] += step

    def flush(self) -> None:
        """Write the counts of this transaction."""
        changed_types = [(key, step) for key, step in self._type_counts.items() if step]
        changed = [(*key, step) for key, step in self._attribute_counts.items() if step]
        self.forget()
        for rows, statement in ((changed_types, _COUNT_TYPE), (changed, _COUNT_ATTRIBUTE)):
            if rows:
                self._connection.executemany(statement, rows)

    def forget(self) -> None:
        """Drop the counts of a transaction that was rolled back."""
        self._type_counts.clear()
        self._attribute_counts.clear()


@dataclass(frozen=True, slots=True)
class _Table:
    insert: str
    delete: str


_VALUES = _Table(
    "INSERT OR IGNORE INTO attribute_value VALUES (?, ?, ?)",
    "DELETE FROM attribute_value WHERE attribute = ? AND value = ? AND seq = ?",
)
_TYPES = _Table("INSERT OR IGNORE INTO entity_type VALUES (?, ?)", "DELETE FROM entity_type WHERE type = ? AND seq = ?")
_SCOPES = _Table(
    "INSERT OR IGNORE INTO entity_scope VALUES (?, ?, ?)",
    "DELETE FROM entity_scope WHERE tenant = ? AND scope = ? AND seq = ?",
)
_COUNT_TYPE = """
    INSERT INTO type_count VALUES (?, ?)
    ON CONFLICT DO UPDATE SET entities = entities + excluded.entities
"""
_COUNT_ATTRIBUTE = """
    INSERT INTO type_attribute VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET entities = entities + excluded.entities
"""
