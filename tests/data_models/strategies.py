"""Hypothesis strategies for every model, from its annotated fields."""

import types
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from data_models import SmartDataModel
from data_models.values import (
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    Position,
    Structure,
)

SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    date: st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    datetime: st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    Any: st.integers(),
}
URI = st.integers(0, 10**9).map("urn:ngsi-ld:Thing:{}".format)
LONGITUDE_LATITUDE = st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(list)
GEOMETRIES = (LineString, MultiLineString, MultiPoint, MultiPolygon, Polygon)
POINTS = LONGITUDE_LATITUDE.map(lambda pair: Point.at(*pair))


@cache
def entities(model: type[SmartDataModel]) -> st.SearchStrategy[SmartDataModel]:
    """Valid entities of a model, with any selection of its optional attributes."""
    fields = {name: field for name, field in model.model_fields.items() if name != "type"}
    required = {name: of_field(field) for name, field in fields.items() if field.is_required()}
    optional = {name: of_field(field) for name, field in fields.items() if not field.is_required()}
    some = st.sets(st.sampled_from(sorted(optional)), max_size=6)
    chosen = some.flatmap(lambda names: st.fixed_dictionaries(required | {name: optional[name] for name in names}))
    return chosen.map(lambda values: model(**values))


def of_field(field: FieldInfo) -> st.SearchStrategy[Any]:
    return of(field.annotation, list(field.metadata))


def of(annotation: Any, metadata: list[Any]) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return of(arguments[0], [*_flat(annotation.__metadata__), *metadata])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        choices = [choice for choice in arguments if choice not in (type(None), *GEOMETRIES)]
        return st.one_of([of(choice, metadata) for choice in choices])
    if origin is list:
        return _lists(annotation, arguments[0], metadata)
    if origin is dict:
        return st.dictionaries(st.sampled_from(["a", "b"]), st.integers(), min_size=1)
    return _scalar(annotation, metadata)


def _scalar(annotation: Any, metadata: list[Any]) -> st.SearchStrategy[Any]:
    if annotation is Point:
        return POINTS
    if isinstance(annotation, type) and issubclass(annotation, Structure):
        members = {name: of_field(field) for name, field in annotation.model_fields.items()}
        needed = {name for name, field in annotation.model_fields.items() if field.is_required()}
        required = {name: members.pop(name) for name in needed}
        return st.fixed_dictionaries(required, optional=members).map(lambda values: annotation(**values))
    if annotation is str:
        return _texts(metadata)
    if annotation in (int, float):
        return _numbers(annotation, metadata)
    return SIMPLE[annotation]


def _texts(metadata: list[Any]) -> st.SearchStrategy[str]:
    pattern = next((mark.pattern for mark in metadata if getattr(mark, "pattern", None)), None)
    if pattern is None:
        return st.text(st.characters(codec="utf-8"), min_size=2, max_size=12)
    text = pattern if isinstance(pattern, str) else pattern.pattern
    return URI if text.startswith("^[A-Za-z]") else st.from_regex(text).filter(lambda found: not found.endswith("\n"))


def _numbers(kind: type, metadata: list[Any]) -> st.SearchStrategy[Any]:
    bounds: dict[str, Any] = {}
    for mark in metadata:
        bounds |= {name: getattr(mark, name) for name in ("ge", "gt", "le", "lt") if hasattr(mark, name)}
    least = bounds["gt"] + 1 if "gt" in bounds else bounds.get("ge", -1e6)
    most = bounds["lt"] - 1 if "lt" in bounds else bounds.get("le", 1e6)
    return st.integers(int(least), int(most)) if kind is int else st.floats(float(least), float(most))


def _lists(annotation: Any, item: Any, metadata: list[Any]) -> st.SearchStrategy[list[Any]]:
    if annotation == get_args(Position)[0]:
        return LONGITUDE_LATITUDE
    unique = any(getattr(getattr(mark, "func", None), "__name__", "") == "_distinct" for mark in metadata)
    return st.lists(of(item, []), min_size=1, max_size=3, unique_by=repr if unique else None)


def _flat(metadata: Any) -> list[Any]:
    """Constraints come bare or inside a FieldInfo."""
    return [part for mark in metadata for part in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
