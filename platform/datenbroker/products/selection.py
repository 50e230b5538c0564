"""Which entities, and which of their attributes, a product shows. Checked when it is made, by NGSI-LD's own parsers."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ngsi_ld.errors import NgsiLdError
from ngsi_ld.jsonld.context import core_context
from ngsi_ld.model.geometry import check_geometry
from ngsi_ld.names import check_name, check_uri
from ngsi_ld.query.geo import parse_geo_query
from ngsi_ld.query.q import And, Or, Query, parse_q
from ngsi_ld.query.scope import parse_scope_query

SEPARATORS = frozenset(",;|()")
"""What ends a name in a list of types or attributes; an IRI with one of them cannot be asked for."""

MAX_NAMES, MAX_IDS = 100, 1000


def _checked(check: Callable[[str], object]) -> AfterValidator:
    def checked(text: str) -> str:
        try:
            check(text)
        except NgsiLdError as error:
            raise ValueError(error.detail) from None
        return text

    return AfterValidator(checked)


def _check_name(name: str) -> None:
    check_name(name, "the name")
    if SEPARATORS.intersection(name):
        raise ValueError(f"{name!r:.80} cannot be asked for: it has one of {' '.join(sorted(SEPARATORS))}")


def _check_id(text: str) -> None:
    check_uri(text, "the id")
    if "," in text:
        raise ValueError(f"{text!r:.80} cannot be asked for in a list: it has a comma")


def _check_q(text: str) -> None:
    if _links(parse_q(text, core_context())):
        raise ValueError("q of a selection must hold within one entity: it cannot follow relationships with {…}")


def _links(query: Query) -> bool:
    if isinstance(query, And | Or):
        return any(_links(item) for item in query.items)
    return query.path.linked is not None


def _check_context(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError(f"{url!r:.100} is no address of an @context: write it like https://example.org/context.jsonld")
    return url


def _tuples(value: object) -> object:
    return tuple(_tuples(part) for part in value) if isinstance(value, list | tuple) else value


Name = Annotated[str, _checked(_check_name)]
"""A type or an attribute: short name in the selection's context, or IRI."""

EntityId = Annotated[str, _checked(_check_id)]


class Area(BaseModel):
    """A GeoJSON Polygon or MultiPolygon (longitude, latitude in degrees, WGS 84); entities lie within."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: Annotated[tuple[Any, ...], BeforeValidator(_tuples)]
    geoproperty: Name = Field("location", description="The GeoProperty that must lie within.")

    @model_validator(mode="after")
    def _is_geometry(self) -> Self:
        try:
            check_geometry({"type": self.type, "coordinates": orjson.loads(self.coordinates_text)}, "the area")
            parse_geo_query(self.members, core_context())
        except NgsiLdError as error:
            raise ValueError(error.detail) from None
        return self

    @property
    def coordinates_text(self) -> str:
        """As the parameter `coordinates` of a geo-query takes them."""
        return orjson.dumps(self.coordinates).decode()

    @property
    def members(self) -> dict[str, str]:
        """The area as the parameters of a geo-query (CIM 009, 4.10)."""
        return {
            "georel": "within",
            "geometry": self.type,
            "coordinates": self.coordinates_text,
            "geoproperty": self.geoproperty,
        }


class Selection(BaseModel):
    """The part of a tenant that a product shows: entities that meet all of it, with these attributes only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    types: tuple[Name, ...] = Field(min_length=1, max_length=MAX_NAMES, description="One of these types.")
    ids: tuple[EntityId, ...] = Field((), max_length=MAX_IDS, description="One of these ids; empty: any.")
    attributes: tuple[Name, ...] = Field((), max_length=MAX_NAMES, description="Shown attributes; empty: all.")
    q: Annotated[str, Field(min_length=1), _checked(_check_q)] | None = Field(
        None, description="A condition in NGSI-LD's query language; it may use attributes that are not shown."
    )
    geo: Area | None = Field(None, description="Where the entities lie.")
    scopes: Annotated[str, Field(min_length=1), _checked(parse_scope_query)] | None = Field(
        None, description="A scope query, as /Herne/Wanne/#."
    )
    context: Annotated[str, AfterValidator(_check_context)] | None = Field(
        None, description="Address of the @context in which the names are read; the core @context otherwise."
    )
