"""The Query data type (CIM 009, 5.2.23): the body of POST /entityOperations/query as the plan of a query."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from context_broker.reading.plan import Plan, is_restricted, make_plan
from context_broker.storage.selection import Selection
from ngsi_ld.bounds import check_names
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.entity import json_type
from ngsi_ld.names import check_uri, without_keywords
from ngsi_ld.query.patterns import compile_pattern
from ngsi_ld.query.types import parse_type_selection

_LISTS = ("attrs", "pick", "omit", "datasetId", "containedBy")
_TEXTS = ("q", "scopeQ", "lang", "join", "csf", "expandValues", "jsonKeys")
_MEMBERS = frozenset(
    {"type", "entities", "geoQ", "joinLevel", "ordering", "temporalQ", "aggrParams", "entityMap", "@context", "id"}
    | {"entityMapLifetime", "splitEntities", *_LISTS, *_TEXTS}
)


def plan_of_query(
    payload: Any, url: Mapping[str, str], context: Context, media_type: str, sizes: tuple[int, int]
) -> Plan:
    """The plan; paging and representation are URL parameters, all else is in the body."""
    payload = without_keywords(payload) if isinstance(payload, dict) else {}
    if payload.get("type") != "Query":
        raise BadRequestData("the body of a query is an object of type Query")
    params: dict[str, Any] = dict(url)
    for name, value in payload.items():
        if name not in _MEMBERS:
            raise BadRequestData(f"a Query has no member {name!r:.60}")
        if name in ("temporalQ", "aggrParams"):
            raise BadRequestData(f"{name} belongs to temporal queries")
        if name in _LISTS:
            params[name] = ",".join(_names(name, value))
        elif name in _TEXTS:
            params[name] = ",".join(_names(name, value)) if isinstance(value, list) else _text(name, value)
    if "joinLevel" in payload:
        params["joinLevel"] = payload["joinLevel"]
    _check_flags(payload)
    if _names_every_type(payload.get("entities")):
        params["type"] = "*"
    params |= _geo(payload.get("geoQ")) | _ordering(payload.get("ordering"))
    plan = make_plan(params, context, media_type, sizes)
    alternatives = entity_selectors(payload["entities"], context) if "entities" in payload else ()
    selection = _with_selectors(plan.selection, alternatives)
    return replace(plan, selection=selection, restricted=plan.restricted or is_restricted(selection))


def _check_flags(payload: Mapping[str, Any]) -> None:
    for name in ("entityMap", "splitEntities"):
        if not isinstance(payload.get(name, False), bool):
            raise BadRequestData(f"{name} of a Query is true or false")


def _names_every_type(entities: Any) -> bool:
    """Whether a selector has the type `*`, which makes the query a local one as it does in a URL (4.17)."""
    items = entities if isinstance(entities, list) else []
    return any(isinstance(item, dict) and "*" in (item.get("type"), item.get("@type")) for item in items)


def _with_selectors(selection: Selection, alternatives: tuple[Selection, ...]) -> Selection:
    if len(alternatives) != 1:
        return replace(selection, alternatives=alternatives)
    only = alternatives[0]
    return replace(selection, ids=only.ids, id_pattern=only.id_pattern, types=only.types)


def entity_selectors(value: Any, context: Context) -> tuple[Selection, ...]:
    """The member `entities` of a query or subscription."""
    if not isinstance(value, list) or not value:
        raise BadRequestData("entities is a non-empty array of entity selectors")
    check_names(value, "entities", "query_selectors")
    check_names([id_ for item in value for id_ in _ids(item)], "the ids of all entity selectors", "query_ids")
    return tuple(entity_selector(item, context) for item in value)


def entity_selector(item: Any, context: Context) -> Selection:
    """An EntitySelector (5.2.33): type is due; id or an array of ids, and idPattern, narrow it."""
    if not isinstance(item, dict):
        raise BadRequestData(f"an entity selector is an object, not {json_type(item)}")
    item = without_keywords(item)
    unknown = set(item) - {"type", "id", "idPattern"}
    if unknown:
        raise BadRequestData(f"an entity selector has no member {min(unknown)!r:.60}")
    types = item.get("type")
    if isinstance(types, list) and types:
        types = ",".join(_names("type", types))
    if not isinstance(types, str) or not types:
        raise BadRequestData("an entity selector needs a type")
    ids = _ids(item)
    pattern = item.get("idPattern")
    return Selection(
        ids=tuple(check_uri(id_, "id of an entity selector") for id_ in ids),
        id_pattern=None if pattern is None or ids else compile_pattern(_text("idPattern", pattern), "idPattern"),
        types=None if types == "*" else parse_type_selection(types, context),
    )


def _ids(item: Any) -> list[Any]:
    ids = item.get("id", item.get("@id", [])) if isinstance(item, dict) else []
    return ids if isinstance(ids, list) else [ids]


def _geo(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequestData("geoQ is an object with georel, geometry and coordinates")
    missing = {"georel", "geometry", "coordinates"} - value.keys()
    if missing:
        raise BadRequestData(f"geoQ has no {min(missing)}")
    return {name: value[name] for name in ("georel", "geometry", "coordinates", "geoproperty") if name in value}


def _ordering(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not isinstance(value.get("orderBy"), list):
        raise BadRequestData("ordering is an object with orderBy, an array")
    params: dict[str, Any] = {"orderBy": ",".join(_names("orderBy", value["orderBy"]))}
    if "collation" in value:
        params["collation"] = value["collation"]
    if "coordinates" in value:
        coordinates = value["coordinates"]
        params["orderFrom"] = coordinates if isinstance(coordinates, str) else str(coordinates)
    if "geometry" in value:
        params["orderGeometry"] = value["geometry"]
    return params


def _names(name: str, value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, str) and item for item in items):
        raise BadRequestData(f"{name} is a non-empty array of names")
    return items


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise BadRequestData(f"{name} is a string")
    return value
