"""A narrowed query as the standard request that any NGSI-LD broker understands: a Query by POST (CIM 009, 5.2.23).

Names that the core @context does not shorten get a term of a @context made for this one request, which is sent with
it: no broker has to read IRIs within q, and no @context of a client takes part in what is asked.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from context_broker.storage.selection import Selection
from datenbroker.lens.narrowing import TIMES, Narrowed
from ngsi_ld.errors import NotImplementedYet
from ngsi_ld.jsonld.context import CORE_URL, Context, activate, core_context
from ngsi_ld.query.geo import GeoQuery
from ngsi_ld.query.ordering import Criterion, Ordering
from ngsi_ld.query.q import And, Compare, Exists, Match, Or, Path, Query, Value, parse_q

MEMBERS = TIMES | {"observedAt", "deletedAt", "unitCode", "datasetId", "objectType", "valueType"}
"""Members of an attribute that a path of q may end with, by these very words (4.9)."""
_SHORT = re.compile(r"[^\W\d_]\w*")
_PLAIN_URI = re.compile(r"(?:(?!\.\.)[^\";|,()\s])+")
_KEY = re.compile(r"[^\s.\[\]\"]+")
_ESCAPED_QUOTE = re.compile(r'(\\*)"')


@dataclass
class Terms:
    """The names of one request: short ones of the core, else made ones."""

    made: dict[str, str] = field(default_factory=dict)

    def name(self, iri: str) -> str:
        core = core_context()
        short = core.compact(iri)
        if _SHORT.fullmatch(short) and core.expand(short) == iri:
            return short
        return self.made.setdefault(iri, f"askedName{len(self.made)}")

    @property
    def definitions(self) -> dict[str, str]:
        return {term: iri for iri, term in self.made.items()}

    @property
    def context(self) -> Context:
        return activate(self.definitions, {}) if self.made else core_context()


@dataclass(frozen=True, slots=True)
class Wired:
    """The body of a query, and the context by which the answer's names are read."""

    body: dict[str, Any]
    context: Context

    @property
    def is_ld_json(self) -> bool:
        return "@context" in self.body


def wired(narrowed: Narrowed, *, times: bool = False) -> Wired:
    """`NotImplementedYet` where q can't be written so that it is read as what is meant. `times`: with system times."""
    terms, asked = Terms(), narrowed.selection
    body: dict[str, Any] = {"type": "Query", "entities": [_selector(item, terms) for item in narrowed.selectors]}
    body |= conditions(asked, terms)
    if narrowed.attributes is not None:
        body["pick"] = [
            *picked_members(narrowed, times=times),
            *(terms.name(iri) for iri in sorted(narrowed.attributes)),
        ]
    if narrowed.ordering is not None:
        body["ordering"] = _ordering(narrowed.ordering, terms)
    context = terms.context
    if terms.made:
        body["@context"] = [terms.definitions, CORE_URL]
    check(asked.q, body.get("q"), terms, context)
    return Wired(body, context)


def conditions(asked: Selection, terms: Terms) -> dict[str, Any]:
    """`q`, `geoQ`, `scopeQ` of a query or subscription."""
    members: dict[str, Any] = {}
    if asked.q is not None:
        members["q"] = q_text(asked.q, terms)
    if asked.geo is not None:
        members["geoQ"] = geo_members(asked.geo, terms)
    if asked.scopes is not None:
        members["scopeQ"] = scope_text(asked.scopes)
    return members


def picked_members(narrowed: Narrowed, *, times: bool) -> list[str]:
    """The entity's own members, without which it would come bare."""
    members = ["id", "type", "scope"] if narrowed.scope else ["id", "type"]
    return [*members, "createdAt", "expiresAt"] if times else members


def check(query: Query | None, text: str | None, terms: Terms, context: Context) -> None:
    """What is sent is read again: it must be the query that is meant, and each name its IRI."""
    sound = all(context.expand(term) == iri for iri, term in terms.made.items())
    if query is not None and text is not None:
        sound = sound and _bare(parse_q(text, context)) == _bare(query)
    if not sound:
        raise NotImplementedYet("q can't be asked of a product as it is written: name the attributes by other terms")


def _bare(query: Query) -> Query:
    """The query without what its names were written like, but where the word itself counts."""
    if isinstance(query, And | Or):
        return type(query)(tuple(_bare(item) for item in _flat(query)))
    last = len(query.path.names) - 1
    names = tuple(
        (written if _is_word(written, place, last) else "", iri)
        for place, (written, iri) in enumerate(query.path.names)
    )
    path = Path(names, query.path.keys)
    if isinstance(query, Exists):
        return Exists(path, query.negated)
    if isinstance(query, Match):
        return Match(path, _ESCAPED_QUOTE.sub(_unescaped, query.pattern), query.negated)
    values = tuple(Value("string", value.value) if value.kind == "uri" else value for value in query.values)
    return Compare(path, query.operator, values, query.is_range)


