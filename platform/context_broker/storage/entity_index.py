"""What the indexes know of an entity: derived from its document alone, so that old rows can be found and deleted."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter
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
_SCALARS = frozenset({str, int, float, bool})


Values = tuple[tuple[int, Any], ...]
Places = tuple[tuple[int, Box], ...]
Kinds = tuple[tuple[int, str], ...]


class IndexEntry(NamedTuple):
    """All rows of one entity. `values`: (attribute, value); `places`: (attribute, box); `kinds`: (attribute, kind).

    `kinds` holds no pair twice; of the others a repeated one counts once.
    """

    types: tuple[int, ...]
    values: Values
    scopes: tuple[str, ...]
    places: Places
    kinds: Kinds


EMPTY = IndexEntry((), (), (), (), ())


def entry_of(entity: EntityDocument, number: NumberOf) -> IndexEntry:
    """The index rows of a document."""
    values: list[tuple[int, Any]] = []
    places: list[tuple[int, Box]] = []
    kinds: list[tuple[int, str]] = []
    for name, instances in entity.items():
        if name in ENTITY_MEMBERS:
            continue
        attribute = number(name)
        for instance in instances:
            kind = instance["type"]
            kinds.append((attribute, kind))
            if kind == "GeoProperty":
                values.append((attribute, OTHER))
                places.append((attribute, box_of(instance["value"])))
            elif kind == "Property" and type(value := instance["value"]) in _SCALARS:  # nearly always
                values.append((attribute, key_of(value)))
            else:
                values += [(attribute, key) for key in scalars_of(instance)]
    types = tuple(map(number, entity["type"]))
    scopes = tuple(entity["scope"]) if "scope" in entity else ()
    return IndexEntry(types, tuple(values), scopes, tuple(dict.fromkeys(places)), tuple(dict.fromkeys(kinds)))


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
    if isinstance(value, str):
        return value[:TEXT_PREFIX]
    if isinstance(value, bool):
        return TRUE if value else FALSE
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
    """Differences of index entries inside the current transaction, added up until `flush` writes them together."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: dict[_Table, dict[tuple[Any, ...], bool]] = {_VALUES: {}, _TYPES: {}, _SCOPES: {}}
        """Whether a row is to be there or not: what was said last holds."""
        self._places: dict[int, Places] = {}
        self._had_places: set[int] = set()
        self._counts: Counter[tuple[tuple[int, ...], Kinds]] = Counter()

    def change(self, tenant: int, seq: int, old: IndexEntry, new: IndexEntry) -> None:
        """Make the rows of the entity `seq` those of `new`."""
        if old.values != new.values:
            self._differ(_VALUES, [(*row, seq) for row in old.values], [(*row, seq) for row in new.values])
        if old.types != new.types:
            self._differ(_TYPES, [(type_, seq) for type_ in old.types], [(type_, seq) for type_ in new.types])
        if old.scopes != new.scopes:
            gone, come = [(tenant, scope, seq) for scope in old.scopes], [(tenant, scope, seq) for scope in new.scopes]
            self._differ(_SCOPES, gone, come)
        if old.places != new.places:
            self._places[seq] = new.places
            if old.places:
                self._had_places.add(seq)
        if (old.types, old.kinds) != (new.types, new.kinds):
            self._counts[old.types, old.kinds] -= 1
            self._counts[new.types, new.kinds] += 1

    def _differ(self, table: "_Table", old: list[tuple[Any, ...]], new: list[tuple[Any, ...]]) -> None:
        rows = self._rows[table]
        if old:
            kept = frozenset(new)
            rows.update((row, False) for row in old if row not in kept)
            before = frozenset(old)
            rows.update((row, True) for row in new if row not in before)
        else:
            rows.update(dict.fromkeys(new, True))

    def flush(self) -> None:
        """Write the rows and counts of this transaction."""
        run = self._connection.executemany
        for table, rows in self._rows.items():
            run(table.delete, sorted((row for row, there in rows.items() if not there), key=itemgetter(0)))
            run(table.insert, sorted((row for row, there in rows.items() if there), key=itemgetter(0)))
        self._write_places()
        run(_COUNT_TYPE, _steps((type_, step) for (types, _), step in self._counts.items() for type_ in types))
        run(
            _COUNT_ATTRIBUTE,
            _steps(
                ((type_, *kind), step)
                for (types, kinds), step in self._counts.items()
                for type_ in types
                for kind in kinds
            ),
        )

    def _write_places(self) -> None:
        if not self._places:
            return
        run = self._connection.executemany
        gone = [(seq,) for seq in self._had_places]
        run("DELETE FROM place WHERE id IN (SELECT id FROM place_of WHERE seq = ?)", gone)
        run("DELETE FROM place_of WHERE seq = ?", gone)
        last = self._connection.execute("SELECT coalesce(max(id), 0) FROM place_of").fetchone()[0]
        places = [(seq, attribute, box) for seq, known in self._places.items() for attribute, box in known]
        numbered = list(enumerate(places, last + 1))
        run("INSERT INTO place_of VALUES (?, ?)", ((seq, number) for number, (seq, _, _) in numbered))
        run(
            "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((number, *box, attribute, seq) for number, (seq, attribute, box) in numbered),
        )


def _steps(counted: Iterable[tuple[Any, int]]) -> list[tuple[Any, ...]]:
    """Rows of a key and by how much its count has changed."""
    steps: Counter[Any] = Counter()
    for key, step in counted:
        steps[key] += step
    return [(*(key if isinstance(key, tuple) else (key,)), step) for key, step in steps.items() if step]


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
