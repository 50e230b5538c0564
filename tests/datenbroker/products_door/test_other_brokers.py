"""What goes to a broker behind a product, and what becomes of what comes back, if that is more than was asked for."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from datenbroker.gateway.problems import BrokerBroken, GatewayProblem
from datenbroker.gateway.products.door import Broker, Endpoint
from datenbroker.products.selection import Selection
from tests.datenbroker.products_door.world import API, World, world

pytestmark = pytest.mark.anyio
SDM = "https://example.org/dataModel.Waste/"
SHOWN = Selection(types=("T", SDM + "Bin"), attributes=("p", SDM + "fill"), q="s.a>1")


class Simple:
    """Passes requests on, keeps their bodies, and knows neither pick nor, where told so, how to answer."""

    def __init__(self, made: World) -> None:
        self.made, self.bodies = made, list[dict[str, Any]]()
        self.scopes = list[Scope]()
        self.answer: tuple[int, bytes] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = json.loads((await receive())["body"])
        self.bodies.append(dict(asked))
        self.scopes.append(scope)
        if self.answer is not None:
            await send({"type": "http.response.start", "status": self.answer[0], "headers": []})
            await send({"type": "http.response.body", "body": self.answer[1]})
            return
        asked.pop("pick", None)
        body = json.dumps(asked).encode()
        headers = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
        headers.append((b"content-length", b"%d" % len(body)))

        async def changed() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.made.broker({**scope, "headers": headers}, changed, send)


@pytest.fixture
async def simple(tmp_path: Path) -> AsyncIterator[Simple]:
    async with world(tmp_path) as made:
        hidden = {"type": "Property", "value": 1, "a": {"type": "Property", "value": 2}}
        entity = {"id": "urn:x:1", "type": ["T", "V"], "scope": "/A", "p": {"value": 1}, SDM + "fill": {"value": 3}}
        await made.fill("owner", [entity | {"s": hidden, "r": {"value": "r"}}])
        broker = Simple(made)
        made.endpoint = Endpoint(Broker(broker, lambda: made.broker.broker.contexts, made.broker.limits))
        made.open(SHOWN, "owner")
        yield broker


async def test_a_broker_that_sends_more_than_was_asked_reveals_nothing(simple: Simple) -> None:
    answer = await simple.made.products.get(API + "/entities?local=true&options=sysAttrs")
    (entity,) = answer.json()
    assert set(entity) == {"id", "type", "createdAt", "p", SDM + "fill"}
    assert entity["type"] == "T"


async def test_the_request_is_the_gateways_own_in_names_that_any_broker_reads(simple: Simple) -> None:
    headers = {"X-HTTP-Method-Override": "DELETE", "Cookie": "a=b", "Via": "1.1 x", "Link": '<http://x>; rel="next"'}
    params = {"q": f"{SDM}fill>1;r==1|{SDM}fill==3", "type": "T", "options": "keyValues"}
    await simple.made.products.get(API + "/entities", params=params, headers=headers)
    sent = simple.bodies[0]
    (term,) = (term for term, iri in sent["@context"][0].items() if iri == SDM + "fill")
    assert sent["q"] == f"{term}==3;s.a>1"
    assert set(sent["pick"]) == {"id", "type", term, "p"}
    known = {b"accept", b"ngsild-tenant", b"content-type", b"content-length", b"host"}
    assert {name for name, _ in simple.scopes[0]["headers"]} == known


async def test_alternatives_stay_together_before_the_selections_own_condition(simple: Simple) -> None:
    answer = await simple.made.products.get(API + "/entities", params={"type": "T", "q": "p==1|p==2;!p|r==3"})
    assert answer.status_code == 200
    assert simple.bodies[0]["q"] == "(p==1|p==2;!p);s.a>1"


async def test_a_name_that_would_be_read_as_another_is_refused(simple: Simple) -> None:
    url = "https://example.org/seen.jsonld"
    simple.made.broker.broker.contexts.prime(url, {"seen": "https://uri.etsi.org/ngsi-ld/observedAt"})
    headers = {"Link": f'<{url}>; rel="http://www.w3.org/ns/json-ld#context"'}
    answer = await simple.made.products.get(API + "/entities", params={"type": "T", "q": "p.seen"}, headers=headers)
    assert (answer.status_code, simple.bodies) == (501, [])
    assert "other terms" in answer.json()["detail"]


async def test_what_is_hidden_brings_nothing_in_order(simple: Simple) -> None:
    params = {"type": "T", "local": "true", "orderBy": "s;desc,modifiedAt,p;desc,scope"}
    await simple.made.products.get(API + "/entities", params=params)
    assert simple.bodies[0]["ordering"] == {"orderBy": ["p;desc"]}


async def test_the_brokers_own_words_stay_inside(simple: Simple) -> None:
    for status in (400, 403):
        simple.answer = (status, b'{"detail": "tenant owner, attribute s"}')
        answer = await simple.made.products.get(API + "/entities?type=T")
        assert answer.status_code == 403
        assert "owner" not in answer.text
    simple.answer = (404, b'{"title": "Nonexistent Tenant"}')
    assert (await simple.made.products.get(API + "/entities?type=T")).json() == []
    for broken in [(500, b"trace"), (200, b"<html>"), (200, b"{}")]:
        simple.answer = broken
        with pytest.raises(GatewayProblem) as raised:
            await simple.made.products.get(API + "/entities?type=T")
        assert type(raised.value) is BrokerBroken


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/entities", 405),
        ("DELETE", "/entities", 405),
        ("PATCH", "/entities/urn:x:1", 405),
        ("PUT", "/entities/urn:x:1", 405),
        ("POST", "/entities/urn:x:1/attrs", 404),
        ("POST", "/entityOperations/upsert", 404),
        ("POST", "/csourceRegistrations", 404),
        ("GET", "/jsonldContexts", 404),
        ("GET", "/info/sourceIdentity", 404),
        ("GET", "/temporal/entities", 400),
        ("POST", "/temporal/entityOperations/query", 400),
        ("GET", "/entities?type=T&tenant=owner", 400),
        ("GET", "/entities/%2e%2e/urn:x:1", 404),
        ("GET", "/", 404),
        ("OPTIONS", "/entities", 204),
    ],
)
async def test_what_is_not_answered(simple: Simple, method: str, path: str, status: int) -> None:
    answer = await simple.made.products.request(method, API + path, json={} if method == "POST" else None)
    assert answer.status_code == status, answer.text
    assert simple.bodies == []
