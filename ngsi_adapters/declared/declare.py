"""From an operator's file to a source like all others."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

import yaml
from pydantic import ValidationError

from data_models.base import reasons
from ngsi_adapters.declared.rows import row_of, rows_of
from ngsi_adapters.declared.schema import Column, Declaration
from ngsi_adapters.fetching.declaration import Fetching, Pages
from ngsi_adapters.formats.numerals import german_number, number, whole
from ngsi_adapters.formats.places import german_point, point
from ngsi_adapters.formats.sensorthings import EXPAND
from ngsi_adapters.formats.times import german_time, moment
from ngsi_adapters.formats.utm import utm_point
from ngsi_adapters.mapping import Field, Mapped, value_at
from ngsi_adapters.reading import each_alone
from ngsi_adapters.source import Record, Source, Unread, entity_id

ENDINGS = (".yaml", ".yml")
BOOLEANS = {"ja": True, "j": True, "true": True, "1": True, "nein": False, "n": False, "false": False, "0": False}
COLUMN = re.compile(r"\{([^{}]+)\}")


class InvalidDeclaration(ValueError):
    """The file says something that cannot be; the message tells where and what."""


def declared(uid: str, path: Path) -> Source:
    """The source that the file declares; `InvalidDeclaration`."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        declaration = Declaration.model_validate(said)
        mapped = _mapped(declaration)
    except OSError as error:
        raise InvalidDeclaration(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidDeclaration(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        raise InvalidDeclaration(f"{path}: {reasons(error)}") from None
    return Source(
        uid=uid,
        name=declaration.name,
        licence=declaration.licence,
        attribution=declaration.attribution,
        url=declaration.address,
        every=timedelta(seconds=declaration.every),
        tenant=declaration.tenant,
        stream=partial(parse, declaration, mapped),
        mapping=(mapped,),
        fetching=_fetching(declaration),
    )


def _fetching(declaration: Declaration) -> Fetching:
    if declaration.format == "sensorthings":
        return Fetching(query={"$expand": EXPAND, "$top": "100"}, pages=Pages(next_at="@iot.nextLink"))
    return Fetching(folder=declaration.folder, body=declaration.query)


def parse(declaration: Declaration, mapped: Mapped, file: IO[bytes], fetched_at: datetime) -> Iterator[Unread]:
    """A record a row."""
    record = partial(_record, declaration, mapped, fetched_at)
    return each_alone(rows_of(declaration, file), record, lambda row: _named(declaration, row))


def _record(declaration: Declaration, mapped: Mapped, fetched_at: datetime, row: Any) -> Record:
    row, at = row_of(declaration, row), declaration.observed
    told = value_at(row, at.column or "") if at else None
    reader = german_time if at and at.read == "german_time" else moment
    seen_at = reader(str(told), fetched_at) if told is not None else fetched_at
    return mapped.record(entity_id(declaration.entity, _id(declaration, row)), row, seen_at)


def _named(declaration: Declaration, row: Any) -> str:
    """What a reject is called: it may be one whose columns cannot be told."""
    return str(row["@iot.id"]) if declaration.format == "sensorthings" else _id(declaration, row)


def _id(declaration: Declaration, row: Any) -> str:
    def value(match: re.Match[str]) -> str:
        found = value_at(row, match[1])
        if found is None:
            raise KeyError(match[1])
        return str(found).strip()

    return COLUMN.sub(value, declaration.id)


def _mapped(declaration: Declaration) -> Mapped:
    fields = tuple(_field(declaration, name, column) for name, column in declaration.attributes.items())
    return Mapped(declaration.model, fields, declaration.constants)


def _field(declaration: Declaration, name: str, column: Column) -> Field:
    source = tuple(column.columns) if column.columns else str(column.column)
    read = _words(column) if column.values else _reader(column, declaration.factor_of(name, column))
    return Field(source, name, read, needed=column.needed, observed=column.observed)


def _words(column: Column) -> Callable[[Any], Any]:
    def read(word: Any) -> Any:
        if str(word) not in column.values:
            raise ValueError(f"{word!r} is none of {', '.join(column.values)}")
        return column.values[str(word)]

    read.__doc__ = f"one of {', '.join(column.values)}"
    return read


def _reader(column: Column, factor: float) -> Callable[..., Any]:
    readers: dict[str, Callable[..., Any]] = {
        "text": str,
        "number": number,
        "german_number": lambda text: float(text) if isinstance(text, int | float) else german_number(text),
        "whole": whole,
        "boolean": _boolean,
        "time": lambda text: moment(str(text)),
        "german_time": lambda text: german_time(str(text)),
        "list": lambda value: value if isinstance(value, list) else [part.strip() for part in str(value).split(",")],
        "point": point,
        "german_point": lambda x, y: german_point(str(x), str(y)),
        "utm_point": lambda x, y: utm_point(number(x), number(y)),
        "geometry": lambda geometry: geometry,
    }
    plain = readers[column.read]
    if factor == 1:
        return plain

    def scaled(text: Any) -> float:
        return round(float(plain(text)) * factor, 9)

    scaled.__doc__ = f"{column.read} × {factor:g}"
    return scaled


def _boolean(text: Any) -> bool:
    if isinstance(text, bool):
        return text
    if str(text).strip().lower() not in BOOLEANS:
        raise ValueError(f"{text!r} is none of {', '.join(BOOLEANS)}")
    return BOOLEANS[str(text).strip().lower()]
