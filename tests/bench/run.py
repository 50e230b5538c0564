"""make bench: the budgets of the context broker, as ratios to nginx on the same machine in the same run.

`--entities N` sets the size of the large query (default 1,000,000; smaller is quicker), `--write` puts the table into
the README. `--only adapters` measures one part alone.
"""

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from tests.bench import adapters, gateway, products
from tests.bench.load import PATCH, UPSERT, wrk
from tests.bench.matching import median_match_ms
from tests.bench.servers import Server, broker, nginx, resident_megabytes

ROOT = Path(__file__).resolve().parents[2]
JSON = {"Content-Type": "application/json"}
SECONDS = 5.0
Row = tuple[str, str, str]


def vehicle(number: int) -> dict[str, object]:
    """A five-attribute entity of 550 bytes, the work that other brokers publish figures for."""
    return {
        "id": f"urn:ngsi-ld:Vehicle:{number}",
        "type": "Vehicle",
        "brandName": {"type": "Property", "value": "Mercedes-Benz Citaro O530 " + "x" * 60},
        "speed": {"type": "Property", "value": 50.5, "observedAt": "2026-01-01T00:00:00Z", "unitCode": "KMH"},
        "heading": {"type": "Property", "value": number % 360, "unitCode": "DD"},
        "isParked": {"type": "Relationship", "object": "urn:ngsi-ld:OffStreetParking:Downtown1"},
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [7.2257, 51.5388]}},
    }


def kilobyte() -> dict[str, object]:
    attributes = {f"attribute{n:02}": {"type": "Property", "value": "v" * 32} for n in range(12)}
    return {"id": "urn:ngsi-ld:Thing:1", "type": "Thing", **attributes}


def small_broker(folder: Path) -> Iterator[Row]:
    with broker(folder / "small") as server:
        base = f"{server.url}/ngsi-ld/v1"
        httpx.post(f"{base}/entityOperations/upsert", json=[vehicle(n) for n in range(100)]).raise_for_status()
        httpx.post(f"{base}/entities", json=kilobyte()).raise_for_status()
        one = f"{base}/entities/urn:ngsi-ld:Thing:1"
        body = httpx.get(one).content
        with nginx(folder / "nginx", body) as yardstick:
            best = wrk(f"{yardstick.url}/entity.json", 32, SECONDS).per_second
        yield f"nginx, {len(body)} bytes from a file, 32 connections (the yardstick)", f"{best:,.0f}/s", ""
        rate = wrk(one, 32, SECONDS).per_second
        yield (
            f"`GET /entities/{{id}}`, {len(body)} bytes, 32 connections",
            f"{rate:,.0f}/s, 1/{best / rate:.1f} of nginx",
            "≥ 15,000/s, ≥ 1/8",
        )
        rate = wrk(f"{base}/entities?type=Vehicle&limit=20", 50, SECONDS).per_second
        yield (
            "`GET /entities?type=Vehicle&limit=20`, 550 B each, 50 connections",
            f"{rate:,.0f}/s, 1/{best / rate:.1f}",
            "≥ 6,000/s",
        )
        rate = wrk(server.url, 64, SECONDS, script(folder, PATCH)).per_second
        yield "`PATCH /entities/{id}/attrs`, synced, 64 connections", f"{rate:,.0f}/s, 1/{best / rate:.1f}", "≥ 5,000/s"
        rate = wrk(server.url, 4, SECONDS * 2, script(folder, UPSERT)).per_second * 100
        yield (
            "batch upsert of 100 × 5 attributes, synced, 4 clients",
            f"{rate:,.0f} entities/s",
            "≥ 8,000/s, aim 15,000/s",
        )


def script(folder: Path, text: str) -> Path:
    path = folder / "load.lua"
    path.write_text(text)
    return path


