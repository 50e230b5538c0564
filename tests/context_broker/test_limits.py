"""Every limit: what is just within it is answered, what is beyond it is refused by name, and a setting moves it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from pathlib import Path

import httpx
import pytest

from context_broker.app import ContextBroker
from context_broker.limits import Limits, UnknownLimit, limits_with
from tests.conformance.context_server import ContextServer
from tests.context_broker.limit_requests import REFUSALS

ELSEWHERE = {
    "test_limits.py": {"page_default", "context_bytes", "context_seconds", "context_references", "contexts_cached"}
    | {"context_inline_bytes"},
    "test_search_reads_only_candidates.py": {"query_seconds"},
    "test_writer.py": {"cache_bytes"},
    "notifications/test_deliveries.py": {"notification_seconds", "notifications_waiting", "notification_bytes"}
    | {"notifications_at_once", "allow_private_targets"},
    "notifications/test_mqtt_connections.py": {"mqtt_connections"},
}
"""Limits that refuse no request by its size: where what they do is shown."""
ALL = {field.name: field for field in fields(Limits)}


@asynccontextmanager
async def served(folder: Path, limits: Limits) -> AsyncIterator[httpx.AsyncClient]:
    app = ContextBroker(folder, limits)
    await app.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://b/ngsi-ld/v1") as http:
        yield http
    await app.stop()


def is_refused(answer: httpx.Response, limit: str) -> bool:
    status, name = REFUSALS[limit].answer
    assert answer.status_code == status, answer.text[:300]
    assert f"limit {limit})" in answer.json()["detail"], answer.text[:300]
    assert answer.json()["type"].endswith(name)
    return True


@pytest.mark.parametrize("limit", REFUSALS)
@pytest.mark.anyio
async def test_a_setting_moves_the_limit(tmp_path: Path, limit: str) -> None:
    refusal = REFUSALS[limit]
    async with served(tmp_path / "small", limits_with({limit: refusal.small})) as http:
        within = await refusal.ask(http, refusal.small)
        assert within.is_success, within.text[:300]
        assert is_refused(await refusal.ask(http, refusal.small + 1), limit)
    async with served(tmp_path / "default", Limits()) as http:
        assert (await refusal.ask(http, refusal.small + 1)).is_success


@pytest.mark.parametrize("limit", [limit for limit, refusal in REFUSALS.items() if refusal.at_default])
@pytest.mark.anyio
async def test_the_default_is_the_limit(tmp_path: Path, limit: str) -> None:
    default: int = getattr(Limits(), limit)
    async with served(tmp_path, Limits()) as http:
        within = await REFUSALS[limit].ask(http, default)
        assert within.is_success, within.text[:300]
        assert is_refused(await REFUSALS[limit].ask(http, default + 1), limit)


def test_every_limit_is_tried() -> None:
    tried = set(REFUSALS).union(*ELSEWHERE.values())
    assert tried == set(ALL)
    for file, limits in ELSEWHERE.items():
        text = (Path(__file__).parent / file).read_text(encoding="utf-8")
        assert not [limit for limit in limits if f"{limit}" not in text]


@pytest.mark.anyio
async def test_two_brokers_in_one_process_keep_their_own_limits(tmp_path: Path) -> None:
    ask = REFUSALS["q_terms"].ask
    async with served(tmp_path / "a", Limits(q_terms=3)) as strict, served(tmp_path / "b", Limits()) as usual:
        for _ in range(2):
            assert (await ask(usual, 4)).is_success
            assert is_refused(await ask(strict, 4), "q_terms")


@pytest.mark.parametrize("limit", [name for name, field in ALL.items() if field.metadata])
@pytest.mark.anyio
async def test_the_largest_setting_does_not_exhaust_the_stack(tmp_path: Path, limit: str) -> None:
    most = ALL[limit].metadata["most"]
    largest = replace(Limits(q_terms=1000), **{name: ALL[name].metadata["most"] for name in ALL if ALL[name].metadata})
    async with served(tmp_path, largest) as http:
        within = await REFUSALS[limit].ask(http, most)
        assert within.is_success or "needs join" in within.text or "deeper than join" in within.text, within.text[:300]
        assert is_refused(await REFUSALS[limit].ask(http, most + 1), limit)
    with pytest.raises(UnknownLimit, match=f"{limit} is at most {most}"):
        limits_with({limit: most + 1})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"q_term": 3}, "there is no limit q_term"),
        ({"q_terms": 0}, "q_terms must be a number above 0"),
        ({"q_terms": 2.5}, "q_terms must be a whole number"),
        ({"q_terms": float("inf")}, "q_terms must be a number above 0"),
        ({"q_terms": float("nan")}, "q_terms must be a number above 0"),
        ({"allow_private_targets": 1}, "there is no limit allow_private_targets"),
    ],
)
def test_a_wrong_limit_is_named(given: dict[str, float], said: str) -> None:
    with pytest.raises(UnknownLimit, match=said):
        limits_with(given)


def test_limits_of_both_kinds_are_set_by_name() -> None:
    limits = limits_with({"q_terms": 7.0, "context_seconds": 0.5}, allow_private_targets=True)
    assert (limits.q_terms, limits.context_seconds, limits.allow_private_targets) == (7, 0.5, True)


@pytest.mark.anyio
async def test_a_page_without_limit_is_of_the_default_size(tmp_path: Path) -> None:
    async with served(tmp_path, Limits(page_default=2)) as http:
        for number in range(3):
            await http.post("/entities", json={"id": f"urn:x:{number}", "type": "T"})
        assert len((await http.get("/entities?type=T")).json()) == 2


@pytest.mark.parametrize(
    ("limits", "status", "name"),
    [
        (Limits(allow_private_targets=True, context_bytes=100), 504, "context_bytes"),
        (Limits(allow_private_targets=True, context_references=1), 400, "context_references"),
        (Limits(allow_private_targets=True, json_depth=5), 400, "json_depth"),
    ],
)
@pytest.mark.anyio
async def test_a_remote_context_keeps_to_the_limits(tmp_path: Path, limits: Limits, status: int, name: str) -> None:
    server = ContextServer()
    await server.start()
    second = server.add("second", {"a": {"@id": "https://example.org/a", "deep": [[[[[[[["x" * 100]]]]]]]]}})
    link = f'<{server.add("first", [second])}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    async with served(tmp_path / "strict", limits) as http:
        refused = await http.get("/entities?type=T", headers={"Link": link})
    async with served(tmp_path / "usual", Limits(allow_private_targets=True)) as http:
        assert (await http.get("/entities?type=T", headers={"Link": link})).is_success
    await server.stop()
    assert (refused.status_code, f"limit {name})" in refused.text) == (status, True)


@pytest.mark.anyio
async def test_a_remote_context_has_its_time(tmp_path: Path) -> None:
    server = ContextServer(pause=0.3)
    await server.start()
    link = f'<{server.add("slow", {})}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    for seconds, status in ((0.05, 504), (20, 200)):
        limits = Limits(allow_private_targets=True, context_seconds=seconds)
        async with served(tmp_path / str(seconds), limits) as http:
            answer = await http.get("/entities?type=T", headers={"Link": link})
            assert answer.status_code == status
            assert ("limit context_seconds" in answer.text) == (status == 504)
    await server.stop()


@pytest.mark.anyio
async def test_cached_contexts_are_bounded(tmp_path: Path) -> None:
    server = ContextServer()
    await server.start()
    app = ContextBroker(tmp_path, Limits(allow_private_targets=True, contexts_cached=2, context_inline_bytes=50))
    await app.start()
    for number in range(4):
        await app.broker.contexts.resolve(server.add(str(number), {"a": "https://example.org/a"}))
    large = {f"term{number}": "https://example.org/a" for number in range(5)}
    assert await app.broker.contexts.resolve(large) is not await app.broker.contexts.resolve(large)
    small = {"a": "https://example.org/b"}
    assert await app.broker.contexts.resolve(small) is await app.broker.contexts.resolve(small)
    assert len(app.broker.contexts.documents) == 2
    await app.stop()
    await server.stop()
