"""What sources send when something is wrong with them, over real HTTP: rejected with a reason; the rest passes."""

import orjson
import pytest

from ngsi_adapters.registry import sources_with_urls
from ngsi_adapters.source import Source
from tests.ngsi_adapters.conftest import SAMPLES, Bench
from tests.ngsi_adapters.servers import Page, SourceServer

pytestmark = pytest.mark.anyio
XML = (SAMPLES / "datex2_parking_static" / "parking.xml").read_bytes()
JSON = (SAMPLES / "parkapi" / "parking_sites.json").read_bytes()
CSV = (SAMPLES / "waste_containers" / "containers.csv").read_bytes()
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><d2LogicalModel>&b;</d2LogicalModel>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><d2LogicalModel>&a;</d2LogicalModel>'
HTML = b"<!DOCTYPE html><html><head><title>Wartungsarbeiten</title></head></html>"


def source_at(uid: str, server: SourceServer) -> Source:
    return next(source for source in sources_with_urls({uid: server.url("/it")}) if source.uid == uid)


@pytest.mark.parametrize(
    ("uid", "payload", "reason"),
    [
        ("datex2_parking_static", XML[: len(XML) // 2], "not well-formed XML"),
        ("datex2_parking_static", BOMB, "document type or entities"),
        ("datex2_parking_static", OUTSIDE, "document type or entities"),
        ("datex2_parking_static", HTML, "an HTML page instead of data: Wartungsarbeiten"),
        ("parkapi", JSON[:-10], "not JSON"),
        ("parkapi", b"[]", "a JSON object is expected"),
        ("parkapi", b'{"source": "x", "static": [NaN], "realtime": []}', "not JSON"),
        ("parkapi", b"", "not JSON"),
        ("waste_containers", b"\r\n" + HTML, "an HTML page instead of data"),
        ("waste_containers", b"\x00" * 100, "names no column"),
    ],
)
async def test_a_payload_that_is_none_fails_the_run_and_keeps_what_there_is(
    uid: str, payload: bytes, reason: str, bench: Bench, server: SourceServer
) -> None:
    source = source_at(uid, server)
    server.pages["/it"] = Page(min((SAMPLES / uid).iterdir()).read_bytes())
    runner = bench.runner([source])
    before = await runner.run_once(source)
    server.pages["/it"] = Page(payload)
    state = await runner.run_once(source)
    assert (state.failures, state.rejects, state.stale) == (1, 1, 0)
    assert reason in str(state.last_error)
    assert state.last_success == before.last_success
    assert next(iter(bench.rejections)).kind == "malformed"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
async def test_a_table_may_be_in_any_encoding_of_offices(encoding: str, bench: Bench, server: SourceServer) -> None:
    source = source_at("waste_containers", server)
    server.pages["/it"] = Page(CSV.decode("utf-8-sig").encode(encoding))
    assert (await bench.runner([source]).run_once(source)).records == 4
    entity = await bench.client.for_tenant("entsorgung").query(type="WasteContainer", q='name=="Röhlinghausen Markt"')
    assert len(entity) == 1


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("windows-1252", "cp1252"), ("UTF-8", "cp1252"), ("UTF-8", "utf-8-sig"), ("UTF-16", "utf-16")],
)
async def test_xml_may_be_in_another_encoding_than_it_says(
    declared: str, encoding: str, bench: Bench, server: SourceServer
) -> None:
    source = source_at("datex2_parking_static", server)
    body = XML.decode().partition("?>")[2].replace("P01 ", "Süd ", 1)
    server.pages["/it"] = Page(f'<?xml version="1.0" encoding="{declared}"?>{body}'.encode(encoding))
    state = await bench.runner([source]).run_once(source)
    assert (state.last_error, state.rejects) == (None, 0)
    found = await bench.client.for_tenant("stadt_herne").query(type="OffStreetParking", q='name~="^Süd"')
    assert len(found) == 1


async def test_json_in_windows_1252_is_understood(bench: Bench, server: SourceServer) -> None:
    source = source_at("parkapi", server)
    server.pages["/it"] = Page(orjson.dumps(orjson.loads(JSON)).decode().encode("cp1252"))
    assert (await bench.runner([source]).run_once(source)).records == 2


async def test_an_entity_that_is_twice_in_a_payload_counts_once(bench: Bench, server: SourceServer) -> None:
    source = source_at("parkapi", server)
    document = orjson.loads(JSON)
    document["static"].append(document["static"][0] | {"name": "the same again"})
    server.pages["/it"] = Page(orjson.dumps(document))
    state = await bench.runner([source]).run_once(source)
    assert (state.records, state.rejects, state.last_rejects[0]["kind"]) == (2, 1, "duplicate")


async def test_a_payload_of_100_megabytes_is_given_up(bench: Bench, server: SourceServer) -> None:
    source = source_at("sml_meter", server)
    server.pages["/it"] = Page(b"0" * 100_000_000)
    state = await bench.runner([source]).run_once(source)
    assert "larger than the 262144" in str(state.last_error)


async def test_a_source_that_fails_again_and_again_is_asked_once_a_run(bench: Bench, server: SourceServer) -> None:
    source = source_at("parkapi", server)
    server.pages["/it"] = Page(status=500)
    runner, asked = bench.runner([source]), []
    for _ in range(7):
        state = await runner.run_once(source)
        asked.append(len(server.asked))
    assert [after - before for before, after in zip([0, *asked], asked, strict=False)] == [3, 3, 3, 3, 3, 1, 1]
    assert state.circuit == "open"
    server.pages["/it"] = Page(JSON)
    assert (await runner.run_once(source)).circuit == "closed"
