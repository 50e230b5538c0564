"""What the parameters of a reading request ask for, worked out once per distinct query string and context.

CIM 009, 5.7.1, 5.7.2, 6.4.3.2, 6.5.3.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import orjson

from context_broker.http.request import GEO_JSON, LD_JSON, listed_options, parse_query
from context_broker.limits import Limits
from context_broker.storage.entity_cache import Stored
from context_broker.storage.search import Page
from context_broker.storage.selection import Selection
from ngsi_ld.bounds import check_length, check_names, current, exceeded
from ngsi_ld.errors import BadRequestData, InvalidRequest, TooManyResults
from ngsi_ld.jsonld.context import Context, context_value
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.model.projection import Projection, parse_attrs, parse_names
from ngsi_ld.model.representation import Format, Representation, feature
from ngsi_ld.names import NGSI_LD, check_name, check_uri
from ngsi_ld.query.geo import parse_geo_query
from ngsi_ld.query.ordering import Ordering, parse_ordering
from ngsi_ld.query.patterns import compile_pattern
from ngsi_ld.query.q import And, Compare, Match, Or, Query, parse_q
from ngsi_ld.query.q import Exists as ExistsTerm
from ngsi_ld.query.scope import parse_scope_query
from ngsi_ld.query.types import parse_type_selection

SELECTION = frozenset(
    {"id", "type", "idPattern", "attrs", "q", "expandValues", "jsonKeys", "georel", "geometry", "coordinates"}
    | {"geoproperty", "scopeQ", "csf", "local"}
)
VIEW = frozenset(
    {"attrs", "pick", "omit", "lang", "datasetId", "geometryProperty", "join", "joinLevel", "containedBy"}
    | {"format", "options", "local", "entityMap"}
)
PAGING = frozenset({"limit", "offset", "count"})
ORDERING = frozenset({"orderBy", "collation", "orderFrom", "orderGeometry"})
RETRIEVE_PARAMS = VIEW | {"type"}
QUERY_PARAMS = SELECTION | VIEW | PAGING | ORDERING | {"entityMapLifetime", "splitEntities"}
FORMATS: Mapping[str, Format] = {
    "normalized": "normalized",
    "concise": "concise",
    "simplified": "simplified",
    "keyValues": "simplified",
}
VIEW_OPTIONS = frozenset(FORMATS) | {"sysAttrs"}
RENDERED_VARIANTS = 8
_SYSTEM = frozenset({"createdAt", "modifiedAt", "deletedAt", "expiresAt"})
_SYSTEM_IRIS = frozenset(NGSI_LD + name for name in _SYSTEM)


@dataclass(frozen=True, slots=True)
class Join:
    """How linked entities come along (4.5.23)."""

    mode: str
    level: int
    contained_by: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """How an entity is shown. Compared by identity: the key under which rendered entities are kept."""

    representation: Representation
    projection: Projection
    media_type: str
    geometry_property: str
    dataset: str | None = None
    join: Join | None = None

    def shown_by(self, context: Context) -> "View":
        """The same view with names compacted by another context."""
        return replace(self, representation=replace(self.representation, context=context))

    def payload(
        self, entity: EntityDocument, projection: Projection | None = None, *, context: bool = True
    ) -> dict[str, Any]:
        """JSON of an entity, or its GeoJSON Feature; with @context where the media type demands it.

        `projection`: what is shown instead of the view's own choice, of a linked entity.
        """
        shown = self.representation.entity((projection or self.projection).apply(entity))
        if self.media_type == GEO_JSON:
            shown = feature(entity, shown, self.geometry_property, self.dataset)
        elif context and self.media_type == LD_JSON:
            shown["@context"] = context_value(self.representation.context)
        return shown

    def render(self, stored: Stored) -> bytes:
        """The bytes to send, kept with the entity until it changes where they are asked for again.

        The pages of an export are each asked for once: they are not to fill the memory.
        """
        known = stored.rendered.get(self)
        if known:
            return known
        rendered = orjson.dumps(self.payload(stored.document))
        if len(stored.rendered) >= RENDERED_VARIANTS:
            stored.rendered.clear()
        stored.rendered[self] = b"" if known is None else rendered
        return rendered


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything that a query or retrieval asks for."""

    selection: Selection
    view: View
    page: Page = field(default_factory=Page)
    ordering: Ordering | None = None
    restricted: bool = True


