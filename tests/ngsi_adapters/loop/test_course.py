"""Runs against a real broker: what is written, written again, missed, mended, and told of the source itself."""

from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ngsi_adapters.loop.mirror import mirror_id
from ngsi_adapters.registry import source_of, sources_with_urls
from ngsi_adapters.run import Runner
from ngsi_adapters.source import Source
from ngsi_client.client import NgsiClient
from tests.ngsi_adapters.conftest import QUICK, SAMPLES, Bench
from tests.ngsi_adapters.servers import Page, SourceServer

pytestmark = pytest.mark.anyio
SITES = orjson.loads((SAMPLES / "parkapi" / "parking_sites.json").read_bytes())
P1, P2 = "urn:ngsi-ld:OffStreetParking:herne-example:P1", "urn:ngsi-ld:OffStreetParking:herne-example:P2"


def parkapi(server: SourceServer) -> Source:
    sources = sources_with_urls({"parkapi": server.url("/parking.json")})
    return next(source for source in sources if source.uid == "parkapi")


def serve(server: SourceServer, *uids: str, **changed: Any) -> None:
    """The sites of these uids, their realtime rows with changed members."""
    static = [row for row in SITES["static"] if row["uid"] in uids]
    realtime = [row | changed for row in SITES["realtime"] if row["uid"] in uids]
    server.pages["/parking.json"] = Page(orjson.dumps(SITES | {"static": static, "realtime": realtime}))


async def stored(bench: Bench, entity_id: str) -> dict[str, Any]:
    entity = await bench.client.for_tenant("stadt_herne").retrieve(entity_id, key_values=True)
    return entity or {}


async def test_only_what_has_changed_is_written_also_after_a_restart(bench: Bench, server: SourceServer) -> None:
    source = parkapi(server)
    serve(server, "P1", "P2")
    assert (await bench.runner([source]).run_once(source)).written == 2
    again = bench.runner([source])
    state = await again.run_once(source)
    assert (state.records, state.written) == (2, 0)
    serve(server, "P1", "P2", realtime_free_capacity=7)
    assert (await again.run_once(source)).written == 2
    assert (await stored(bench, P1))["availableSpotNumber"] == 7


async def test_a_payload_that_is_the_same_is_not_even_read(bench: Bench, server: SourceServer) -> None:
    runner = bench.runner([source := parkapi(server)])
    serve(server, "P1", "P2")
    first = (await runner.run_once(source)).last_change
    second = await runner.run_once(source)
    assert (second.last_change, second.records, second.written) == (first, 2, 0)


async def test_an_entity_that_the_broker_lost_is_written_again(bench: Bench, server: SourceServer) -> None:
    runner = bench.runner([source := parkapi(server)])
    serve(server, "P1", "P2")
    await runner.run_once(source)
    await bench.client.for_tenant("stadt_herne").delete(P1)
    assert (await runner.run_once(source)).written == 1
    assert (await stored(bench, P1))["name"] == "P01 Musterplatz"


async def test_a_broker_that_lost_everything_gets_everything_again(bench: Bench, server: SourceServer) -> None:
    runner = bench.runner([source := parkapi(server)])
    serve(server, "P1", "P2")
    await runner.run_once(source)
    for entity_id in (P1, P2, mirror_id(source)):
        await bench.client.for_tenant("stadt_herne").delete(entity_id)
    assert (await runner.run_once(source)).written == 2
    assert await stored(bench, P2)


async def test_what_a_source_names_no_more_is_kept_and_flagged_until_it_is_back(
    bench: Bench, server: SourceServer
) -> None:
    runner = bench.runner([source := parkapi(server)])
    serve(server, "P1", "P2")
    await runner.run_once(source)
    serve(server)
    first = await runner.run_once(source)
    assert (first.stale, set(first.missing)) == (2, {P1, P2})
    assert first.warning == "the source names 0 of 2 known entities: the others are kept and flagged as stale"
    serve(server, "P2")
    second = await runner.run_once(source)
    assert (second.stale, second.warning) == (1, None)
    assert (await stored(bench, P1))["sourceStatus"] == "missing"
    assert (await stored(bench, P1))["totalSpotNumber"] == 430
    serve(server, "P1", "P2")
    assert (await runner.run_once(source)).stale == 0
    assert (await stored(bench, P1))["sourceStatus"] == "present"


