"""Entities as rows of a small table: few columns, short cells."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from datenbroker.catalogue.positions import positions
from datenbroker.catalogue.quality.measurement import NO_ATTRIBUTES

MOST_COLUMNS, LONGEST = 8, 60
LAST = ("location", "address", "dataProvider", "source", "seeAlso")
"""Attributes that say little in a table."""

SYMBOLS = {
    "C62": "",
    "CEL": "°C",
    "P1": "%",
    "KWT": "kW",
    "KWH": "kWh",
    "WTT": "W",
    "MTR": "m",
    "MMT": "mm",
    "MTQ": "m³",
}
"""Of UN/CEFACT's codes those that people know by another sign; C62 says that a number has no unit."""


class Row(NamedTuple):
    id: str
    type: str
    cells: list[str]
    observed: datetime | None


class Table(NamedTuple):
    """The columns are the attributes that most entities have."""

    columns: list[str]
    rows: list[Row]
    left_out: int


def table_of(entities: Sequence[Mapping[str, Any]]) -> Table:
    counts = Counter(name for entity in entities for name in entity if name not in NO_ATTRIBUTES)
    ranked = sorted(counts, key=lambda name: (name in LAST, name != "name", -counts[name], name))
    columns = ranked[:MOST_COLUMNS]
    rows = [
        Row(
            str(entity.get("id", "")),
            _short(entity.get("type", "")),
            [cell(entity.get(name)) for name in columns],
            _time(max((_observed(attribute) for attribute in entity.values()), default="")),
        )
        for entity in entities
    ]
    return Table(columns, rows, len(ranked) - len(columns))


def cell(attribute: Any) -> str:
    """An attribute's value as people read it, with its unit's code."""
    if isinstance(attribute, list):
        return "; ".join(cell(instance) for instance in attribute[:3])
    if not isinstance(attribute, Mapping):
        return "" if attribute is None else _cut(str(attribute))
    value = next((attribute[name] for name in ("value", "object", "languageMap", "json") if name in attribute), "")
    unit = attribute.get("unitCode")
    symbol = SYMBOLS.get(str(unit), str(unit)) if unit else ""
    return _cut(_plain(value)) + (f" {_cut(symbol)}" if symbol else "")


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, Mapping) and "coordinates" in value:
        first = next(positions(value), None)
        place = f"{first[1]:.5f}, {first[0]:.5f}" if first else ""
        return place if value.get("type") == "Point" else f"{value.get('type')}: {place} …"
    if isinstance(value, Mapping) and "@value" in value:
        return str(value["@value"])
    if isinstance(value, list) and all(isinstance(part, str | int | float) for part in value):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping) and all(isinstance(part, str | int | float) for part in value.values()):
        return ", ".join(str(part) for part in value.values())
    return orjson.dumps(value).decode()


def _observed(attribute: Any) -> str:
    instances = attribute if isinstance(attribute, list) else [attribute]
    times = [one.get("observedAt") for one in instances if isinstance(one, Mapping)]
    return max((time for time in times if isinstance(time, str)), default="")


def _time(text: str) -> datetime | None:
    """None of what is no time with a zone; a broker may hold what others have written."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else None


def _short(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
