"""Changes of a product as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import pytest

from datenbroker.gateway.downloads import stream
from datenbroker.gateway.downloads.pages import Asked
from datenbroker.gateway.downloads.stream import StreamBounds
from datenbroker.identities.roles import Role
from datenbroker.products.grant import GrantState
from datenbroker.products.grants import Decision
from datenbroker.wiring.sharing import DownloadBounds
from tests.datenbroker.products.council import ENERGY, STEWARD, TENANTS, WASTE
from tests.datenbroker.products.market import Headers, Market, market, station

pytestmark = pytest.mark.anyio

Events = AsyncIterator[tuple[str, str, dict[str, object]]]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Market]:
    bounds = DownloadBounds(streams=StreamBounds(streams=2, entities=5, interval=0.05))
    async with market(tmp_path, bounds) as running:
        await running.desk.publish(visibility="open")
        await running.fill(ENERGY, [station(1), station(2)])
        yield running


@asynccontextmanager
async def reading(
    town: Market, slug: str = "charging", headers: Headers | None = None, query: str = ""
) -> AsyncIterator[Events]:
    """The events as (id, kind, data); the stream has begun when the block does."""
    path = f"/products/{slug}/stream{query}"
    async with asyncio.timeout(10), town.http.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200, await answer.aread()
        assert answer.headers["content-type"] == "text/event-stream"
        yield _events(answer.aiter_lines())


async def _events(lines: AsyncIterator[str]) -> Events:
    fields: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
            continue
        if "data" in fields:
            yield fields.get("id", ""), fields["event"], json.loads(fields["data"])
        fields = {}


async def test_what_is_created_changed_and_deleted_is_told_without_hidden_attributes(town: Market) -> None:
    async with reading(town) as events:
        await town.fill(ENERGY, [station(2, status="broken")])
        _, kind, data = await anext(events)
        assert (kind, data["id"], "owner" in data) == ("changed", station(2)["id"], False)
        await town.fill(ENERGY, [station(3)])
        assert (await anext(events))[1] == "created"
        await town.client.for_tenant(TENANTS[ENERGY]).delete(station(1)["id"])
        assert (await anext(events))[1:] == ("deleted", {"id": station(1)["id"]})


async def test_a_change_of_a_hidden_attribute_is_not_told(town: Market) -> None:
    async with reading(town) as events:
        await town.fill(ENERGY, [station(2, owner="another")])
        await asyncio.sleep(0.2)
        await town.fill(ENERGY, [station(1, status="broken")])
        assert (await anext(events))[2]["id"] == station(1)["id"]


async def test_who_comes_back_is_told_what_it_missed(town: Market) -> None:
    async with reading(town) as events:
        await town.fill(ENERGY, [station(2, status="one")])
        last, *_ = await anext(events)
        await town.fill(ENERGY, [station(2, status="two")])
        await anext(events)
    async with reading(town, headers={"Last-Event-ID": last}) as events:
        _, kind, data = await anext(events)
        assert (kind, data["status"]["value"]) == ("changed", "two")  # type: ignore[index]
    async with reading(town, headers={"Last-Event-ID": "elsewhere-7"}) as events:
        assert (await anext(events))[1] == "reset"


async def test_a_revoked_grant_ends_the_stream(town: Market) -> None:
    await town.desk.publish("asked-for")
    grant = await town.desk.granted(date(2026, 12, 31), "asked-for")
    consumer = await town.key(Role.DATA_CONSUMER, WASTE)
    async with reading(town, "asked-for", consumer) as events:
        revoked = Decision(decision=GrantState.REVOKED, reason="Misuse")
        await town.desk.grants.decide(grant.id, revoked, STEWARD)
        assert [kind async for _, kind, _ in events] == ["end"]


async def test_more_streams_than_the_bound_are_refused_and_come_in_when_one_ends(town: Market) -> None:
    async with reading(town), reading(town):
        refused = await town.http.get("/products/charging/stream")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
    for _ in range(100):
        async with town.http.stream("GET", "/products/charging/stream") as answer:
            if answer.status_code == 200:
                break
        await asyncio.sleep(0.02)
    assert answer.status_code == 200


async def test_each_reader_is_told_what_it_asked_for(town: Market) -> None:
    async with reading(town, "charging", query='?q=status=="broken"') as broken, reading(town) as everything:
        await town.fill(ENERGY, [station(1, status="odd"), station(2, status="broken")])
        assert (await anext(broken))[1:2] == ("created",)
        assert (await anext(everything))[1:2] == ("changed",)
        await town.fill(ENERGY, [station(2, status="working")])
        assert (await anext(broken))[1:] == ("deleted", {"id": station(2)["id"]})


async def test_a_product_that_is_too_large_says_what_to_do_instead(town: Market) -> None:
    await town.fill(ENERGY, [station(number) for number in range(7)])
    refused = await town.http.get("/products/charging/stream")
    assert (refused.status_code, "subscribe" in refused.json()["detail"]) == (422, True)


async def test_a_silent_stream_shows_that_it_lives(town: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    async with town.http.stream("GET", "/products/charging/stream") as answer:
        lines = answer.aiter_lines()
        assert [await anext(lines) for _ in range(3)] == ["retry: 5000", "", ": heartbeat"]


async def test_a_reader_that_is_too_slow_is_let_go(town: Market) -> None:
    reader = stream.Reader(Asked("charging", None))
    for _ in range(stream.WAITING + 1):
        reader.tell(b"x")
    assert reader.lost
