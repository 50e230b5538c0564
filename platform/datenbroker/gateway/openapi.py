"""The OpenAPI document: the management API as FastAPI knows it, and the NGSI-LD API that lies before it."""

from typing import Any

from fastapi import FastAPI

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

PROBLEM = {
    "description": "A problem detail says what is wrong and what to do",
    "content": {
        "application/json": {
            "example": {"type": "about:blank", "title": "Unauthorized", "status": 401, "detail": "A key is needed: …"}
        }
    },
}


def _parameter(name: str, description: str, example: Any = None, where: str = "query") -> dict[str, Any]:
    schema = {"type": "integer" if isinstance(example, int) else "string"}
    parameter = {"name": name, "in": where, "required": where == "path", "schema": schema, "description": description}
    return parameter if example is None else parameter | {"example": example}


ENTITY_ID = _parameter("entityId", "The entity's URI", ENTITY["id"], "path")
CONTEXT = _parameter("Link", "The @context, where it is not the core one", where="header")
TENANT = _parameter("NGSILD-Tenant", "The tenant; platform-admin only, others act in their own", where="header")
OPTIONS = _parameter("options", "`keyValues` for attributes without metadata")
QUERY = [
    _parameter("type", "Entity type, several with commas", "ParkingSpot"),
    _parameter("id", "Entity ids, with commas"),
    _parameter("q", "Attribute query", 'status=="free"'),
    _parameter("attrs", "Only entities with these attributes, and only these"),
    _parameter("limit", "Entities a page", 20),
    _parameter("offset", "Entities before this page", 0),
    _parameter("count", "`true` for the header NGSILD-Results-Count"),
    OPTIONS,
]


def _operation(summary: str, success: tuple[int, str], parameters: list[Any], body: Any = None) -> Operation:
    status, meaning = success
    operation: Operation = {
        "tags": ["NGSI-LD"],
        "summary": summary,
        "parameters": [*parameters, CONTEXT, TENANT],
        "responses": {
            str(status): {"description": meaning},
            **{str(refused): PROBLEM for refused in (400, 401, 403, 404)},
        },
        "security": SECURED,
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"example": body}}}
    return operation


NGSI_LD: dict[str, dict[str, Operation]] = {
    "/ngsi-ld/v1/entities": {
        "get": _operation("Query entities (6.4.3.2)", (200, "The entities"), QUERY),
        "post": _operation("Create an entity (6.4.3.1)", (201, "Created; its address in Location"), [], ENTITY),
    },
    "/ngsi-ld/v1/entities/{entityId}": {
        "get": _operation("Retrieve an entity (6.5.3.1)", (200, "The entity"), [ENTITY_ID, OPTIONS]),
        "delete": _operation("Delete an entity (6.5.3.2)", (204, "Deleted"), [ENTITY_ID]),
    },
    "/ngsi-ld/v1/entityOperations/upsert": {
        "post": _operation(
            "Create or update up to 1,000 entities (6.15.3.1)",
            (204, "All done; 201 with the ids of the new ones, 207 where some were refused"),
            [_parameter("options", "`update` keeps the attributes not given", "update")],
            [ENTITY],
        ),
    },
}
"""The part of the API that every broker behind the gateway has; any other path of NGSI-LD is passed on just so."""


def extend(app: FastAPI) -> None:
    """Make `app.openapi()` describe both APIs."""
    describe = app.openapi

    def whole() -> dict[str, Any]:
        document = describe()
        if "securitySchemes" in document.setdefault("components", {}):
            return document  # FastAPI keeps the document it made: it is extended already
        document["components"]["securitySchemes"] = SCHEMES
        for path, operations in document["paths"].items():
            if path.startswith("/admin"):
                for operation in operations.values():
                    operation["security"] = SECURED
        document["paths"] = NGSI_LD | document["paths"]
        return document

    app.openapi = whole  # type: ignore[method-assign]
