"""What of a source becomes which attribute: a table that the code runs and the documentation prints."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from pydantic import ValidationError

from data_models import SmartDataModel
from data_models.base import attribute_names, attribute_types
from data_models.units import CODES
from ngsi_adapters.source import Change, Record

Read = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a mapping: `Field("Füllstand_Prozent", "fillingLevel", percent, observed=True)`.

    `source` is where the value stands in a record: a key, a path with dots (JSON) or slashes (XML, local names,
    `@name` for an XML attribute), or several of them. `read` makes the attribute's value of it, of several in that
    order; without it the value stays as it is. With `derive` the value is made of the whole record instead, and
    `source` only names what it is made of. A value that is not there is left out, or with `needed` a `KeyError`.
    `observed` attributes carry the record's time of observation. `seldom` ones are in no sample.
    """

    source: str | tuple[str, ...]
    attribute: str
    read: Read | None = None
    derive: Callable[[Any], Any] | None = None
    needed: bool = False
    observed: bool = False
    seldom: bool = False

    def value(self, row: Any) -> Any:
        """The attribute's value in this record, None where there is none; `KeyError` where it is needed."""
        try:
            return self.derive(row) if self.derive is not None else self._read(row)
        except ValidationError:
            raise
        except ValueError as error:
            raise ValueError(f"{', '.join(self.paths)}: {error}") from None

    def _read(self, row: Any) -> Any:
        if isinstance(self.source, str):
            value = value_at(row, self.source)
            if value is not None:
                return self.read(value) if self.read else value
            values = [value]
        else:
            values = [value_at(row, path) for path in self.source]
        if None not in values:
            return self.read(*values) if self.read else values[0]
        if self.needed:
            raise KeyError(self.paths[values.index(None)])
        return None

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.source,) if isinstance(self.source, str) else self.source


@dataclass(frozen=True, slots=True)
class Mapped:
    """How records of one kind become entities of one type; `fixed` are values that need no field, or stand in."""

    model: type[SmartDataModel]
    fields: tuple[Field, ...]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    observed: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """`ValueError` where the type has no such attribute: a mapping with a mistake is not even imported."""
        known = attribute_names(self.model)
        unknown = [name for name in (*self.attributes, *self.fixed) if name not in known]
        if unknown:
            raise ValueError(f"{self.model.__name__} has no attribute {', '.join(unknown)}")
        object.__setattr__(self, "observed", tuple(each.attribute for each in self.fields if each.observed))

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(each.attribute for each in self.fields)

    def values(self, row: Any) -> dict[str, Any]:
        """The attributes of a record; `KeyError` or `ValueError` where one is missing or cannot be read."""
        values = dict(self.fixed)
        for each in self.fields:
            value = each.value(row)
            if value is not None:
                values[each.attribute] = value
        return values

    def record(self, entity_id: str, row: Any, observed_at: datetime | None = None) -> Record:
        """The whole entity; raises what `values` does, and `pydantic.ValidationError`."""
        return Record(self.model(id=entity_id, **self.values(row)), observed_at, self.observed)

    def change(self, entity_id: str, row: Any, observed_at: datetime | None = None) -> Change:
        """These attributes of an entity whose others come from elsewhere; all carry the time."""
        return Change(self.model, entity_id, self.values(row), observed_at)


class MappingRow(NamedTuple):
    """One line of the table in the documentation."""

    source: str
    entity_type: str
    attribute: str
    unit: str
    how: str


def rows(mapping: tuple[Mapped, ...]) -> Iterator[MappingRow]:
    """The mapping table of a source: source field → attribute → unit, and by which function."""
    for mapped in mapping:
        name, known = mapped.model.__name__, attribute_types(mapped.model)
        for each in mapped.fields:
            unit = known[each.attribute].unit
            shown = f"{unit} ({CODES.get(unit, unit)})" if unit else ""
            yield MappingRow(", ".join(each.paths), name, each.attribute, shown, _how(each.read or each.derive))
        for attribute, value in mapped.fixed.items():
            word = "else" if attribute in mapped.attributes else "always"
            yield MappingRow("", name, attribute, "", f"{word} {value!r}")


def value_at(row: Any, path: str) -> Any:
    """What stands at the path of a record; None where nothing does, and for an empty text."""
    if type(row) is dict and path in row:  # nearly always: asking an abstract class for it costs more than the rest
        found = row[path]
    else:
        found = _in_xml(row, path) if isinstance(row, Element) else _in_json(row, path)
    return None if isinstance(found, str) and not found.strip() else found


def _in_json(row: Any, path: str) -> Any:
    if not _is_object(row):
        raise TypeError(f"the record is no object but {type(row).__name__}")
    if path in row:
        return row[path]
    found: Any = row
    for step in _steps(path):
        if not _is_object(found):
            return None
        found = found.get(step)
    return found


@cache
def _steps(path: str) -> list[str]:
    return path.split(".")


def _is_object(value: Any) -> bool:
    return type(value) is dict or isinstance(value, Mapping)


def _in_xml(row: Element, path: str) -> str | None:
    found: Element | None = row
    for step in path.split("/"):
        if found is None:
            return None
        if step.startswith("@"):
            return found.get(step[1:])
        found = next((child for child in found if child.tag.rpartition("}")[2] == step), None)
    return found.text.strip() if found is not None and found.text else None


def _how(read: Read | None) -> str:
    """The first line of the function's docstring, else its name; what a table of words says."""
    if read is None:
        return ""
    table = getattr(read, "__self__", None)
    if isinstance(table, Mapping):
        return ", ".join(f"{key} → {_words(value)}" for key, value in table.items())
    documented = None if isinstance(read, type) else read.__doc__
    name = getattr(read, "__name__", type(read).__name__).strip("_").replace("_", " ")
    return (documented or ("" if name == "<lambda>" else name)).strip().partition("\n")[0]


def _words(value: Any) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)
