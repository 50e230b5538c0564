"""Rows as CSV (RFC 4180) that spreadsheets open as they are and cannot be made to run."""

from collections.abc import Iterable
from csv import QUOTE_MINIMAL, writer
from dataclasses import dataclass
from io import StringIO

from datenbroker.gateway.downloads.table import Cell, Row
from datenbroker.gateway.problems import BadRequest

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes a text that begins so for a formula; an apostrophe before it makes it a text again."""

GERMAN = {
    "id": "Kennung",
    "type": "Typ",
    "scope": "Bereich",
    ".observedAt": " (gemessen)",
    ".unitCode": " (Einheit)",
    ".longitude": " (Längengrad)",
    ".latitude": " (Breitengrad)",
}


@dataclass(frozen=True)
class Dialect:
    """How a spreadsheet of a country expects it."""

    separator: str
    decimal: str
    headings: dict[str, str]


DIALECTS = {"en": Dialect(",", ".", {}), "de": Dialect(";", ",", GERMAN)}


def dialect_of(locale: str) -> Dialect:
    dialect = DIALECTS.get(locale)
    if dialect is None:
        raise BadRequest(f"locale {locale!r:.20} is not known: it is one of {', '.join(DIALECTS)}.")
    return dialect


def head(columns: Iterable[str], dialect: Dialect) -> bytes:
    """The line of headings, after the mark by which spreadsheets know UTF-8."""
    return "\ufeff".encode() + lines([[_heading(column, dialect) for column in columns]], dialect)


def body(columns: list[str], rows: Iterable[Row], dialect: Dialect) -> bytes:
    return lines(([row.get(column) for column in columns] for row in rows), dialect)


def lines(rows: Iterable[Iterable[Cell]], dialect: Dialect) -> bytes:
    text = StringIO()
    out = writer(text, delimiter=dialect.separator, quoting=QUOTE_MINIMAL, lineterminator="\r\n")
    out.writerows([_text(cell, dialect) for cell in row] for row in rows)
    return text.getvalue().encode()


def _text(cell: Cell, dialect: Dialect) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return repr(cell).replace(".", dialect.decimal)
    if isinstance(cell, int):
        return str(cell)
    text = cell.replace("\0", "")
    return "'" + text if text.startswith(DANGEROUS) else text


def _heading(column: str, dialect: Dialect) -> str:
    known = dialect.headings.get(column)
    if known is not None:
        return known
    name, dot, beside = column.rpartition(".")
    suffix = dialect.headings.get(dot + beside) if dot else None
    return column if suffix is None else name + suffix
