"""A product's history: /temporal/entities, as a broker with only the selection and its past answers (CIM 009, 6.18)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from context_broker.api.answers import page_headers, view_headers
from context_broker.api.entities import TOO_WIDE
from context_broker.api.request_context import body_context, linked_context
from context_broker.http.negotiation import negotiate
from context_broker.http.request import LD_JSON, Request, listed_options
from context_broker.http.response import Header, Response
from context_broker.reading.plan import PAGING, QUERY_PARAMS, Plan, make_plan
from context_broker.reading.post_query import plan_of_query
from datenbroker.gateway.problems import Forbidden
from datenbroker.gateway.products.temporal_source import Histories, PastSource
from datenbroker.gateway.products.visit import Visit
from datenbroker.lens.lens import Lens
from datenbroker.lens.narrowing import Narrowed, fold, narrow
from datenbroker.lens.temporal import AGGREGATES, FORMS, TEMPORAL_Q, Past, past_of, since
from datenbroker.lens.temporal_forms import rendered
from datenbroker.lens.temporal_wire import Asked, shown_attributes, text_of
from datenbroker.products.product import Product, duration
from ngsi_ld.errors import BadRequestData, ResourceNotFound
from ngsi_ld.jsonld.context import context_value, core_context
from ngsi_ld.model.kinds import ENTITY_MEMBERS
from ngsi_ld.names import check_uri

_PAST = TEMPORAL_Q | AGGREGATES
_LINKED = frozenset({"join", "joinLevel", "containedBy", "geometryProperty"})
QUERY = QUERY_PARAMS - _LINKED | _PAST
RETRIEVE = _PAST | {"attrs", "pick", "omit", "lang", "datasetId", "format", "options", "local"}
POSTED = PAGING | {"options", "format", "local"}
OPTIONS = FORMS | {"sysAttrs"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the past, of which entities of the present; None for either where nothing can be found."""

    plan: Plan
    past: Past
    present: Narrowed | None
    asked: Asked | None


async def query_history(visit: Visit, request: Request) -> Response:
    """6.18.3.2 Query Temporal Evolution of Entities (5.7.4)."""
    media_type = negotiate(request.accept)
    context = await linked_context(visit, request)
    plan = make_plan(_of_the_present(request.params), context, media_type, _sizes(request))
    return await _answer(visit, request, plan, past_of(request.params))


async def query_history_by_post(visit: Visit, request: Request) -> Response:
    """6.24.3.1 Query Temporal Evolution of Entities by POST (5.7.4)."""
    body_type = request.media_type()
    media_type = negotiate(request.accept)
    payload = await request.json()
    context = await body_context(visit, request, body_type, payload)
    members = payload if isinstance(payload, dict) else {}
    past = past_of({**_form_of(request.params), **_temporal_q(members)})
    present = {name: value for name, value in members.items() if name not in ("temporalQ", "aggrParams")}
    plan = plan_of_query(present, _of_the_present(request.params), context, media_type, _sizes(request))
    return await _answer(visit, request, plan, past)


async def retrieve_history(visit: Visit, request: Request) -> Response:
    """6.19.3.1 Retrieve Temporal Evolution of an Entity (5.7.3)."""
    media_type = negotiate(request.accept)
    context = await linked_context(visit, request)
    id_ = check_uri(request.path_values[0], "the entity's id")
    plan = make_plan(_of_the_present(request.params), context, media_type, (1, 1))
    plan = replace(plan, selection=replace(plan.selection, ids=(id_,)))
    question = _question(visit, plan, past_of(request.params))
    form = plan.view.representation
    hits = await visit.source.find(question.present, plan.page, times=form.sys_attrs or bool(form.times))
    if not hits.entities:
        raise ResourceNotFound(f"Entity {id_} does not exist")
    now = {name: value for name, value in hits.entities[0].items() if name in ENTITY_MEMBERS - {"scope"}}
    histories = Histories([now])
    if question.asked is not None:
        histories = await (await _source(visit)).one(now, question.asked)
    return _response(question, histories, _shown(question, histories)[0], view_headers(visit, request, plan.view))