def _flat(query: And | Or) -> Iterable[Query]:
    for item in query.items:
        if isinstance(item, type(query)):
            yield from _flat(item)
        else:
            yield item


def _is_word(written: str, place: int, last: int) -> bool:
    return (last == 0 and written in TIMES) or (last > 0 and place == last and written in MEMBERS)


def q_text(query: Query, terms: Terms) -> str:
    """The text of a query."""
    if isinstance(query, Or):
        return "|".join(q_text(item, terms) for item in query.items)
    if isinstance(query, And):
        return ";".join(_grouped(item, terms) for item in query.items)
    path = path_text(query.path, terms)
    if isinstance(query, Exists):
        return f"!{path}" if query.negated else path
    if isinstance(query, Match):
        pattern = _ESCAPED_QUOTE.sub(lambda found: _unescaped(found)[:-1] + '\\"', query.pattern)
        return f'{path}{"!~=" if query.negated else "~="}"{pattern}"'
    separator = ".." if query.is_range else ","
    return f"{path}{query.operator}{separator.join(map(_value, query.values))}"


def _unescaped(found: re.Match[str]) -> str:
    r"""A quotation mark needs no backslash in a pattern: with an even number of them it stands for itself."""
    slashes = found[1]
    return slashes[: len(slashes) // 2 * 2] + '"'


def _grouped(query: Query, terms: Terms) -> str:
    text = q_text(query, terms)
    return f"({text})" if isinstance(query, Or) else text


def path_text(path: Path, terms: Terms) -> str:
    """An attribute, its sub-attributes or members, and keys within the value."""
    last = len(path.names) - 1
    names = [
        written if _is_word(written, place, last) else terms.name(iri)
        for place, (written, iri) in enumerate(path.names)
    ]
    keys = [key if _KEY.fullmatch(key) else f'"{key}"' for key in path.keys]
    return ".".join(names) + (f"[{'.'.join(keys)}]" if keys else "")


def _value(value: Value) -> str:
    if value.kind == "bool":
        return "true" if value.value else "false"
    if value.kind == "string" or (value.kind == "uri" and not _PLAIN_URI.fullmatch(value.value)):
        return orjson.dumps(value.value).decode()
    return str(value.value)


def _selector(selector: Selection, terms: Terms) -> dict[str, Any]:
    asked: dict[str, Any] = {"type": types_text(selector, terms)}
    if selector.ids:
        asked["id"] = selector.ids[0] if len(selector.ids) == 1 else list(selector.ids)
    if selector.id_pattern is not None:
        asked["idPattern"] = selector.id_pattern.pattern
    return asked


def types_text(selector: Selection, terms: Terms) -> str:
    parts = [[terms.name(iri) for iri in sorted(alternative)] for alternative in selector.types or ()]
    return ",".join(names[0] if len(names) == 1 else f"({';'.join(names)})" for names in parts)


@lru_cache(maxsize=1024)
def coordinates_of(geometry: BaseGeometry) -> Any:
    """As GeoJSON has them; kept, since a product's area is written with every request. Not to be changed."""
    return _arrays(shapely.geometry.mapping(geometry)["coordinates"])


def geo_members(geo: GeoQuery, terms: Terms) -> dict[str, Any]:
    """`georel`, `geometry`, `coordinates`, `geoproperty`."""
    bounds = {"maxDistance": geo.max_distance, "minDistance": geo.min_distance}
    modifiers = [f"{name}=={metres!r}" for name, metres in bounds.items() if metres is not None]
    return {
        "georel": ";".join([geo.relation, *modifiers]),
        "geometry": geo.reference.geom_type,
        "coordinates": coordinates_of(geo.reference),
        "geoproperty": terms.name(geo.attribute),
    }


def _arrays(value: Any) -> Any:
    return [_arrays(part) for part in value] if isinstance(value, list | tuple) else value


def scope_text(scopes: tuple[tuple[str, ...], ...]) -> str:
    return ",".join(parts[0] if len(parts) == 1 else f"({';'.join(parts)})" for parts in scopes)


def _ordering(ordering: Ordering, terms: Terms) -> dict[str, Any]:
    asked: dict[str, Any] = {"orderBy": [_criterion(item, terms) for item in ordering.criteria]}
    if ordering.origin is not None:
        asked["coordinates"] = str(coordinates_of(ordering.origin))
        asked["geometry"] = ordering.origin.geom_type
    return asked


def _criterion(criterion: Criterion, terms: Terms) -> str:
    name = criterion.member or path_text(criterion.path, terms) if criterion.path else criterion.member or ""
    direction = ("dist-" if criterion.by_distance else "") + ("desc" if criterion.descending else "asc")
    return f"{name};{direction}"
