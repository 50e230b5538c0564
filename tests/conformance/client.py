"""How the tests speak to the broker: requests that fail loudly where a test only prepares."""

import asyncio
from typing import Any

import httpx

KIOSK = "urn:ngsi-ld:Kiosk:4"
PARK = "urn:ngsi-ld:Park:1"
DEFAULT = "https://uri.etsi.org/ngsi-ld/default-context/"
ERRORS = "https://uri.etsi.org/ngsi-ld/errors/"
CORE = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld"
LD = {"Content-Type": "application/ld+json"}
SYS = {"options": "sysAttrs"}


class Client:
    """The broker under test. `create`, `attribute`, `get`, `ids` check their own success; `http` does not."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def create(self, **attributes: Any) -> str:
        """Create an entity, a Kiosk unless said otherwise; its id."""
        entity = {"id": KIOSK, "type": "Kiosk", **attributes}
        answer = await self.http.post("/entities", json=entity)
        assert answer.status_code == 201, answer.text
        await asyncio.sleep(0.002)  # times are kept to the millisecond: what follows is later
        return str(entity["id"])

    async def get(self, id_: str = KIOSK, **params: Any) -> Any:
        """Retrieve an entity."""
        answer = await self.http.get(f"/entities/{id_}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def attribute(self, name: str, id_: str = KIOSK, **params: Any) -> Any:
        """One attribute of an entity."""
        return (await self.get(id_, **params))[name]

    async def query(self, **params: Any) -> Any:
        """What a query finds."""
        answer = await self.http.get("/entities", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ids(self, **params: Any) -> list[str]:
        """The last parts of the ids that a query finds."""
        return [entity["id"].rpartition(":")[2] for entity in await self.query(**params)]

    async def send(self, method: str, path: str, json: Any, status: int = 204, **options: Any) -> httpx.Response:
        """A request with a JSON body that is answered with `status`."""
        answer = await self.http.request(method, path, json=json, **options)
        assert answer.status_code == status, answer.text
        return answer


def is_problem(answer: httpx.Response, status: int, name: str) -> bool:
    """Whether an answer is the problem detail of an error type (5.5.2, 6.3.2), with all its members."""
    body = answer.json()
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert body["type"] == ERRORS + name, body
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return True


def context_link(url: str) -> dict[str, str]:
    """The header that names the @context of a request."""
    return {"Link": f'<{url}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'}


def prop(value: Any, **members: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, **members}


def rel(target: Any, **members: Any) -> dict[str, Any]:
    return {"type": "Relationship", "object": target, **members}


def point(longitude: float, latitude: float) -> dict[str, Any]:
    return {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [longitude, latitude]}}
