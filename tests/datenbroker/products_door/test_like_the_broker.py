"""A product that shows everything answers as its broker does: statuses, headers, problems and bodies."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from datenbroker.products.selection import Selection
from tests.datenbroker.products_door.requests_of_all_kinds import TERMS, Sent, asked, places, reading
from tests.datenbroker.products_door.world import API, World, world

pytestmark = pytest.mark.anyio
DEFAULT = "https://uri.etsi.org/ngsi-ld/default-context/"
EVERYTHING = Selection(types=("T", "U"))
FRESH = re.compile(r"(EntityTypeList|AttributeList):[0-9a-f-]{36}")
OWN_ADDRESS = "/jsonldContexts/"
"""A broker gives a @context of a body an address; a product serves none."""
ENTITIES: list[dict[str, Any]] = [
    {
        "id": "urn:x:a",
        "type": "T",
        "scope": ["/A", "/A/B"],
        "p": {
            "type": "Property",
            "value": 1,
            "observedAt": "2031-02-03T10:00:00Z",
            "q": {"type": "Property", "value": 2},
        },
        "rel": {"type": "Relationship", "object": "urn:x:b"},
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [1, 1]}},
    },
    {
        "id": "urn:x:b",
        "type": ["U", "T"],
        "p": [{"type": "Property", "value": 1}, {"type": "Property", "value": 5, "datasetId": "urn:d:1"}],
        "name": {"type": "LanguageProperty", "languageMap": {"de": "x", "en": "y"}},
        "rel": {"type": "Relationship", "object": ["urn:x:c", "urn:x:none"]},
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [50, 50]}},
    },
    {"id": "urn:x:c", "type": "U", "p": {"type": "Property", "value": "text", "unitCode": "C62"}},
]


async def send(client: httpx.AsyncClient, sent: Sent, tenant: str | None) -> httpx.Response:
    headers = [*sent.headers, *([("NGSILD-Tenant", tenant)] if tenant else [])]
    if not any(name == "Accept" for name, _ in headers):
        headers.append(("Accept", "*/*"))
    return await client.request(sent.method, API + sent.target, headers=headers, content=sent.body)


def seen(answer: httpx.Response) -> tuple[Any, ...]:
    headers = sorted(
        (name, value.replace("</products/waste/", "</"))
        for name, value in answer.headers.multi_items()
        if name not in ("ngsild-tenant", "allow") and OWN_ADDRESS not in value
    )
    return answer.status_code, headers, FRESH.sub(r"\1", answer.text)


async def difference(made: World, sent: Sent) -> str | None:
    due, got = seen(await send(made.http, sent, "owner")), seen(await send(made.products, sent, None))
    return None if got == due else f"{sent}\n   product {got}\n   broker  {due}"


@pytest.mark.parametrize("near", [True, False], ids=["embedded", "by HTTP"])
async def test_a_product_of_everything_answers_each_request_as_the_broker_does(tmp_path: Path, near: bool) -> None:
    async with world(tmp_path) as made:
        made.broker.broker.contexts.prime(TERMS, {"Tee": DEFAULT + "T", "d": {"@id": DEFAULT, "@prefix": True}})
        await made.fill("owner", ENTITIES)
        made.open(EVERYTHING, "owner")
        made.endpoint.near = near
        found = [told for sent in asked() if (told := await difference(made, sent))]
    assert not found, f"{len(found)} differences, as\n" + "\n".join(found[:5])


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
async def test_what_would_write_is_405_with_what_is_allowed_there(tmp_path: Path, method: str) -> None:
    async with world(tmp_path) as made:
        await made.fill("owner", ENTITIES)
        made.open(EVERYTHING, "owner")
        for route in reading():
            answer = await send(made.products, Sent(method, places(route)[0], body=b"{}"), None)
            if method == route.method:
                continue
            assert answer.status_code == 405, (route.path, answer.text)
            methods = {"GET", "HEAD"} if route.method == "GET" else {"POST"}
            assert set(answer.headers["allow"].split(", ")) == methods | {"OPTIONS"}
