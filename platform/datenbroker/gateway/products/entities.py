"""A product's entities: /entities, /entities/{id} and queries by POST, as a broker with only the selection answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from context_broker.api.answers import collection, one_document, query_headers, rendered, view_headers
from context_broker.api.batch import posted_plan
from context_broker.api.entities import TOO_WIDE
from context_broker.api.request_context import linked_context
from context_broker.http.negotiation import negotiate
from context_broker.http.request import Request, parse_query
from context_broker.http.response import Response
from context_broker.limits import Limits
from context_broker.reading.linked import Documents, with_linked
from context_broker.reading.plan import Plan, View, make_plan
from datenbroker.gateway.products.source import Hits, Source
from datenbroker.gateway.products.visit import Visit
from datenbroker.lens.lens import Lens
from datenbroker.lens.narrowing import Narrowed, narrow
from datenbroker.lens.view import narrowed_view
from ngsi_ld.bounds import current, exceeded
from ngsi_ld.errors import BadRequestData, ResourceNotFound, TooManyResults
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.kinds import ENTITY_MEMBERS, EntityDocument
from ngsi_ld.names import check_uri
from ngsi_ld.query.q_evaluation import linked_ids
from ngsi_ld.query.types import matches_types


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """What a request asks of a product; `kept` shows of the owner's entities what may be seen, where that is enough."""

    plan: Plan
    narrowed: Narrowed | None
    kept: View | None


def compiled(plan: Plan, lens: Lens) -> Compiled:
    """`BadRequestData` for a query that is too wide."""
    if not plan.restricted:
        raise BadRequestData(TOO_WIDE)
    return Compiled(plan, narrow(plan, lens), narrowed_view(plan.view, lens))


@lru_cache(maxsize=4096)
def compiled_query(lens: Lens, query_string: bytes, context: Context, media_type: str, limits: Limits) -> Compiled:
    """Worked out once for each distinct query string, @context and version of a product."""
    params = parse_query(query_string, limits.query_parameters)
    return compiled(make_plan(params, context, media_type, (limits.page_default, limits.page_max)), lens)


async def query_entities(visit: Visit, request: Request) -> Response:
    """6.4.3.2 Query Entities (5.7.2)."""
    media_type = negotiate(request.accept, geo=True)
    context = await linked_context(visit, request)
    query_string = request.scope["query_string"]
    return await _answer(
        visit, request, compiled_query(visit.source.lens, query_string, context, media_type, request.limits)
    )


async def query_by_post(visit: Visit, request: Request) -> Response:
    """6.23.3.1 Query Entities by POST (5.7.2)."""
    return await _answer(visit, request, compiled(await posted_plan(visit, request), visit.source.lens))


async def _answer(visit: Visit, request: Request, asked: Compiled) -> Response:
    plan, source = asked.plan, visit.source
    embedded, view = source.embedded, plan.view
    if embedded is not None and asked.kept is not None and asked.narrowed is not None:
        found = await embedded.found(asked.narrowed, plan.page)
        if all(map(embedded.fits, found.entities)):
            headers = query_headers(visit, request, plan, more=found.more, total=found.total)
            return Response(200, rendered(asked.kept, found.entities), view.media_type, headers)
        hits = Hits([source.lens.shown(stored.document) for stored in found.entities], found.more, found.total)
    else:
        hits = await source.find(asked.narrowed, plan.page, times=_with_times(view))
    headers = query_headers(visit, request, plan, more=hits.more, total=hits.total)
    return Response(200, collection(request, view, await joined(source, view, hits.entities)), view.media_type, headers)


@lru_cache(maxsize=4096)
def compiled_retrieval(
    lens: Lens, query_string: bytes, context: Context, media_type: str, limits: Limits
) -> tuple[Plan, View | None]:
    """The plan, and the view of what is kept where it is enough that there is the entity."""
    params = parse_query(query_string, limits.query_parameters)
    plan = make_plan(params, context, media_type, (limits.page_default, limits.page_max))
    depends = plan.selection.types is not None or plan.view.projection.attrs is not None
    return plan, None if depends else narrowed_view(plan.view, lens)


async def retrieve_entity(visit: Visit, request: Request) -> Response:
    """6.5.3.1 Retrieve Entity (5.7.1)."""
    media_type = negotiate(request.accept, geo=True)
    context = await linked_context(visit, request)
    id_ = check_uri(request.path_values[0], "the entity's id")
    source = visit.source
    plan, kept = compiled_retrieval(source.lens, request.scope["query_string"], context, media_type, request.limits)
    if kept is not None and (embedded := source.embedded) is not None:
        stored = await embedded.one(id_)
        if stored is not None and embedded.fits(stored):
            return Response(200, kept.render(stored), media_type, view_headers(visit, request, plan.view))
        entity = None if stored is None else source.lens.shown(stored.document)
    else:
        entity = await source.one(id_, times=_with_times(plan.view))
    if entity is None:
        raise ResourceNotFound(f"Entity {id_} does not exist")
    types, view = plan.selection.types, plan.view
    if types is not None and not matches_types(types, entity["type"]):
        raise ResourceNotFound(f"Entity {id_} is not of the type asked for")
    if view.projection.attrs is not None and not view.projection.has_any(entity):
        raise ResourceNotFound(f"Entity {id_} has none of the attributes asked for")
    return one_document(visit, request, view, await joined(source, view, [entity]))


async def joined(source: Source, view: View, entities: Sequence[EntityDocument]) -> Documents:
    """With the linked entities that belong to the selection too; others stay URIs, as if they did not exist."""
    linked: dict[str, EntityDocument | None] = {}
    if view.join is not None:
        level, most = entities, current().linked_entities
        for _ in range(view.join.level):
            ids = [id_ for id_ in _links(level) if id_ not in linked and id_ not in view.join.contained_by]
            if len(linked) + len(ids) > most:
                raise exceeded("linked_entities", "the answer would hold more linked entities", TooManyResults)
            linked |= dict.fromkeys(ids)
            level = await source.by_ids(ids, times=_with_times(view)) if ids else []
            linked |= {entity["id"]: entity for entity in level}
    return with_linked(view, list(entities), linked.get)


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
