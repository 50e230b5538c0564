"""A small temporal broker, naive and by the book (CIM 009, 4.5.6-4.5.9, 4.5.19, 4.11, 5.7.3, 5.7.4), for comparisons.

It holds whole histories in memory, looks at each instance, and stands beside a broker of the present as Mintaka does.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from context_broker.contexts import Contexts
from context_broker.http.links import context_link
from context_broker.reading.plan import make_view
from ngsi_ld.datetimes import parse_datetime
from ngsi_ld.errors import NgsiLdError
from ngsi_ld.jsonld.context import Context, core_context
from ngsi_ld.model.kinds import ENTITY_MEMBERS, KIND_OF, EntityDocument, Instance
from ngsi_ld.model.representation import Representation
from ngsi_ld.query.geo import parse_geo_query
from ngsi_ld.query.q import parse_q
from ngsi_ld.query.q_evaluation import matches
from ngsi_ld.query.scope import matches_scope_query, parse_scope_query
from ngsi_ld.query.types import matches_types, parse_type_selection

OPTIONS = {"temporalValues", "aggregatedValues"}
WRAPPED = ("LanguageProperty", "VocabProperty", "JsonProperty")
Params = dict[str, str]


@dataclass
class HistoryBroker:
    """`past`: by tenant and id, expanded; `most`: instances of an attribute in one answer, else it is cut (206)."""

    contexts: Contexts
    past: dict[str, dict[str, EntityDocument]] = field(default_factory=dict)
    most: int | None = None
    asked: list[Params] = field(default_factory=list)
    aggregates: bool = True
    says: tuple[int, str] | None = None
    """An answer of its own to every query."""
    obeys: bool = True
    """Whether it heeds ids, attributes and times."""

    def app(self) -> Starlette:
        base = "/ngsi-ld/v1/temporal"
        return Starlette(
            routes=[
                Route(f"{base}/entities", self._query),
                Route(f"{base}/entities/{{id:path}}", self._retrieve),
                Route(f"{base}/entityOperations/query", self._post, methods=["POST"]),
            ]
        )

    async def _query(self, request: Request) -> Response:
        return await self._found(request, dict(request.query_params))

    async def _post(self, request: Request) -> Response:
        body = await request.json()
        params = dict(request.query_params)
        for name, value in body.items():
            if name in ("temporalQ", "aggrParams", "geoQ"):
                params |= {key: ",".join(item) if key == "aggrMethods" else str(item) for key, item in value.items()}
            elif name == "entities":
                (selector,) = value
                ids = selector.get("id", [])
                params["type"] = selector["type"]
                params |= {"id": ",".join([ids] if isinstance(ids, str) else ids)} if ids else {}
                params |= {"idPattern": selector["idPattern"]} if "idPattern" in selector else {}
            elif name not in ("type", "@context"):
                params[name] = ",".join(value) if isinstance(value, list) else value
        return await self._found(request, params)

    async def _found(self, request: Request, params: Params) -> Response:
        self.asked.append(params)
        if self.says is not None:
            return Response(self.says[1], self.says[0])
        if not self.obeys:
            params = {"type": params["type"]}
        try:
            context = await self._context(request)
            tenant = self.past.get(request.headers.get("ngsild-tenant", ""), {})
            found = [evolution for entity in tenant.values() if (evolution := _evolution(entity, params, context))]
        except NgsiLdError as error:
            return JSONResponse(error.problem(), error.status)
        limit, offset = int(params.get("limit", "20")), int(params.get("offset", "0"))
        headers = {"ngsild-results-count": str(len(found))} if params.get("count") == "true" else {}
        if len(found) > offset + limit > 0:
            headers["link"] = '<next>; rel="next"'
        return self._answer(found[offset : offset + limit], params, context, headers, alone=False)

    async def _retrieve(self, request: Request) -> Response:
        params = dict(request.query_params)
        self.asked.append(params)
        context = await self._context(request)
        entity = self.past.get(request.headers.get("ngsild-tenant", ""), {}).get(request.path_params["id"])
        if entity is None:
            return JSONResponse({"title": "Resource Not Found"}, 404)
        return self._answer([_instances_of(entity, params, context)], params, context, {}, alone=True)

    async def _context(self, request: Request) -> Context:
        url = context_link(tuple(request.headers.getlist("link")))
        return core_context() if url is None else await self.contexts.resolve(url)

    def _answer(
        self, found: list[EntityDocument], params: Params, context: Context, headers: dict[str, str], *, alone: bool
    ) -> Response:
        cut, status = found, 200
        aggregated = "aggregatedValues" in params.get("options", "")
        if self.most is not None and not aggregated:
            cut = [_cut(entity, self.most) for entity in found]
            status = 206 if cut != found else 200
        view = make_view({name: params[name] for name in _VIEW if name in params}, context, "application/json")
        form = Representation(context, sys_attrs="sysAttrs" in params.get("options", ""), lang=view.representation.lang)
        if not self.aggregates:
            params = {**params, "options": params.get("options", "").replace("aggregatedValues", "")}
        bodies = [_rendered(view.projection.apply(entity), params, form) for entity in cut]
        return JSONResponse(bodies[0] if alone else bodies, status, headers)


_VIEW = ("attrs", "pick", "omit", "lang", "datasetId")


def _evolution(entity: EntityDocument, params: Params, context: Context) -> EntityDocument | None:
    """What a query finds of an entity; None where that is nothing."""
    types = params.get("type")
    if types and types != "*" and not matches_types(parse_type_selection(types, context), entity["type"]):
        return None
    if "id" in params and entity["id"] not in params["id"].split(","):
        return None
    if "idPattern" in params and not re.search(params["idPattern"], entity["id"]):
        return None
    scopes = parse_scope_query(params["scopeQ"]) if "scopeQ" in params else None
    if scopes is not None and not matches_scope_query(scopes, entity.get("scope", ())):
        return None
    past = _instances_of(entity, params | {"lastN": "100000"}, context, whole=True)
    if "q" in params and not matches(parse_q(params["q"], context), past):
        return None
    geo = parse_geo_query(params, context)
    if geo is not None and not geo.matches(past):
        return None
    shown = _instances_of(entity, params, context)
    return shown if any(name not in ENTITY_MEMBERS for name in shown) else None


def _instances_of(entity: EntityDocument, params: Params, context: Context, *, whole: bool = False) -> EntityDocument:
    """The instances in the interval; the newest lastN of each attribute, of `attrs` or `pick` where these are given."""
    picked = [name for name in params.get("pick", "").split(",") if name and name not in ENTITY_MEMBERS]
    names = set(map(context.expand, params["attrs"].split(",") if "attrs" in params else picked))
    kept: EntityDocument = {}
    for name, value in entity.items():
        if name in ENTITY_MEMBERS:
            kept[name] = value
            continue
        if names and name not in names and not whole:
            continue
        if instances := _newest([one for one in value if _takes_part(one, params)], params):
            kept[name] = instances
    return kept


def _newest(instances: list[Instance], params: Params) -> list[Instance]:
    of = params["datasetId"].split(",") if "datasetId" in params else None
    wanted = [one for one in instances if of is None or one.get("datasetId", "@none") in of]
    if "lastN" not in params:
        return wanted
    return sorted(wanted, key=lambda one: str(_time(one, params)), reverse=True)[: int(params["lastN"])]


def _time(instance: Instance, params: Params) -> datetime | None:
    return parse_datetime(instance.get(params.get("timeproperty", "observedAt"), ""))


def _takes_part(instance: Instance, params: Params) -> bool:
    """A deleted attribute is there for those who ask when it was deleted, or for everything."""
    trace = "deletedAt" in instance and params.get("timeproperty") != "deletedAt"
    if "timerel" not in params:
        return not trace or "sysAttrs" in params.get("options", "")
    moment, at = _time(instance, params), datetime.fromisoformat(params["timeAt"])
    if trace or moment is None:
        return False
    if params["timerel"] == "before":
        return moment < at
    return at <= moment and (params["timerel"] == "after" or moment < datetime.fromisoformat(params["endTimeAt"]))


def _cut(entity: EntityDocument, most: int) -> EntityDocument:
    return {name: value if name in ENTITY_MEMBERS else value[:most] for name, value in entity.items()}


def _rendered(entity: EntityDocument, params: Params, form: Representation) -> dict[str, Any]:
    shown = form.entity({name: value for name, value in entity.items() if name in ENTITY_MEMBERS})
    asked = set(params.get("options", "").split(",")) | {params.get("format", "")}
    for name, instances in entity.items():
        if name in ENTITY_MEMBERS:
            continue
        value: Any
        if "aggregatedValues" in asked:
            value = _aggregated(instances, params)
        elif "temporalValues" in asked:
            value = _values([form.attribute([one]) for one in instances], [_text(one, params) for one in instances])
        else:
            value = [_with_time(form.attribute([one]), one, params) for one in instances]
        if value:
            shown[form.context.compact(name)] = value
    return shown


def _text(instance: Instance, params: Params) -> Any:
    return instance.get(params.get("timeproperty", "observedAt"))


def _with_time(shown: dict[str, Any], instance: Instance, params: Params) -> dict[str, Any]:
    name = params.get("timeproperty", "observedAt")
    return shown | ({name: instance[name]} if name in instance else {})


def _values(instances: list[dict[str, Any]], times: list[Any]) -> Any:
    """By kind and dataset, in the order in which they first come."""
    keys = list(dict.fromkeys((one["type"], one.get("datasetId")) for one in instances))
    series = []
    for kind, dataset in keys:
        member = KIND_OF[kind].value
        rows = [
            [{member: one[member]} if kind in WRAPPED else one[member], time]
            for one, time in zip(instances, times, strict=True)
            if (one["type"], one.get("datasetId")) == (kind, dataset)
        ]
        series.append({"type": kind, member + "s": rows} | ({"datasetId": dataset} if dataset else {}))
    return series[0] if len(series) == 1 else series


def _aggregated(instances: list[Instance], params: Params) -> dict[str, Any]:
    """Numbers of Properties alone, in periods of hours."""
    numbers = [
        (time, one["value"])
        for one in instances
        if one["type"] == "Property" and type(one["value"]) in (int, float) and (time := _time(one, params))
    ]
    rows: dict[str, list[Any]] = {}
    for start, end, values in _periods(numbers, params):
        for method in params["aggrMethods"].split(","):
            row = [_figure(method, values), _iso(start), _iso(end)]
            rows.setdefault(method, []).append(row)
    return {"type": "Property", **rows} if rows else {}


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _periods(numbers: list[tuple[datetime, float]], params: Params) -> Iterator[tuple[datetime, datetime, list[float]]]:
    if not numbers:
        return
    first, last = min(time for time, _ in numbers), max(time for time, _ in numbers)
    start = first if params.get("timerel", "before") == "before" else datetime.fromisoformat(params["timeAt"])
    hours = int(params.get("aggrPeriodDuration", "PT100000H")[2:-1])
    while start <= last:
        end = start + timedelta(hours=hours)
        if values := [value for time, value in numbers if start <= time < end]:
            yield start, end, values
        start = end


def _figure(method: str, values: Iterable[float]) -> float:
    known = list(values)
    figures = {"sum": sum(known), "min": min(known), "max": max(known), "avg": sum(known) / len(known)}
    return (figures | {"totalCount": len(known), "distinctCount": len(set(known))})[method]
