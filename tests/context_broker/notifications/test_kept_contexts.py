"""The @contexts in the file: as long as a subscription is read by them, and no longer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from context_broker.app import ContextBroker
from context_broker.limits import Limits
from tests.conformance.client import Client
from tests.conformance.context_server import ContextServer
from tests.conformance.subscribing import subscription

pytestmark = pytest.mark.anyio
OPEN = Limits(allow_private_targets=True)


@pytest.fixture
async def urls() -> AsyncIterator[list[str]]:
    """Three @contexts; the second refers to the first."""
    server = ContextServer()
    await server.start()
    first = server.add("first", {"queue": "https://example.org/queue"})
    yield [first, server.add("second", [first, {}]), server.add("third", {"queue": "https://example.org/other"})]
    await server.stop()


def kept(app: ContextBroker) -> list[str]:
    """The last part of each kept URL."""
    rows = app.broker.database.connection.execute("SELECT url FROM subscription_context ORDER BY url").fetchall()
    return [url.rpartition("/")[2] for (url,) in rows]


async def subscribe(broker: Client, number: int, context: str, tenant: str = "") -> None:
    document: dict[str, Any] = {**subscription("https://example.org/", id=f"urn:x:{number}"), "@context": context}
    headers = {"Content-Type": "application/ld+json"} | ({"NGSILD-Tenant": tenant} if tenant else {})
    answer = await broker.http.post("/subscriptions", json=document, headers=headers)
    assert answer.status_code == 201, answer.text


async def test_a_context_goes_with_the_last_subscription_read_by_it(
    app: ContextBroker, broker: Client, urls: list[str]
) -> None:
    for number, url in enumerate((urls[0], urls[1], urls[1])):
        await subscribe(broker, number, url)
    assert kept(app) == ["first", "second"]
    seen = []
    for number in (1, 0, 2):
        await broker.http.delete(f"/subscriptions/urn:x:{number}")
        seen.append(kept(app))
    assert seen == [["first", "second"], ["first", "second"], []]


async def test_a_context_goes_when_a_subscription_changes_to_another(
    app: ContextBroker, broker: Client, urls: list[str]
) -> None:
    await subscribe(broker, 0, urls[0])
    await broker.http.patch("/subscriptions/urn:x:0", json={"jsonldContext": urls[2]})
    assert kept(app) == ["first", "third"]
    await broker.http.patch("/subscriptions/urn:x:0", json={"jsonldContext": urls[0]})
    assert kept(app) == ["first"]


async def test_a_subscription_made_while_the_last_is_deleted_keeps_its_context(
    app: ContextBroker, broker: Client, urls: list[str]
) -> None:
    for number in range(1, 20):
        await subscribe(broker, number - 1, urls[0])
        gone = broker.http.delete(f"/subscriptions/urn:x:{number - 1}")
        await asyncio.gather(*((gone, subscribe(broker, number, urls[0]))[:: 1 if number % 2 else -1]))
        assert kept(app) == ["first"]
        await broker.http.delete(f"/subscriptions/urn:x:{number}")
        assert kept(app) == []


async def test_the_contexts_of_a_removed_tenant_go(app: ContextBroker, broker: Client, urls: list[str]) -> None:
    await subscribe(broker, 0, urls[0])
    await subscribe(broker, 0, urls[2], tenant="bogestra")
    assert kept(app) == ["first", "third"]
    assert (await broker.http.delete("http://broker/admin/tenants/bogestra")).is_success
    assert kept(app) == ["first"]


async def test_a_start_removes_what_nothing_is_read_by(tmp_path: Path, urls: list[str]) -> None:
    app = ContextBroker(tmp_path, OPEN)
    await app.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://b/ngsi-ld/v1") as http:
        await subscribe(Client(http), 0, urls[1])
    app.broker.database.connection.execute("INSERT INTO subscription_context VALUES ('http://gone', '{}')")
    await app.stop()
    await app.start()
    assert kept(app) == ["first", "second"]
    assert [item.id for item in app.broker.subscriptions.of_tenant(1)] == ["urn:x:0"]
    await app.stop()
