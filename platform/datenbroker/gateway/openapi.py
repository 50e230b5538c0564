"""The OpenAPI document: the management API as FastAPI knows it, and the NGSI-LD API that lies before it.

The latter is made from the embedded broker's own table of routes, so that it tells what really is there.
"""

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from datenbroker.gateway.management.door import PATHS
from datenbroker.gateway.management.sharing import PATHS as SHARING
from datenbroker.gateway.management.sources import PATH as SOURCES

if TYPE_CHECKING:
    from context_broker.broker import Broker
    from context_broker.http.routes import Route

Operation = dict[str, Any]

SCHEMES = {
    "bearerKey": {"type": "http", "scheme": "bearer", "description": "Your API key (hdb_…)"},
    "headerKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key, this way"},
}
SECURED: list[dict[str, list[str]]] = [{scheme: []} for scheme in SCHEMES]

ENTITY = {
    "id": "urn:ngsi-ld:ParkingSpot:herne:1",
    "type": "ParkingSpot",
    "status": {"type": "Property", "value": "free", "observedAt": "2026-11-22T10:00:00Z"},
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [7.2249, 51.5369]}},
}
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/entities"): ENTITY,
    ("PATCH", "/entities/{}"): {"status": ENTITY["status"]},
    ("PATCH", "/entities/{}/attrs/{}"): {"value": "occupied"},
    ("POST", "/entityOperations/create"): [ENTITY],
    ("POST", "/entityOperations/upsert"): [ENTITY],
    ("POST", "/entityOperations/update"): [ENTITY],
    ("POST", "/entityOperations/delete"): [ENTITY["id"]],
    ("POST", "/entityOperations/query"): {
        "type": "Query",
        "entities": [{"type": "ParkingSpot"}],
        "q": 'status=="free"',
    },
}

VARIABLES = {
    "entities": ("entityId", ENTITY["id"]),
    "attrs": ("attrId", "status"),
    "types": ("type", "ParkingSpot"),
    "attributes": ("attrId", "status"),
    "subscriptions": ("subscriptionId", None),
    "csourceRegistrations": ("registrationId", None),
    "jsonldContexts": ("contextId", None),
    "tenants": ("tenant", None),
}
"""What a variable part of a path is called, by the segment before it."""

PARAMETERS = {
    "type": "Entity types: `ParkingSpot`, `A,B`, `A;B`",
    "id": "Entity ids, with commas",
    "idPattern": "Regular expression for the id",
    "q": 'Query on attributes, e.g. `status=="free"` or `fillingLevel>0.5`',
    "attrs": "Only entities with one of these attributes, and only these attributes",
    "pick": "Only these members",
    "omit": "All members but these",
    "georel": "Geo-query: `near;maxDistance==500`, `within`, …",
    "geometry": "Geo-query: `Point`, `Polygon`, …",
    "coordinates": "Geo-query: coordinates as in GeoJSON",
    "geoproperty": "Geo-query: attribute other than `location`",
    "limit": "Entities a page",
    "offset": "Entities before this page",
    "count": "`true`: how many there are, in the header NGSILD-Results-Count",
    "orderBy": "Attributes to sort by, e.g. `fillingLevel;desc`",
    "lang": "Language of LanguageProperties",
    "scopeQ": "Query on scopes",
    "datasetId": "Only instances with this datasetId",
    "local": "Accepted for other brokers' sake: all is local",
}

NOT_OFFERED = "not_offered"
"""The handler of what the embedded broker answers with 501."""

SHARED = [
    {"name": "Link", "in": "header", "schema": {"type": "string"}, "description": "The @context, if not the core one"},
    {
        "name": "NGSILD-Tenant",
        "in": "header",
        "schema": {"type": "string"},
        "description": "The tenant: for platform-admin only, all others act in their own",
    },
]

PROBLEM = {
    "description": "A problem detail: what is wrong, and what to do",
    "content": {
        "application/json": {
            "example": {"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "A key is needed: …"}
        }
    },
}


def extend(app: FastAPI) -> None:
    """Make `app.openapi()` describe both APIs."""
    describe = app.openapi

    def whole() -> dict[str, Any]:
        document = describe()
        if "securitySchemes" in document.setdefault("components", {}):
            return document  # FastAPI keeps the document it made: it is extended already
        document["components"]["securitySchemes"] = SCHEMES
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                if path.startswith(SHARING) and method == "get" and not path.endswith(("grants", "inventory")):
                    operation["security"] = [{}, *SECURED]  # what is open needs no key
                elif path.startswith(("/admin", SOURCES, *PATHS, *SHARING)):
                    operation["security"] = SECURED
        document["paths"] = ngsi_ld_paths() | document["paths"]
        return document

    app.openapi = whole  # type: ignore[method-assign]


def ngsi_ld_paths() -> dict[str, dict[str, Operation]]:
    """The `paths` of the NGSI-LD API, and of the broker's own administration."""
    from context_broker.api.administration import ROUTES as ADMINISTRATION
    from context_broker.app import ROUTES

    paths: dict[str, dict[str, Operation]] = {}
    for base, tag, routes in (("/ngsi-ld/v1", "NGSI-LD", ROUTES), ("/admin", "Tenants and contexts", ADMINISTRATION)):
        for route in routes:
            if getattr(route.handler, "__name__", "") == NOT_OFFERED or route.path == "/health":
                continue
            template, variables = _template(route.path)
            operation = _operation(route, variables) | {"tags": [tag]}
            paths.setdefault(base + template, {})[route.method.lower()] = operation
    return paths


def _template(path: str) -> tuple[str, list[Operation]]:
    """`/entities/{}` → `/entities/{entityId}`, and its variables as parameters."""
    segments, variables = path.split("/"), []
    for position, segment in enumerate(segments):
        if segment == "{}":
            name, example = VARIABLES.get(segments[position - 1], (f"part{position}", None))
            segments[position] = f"{{{name}}}"
            variable = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            variables.append(variable if example is None else variable | {"example": example})
    return "/".join(segments), variables


def _operation(route: "Route[Broker]", variables: list[Operation]) -> Operation:
    handler = getattr(route.handler, "func", route.handler)
    title = (handler.__doc__ or "").partition("\n")[0].removeprefix(f"Implements {route.clause}").strip(" .")
    operation: Operation = {
        "tags": ["NGSI-LD"],
        "summary": title or f"{route.method} {route.path}",
        "description": f"CIM 009, {route.clause}" if route.clause else "",
        "parameters": [*variables, *(_parameter(name, route) for name in sorted(route.params)), *SHARED],
        "responses": {
            "2XX": {"description": "Done"},
            **{status: PROBLEM for status in ("400", "401", "403", "404")},
        },
        "security": SECURED,
    }
    if route.method in {"POST", "PUT", "PATCH"}:
        content = {"example": BODIES.get((route.method, route.path), {}), "schema": {}}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _parameter(name: str, route: "Route[Broker]") -> Operation:
    description = PARAMETERS.get(name, "")
    if name in {"options", "format"}:
        description = "One of " + ", ".join(f"`{value}`" for value in sorted(route.options))
    schema = {"type": "integer" if name in {"limit", "offset"} else "string"}
    return {"name": name, "in": "query", "schema": schema, "description": description}