async def test_coordinates_the_wrong_way_round_are_mended_and_flagged(bench: Bench, server: SourceServer) -> None:
    serve(server, "P1", "P2")
    page = server.pages["/parking.json"]
    page.body = page.body.replace(b'"lat":51.5382,"lon":7.2246', b'"lat":7.2246,"lon":51.5382')
    state = await bench.runner([source := parkapi(server)]).run_once(source)
    assert (state.records, state.mended, state.rejects) == (2, 1, 0)
    assert (await stored(bench, P1))["location"]["coordinates"] == [7.2246, 51.5382]
    assert "the wrong way round" in state.last_rejects[0]["reason"]


@pytest.mark.parametrize(
    ("value", "reason"),
    [(10**15, "no possible value"), (-3, "greater than or equal to 1"), ("1e999", "Input should be a valid")],
)
async def test_impossible_values_are_rejected_and_the_rest_goes_through(
    value: object, reason: str, bench: Bench, server: SourceServer
) -> None:
    serve(server, "P1", "P2")
    document = orjson.loads(server.pages["/parking.json"].body)
    document["static"][0]["capacity"] = value
    document["realtime"].pop(0)
    server.pages["/parking.json"] = Page(orjson.dumps(document))
    state = await bench.runner([source := parkapi(server)]).run_once(source)
    assert (state.records, state.rejects) == (1, 1)
    assert reason in state.last_rejects[0]["reason"]


async def test_a_source_is_an_entity_too(bench: Bench, server: SourceServer) -> None:
    serve(server, "P1", "P2")
    source = parkapi(server)
    await bench.runner([source]).run_once(source)
    told = await stored(bench, mirror_id(source))
    assert (told["type"], told["sourceStatus"], told["records"], told["rejects"]) == ("Dataset", "working", 2, 0)
    assert told["publisher"] == "the operators named in the data"
    server.pages.clear()
    await bench.runner([source]).run_once(source)
    told = await stored(bench, mirror_id(source))
    assert told["sourceStatus"] == "failing"
    assert "404" in told["lastError"]


async def test_a_poll_without_news_writes_nothing_to_the_broker(bench: Bench, server: SourceServer) -> None:
    runner = bench.runner([source := parkapi(server)])
    serve(server, "P1", "P2")
    await runner.run_once(source)
    before = await bench.client.for_tenant("stadt_herne").query(type="Dataset,OffStreetParking", options="sysAttrs")
    await runner.run_once(source)
    after = await bench.client.for_tenant("stadt_herne").query(type="Dataset,OffStreetParking", options="sysAttrs")
    assert after == before
    assert len(after) == 3


async def test_what_the_broker_refuses_is_rejected_and_tried_again(bench: Bench, server: SourceServer) -> None:
    runner = bench.runner([source := parkapi(server)])
    serve(server, "P1", "P2")
    page = server.pages["/parking.json"]
    page.body = page.body.replace(b'"uid":"P1"', b'"uid":"' + b"P" * 3000 + b'"')
    for _ in range(2):
        state = await runner.run_once(source)
        assert (state.records, state.rejects, state.last_rejects[0]["kind"]) == (1, 1, "refused_by_broker")
    assert await stored(bench, P2)


async def test_one_that_makes_a_broker_refuse_all_harms_no_other(bench: Bench) -> None:
    upserts: list[int] = []

    async def picky(request: Request) -> Response:
        """A broker that answers 400 for a whole batch with a certain entity, as some do."""
        batch = orjson.loads(await request.body() or b"[]")
        upserts.append(len(batch))
        return Response(status_code=400 if any(entity["id"] == P1 for entity in batch) else 201)

    app = Starlette(routes=[Route("/{path:path}", picky, methods=["GET", "POST"])])
    source = replace(source_of("parkapi"), url=str(SAMPLES / "parkapi" / "parking_sites.json"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://b") as http:
        runner = Runner([source], NgsiClient(http), bench.store, bench.rejections, http, terms=QUICK)
        state = await runner.run_once(source)
    assert (state.records, state.rejects, upserts[:3]) == (1, 1, [2, 1, 1])
