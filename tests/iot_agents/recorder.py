"""A context broker as an ASGI app that keeps entities in memory, and can be told to be down or to refuse."""

from collections import defaultdict
from typing import Any
from urllib.parse import parse_qs, unquote

import orjson

UPSERT = "/ngsi-ld/v1/entityOperations/upsert"
TEMPORAL = "/ngsi-ld/v1/temporal/entities"


class RecordingBroker:
    """Batch upsert, retrieve, and query by ids; `requests` are the batches in the order they came."""

    def __init__(self) -> None:
        self.entities: defaultdict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.requests: list[list[dict[str, Any]]] = []
        self.refuse: set[str] = set()
        self.history: list[dict[str, Any]] | None = None
        """What was added to the history alone; None where there is no history that can be added to."""
        self.statuses: list[int] = []
        """Answers for the next upserts and deletions, before they succeed again."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        tenant = dict(scope["headers"]).get(b"ngsild-tenant", b"").decode()
        path, ids = unquote(scope["path"]), parse_qs(scope["query_string"].decode()).get("id")
        status, answer = self._found(tenant, ids[0]) if ids else self._answer(scope["method"], path, tenant, body)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if status == 204 else orjson.dumps(answer)})

    def _answer(self, method: str, path: str, tenant: str, body: bytes) -> tuple[int, Any]:
        if method == "POST" and path == UPSERT:
            return self._upsert(tenant, orjson.loads(body))
        if method == "POST" and path == TEMPORAL and self.history is not None:
            self.history.append(orjson.loads(body))
            return 201, None
        if method == "DELETE":
            return self._delete(tenant, path.rsplit("/", 1)[-1])
        entity = self.entities[tenant].get(path.rsplit("/", 1)[-1])
        return (200, entity) if entity else (404, {"status": 404, "title": "no such entity"})

    def _found(self, tenant: str, ids: str) -> tuple[int, Any]:
        there = self.entities[tenant]
        return 200, [there[id_] for id_ in ids.split(",") if id_ in there]

    def _delete(self, tenant: str, entity_id: str) -> tuple[int, Any]:
        if self.statuses:
            status = self.statuses.pop(0)
            return status, {"status": status, "title": "as the test wishes"}
        return (204, None) if self.entities[tenant].pop(entity_id, None) else (404, {"status": 404, "title": "unknown"})

    def _upsert(self, tenant: str, batch: list[dict[str, Any]]) -> tuple[int, Any]:
        if self.statuses:
            status = self.statuses.pop(0)
            return status, {"status": status, "title": "as the test wishes"}
        self.requests.append(batch)
        problem = {"title": "BadRequestData", "detail": "refused by the test", "status": 400}
        for entity in batch:
            if entity["id"] not in self.refuse:
                self.entities[tenant].setdefault(entity["id"], {}).update(entity)
        refused = [entity["id"] for entity in batch if entity["id"] in self.refuse]
        if not refused:
            return 204, None
        return 207, {"success": [], "errors": [{"entityId": id_, "error": problem} for id_ in refused]}
