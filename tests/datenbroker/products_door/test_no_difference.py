"""What a product answers is what a broker answers that holds nothing but the selection: any difference is a leak."""

import asyncio
import json
import re
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from datenbroker.products.selection import Selection
from tests.datenbroker.products_door.hostile import TRICKS, Ask, Dice
from tests.datenbroker.products_door.world import API, World, world

NUMBERS = count()
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
IMPLICIT = "/jsonldContexts/"
"""A broker serves the @context of a body under a new address; a product serves none, and names none."""
FRESH = re.compile(r"(EntityTypeList|AttributeList):[0-9a-f-]{36}")


async def ask(client: httpx.AsyncClient, asked: Ask, tenant: str | None) -> httpx.Response:
    headers = asked.headers | ({"NGSILD-Tenant": tenant} if tenant else {})
    if asked.json and "@context" in asked.json:
        headers = {name: value for name, value in headers.items() if name != "Link"}
        headers["Content-Type"] = "application/ld+json"
    params = httpx.QueryParams(tuple(asked.params))
    return await client.request(asked.method, API + asked.path, params=params, headers=headers, json=asked.json)


def seen(answer: httpx.Response, restricted: bool) -> tuple[Any, ...]:
    """All that a client sees of an answer, but for its place and the moments of the test."""
    headers = [
        (name, value.replace("</products/waste/", "</"))
        for name, value in answer.headers.multi_items()
        if name not in ("ngsild-tenant", "content-length") and IMPLICIT not in value
    ]
    text = FRESH.sub(r"\1", TIME.sub("T", answer.text))
    body = json.loads(text) if text else None
    return answer.status_code, sorted(headers), without_modified(body) if restricted else body


def without_modified(body: Any) -> Any:
    """Entities have no modifiedAt of their own in the copy of a product that hides attributes."""
    if isinstance(body, list):
        return [without_modified(item) for item in body]
    if not isinstance(body, dict):
        return body
    is_entity = str(body.get("id", "")).startswith("urn:x:") or "properties" in body
    return {
        name: without_modified(value) if name not in ("value", "json") else value
        for name, value in body.items()
        if not (name == "modifiedAt" and (is_entity or "geometry" not in body))
    }


def copy_of(selection: Selection, entities: list[dict[str, Any]], ids: list[str]) -> list[dict[str, Any]]:
    """What the product shows, by its definition, as it is sent to a broker."""
    own = {"id", "type"} if selection.attributes else {"id", "type", "scope"}
    return [
        {
            member: [name for name in value if name in selection.types] if member == "type" else value
            for member, value in entity.items()
            if member in own or not selection.attributes or member in selection.attributes
        }
        for entity in entities
        if entity["id"] in ids
    ]


async def check(made: World, selection: Selection, entities: list[dict[str, Any]], asks: list[Ask]) -> None:
    number = next(NUMBERS)
    owner, copy = f"owner{number}", f"copy{number}"
    await made.fill(owner, entities)
    await made.fill(copy, copy_of(selection, entities, await made.selected(owner, selection)))
    made.open(selection, owner)
    for asked in asks:
        due = await ask(made.http, asked, copy)
        got = await ask(made.products, asked, None)
        restricted = bool(selection.attributes)
        assert seen(got, restricted) == seen(due, restricted), f"{asked} {got.text} {due.text}"


class Running:
    """One broker and one event loop for all examples."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self._open = world(folder)
        self.world = self.loop.run_until_complete(self._open.__aenter__())
        for url, body in TRICKS.items():
            self.world.broker.broker.contexts.prime(url, body)

    def close(self) -> None:
        self.loop.run_until_complete(self._open.__aexit__(None, None, None))
        self.loop.close()


def test_a_product_answers_like_a_copy_that_holds_only_its_selection(tmp_path: Path) -> None:
    running = Running(tmp_path)

    @settings(
        max_examples=200,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],  # shrinking would fill tenant after tenant
    )
    @given(st.randoms(use_true_random=True))
    def differs_nowhere(chance: Random) -> None:
        dice = Dice(chance)
        running.world.endpoint.near = chance.random() < 0.5  # as with the embedded broker, or as with any other
        asks = [dice.ask() for _ in range(12)]
        running.loop.run_until_complete(check(running.world, dice.selection(), dice.tenant(), asks))

    try:
        differs_nowhere()
    finally:
        running.close()