async def _answer(visit: Visit, request: Request, plan: Plan, past: Past) -> Response:
    if past.interval is None:
        raise BadRequestData("a query of the past needs timerel and timeAt")
    if not plan.restricted:
        raise BadRequestData(TOO_WIDE)
    if plan.ordering is not None and any(item.member != "id" for item in plan.ordering.criteria):
        raise BadRequestData("a query of the past is ordered by id alone")
    question = _question(visit, plan, past)
    histories = Histories([], total=0 if plan.page.count else None)
    if question.asked is not None:
        histories = await (await _source(visit)).find(question.present, question.asked, plan.page)
    pages = page_headers(request, plan.page, plan.view.media_type, histories.more, histories.total)
    return _response(question, histories, _shown(question, histories), view_headers(visit, request, plan.view) + pages)


def _question(visit: Visit, plan: Plan, past: Past) -> Question:
    """`Forbidden` where the product is offered without its history."""
    product, lens = visit.access.product, visit.source.lens
    if not product.history:
        raise Forbidden(f"The product {product.slug} is offered without its history: ask for its entities of now.")
    conditions = replace(plan.selection, attributes=None, q=None, geo=None)
    present = narrow(replace(plan, selection=conditions), lens)
    if present is not None:
        present = replace(present, attributes=frozenset(), scope=False)
    shown = since(past, beginning(product, datetime.now(UTC)))
    return Question(plan, past, present, _asked(plan, shown, lens))


def _asked(plan: Plan, past: Past | None, lens: Lens) -> Asked | None:
    selection, view = plan.selection, plan.view
    q = fold(selection.q, lens)
    attributes = shown_attributes(view.projection, lens)
    hidden = selection.geo is not None and not lens.shows(selection.geo.attribute)
    if past is None or q is False or hidden or attributes == frozenset():
        return None
    times = view.representation.sys_attrs or bool(view.representation.times)
    datasets = view.projection.datasets
    return Asked(past, attributes, None if isinstance(q, bool) else q, selection.geo, datasets, times)


def beginning(product: Product, moment: datetime) -> datetime | None:
    """Where the history that a product shows begins; None where all is shown.

    Aggregates of an earlier version were made by other rules: they are not shown.
    """
    starts = []
    if product.retention is not None:
        kept = moment - duration(product.retention)
        starts.append(kept.replace(microsecond=0) + timedelta(seconds=1))
    if product.aggregation is not None:
        starts.append(product.released or product.modified)
    return max(starts, default=None)


async def _source(visit: Visit) -> PastSource:
    url = visit.access.selection.context
    context = core_context() if url is None else visit.contexts.known(url) or await visit.contexts.resolve(url)
    return PastSource(visit.source, context)


def _shown(question: Question, histories: Histories) -> list[dict[str, Any]]:
    view = question.plan.view
    shown = []
    for entity in histories.entities:
        payload = rendered(view.projection.apply(entity), question.past, view.representation)
        if view.media_type == LD_JSON:
            payload["@context"] = context_value(view.representation.context)
        shown.append(payload)
    return shown


def _response(question: Question, histories: Histories, body: Any, headers: list[Header]) -> Response:
    """206 with the range where the broker did not send all (6.3.10)."""
    view = question.plan.view
    if histories.cut is None:
        return Response(200, orjson.dumps(body), view.media_type, headers)
    first, last = map(text_of, histories.cut)
    content_range = f"date-time {first}-{last}/{question.past.last or '*'}"
    return Response(206, orjson.dumps(body), view.media_type, [*headers, (b"content-range", content_range.encode())])


def _of_the_present(params: Mapping[str, str]) -> dict[str, str]:
    """What the plan of a query of the present takes."""
    present = {name: value for name, value in params.items() if name not in _PAST | {"format", "options"}}
    return present | ({"options": "sysAttrs"} if "sysAttrs" in listed_options(params) else {})


def _form_of(params: Mapping[str, str]) -> dict[str, str]:
    return {name: params[name] for name in ("format", "options") if name in params}


def _temporal_q(body: Mapping[str, Any]) -> dict[str, Any]:
    """`temporalQ` and `aggrParams` of a Query; the latter's members stood in the former before 1.9."""
    found: dict[str, Any] = {}
    for name, known in (("temporalQ", _PAST), ("aggrParams", AGGREGATES)):
        value = body.get(name, {})
        if not isinstance(value, dict) or not known.issuperset(value):
            raise BadRequestData(f"{name} is an object with some of {', '.join(sorted(known))}")
        found |= value
    if isinstance(found.get("aggrMethods"), list):
        found["aggrMethods"] = ",".join(map(str, found["aggrMethods"]))
    return found


def _sizes(request: Request) -> tuple[int, int]:
    return request.limits.page_default, request.limits.page_max
