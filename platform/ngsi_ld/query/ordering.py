"""Ordering of query results (CIM 009, 4.23)."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from ngsi_ld.bounds import check_length, current, exceeded
from ngsi_ld.datetimes import DATE, TIME, parse_datetime
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.kinds import EntityDocument, value_of
from ngsi_ld.query.geo import distance, plane_shape, query_geometry
from ngsi_ld.query.q import Exists, Path, parse_q
from ngsi_ld.query.q_evaluation import Targets, targets

_MISSING = object()
ROOT_LANGUAGES = frozenset({"root", "und", "de", "en", "fr", "it", "nl", "pt", "id", "ms", "sw", "ga", "lb"})
"""Languages that CLDR sorts by the root collation, without rules of their own."""
_DIRECTIONS = ("asc", "desc", "dist-asc", "dist-desc")


@dataclass(frozen=True, slots=True)
class Criterion:
    """One element of orderBy: a member of the entity or a path, and a direction."""

    member: str | None
    path: Path | None
    descending: bool
    by_distance: bool


@dataclass(frozen=True, slots=True)
class Ordering:
    """Criteria in order of weight; distances are measured from `origin`."""

    criteria: tuple[Criterion, ...]
    origin: BaseGeometry | None = None

    def sort(self, items: list[Any], document_of: Callable[[Any], EntityDocument]) -> list[Any]:
        """A stable sort, the weightiest criterion last."""
        for criterion in reversed(self.criteria):
            items = sorted(
                items, key=lambda item: self._key(criterion, document_of(item)), reverse=criterion.descending
            )
        return items

    def _key(self, criterion: Criterion, entity: EntityDocument) -> tuple[int, Any]:
        if criterion.by_distance:
            return self._distance(criterion, entity)
        if criterion.member is not None:
            value = entity.get(criterion.member)
            return rank(sorted(value) if isinstance(value, list) else value, missing=value is None)
        assert criterion.path is not None
        value = next(targets(criterion.path, entity, lambda _: None), _MISSING)
        if isinstance(value, Targets) and len(value) == 1:
            value = value[0]
        return rank(value, missing=value is _MISSING)

    def _distance(self, criterion: Criterion, entity: EntityDocument) -> tuple[int, Any]:
        assert criterion.path is not None
        assert self.origin is not None
        for instance in entity.get(criterion.path.attribute, ()):
            if instance["type"] == "GeoProperty":
                return 0, distance(plane_shape(value_of(instance)), self.origin)
        return 1, 0.0


def rank(value: Any, *, missing: bool = False) -> tuple[int, Any]:
    """Number < String < Object < Array < Boolean < Time < Date < DateTime < Null < missing (4.23)."""
    if missing:
        return 9, 0
    if isinstance(value, bool):
        return 4, value
    if isinstance(value, int | float):
        return 0, value
    if isinstance(value, str):
        return _rank_text(value)
    if isinstance(value, dict):
        return 2, orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return (3, orjson.dumps(value)) if isinstance(value, list) else (8, 0)


def _rank_text(text: str) -> tuple[int, Any]:
    moment = parse_datetime(text)
    if moment is not None:
        return 7, moment
    if DATE.fullmatch(text):
        return 6, text
    if TIME.fullmatch(text):
        return 5, text
    return 1, collation_key(text)


def collation_key(text: str) -> tuple[str, str, str]:
    """Near to the root collation of Unicode (UTS 10): letters, then accents, then case."""
    decomposed = unicodedata.normalize("NFD", text)
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return letters.casefold(), decomposed.casefold(), text.swapcase()


def parse_ordering(params: Mapping[str, Any], context: Context) -> Ordering | None:
    """From `orderBy`, `orderFrom`, `orderGeometry`, `collation`; `BadRequestData` where one is malformed."""
    collation = str(params.get("collation", "root"))
    if collation.partition("-")[0] not in ROOT_LANGUAGES or "-u-" in collation:
        known = ", ".join(sorted(ROOT_LANGUAGES))
        raise BadRequestData(f"collation {collation!r:.40} is not known; the root collation is, for {known}")
    if "orderBy" not in params:
        return None
    parts = check_length(params["orderBy"], "orderBy").split(",")
    if len(parts) > current().order_criteria:
        raise exceeded("order_criteria", f"orderBy has {len(parts)} criteria")
    criteria = tuple(_criterion(part.strip(), context) for part in parts)
    origin = _origin(params) if any(item.by_distance for item in criteria) else None
    return Ordering(criteria, origin)


def _criterion(text: str, context: Context) -> Criterion:
    written, _, direction = text.partition(";")
    direction = direction or "asc"
    if not written or direction not in _DIRECTIONS:
        raise BadRequestData(f"orderBy {text!r:.60}: write name, name;desc or location;dist-asc")
    by_distance, descending = direction.startswith("dist"), direction.endswith("desc")
    if written in ("id", "type", "scope"):
        return Criterion(written, None, descending, False)
    term = parse_q(written, context)
    if not isinstance(term, Exists) or term.negated or term.path.linked is not None:
        raise BadRequestData(f"orderBy {written!r:.60} is no attribute path")
    return Criterion(None, term.path, descending, by_distance)


def _origin(params: Mapping[str, Any]) -> BaseGeometry:
    try:
        coordinates = orjson.loads(params.get("orderFrom", ""))
    except orjson.JSONDecodeError:
        raise BadRequestData("ordering by distance needs orderFrom, coordinates as in [7.22,51.54]") from None
    geometry = {"type": params.get("orderGeometry") or "Point", "coordinates": coordinates}
    try:
        return plane_shape(query_geometry(geometry, "orderFrom"))
    except (shapely.errors.ShapelyError, ValueError) as error:
        raise BadRequestData(f"orderFrom: {error}") from None
