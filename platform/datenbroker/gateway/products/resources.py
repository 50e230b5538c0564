"""What a product's NGSI-LD endpoint offers: resources and methods, with the parameters of each (CIM 009, 6)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from context_broker.http.request import HttpError, Request
from context_broker.http.response import Response
from context_broker.reading.plan import PAGING, QUERY_PARAMS, RETRIEVE_PARAMS, VIEW_OPTIONS
from datenbroker.gateway.products import discovery, entities, subscriptions
from datenbroker.gateway.products.visit import Visit
from ngsi_ld.errors import InvalidRequest, NotImplementedYet

Handler = Callable[[Visit, Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Resource:
    """One method of one resource; `{}` stands for a variable segment."""

    method: str
    path: str
    handler: Handler
    params: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()

    def check(self, request: Request) -> None:
        """Refuse parameters and option values that are not known here (6.3.20), in the broker's words."""
        if not request.params:
            return
        unknown = [name for name in request.params if name not in self.params]
        if unknown:
            known = ", ".join(sorted(self.params)) or "none"
            raise InvalidRequest(f"{self.method} {self.path} has no parameter {unknown[0]!r:.60}; it has: {known}")
        if "local" in request.params:
            request.flag("local")
        for value in [*request.options, *filter(None, [request.params.get("format")])]:
            if value not in self.options:
                known = ", ".join(sorted(self.options)) or "none"
                raise InvalidRequest(f"{value!r:.60} is no option of {self.method} {self.path}; it knows: {known}")


_DETAILS = frozenset({"details", "local"})
_ONE, _TIMES = frozenset({"options", "local"}), frozenset({"sysAttrs"})
RESOURCES = (
    Resource("GET", "/entities", entities.query_entities, QUERY_PARAMS, VIEW_OPTIONS),
    Resource("GET", "/entities/{}", entities.retrieve_entity, RETRIEVE_PARAMS, VIEW_OPTIONS),
    Resource(
        "POST",
        "/entityOperations/query",
        entities.query_by_post,
        PAGING | {"options", "format", "local", "entityMap", "splitEntities"},
        VIEW_OPTIONS,
    ),
    Resource("GET", "/types", discovery.list_types, _DETAILS),
    Resource("GET", "/types/{}", discovery.describe_type, frozenset({"local"})),
    Resource("GET", "/attributes", discovery.list_attributes, _DETAILS),
    Resource("GET", "/attributes/{}", discovery.describe_attribute, frozenset({"local"})),
    Resource("POST", "/subscriptions", subscriptions.create_subscription, frozenset({"local"})),
    Resource("GET", "/subscriptions", subscriptions.query_subscriptions, _ONE | {"limit", "offset", "count"}, _TIMES),
    Resource("GET", "/subscriptions/{}", subscriptions.retrieve_subscription, _ONE, _TIMES),
    Resource("PATCH", "/subscriptions/{}", subscriptions.update_subscription, frozenset({"local"})),
    Resource("DELETE", "/subscriptions/{}", subscriptions.delete_subscription, frozenset({"local"})),
)


_BY_PLACE: dict[tuple[str, int], dict[str, Resource]] = {}
for _resource in RESOURCES:
    _first, *_more = _resource.path.strip("/").split("/")
    _BY_PLACE.setdefault((_first, len(_more)), {})[_resource.method] = _resource
"""By the first segment and how many follow: no two resources have both in common."""


def resource_of(method: str, segments: tuple[str, ...]) -> tuple[Resource, tuple[str, ...]]:
    """The resource and the values of its variable segments; 404, or 405 with Allow: nothing is written here."""
    first, rest = segments[0], segments[1:]
    if first == "temporal":
        raise NotImplementedYet("the history of a product can't be asked for here yet")
    methods = _BY_PLACE.get((first, len(rest)))
    if methods is None or (first == "entityOperations" and rest != ("query",)):
        raise HttpError(404, "there is no such resource in a product's NGSI-LD API")
    found = methods.get("GET" if method == "HEAD" else method)
    if found is not None:
        return found, rest
    allow = ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"}))
    raise HttpError(204 if method == "OPTIONS" else 405, f"allowed: {allow}", ((b"allow", allow.encode()),))
