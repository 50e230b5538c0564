"""For each limit that refuses: a request of a given size, and how a request beyond the limit is answered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

Ask = Callable[[httpx.AsyncClient, int], Awaitable[httpx.Response]]
LD = {"Content-Type": "application/ld+json"}
BAD, COMPLEX, MANY = (400, "BadRequestData"), (403, "TooComplexQuery"), (403, "TooManyResults")


@dataclass(frozen=True)
class Refusal:
    """`small` is another value of the limit, `at_default` whether the default is small enough to be tried."""

    ask: Ask
    answer: tuple[int, str]
    small: int = 3
    at_default: bool = True


def get(**params: Callable[[int], Any]) -> Ask:
    async def ask(http: httpx.AsyncClient, size: int) -> httpx.Response:
        return await http.get("/entities", params={"type": "T"} | {name: make(size) for name, make in params.items()})

    return ask


def query(**members: Callable[[int], Any]) -> Ask:
    async def ask(http: httpx.AsyncClient, size: int) -> httpx.Response:
        body = {"type": "Query", "entities": [{"type": "T"}]} | {name: make(size) for name, make in members.items()}
        return await http.post("/entityOperations/query", json=body)

    return ask


def entity(make: Callable[[int], dict[str, Any]]) -> Ask:
    """An entity is created and deleted."""

    async def ask(http: httpx.AsyncClient, size: int) -> httpx.Response:
        body = {"id": "urn:x:a", "type": "T", **make(size)}
        answer = await http.post("/entities", json=body, headers=LD if "@context" in body else None)
        await http.delete(f"/entities/{body['id']}")
        return answer

    return ask


def groups(size: int) -> str:
    """AND and OR in one another, `size` of them."""
    text = "a"
    for level in range(size):
        text = f"{text};b" if level % 2 else f"({text}|c)" if level else "a|c"
        text = f"({text})" if level < size - 1 else text
    return text


def line(size: int) -> list[list[float]]:
    return [[7 + number / 1e6, 51] for number in range(size)]


def nested(size: int) -> dict[str, Any]:
    """Sub-attributes in one another."""
    attribute: dict[str, Any] = {"type": "Property", "value": 1}
    for _ in range(size):
        attribute = {"type": "Property", "value": 1, "sub": attribute}
    return {"attribute": attribute}


def arrays(size: int) -> dict[str, Any]:
    """An entity that as JSON is nested so deep."""
    value: Any = 1
    for _ in range(size - 2):
        value = [value]
    return {"attribute": {"type": "Property", "value": value}}


def chain(size: int) -> dict[str, Any]:
    """A term that leans on so many others."""
    terms = {f"t{number}": f"t{number + 1}" for number in range(size)}
    return {"@context": terms | {f"t{size}": "https://example.org/t"}}


async def linked(http: httpx.AsyncClient, size: int) -> httpx.Response:
    ids = [f"urn:x:{number}" for number in range(size)]
    hub = {"id": "urn:x:hub", "type": "T", "to": {"type": "Relationship", "object": ids}}
    await http.post("/entityOperations/upsert", json=[hub, *({"id": id_, "type": "T"} for id_ in ids)])
    return await http.get("/entities/urn:x:hub?join=flat")


async def batch(http: httpx.AsyncClient, size: int) -> httpx.Response:
    entities = [{"id": f"urn:x:{number}", "type": "T"} for number in range(size)]
    return await http.post("/entityOperations/upsert", json=entities)


async def body(http: httpx.AsyncClient, size: int) -> httpx.Response:
    raw = orjson.dumps({"type": "Query", "entities": [{"type": "T"}]}).ljust(size)
    return await http.post("/entityOperations/query", content=raw, headers={"Content-Type": "application/json"})


async def parameters(http: httpx.AsyncClient, size: int) -> httpx.Response:
    return await http.get("/entities?" + "&".join(["type=T"] * size))


async def subscriptions(http: httpx.AsyncClient, size: int) -> httpx.Response:
    endpoint = {"endpoint": {"uri": "https://example.org/"}}
    wanted = {"type": "Subscription", "entities": [{"type": "T"}], "notification": endpoint}
    return [await http.post("/subscriptions", json=wanted) for _ in range(size)][-1]


async def hosted(http: httpx.AsyncClient, size: int) -> httpx.Response:
    return [await http.post("/jsonldContexts", json={"@context": {}}) for _ in range(size)][-1]


REFUSALS: dict[str, Refusal] = {
    "expression_characters": Refusal(get(q=lambda size: "a" * size), COMPLEX),
    "expression_nesting": Refusal(get(q=groups), COMPLEX),
    "q_terms": Refusal(get(q=lambda size: ";".join("a" * size)), COMPLEX),
    "q_links": Refusal(
        get(q=lambda size: "a{" * size + "a" + "}" * size, join=lambda _: "flat", joinLevel=lambda _: 30), COMPLEX
    ),
    "pattern_characters": Refusal(get(idPattern=lambda size: "a" * size), BAD),
    "type_alternatives": Refusal(get(type=lambda size: f"({','.join('T' * size)});T"), BAD),
    "order_criteria": Refusal(get(orderBy=lambda size: ",".join("a" * size), local=lambda _: "true"), COMPLEX),
    "query_ids": Refusal(
        query(entities=lambda size: [{"type": "T", "id": [f"urn:x:{number}" for number in range(size)]}]), COMPLEX
    ),
    "query_selectors": Refusal(query(entities=lambda size: [{"type": "T"}] * size), COMPLEX),
    "query_names": Refusal(query(attrs=lambda size: ["a"] * size), COMPLEX),
    "query_points": Refusal(
        query(geoQ=lambda size: {"georel": "intersects", "geometry": "LineString", "coordinates": line(size)}), COMPLEX
    ),
    "projection_depth": Refusal(
        get(pick=lambda size: "a{" * size + "a" + "}" * size, join=lambda _: "inline", joinLevel=lambda _: 30), COMPLEX
    ),
    "join_levels": Refusal(get(join=lambda _: "flat", joinLevel=lambda size: size), COMPLEX),
    "linked_entities": Refusal(linked, MANY, at_default=False),
    "uri_characters": Refusal(entity(lambda size: {"id": "urn:x:".ljust(size, "a")}), BAD, small=20),
    "entity_types": Refusal(entity(lambda size: {"type": [f"T{number}" for number in range(size)]}), BAD),
    "entity_scopes": Refusal(entity(lambda size: {"scope": [f"/S{number}" for number in range(size)]}), BAD),
    "entity_attributes": Refusal(entity(lambda size: {f"a{number}": 1 for number in range(size - 2)}), BAD),
    "attribute_depth": Refusal(entity(nested), BAD),
    "geometry_points": Refusal(
        entity(lambda size: {"location": {"type": "LineString", "coordinates": line(size)}}), BAD, at_default=False
    ),
    "context_terms": Refusal(
        entity(lambda size: {"@context": {f"t{number}": "https://example.org/t" for number in range(size)}}),
        BAD,
        at_default=False,
    ),
    "context_parts": Refusal(
        entity(lambda size: {"@context": [{"t": "https://example.org/t"} for _ in range(size - 1)]}), BAD
    ),
    "context_chain": Refusal(entity(chain), BAD),
    "body_bytes": Refusal(body, (413, ""), small=100, at_default=False),
    "json_depth": Refusal(entity(arrays), BAD),
    "query_parameters": Refusal(parameters, (400, "InvalidRequest")),
    "batch_entities": Refusal(batch, BAD, at_default=False),
    "page_max": Refusal(get(limit=lambda size: size), MANY, small=30),
    "contexts_stored": Refusal(hosted, MANY, at_default=False),
    "subscriptions_per_tenant": Refusal(subscriptions, MANY, at_default=False),
}
