"""The audit log as files: JSON lines, from which every hash can be computed again, and CSV for a spreadsheet."""

import csv
import io
from collections.abc import Iterable

import orjson

from datenbroker.audit.record import Record

RISKY = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes what begins so for a formula."""


def as_json_lines(records: Iterable[Record]) -> bytes:
    return b"".join(orjson.dumps(record.model_dump(mode="json")) + b"\n" for record in records)


def as_csv(records: Iterable[Record]) -> str:
    file = io.StringIO()
    rows = csv.writer(file)
    names = [*Record.model_fields]
    rows.writerow(names)
    for record in records:
        members = record.model_dump(mode="json") | {"detail": orjson.dumps(record.detail).decode()}
        rows.writerow([_harmless(str(members[name] if members[name] is not None else "")) for name in names])
    return file.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(RISKY) and len(text) > 1 else text
