"""The routes: one typed tuple that dispatch, OPTIONS, 405 and the conformance table are made of.

They are told once for all who answer them: the broker, and whoever shows a part of it (`Route.answered_by`).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from context_broker.http.request import HttpError, Request
from context_broker.http.response import Response
from ngsi_ld.errors import InvalidRequest

Place = TypeVar("Place")
Other = TypeVar("Other")
_BOOLEANS = frozenset({"local", "entityMap", "splitEntities"})
Handler = Callable[[Place, Request], Awaitable[Response]]
"""The first argument is what answers: the broker, one visit to a data product."""


@dataclass(frozen=True, slots=True)
class Route(Generic[Place]):
    """One method of one resource: `path` relative to /ngsi-ld/v1, `{}` for a variable segment.

    `params` are the parameters it implements, `options` the values of `options`/`format` it knows (6.3.20).
    """

    method: str
    path: str
    clause: str
    handler: Handler[Place]
    params: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()

    def answered_by(self, handler: Handler[Other]) -> "Route[Other]":
        """The same operation with the same parameters, of another place."""
        return Route(self.method, self.path, self.clause, handler, self.params, self.options)

    def check(self, request: Request) -> None:
        """Refuse parameters and option values that this operation does not know."""
        if not request.params:
            return
        unknown = [name for name in request.params if name not in self.params]
        if unknown:
            known = ", ".join(sorted(self.params)) or "none"
            raise InvalidRequest(f"{self.method} {self.path} has no parameter {unknown[0]!r:.60}; it has: {known}")
        for name in _BOOLEANS & request.params.keys():
            request.flag(name)
        values = [*request.options, *([request.params["format"]] if "format" in request.params else [])]
        for value in values:
            if value not in self.options:
                known = ", ".join(sorted(self.options)) or "none"
                raise InvalidRequest(f"{value!r:.60} is no option of {self.method} {self.path}; it knows: {known}")


@dataclass(slots=True)
class _Node(Generic[Place]):
    children: dict[str, "_Node[Place]"] = field(default_factory=dict)
    routes: dict[str, Route[Place]] = field(default_factory=dict)


class RouteTable(Generic[Place]):
    """Finds the route of a request by its segments."""

    def __init__(self, routes: tuple[Route[Place], ...]) -> None:
        self.routes = routes
        self._root = _Node[Place]()
        for route in routes:
            node = self._root
            for segment in route.path.strip("/").split("/"):
                node = node.children.setdefault(segment, _Node())
            node.routes[route.method] = route

    def find(self, method: str, segments: tuple[str, ...]) -> tuple[Route[Place], tuple[str, ...]]:
        """The route and the values of its variable segments; 404 or 405 with Allow."""
        node, values = self._root, []
        for segment in segments:
            child = node.children.get(segment)
            if child is None:
                child = node.children.get("{}")
                values.append(segment)
            if child is None:
                raise HttpError(404, "there is no such resource under /ngsi-ld/v1")
            node = child
        if not node.routes:
            raise HttpError(404, "there is no such resource under /ngsi-ld/v1")
        route = node.routes.get("GET" if method == "HEAD" else method)
        if route is None:
            allow = ", ".join(sorted({*node.routes, *(["HEAD"] if "GET" in node.routes else []), "OPTIONS"}))
            raise HttpError(204 if method == "OPTIONS" else 405, f"allowed: {allow}", ((b"allow", allow.encode()),))
        return route, tuple(values)
