"""The kinds of values that Smart Data Models are made of, as annotated types.

Strict where a device's mistake would otherwise pass: "7" is no number, 1 is no truth value, and a time without an
offset is refused, because nobody could tell whose wall clock it was.
"""

import re
from collections.abc import Hashable
from datetime import UTC, date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, Strict

T = TypeVar("T")

URI_PATTERN = r"^[A-Za-z][A-Za-z0-9+.\-]*:[!#-;=?-\[\]_a-z~]+$"
"""A URI with its scheme (RFC 3986); NGSI-LD takes no other identifier (4.6.2)."""

DATE_TIME_PATTERN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d{1,9})?(Z|[+-]\d\d:\d\d)")


class Kind(Enum):
    """What an attribute is in NGSI-LD (4.5.2 to 4.5.4): its `type` and the member that carries the value."""

    PROPERTY = ("Property", "value")
    RELATIONSHIP = ("Relationship", "object")
    GEO_PROPERTY = ("GeoProperty", "value")

    def __init__(self, ngsi_type: str, member: str) -> None:
        self.ngsi_type = ngsi_type
        self.member = member


def date_time_text(moment: datetime) -> str:
    """UTC with `Z` (4.6.3), e.g. 2026-11-22T10:00:00Z; with milliseconds (microseconds) where there are any.

    `ValueError` for a time without an offset.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no offset to UTC: give one")
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    precision = "seconds" if not utc.microsecond else "microseconds" if utc.microsecond % 1000 else "milliseconds"
    return utc.isoformat(timespec=precision).removesuffix("+00:00") + "Z"


def _date_time(value: object) -> datetime:
    if isinstance(value, str) and DATE_TIME_PATTERN.fullmatch(value):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        raise ValueError("a date and time with its offset is expected, e.g. 2026-11-22T10:00:00Z")
    if value.tzinfo is None:
        raise ValueError("the time has no offset to UTC, e.g. 2026-11-22T10:00:00Z")
    return value.astimezone(UTC)


def _date(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _distinct(values: list[T]) -> list[T]:
    keys: list[Hashable] = [value if isinstance(value, Hashable) else repr(value) for value in values]
    if len(set(keys)) < len(keys):
        raise ValueError("each item may be given once only")
    return values


def _on_earth(position: list[float]) -> list[float]:
    if not (-180 <= position[0] <= 180 and -90 <= position[1] <= 90):
        raise ValueError("a position is [longitude, latitude] in degrees (WGS 84)")
    return position


Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
NonNegative = Annotated[Number, Field(ge=0)]
Share = Annotated[Number, Field(ge=0, le=1)]
"""A part of one: 0.57 is 57 %."""
Integer = Annotated[int, Strict(), BeforeValidator(_whole)]
"""3.0 is 3, as in JSON Schema."""
Count = Annotated[Integer, Field(ge=0)]
Boolean = Annotated[bool, Strict()]
DateTime = Annotated[
    datetime, BeforeValidator(_date_time), PlainSerializer(date_time_text, return_type=str, when_used="json")
]
Date = Annotated[date, Strict(), BeforeValidator(_date)]
Uri = Annotated[str, Field(pattern=URI_PATTERN)]
Relationship = Annotated[Uri, Kind.RELATIONSHIP]
"""The id of another entity."""
NonEmpty = Annotated[list[T], Field(min_length=1)]
Unique = Annotated[list[T], AfterValidator(_distinct)]
"""No item twice."""
Distinct = Annotated[list[T], Field(min_length=1), AfterValidator(_distinct)]
"""At least one item, none twice."""
Position = Annotated[list[Number], Field(min_length=2, max_length=3), AfterValidator(_on_earth)]
"""[longitude, latitude] or [longitude, latitude, metres above sea], in that order (RFC 7946)."""
Ring = Annotated[list[Position], Field(min_length=4)]
Line = Annotated[list[Position], Field(min_length=2)]


class Structure(BaseModel):
    """A JSON object inside a value. Members that the schema does not name are kept."""

    model_config = ConfigDict(extra="allow", defer_build=True, validate_by_name=True, validate_by_alias=True)


class Point(Structure):
    type: Literal["Point"] = "Point"
    coordinates: Position

    @classmethod
    def at(cls, longitude: float, latitude: float) -> Self:
        return cls(coordinates=[float(longitude), float(latitude)])


class LineString(Structure):
    type: Literal["LineString"] = "LineString"
    coordinates: Line


class Polygon(Structure):
    type: Literal["Polygon"] = "Polygon"
    coordinates: list[Ring]


class MultiPoint(Structure):
    type: Literal["MultiPoint"] = "MultiPoint"
    coordinates: list[Position]


class MultiLineString(Structure):
    type: Literal["MultiLineString"] = "MultiLineString"
    coordinates: list[Line]


class MultiPolygon(Structure):
    type: Literal["MultiPolygon"] = "MultiPolygon"
    coordinates: list[list[Ring]]


AnyGeometry = Point | LineString | Polygon | MultiPoint | MultiLineString | MultiPolygon
Geometry = Annotated[AnyGeometry, Field(discriminator="type")]
GeoProperty = Annotated[Geometry, Kind.GEO_PROPERTY]
JsonObject = dict[str, Any]