@lru_cache(maxsize=1024)
def plan_of(query_string: bytes, context: Context, media_type: str, limits: Limits) -> Plan:
    """The plan of a query string."""
    params = parse_query(query_string, limits.query_parameters)
    return make_plan(params, context, media_type, (limits.page_default, limits.page_max))


def make_plan(params: Mapping[str, Any], context: Context, media_type: str, page_sizes: tuple[int, int]) -> Plan:
    """Check and expand parameters; `BadRequestData` says which one is malformed."""
    selection = make_selection(params, context)
    view = make_view(params, context, media_type)
    if selection.q is not None:
        _check_links(selection.q, view.join)
    if "csf" in params:
        parse_q(params["csf"], context)
    selection = replace(selection, attributes=view.projection.attrs)
    local = params.get("local", "").lower() == "true" or params.get("type") == "*"
    ordering = parse_ordering(params, context)
    if ordering is not None and not local:
        raise BadRequestData("orderBy needs local=true")
    if params.get("type") == "*" and params.get("local", "").lower() == "false":
        raise BadRequestData("type=* is about local entities: it can't be combined with local=false")
    return Plan(selection, view, make_page(params, page_sizes), ordering, local or is_restricted(selection))


def make_selection(params: Mapping[str, Any], context: Context) -> Selection:
    """The conditions among the parameters."""
    named = check_names(params["id"].split(","), "id", "query_ids") if "id" in params else ()
    pattern = compile_pattern(params["idPattern"], "idPattern") if "idPattern" in params else None
    types = params.get("type")
    if types == "":
        raise BadRequestData("type is empty")
    expands, _ = (
        parse_attrs(params[name].split(","), context, name) if name in params else frozenset[str]()
        for name in ("expandValues", "jsonKeys")
    )
    return Selection(
        ids=tuple(check_uri(part.strip(), "id") for part in named),
        id_pattern=pattern,
        types=parse_type_selection(types, context) if types not in (None, "*") else None,
        q=parse_q(params["q"], context, expands) if "q" in params else None,
        geo=parse_geo_query(params, context),
        scopes=parse_scope_query(params["scopeQ"]) if "scopeQ" in params else None,
    )


def is_restricted(selection: Selection) -> bool:
    """Whether a query is narrow enough (5.7.2.4); ids and idPattern are accepted as such (digest, 10.1)."""
    attributes = bool((selection.attributes or frozenset()) - _SYSTEM_IRIS)
    by_q = selection.q is not None and _names_attribute(selection.q)
    known = selection.types is not None or selection.geo is not None or bool(selection.alternatives)
    return known or attributes or by_q or bool(selection.ids) or selection.id_pattern is not None


def _names_attribute(query: Query) -> bool:
    if isinstance(query, And | Or):
        return any(_names_attribute(item) for item in query.items)
    return query.path.names[0][0] not in _SYSTEM


def _check_links(query: Query, join: Join | None) -> None:
    deepest = _depth(query)
    if deepest > (join.level if join else 0):
        raise BadRequestData("q follows a relationship: that needs join, and a joinLevel as deep as the path")


def _depth(query: Query) -> int:
    if isinstance(query, And | Or):
        return max(_depth(item) for item in query.items)
    if isinstance(query, ExistsTerm | Compare | Match):
        return query.path.depth
    return 0


def make_view(params: Mapping[str, Any], context: Context, media_type: str) -> View:
    """How the answer shows entities."""
    if "geometryProperty" in params and media_type != GEO_JSON:
        raise BadRequestData("geometryProperty is for answers of application/geo+json")
    options = listed_options(params)
    join = make_join(params)
    datasets = None
    if "datasetId" in params:
        datasets = frozenset(part.strip() for part in check_names(params["datasetId"].split(","), "datasetId"))
    for dataset in (datasets or frozenset()) - {"@none"}:
        check_uri(dataset, "datasetId")
    projection, times = make_projection(params, context, datasets, join)
    representation = Representation(
        context,
        _format(params, options),
        "sysAttrs" in options,
        check_length(params.get("lang", ""), "lang") or None,
        times,
    )
    named = [item for item in sorted(datasets or ()) if item != "@none"]
    geometry = context.expand(check_name(params.get("geometryProperty") or "location", "geometryProperty"))
    only = named[0] if named and "@none" not in (datasets or ()) else None
    return View(representation, projection, media_type, geometry, only, join)