def large_broker(folder: Path, entities: int) -> Iterator[Row]:
    with broker(folder / "large") as server:
        fill(server, 0, min(100_000, entities))
    with broker(folder / "large") as server:
        httpx.get(f"{server.url}/ngsi-ld/v1/types").raise_for_status()
        time.sleep(1)
        memory = resident_megabytes(server.pid)
        yield (
            "idle memory with 100,000 entities; start to first answer",
            f"{memory:.0f} MB; {server.start:.2f} s",
            "≤ 150 MB; ≤ 1 s",
        )
        fill(server, 100_000, entities)
        base = f"{server.url}/ngsi-ld/v1/entities?limit=20&"
        for name, query in QUERIES.items():
            yield f"{name}, {entities:,} entities, first 20", f"{median_ms(base + query):.1f} ms p50", "≤ 10 ms"
        late = f'type=Meter&q=serial>"S-{entities * 7 // 10:06}"'
        for name, query in {"`q` (only the last third created)": late, **UNSELECTIVE}.items():
            yield f"{name}, {entities:,} entities, first 20", f"{median_ms(base + query):.0f} ms p50", "no scan"


QUERIES = {
    '`q=serial=="…"` (one matches)': 'q=serial=="S-000777"',
    "`type` and `q=level>99.9` (1 in 1,000)": "type=Meter&q=level>99.9",
    "`type` and `q=level>50` (every second)": "type=Meter&q=level>50",
    "`georel=near` 300 m": "georel=near;maxDistance==300&geometry=Point&coordinates=[7.2,51.5]",
    "`scopeQ=/Herne/D7`": "scopeQ=/Herne/D7&type=Meter",
}
UNSELECTIVE = {
    "`idPattern=^urn:ngsi-ld:Meter:9.*77$`": "idPattern=^urn:ngsi-ld:Meter:9.*77$",
    "`scopeQ=/+/D999`": "scopeQ=/%2B/D999&type=Meter",
}
"""Queries that no index answers by itself: candidates are listed, documents are not scanned."""


def fill(server: Server, first: int, last: int) -> None:
    with httpx.Client(timeout=60) as client:
        for start in range(first, last, 1000):
            batch = [meter(number) for number in range(start, min(last, start + 1000))]
            client.post(
                f"{server.url}/ngsi-ld/v1/entityOperations/create", content=json.dumps(batch), headers=JSON
            ).raise_for_status()


def meter(number: int) -> dict[str, object]:
    place = [7.1 + number % 1000 / 5000, 51.49 + number // 1000 % 1000 / 12000]
    return {
        "id": f"urn:ngsi-ld:Meter:{number}",
        "type": "Meter",
        "scope": f"/Herne/D{number % 1000}",
        "serial": {"type": "Property", "value": f"S-{number:06}"},
        "level": {"type": "Property", "value": number * 7919 % 100_000 / 1000, "observedAt": "2026-01-01T00:00:00Z"},
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": place}},
    }


def median_ms(url: str) -> float:
    times = []
    with httpx.Client(timeout=60) as client:
        for _ in range(30):
            began = time.perf_counter()
            client.get(url).raise_for_status()
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def subscriptions(_: Path) -> Iterator[Row]:
    for name, milliseconds in median_match_ms(10_000).items():
        yield f"one write that 10,000 subscriptions could match ({name})", f"{milliseconds * 1000:.0f} µs p50", "≤ 1 ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, default=1_000_000)
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    parser.add_argument("--only", help="one part, without writing")
    arguments = parser.parse_args()
    parts: dict[str, Callable[[Path], Iterator[Row]]] = {
        "broker": small_broker,
        "subscriptions": subscriptions,
        "gateway": gateway.rows,
        "products": products.rows,
        "adapters": adapters.rows,
        "large": lambda folder: large_broker(folder, arguments.entities),
    }
    if arguments.only not in (None, *parts):
        parser.error(f"--only is one of {', '.join(parts)}")
    lines = ["| work | measured | goal |", "| --- | --- | --- |"]
    with tempfile.TemporaryDirectory() as name:
        for part in [parts[arguments.only]] if arguments.only else parts.values():
            for row in part(Path(name)):
                lines.append("| " + " | ".join(row) + " |")
                sys.stdout.write(lines[-1] + "\n")
                sys.stdout.flush()
    machine = f"{cpu()}, CPython {platform.python_version()}, {time.strftime('%Y-%m-%d')}"
    machine += "; server on one core, load on the other."
    if arguments.write and not arguments.only:
        write("\n".join([*lines, "", machine]))


def cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def write(text: str) -> None:
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition("<!-- bench -->\n")
    _, _, after = rest.partition("<!-- end of bench -->")
    readme.write_text(f"{before}<!-- bench -->\n{text}\n<!-- end of bench -->{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
