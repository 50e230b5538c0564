"""What a large source costs: 100,000 records polled into the embedded broker, each kind of document in a process of its
own. CPU time beside the wall's, since others use the machine too; memory is the highest that the process had.

`python -m tests.bench.adapters geojson|csv FOLDER RECORDS` is that process and prints its figures as JSON.
"""

import asyncio
import csv
import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import httpx
import orjson

from context_broker.app import ContextBroker
from data_models import WasteContainer
from datenbroker.process.lifetime import collect_rarely
from document_store.sqlite import SqliteDocumentStore
from ngsi_adapters.formats.numerals import german_number, german_percent, number
from ngsi_adapters.formats.places import german_point, point
from ngsi_adapters.formats.rows import json_rows
from ngsi_adapters.formats.texts import csv_rows, whole_row
from ngsi_adapters.formats.times import moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each_alone
from ngsi_adapters.run import Runner
from ngsi_adapters.source import Source, Stream, Unread, entity_id
from ngsi_client.client import NgsiClient
from ngsi_client.rejected import Rejections
from ngsi_client.wire import AsgiWire

Row = tuple[str, str, str]
Record = dict[str, Any]
RECORDS = 100_000
POLLS = ("first", "unchanged", "same_bytes", "one_attribute_changed")
DEGREES, PROPERTIES = "geometry.coordinates", "properties."