def _format(params: Mapping[str, Any], options: frozenset[str]) -> Format:
    if params.get("format"):
        if params["format"] not in FORMATS:
            raise InvalidRequest(f"format {params['format']!r:.40} is none of {', '.join(FORMATS)}")
        return FORMATS[params["format"]]
    asked = {FORMATS[option] for option in options if option in FORMATS}
    if len(asked) > 1:
        raise InvalidRequest(f"options asks for several representations: {', '.join(sorted(asked))}")
    return asked.pop() if asked else "normalized"


def make_projection(
    params: Mapping[str, Any], context: Context, datasets: frozenset[str] | None, join: Join | None
) -> tuple[Projection, frozenset[str]]:
    """What is shown, and the system times that are named in it."""
    level = join.level if join else 0
    chosen: dict[str, Any] = {}
    for name in ("pick", "omit"):
        if name not in params:
            continue
        chosen[name], depth = parse_names(params[name], context, name)
        if depth > level:
            raise BadRequestData(f"{name} reaches into linked entities deeper than join and joinLevel allow")
    if "attrs" in params and "pick" in params:
        raise BadRequestData("attrs and pick exclude each other")
    both = set(chosen.get("pick", ())) & set(chosen.get("omit", ()))
    if any(chosen["pick"][member] is None and chosen["omit"][member] is None for member in both):
        raise BadRequestData(f"pick and omit both name {sorted(both)[0]}")
    attrs = parse_attrs(params["attrs"].split(","), context) if "attrs" in params else None
    named = {context.compact(iri) for iri in attrs or ()} | set(chosen.get("pick", ()))
    return Projection(attrs, chosen.get("pick"), chosen.get("omit"), datasets), frozenset(named & _SYSTEM)


def make_join(params: Mapping[str, Any]) -> Join | None:
    """`join`, `joinLevel`, `containedBy`; None where nothing is joined."""
    mode = params.get("join", "@none")
    if mode not in ("@none", "inline", "flat"):
        raise BadRequestData(f"join {mode!r:.40} is none of @none, inline, flat")
    level = 1
    if "joinLevel" in params:
        level = positive(params["joinLevel"], "joinLevel")
        if level > current().join_levels:
            raise exceeded("join_levels", f"joinLevel is {level}")
        if mode == "@none":
            raise BadRequestData("joinLevel needs join=inline or join=flat")
    contained = params.get("containedBy", "")
    ids = [part.strip() for part in contained.split(",") if part.strip()]
    known = frozenset(check_uri(item, "containedBy") for item in check_names(ids, "containedBy"))
    return None if mode == "@none" else Join(mode, level, known)


def make_page(params: Mapping[str, Any], sizes: tuple[int, int]) -> Page:
    """`limit`, `offset`, `count` (5.5.9, 6.3.13)."""
    default, largest = sizes
    count = str(params.get("count", "false")).lower()
    if count not in ("true", "false"):
        raise BadRequestData(f"count is true or false, not {count!r:.40}")
    limit = default
    if "limit" in params:
        limit = positive(params["limit"], "limit", zero=count == "true")
    if limit > largest:
        raise TooManyResults(f"limit is {limit}; at most {largest} are sent at once, more by offset (limit page_max)")
    return Page(limit, positive(params.get("offset", "0"), "offset", zero=True), count == "true")


def positive(text: Any, what: str, *, zero: bool = False) -> int:
    """A whole number above zero, or from zero on."""
    shown = str(text)
    number = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 16 else -1
    if number < (0 if zero else 1):
        raise BadRequestData(f"{what} is a whole number {'from' if zero else 'above'} 0, not {shown!r:.40}")
    return number
