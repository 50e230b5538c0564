"""A product's entities: /entities, /entities/{id} and queries by POST, as a broker with only the selection answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from context_broker.api.answers import page_headers
from context_broker.api.entities import TOO_WIDE
from context_broker.http.links import link_to_context
from context_broker.http.negotiation import negotiate
from context_broker.http.request import GEO_JSON, LD_JSON, Request, parse_query
from context_broker.http.response import Header, Response
from context_broker.limits import Limits
from context_broker.reading.linked import Linking
from context_broker.reading.plan import Plan, View, make_plan
from context_broker.reading.post_query import plan_of_query
from context_broker.storage.search import Found, Page
from context_broker.storage.selection import Selection
from datenbroker.gateway.products.source import API, Hits, Source, hits_of
from datenbroker.gateway.products.visit import Visit
from datenbroker.lens.lens import Lens
from datenbroker.lens.narrowing import Narrowed, everything, narrow, narrow_selection
from datenbroker.lens.straight import straight
from ngsi_ld.bounds import current, exceeded
from ngsi_ld.errors import BadRequestData, ResourceNotFound, TooManyResults
from ngsi_ld.jsonld.context import CORE_URL, Context, context_value
from ngsi_ld.model.kinds import ENTITY_MEMBERS, EntityDocument
from ngsi_ld.model.representation import feature_collection
from ngsi_ld.names import check_uri
from ngsi_ld.query.q_evaluation import linked_ids
from ngsi_ld.query.types import matches_types


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """What a query string asks of a product; `target`: of the embedded broker, which answers it as it is."""

    plan: Plan
    narrowed: Narrowed | None
    target: str | None = None


@lru_cache(maxsize=4096)
def compiled(lens: Lens, query_string: bytes, context: Context, media_type: str, limits: Limits) -> Compiled:
    """Worked out once for each distinct query string, @context and version of a product."""
    params = parse_query(query_string, limits.query_parameters)
    plan = make_plan(params, context, media_type, (limits.page_default, limits.page_max))
    narrowed = narrow(plan, lens)
    told = None if narrowed is None else straight(plan, narrowed, lens)
    if told is None:
        return Compiled(plan, narrowed)
    page = plan.page
    told |= {"limit": str(page.limit), "offset": str(page.offset), "count": "true" if page.count else "false"}
    return Compiled(plan, narrowed, f"{API}entities?{urlencode(told)}")


async def query_entities(visit: Visit, request: Request) -> Response:
    """6.4.3.2 Query Entities (5.7.2)."""
    media_type = negotiate(request.header(b"accept"), geo=True)
    context = await visit.linked_context(request)
    asked = compiled(visit.source.lens, request.scope["query_string"], context, media_type, request.limits)
    if asked.target is not None and visit.goes_straight(context) and asked.plan.restricted:
        reply = await visit.source.ask_straight(asked.target, asked.plan.view)
        if reply is not None and reply.status == 200:
            headers = answer_headers(request, asked.plan, hits_of(reply, asked.plan.page))
            return Response(200, reply.body, media_type, headers)
    return await _answer(visit, request, asked.plan, asked.narrowed)


async def query_by_post(visit: Visit, request: Request) -> Response:
    """6.23.3.1 Query Entities by POST (5.7.2)."""
    body_type = request.media_type()
    media_type = negotiate(request.header(b"accept"), geo=True)
    payload = await request.json()
    context = await visit.body_context(request, body_type, payload)
    limits = request.limits
    sizes = limits.page_default, limits.page_max
    plan = plan_of_query(payload, request.params, context, media_type, sizes)
    return await _answer(visit, request, plan, narrow(plan, visit.source.lens))


async def _answer(visit: Visit, request: Request, plan: Plan, narrowed: Narrowed | None) -> Response:
    if not plan.restricted:
        raise BadRequestData(TOO_WIDE)
    hits = await visit.source.find(narrowed, plan.page, times=_with_times(plan.view))
    headers = answer_headers(request, plan, hits)
    return await _collection(visit.source, request, plan.view, hits.entities, headers)


def answer_headers(request: Request, plan: Plan, hits: Hits) -> list[Header]:
    """The context, the count, and links to other pages under the product's own path."""
    found = Found([], hits.more, hits.total)
    return context_headers(request, plan.view) + page_headers(request, plan.page, found, plan.view.media_type)


@lru_cache(maxsize=4096)
def compiled_retrieval(
    lens: Lens, query_string: bytes, context: Context, media_type: str, limits: Limits
) -> tuple[Plan, str | None]:
    """The plan, and the place to ask the embedded broker, with {id} left open."""
    params = parse_query(query_string, limits.query_parameters)
    plan = make_plan(params, context, media_type, (1, 1))
    if "type" in params or plan.view.projection.attrs is not None:
        return plan, None
    told = straight(plan, everything(lens), lens)
    if told is None:
        return plan, None
    told.pop("id", None)
    if lens.q is None and lens.geo is None and lens.scopes is None:
        return plan, f"{API}entities/{{id}}?{_template(told)}"
    return plan, f"{API}entities?id={{id}}&limit=1&{_template(told)}"