def record(index: int, level: int) -> Record:
    """A container of eight attributes."""
    return {
        "nummer": f"B-{index:06}",
        "standort": f"Straße {index // 100}, Höhe {index % 100}",
        "abfallart": ("paper", "organic", "plastic", "glass")[index % 4],
        "volumen": 120 + index % 10 * 110,
        "fuellstand": (index + level) % 100,
        "zustand": ("ok", "lidOpen")[index % 2],
        "geleert": f"2026-11-{1 + index % 20:02}T06:{index % 60:02}:00+01:00",
        "ort": [7.15 + index % 1000 / 5000, 51.5 + index // 1000 / 2000],
    }


def geojson(level: int, count: int) -> Iterator[bytes]:
    yield b'{"type": "FeatureCollection", "features": ['
    for index in range(count):
        values = record(index, level)
        place = {"type": "Point", "coordinates": values.pop("ort")}
        feature = orjson.dumps({"type": "Feature", "geometry": place, "properties": values})
        yield feature if index == count - 1 else feature + b",\n"
    yield b"]}"


def lines(level: int, count: int) -> Iterator[bytes]:
    names = [*record(0, 0)][:-1]
    yield ";".join([*names, "laenge", "breite"]).encode() + b"\n"
    for index in range(count):
        values = record(index, level)
        longitude, latitude = (f"{degrees:.6f}".replace(".", ",") for degrees in values.pop("ort"))
        line = io.StringIO()
        csv.writer(line, delimiter=";", lineterminator="\n").writerow([*values.values(), longitude, latitude])
        yield line.getvalue().encode()


def mapped(prefix: str, location: Field, level: Field, volume: Field) -> Mapped:
    return Mapped(
        WasteContainer,
        (
            Field(prefix + "nummer", "serialNumber", needed=True),
            Field(prefix + "standort", "name"),
            Field(prefix + "abfallart", "storedWasteKind"),
            Field(prefix + "zustand", "status", observed=True),
            Field(prefix + "geleert", "dateLastEmptying", moment),
            volume,
            level,
            location,
        ),
    )


FEATURE = mapped(
    PROPERTIES,
    Field(DEGREES, "location", lambda degrees: point(*degrees), needed=True),
    Field("properties.fuellstand", "fillingLevel", lambda percent: number(percent) / 100, observed=True),
    Field("properties.volumen", "binCapacity", number),
)
LINE = mapped(
    "",
    Field(("laenge", "breite"), "location", german_point, needed=True),
    Field("fuellstand", "fillingLevel", german_percent, observed=True),
    Field("volumen", "binCapacity", german_number),
)


def features_of(file: IO[bytes], fetched_at: datetime) -> Iterator[Unread]:
    def number_of(row: Any) -> str:
        return str(row["properties"]["nummer"])

    return each_alone(
        json_rows(file, "features"),
        lambda row: FEATURE.record(entity_id("WasteContainer", number_of(row)), row, fetched_at),
        number_of,
    )


def lines_of(file: IO[bytes], fetched_at: datetime) -> Iterator[Unread]:
    return each_alone(
        csv_rows(file, ("nummer",)),
        lambda row: LINE.record(entity_id("WasteContainer", whole_row(row)["nummer"]), row, fetched_at),
        lambda row: row["nummer"] if isinstance(row, dict) else row[0],
    )


KINDS: dict[str, tuple[Callable[[int, int], Iterator[bytes]], Stream]] = {
    "geojson": (geojson, features_of),
    "csv": (lines, lines_of),
}


@dataclass
class Polls:
    """Polls of one source, and what each has cost so far: seconds, seconds of CPU, highest memory in MB, written."""

    runner: Runner
    source: Source
    path: Path

    async def poll(self) -> dict[str, float]:
        wall, processor = time.monotonic(), time.process_time()
        state = await self.runner.run_once(self.source)
        if state.last_error or state.rejects:
            raise SystemExit(f"{state.last_error} {state.last_rejects[:1]}")
        return {
            "wall": time.monotonic() - wall,
            "cpu": time.process_time() - processor,
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "written": state.written,
        }


async def measured(kind: str, folder: Path, count: int) -> dict[str, dict[str, float]]:
    """Figures of the polls, the first one with nothing in the broker."""
    make, stream = KINDS[kind]
    path = folder / f"source.{kind}"
    source = Source(
        "bench", "bench", None, "bench", str(path), timedelta(days=1), "bench", stream=stream, max_bytes=2**27
    )
    broker, store = ContextBroker(folder / "broker"), SqliteDocumentStore.open(folder / "store.sqlite")
    await broker.start()
    async with httpx.AsyncClient() as http:
        runner = Runner([source], NgsiClient(AsgiWire(broker)), store, Rejections(), http)
        polls, figures = Polls(runner, source, path), {}
        for name in POLLS:
            write(path, make(name == POLLS[-1], count), name)
            figures[name] = await polls.poll()
    await broker.stop()
    await store.close()
    return figures


def write(path: Path, pieces: Iterator[bytes], poll: str) -> None:
    """The document, in pieces: it is not to count as memory. The unchanged one has other bytes and says the same."""
    if poll == "same_bytes":
        return
    with path.open("wb") as file:
        file.writelines(pieces)
        if poll == "unchanged":
            file.write(b"\n")


def rows(folder: Path, count: int = RECORDS) -> Iterator[Row]:
    for kind in KINDS:
        home = folder / kind
        home.mkdir(parents=True)
        command = [sys.executable, "-m", "tests.bench.adapters", kind, str(home), str(count)]
        figures = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        yield from shown(kind, count, figures)


def shown(kind: str, count: int, figures: dict[str, dict[str, float]]) -> Iterator[Row]:
    first = figures["first"]
    name = f"{count:,} records of a source ({kind})"
    memory = max(figure["megabytes"] for figure in figures.values())
    yield (
        f"{name} normalised, validated, upserted; highest memory",
        f"{first['wall']:.1f} s ({first['cpu']:.1f} s CPU); {memory:.0f} MB",
        "≤ 25 s; ≤ 300 MB",
    )
    for poll, goal in zip(POLLS[1:], ("≤ 10 %, 0 written", "≤ 10 %, 0 written", ""), strict=True):
        figure = figures[poll]
        share = figure["cpu"] / first["cpu"] * 100
        yield (
            f"{name} polled again, {poll.replace('_', ' ')}",
            f"{figure['wall']:.2f} s ({figure['cpu']:.2f} s CPU, {share:.1f} %), {figure['written']:,.0f} written",
            goal,
        )


def main() -> None:
    kind, folder, count = sys.argv[1:4]
    collect_rarely()  # as every server process does
    sys.stdout.write(json.dumps(asyncio.run(measured(kind, Path(folder), int(count)))))


if __name__ == "__main__":
    main()
