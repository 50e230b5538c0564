"""Documents that are not held in memory: on disk, in archives, over HTTP, read again and again."""

import io
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson
import pytest

from data_models import WasteContainer
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.rows import json_rows
from ngsi_adapters.reading import each_alone
from ngsi_adapters.registry import source_of
from ngsi_adapters.source import Change, Source
from tests.ngsi_adapters.conftest import SAMPLES, Bench
from tests.ngsi_adapters.servers import Page, SourceServer

pytestmark = pytest.mark.anyio
FILES = sorted((SAMPLES / "mastr_units").iterdir())


def levels(file: IO[bytes], fetched_at: datetime) -> Any:
    def change(row: dict[str, Any]) -> Change:
        return Change(WasteContainer, f"urn:ngsi-ld:WasteContainer:{row['number']}", {"fillingLevel": row["level"]})

    return each_alone(json_rows(file, "data.rows"), change, lambda row: str(row["number"]))


def served(server: SourceServer, level: float) -> Source:
    rows = [{"number": number, "level": level, "padding": {"text": "ä" * 2500}} for number in range(1000)]
    server.pages["/large"] = Page(orjson.dumps({"data": {"of": {}, "rows": rows}, "end": [{}]}))
    return replace(
        source_of("waste_containers"), stream=levels, parse=None, fetching=Fetching(), url=server.url("/large")
    )


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        for path in FILES:
            files.write(path, f"2026/{path.name}")
        files.writestr("Netze.xml", "<Netze/>")
    return packed.getvalue()


async def test_a_large_array_over_http_is_read_row_by_row_and_known_again(bench: Bench, server: SourceServer) -> None:
    runner = bench.runner([source := served(server, 0.5)])
    assert len(server.pages["/large"].body) > 2**22
    for level, written in ((0.5, 1000), (0.5, 0), (0.6, 1000), (0.6, 0)):
        served(server, level)
        state = await runner.run_once(source)
        assert (state.last_error, state.records, state.written) == (None, 1000, written)


async def test_a_large_array_that_is_cut_off_fails_and_what_came_before_is_kept(
    bench: Bench, server: SourceServer
) -> None:
    runner = bench.runner([source := served(server, 0.5)])
    server.pages["/large"].body = server.pages["/large"].body[:-500_000]
    state = await runner.run_once(source)
    assert "not JSON" in str(state.last_error)
    found = await bench.client.for_tenant(source.tenant).query(type="WasteContainer", limit=1000)
    assert 800 < len(found) < 1000


async def test_the_whole_export_is_read_from_its_archive_in_a_folder(tmp_path: Path, bench: Bench) -> None:
    (tmp_path / "Gesamtdatenexport_20261123_26.1.zip").write_bytes(archive())
    runner = bench.runner([source := replace(source_of("mastr_units"), url=str(tmp_path))])
    state = await runner.run_once(source)
    assert (state.last_error, state.records, state.rejects, list(state.marks)) == (
        None, 4, 0, ["Gesamtdatenexport_20261123_26.1.zip"]
    )  # fmt: skip
    assert (await runner.run_once(source)).written == 0


async def test_the_whole_export_is_found_by_the_page_that_links_to_it(bench: Bench, server: SourceServer) -> None:
    name = "Gesamtdatenexport_20261123_26.1.zip"
    server.pages |= {"/": Page(f'<html><a href="/{name}">here</a></html>'.encode()), f"/{name}": Page(archive())}
    state = await bench.runner([source := replace(source_of("mastr_units"), url=server.url("/"))]).run_once(source)
    assert (state.last_error, state.records) == (None, 4)
