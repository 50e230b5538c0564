"""The loop with a real broker and sources over real HTTP."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from document_store.sqlite import SqliteDocumentStore
from ngsi_adapters.registry import SOURCES, source_of, sources_with_urls
from ngsi_adapters.run import Runner, pause
from ngsi_adapters.source import Source
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections
from tests.ngsi_adapters.conftest import QUICK, SAMPLES, Bench
from tests.ngsi_adapters.outcomes import served
from tests.ngsi_adapters.servers import Page, SourceServer

pytestmark = pytest.mark.anyio
PARKAPI = (SAMPLES / "parkapi" / "parking_sites.json").read_bytes()
P1 = "urn:ngsi-ld:OffStreetParking:herne-example:P1"


def parkapi(server: SourceServer, path: str = "/parking.json") -> Source:
    return next(source for source in sources_with_urls({"parkapi": server.url(path)}) if source.uid == "parkapi")


@pytest.mark.parametrize("declared", SOURCES, ids=lambda source: source.uid)
async def test_every_source_reaches_the_broker_in_its_tenant(
    declared: Source, bench: Bench, server: SourceServer
) -> None:
    source = served(declared, server)
    state = await bench.runner([source]).run_once(source)
    assert (state.failures, state.last_error, state.rejects) == (0, None, 0)
    assert state.records > 0
    types = {mapped.model.__name__ for mapped in source.mapping}
    found = [await bench.client.for_tenant(source.tenant).query(type=name, limit=1000) for name in types]
    assert sum(map(len, found)) == min(state.records, 1000)


async def test_a_file_is_read_like_a_url(bench: Bench) -> None:
    path = SAMPLES / "parkapi" / "parking_sites.json"
    for url in (str(path), path.as_uri()):
        runner = bench.runner([source := replace(source_of("parkapi"), url=url)])
        assert runner.records_so_far("parkapi") == 0
        assert (await runner.run_once(source)).records == runner.records_so_far("parkapi") == 2


async def test_an_entity_carries_when_it_was_observed(bench: Bench, server: SourceServer) -> None:
    server.pages["/parking.json"] = Page(PARKAPI)
    await bench.runner([source := parkapi(server)]).run_once(source)
    entity = await bench.client.for_tenant("stadt_herne").retrieve(P1)
    assert entity is not None
    assert entity["availableSpotNumber"]["value"] == 281
    assert entity["availableSpotNumber"]["observedAt"] == "2026-03-12T19:05:34Z"


async def test_a_bad_record_is_rejected_and_the_good_ones_go_through(bench: Bench, server: SourceServer) -> None:
    server.pages["/parking.json"] = Page(PARKAPI.replace(b'"lat": 51.5382', b'"lat": 515.382'))
    state = await bench.runner([source := parkapi(server)]).run_once(source)
    assert (state.records, state.rejects) == (1, 1)
    rejected = next(iter(bench.rejections))
    assert (rejected.source, rejected.record_id, rejected.tenant) == ("parkapi", "P1", "stadt_herne")
    assert "longitude, latitude" in rejected.reason


async def test_an_unchanged_payload_is_not_sent_again(bench: Bench, server: SourceServer) -> None:
    server.pages["/parking.json"] = Page(PARKAPI, headers={"ETag": '"1"'})
    runner = bench.runner([source := parkapi(server)])
    await runner.run_once(source)
    state = await runner.run_once(source)
    assert server.asked == [("/parking.json", None), ("/parking.json", '"1"')]
    assert (state.runs, state.records_total, state.failures) == (2, 2, 0)


async def test_all_pages_are_read(bench: Bench, server: SourceServer) -> None:
    following = PARKAPI.replace(b'"P1"', b'"P3"').replace(b'"P2"', b'"P4"')
    link = {"Link": f'<{server.url("/second")}>; rel="next"', "ETag": '"1"'}
    server.pages |= {"/parking.json": Page(PARKAPI, headers=link), "/second": Page(following)}
    runner = bench.runner([source := parkapi(server)])
    assert (await runner.run_once(source)).records == 4
    await runner.run_once(source)
    assert [tag for _, tag in server.asked] == [None] * 4, "an unchanged first page says nothing about the second"


async def test_a_next_page_on_another_server_is_not_followed(bench: Bench, server: SourceServer) -> None:
    server.pages["/parking.json"] = Page(PARKAPI, headers={"Link": '<http://127.0.0.2/second>; rel="next"'})
    state = await bench.runner([source := parkapi(server)]).run_once(source)
    assert "another server" in str(state.last_error)


async def test_a_failing_source_harms_no_other(bench: Bench, server: SourceServer) -> None:
    server.pages["/parking.json"] = Page(PARKAPI)
    quick = replace(parkapi(server), every=timedelta(milliseconds=50))
    runner = bench.runner([replace(quick, uid="broken", url="http://127.0.0.1:1/nothing"), quick])
    await runner.start()
    await asyncio.sleep(0.4)
    await runner.stop()
    failed, worked = await runner.states()
    assert failed.failures >= 1
    assert "does not answer" in str(failed.last_error)
    assert worked.runs >= 2
    assert worked.failures == 0


async def test_a_failure_is_forgotten_after_the_next_success(bench: Bench, server: SourceServer) -> None:
    runner = bench.runner([source := parkapi(server)])
    assert (await runner.run_once(source)).last_error == f"{server.url('/parking.json')} answered 404 Not Found"
    server.pages["/parking.json"] = Page(PARKAPI)
    state = await runner.run_once(source)
    assert (state.failures, state.last_error) == (0, None)


async def test_the_state_of_a_source_is_there_after_a_restart(bench: Bench, server: SourceServer) -> None:
    server.pages["/parking.json"] = Page(PARKAPI, headers={"ETag": '"1"'})
    await bench.runner([source := parkapi(server)]).run_once(source)
    again = bench.runner([source])
    assert (await again.state_of("parkapi")).records_total == 2
    await again.run_once(source)
    assert server.asked[-1] == ("/parking.json", None), "a new process reads afresh"


async def test_a_broker_that_does_not_answer_is_tried_again_with_the_same_payload(
    tmp_path: Path, server: SourceServer
) -> None:
    server.pages["/parking.json"] = Page(PARKAPI, headers={"ETag": '"1"'})
    store = SqliteDocumentStore.open(tmp_path / "s.sqlite")
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as http:
        runner = Runner([source := parkapi(server)], NgsiClient(http), store, Rejections(), http, terms=QUICK)
        await runner.run_once(source)
        state = await runner.run_once(source)
    await store.close()
    assert "the broker does not answer" in str(state.last_error)
    assert [tag for _, tag in server.asked] == [None, None], "nothing was committed, so nothing is known"


async def test_a_source_without_a_url_is_not_run(bench: Bench) -> None:
    runner = bench.runner(sources_with_urls({}))
    await runner.start()
    await asyncio.sleep(0.05)
    await runner.stop()
    assert all(state.runs == 0 for state in await runner.states())
    state = await runner.run_once(sources_with_urls({})[0])
    assert "has no address: set one by --source-urls" in str(state.last_error)


def test_the_pause_is_the_rhythm_and_after_failures_grows_to_a_quarter_of_an_hour() -> None:
    source = replace(SOURCES[0], every=timedelta(minutes=1))
    pauses = [pause(source, failures) for failures in (0, 1, 2, 3, 30, 3000)]
    for seconds, expected in zip(pauses, (60, 5, 10, 20, 900, 900), strict=True):
        assert expected * 0.9 <= seconds <= expected * 1.1