def _template(params: dict[str, str]) -> str:
    return urlencode(params).replace("{", "{{").replace("}", "}}")


async def retrieve_entity(visit: Visit, request: Request) -> Response:
    """6.5.3.1 Retrieve Entity (5.7.1)."""
    media_type = negotiate(request.header(b"accept"), geo=True)
    context = await visit.linked_context(request)
    id_ = check_uri(request.path_values[0], "the entity's id")
    source = visit.source
    plan, target = compiled_retrieval(source.lens, request.scope["query_string"], context, media_type, request.limits)
    if target is not None and visit.goes_straight(context) and (not source.lens.ids or id_ in source.lens.ids):
        reply = await source.ask_straight(target.format(id=quote(id_, safe="")), plan.view)
        if reply is not None:
            if reply.status == 404 or reply.body == b"[]":
                raise ResourceNotFound(f"Entity {id_} does not exist")
            body = reply.body[1:-1] if reply.body[:1] == b"[" else reply.body
            return Response(200, body, media_type, context_headers(request, plan.view))
    entity = await _one(visit.source, id_, plan.view)
    types, view = plan.selection.types, plan.view
    if types is not None and not matches_types(types, entity["type"]):
        raise ResourceNotFound(f"Entity {id_} is not of the type asked for")
    if view.projection.attrs is not None and not view.projection.has_any(entity):
        raise ResourceNotFound(f"Entity {id_} has none of the attributes asked for")
    headers = context_headers(request, view)
    if view.join is not None and view.join.mode == "flat":
        return await _collection(visit.source, request, view, [entity], headers)
    shown = await joined(visit.source, view, [entity])
    payload = view.payload(*shown[0])
    if view.media_type == GEO_JSON and not plain_json(request):
        payload["@context"] = context_value(view.representation.context)
    return Response(200, orjson.dumps(payload), view.media_type, headers)


async def _one(source: Source, id_: str, view: View) -> EntityDocument:
    narrowed = narrow_selection(Selection(ids=(id_,)), source.lens)
    hits = await source.find(narrowed, Page(1), times=_with_times(view))
    if not hits.entities:
        raise ResourceNotFound(f"Entity {id_} does not exist")
    return hits.entities[0]


async def _collection(
    source: Source, request: Request, view: View, entities: list[EntityDocument], headers: list[Header]
) -> Response:
    payloads = [view.payload(*shown) for shown in await joined(source, view, entities)]
    if view.media_type != GEO_JSON:
        return Response(200, orjson.dumps(payloads), view.media_type, headers)
    collection: dict[str, Any] = feature_collection(payloads)
    if not plain_json(request):
        collection["@context"] = context_value(view.representation.context)
    return Response(200, orjson.dumps(collection), view.media_type, headers)


async def joined(source: Source, view: View, entities: list[EntityDocument]) -> list[tuple[EntityDocument, Any]]:
    """With the linked entities that belong to the selection too; others stay URIs, as if they did not exist."""
    if view.join is None:
        return [(entity, view.projection) for entity in entities]
    linked: dict[str, EntityDocument | None] = {}
    level, most = entities, current().linked_entities
    for _ in range(view.join.level):
        ids = [id_ for id_ in _links(level) if id_ not in linked and id_ not in view.join.contained_by]
        if len(linked) + len(ids) > most:
            raise exceeded("linked_entities", "the answer would hold more linked entities", TooManyResults)
        linked |= dict.fromkeys(ids)
        level = await source.by_ids(ids, times=_with_times(view)) if ids else []
        linked |= {entity["id"]: entity for entity in level}
    linking = Linking(view.join, linked.get)
    if view.join.mode == "flat":
        return linking.flat(entities, view.projection)
    return [(linking.inline(entity, view.projection), view.projection) for entity in entities]


def _links(entities: Iterable[EntityDocument]) -> list[str]:
    return list(
        dict.fromkeys(
            id_
            for entity in entities
            for name, instances in entity.items()
            if name not in ENTITY_MEMBERS
            for instance in instances
            for id_ in linked_ids(instance)
        )
    )


def _with_times(view: View) -> bool:
    return view.representation.sys_attrs or bool(view.representation.times)


def context_headers(request: Request, view: View) -> list[Header]:
    """The Link to the context, where the body does not carry it; Preference-Applied."""
    if view.media_type == LD_JSON or (view.media_type == GEO_JSON and not plain_json(request)):
        return []
    link = context_link_header(view.representation.context)
    return [*link, (b"preference-applied", b"body=json")] if view.media_type == GEO_JSON else link


def context_link_header(context: Context) -> list[Header]:
    """None for a @context that came within a body: a product serves no contexts, and its sender has it."""
    source = context.source or CORE_URL
    if isinstance(source, list) and len(source) == 1:
        source = source[0]
    return [(b"link", link_to_context(source))] if isinstance(source, str) else []


def plain_json(request: Request) -> bool:
    """`Prefer: body=json` keeps the context out of GeoJSON (6.3.15)."""
    return "body=json" in (request.header(b"prefer") or "").replace(" ", "").replace('"', "")
