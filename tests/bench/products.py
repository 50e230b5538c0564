"""What a data product costs, in one process without sockets: CPU time of a request through the whole gateway less that
of the same narrowed request to the broker itself."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message, Scope

from context_broker.app import ContextBroker
from datenbroker.gateway.app import Parts, gateway
from datenbroker.gateway.limits.rates import Allowance
from datenbroker.gateway.products.door import Broker, Endpoint
from datenbroker.gateway.protection import Protection
from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.roles import Role
from datenbroker.metrics import Metrics
from datenbroker.wiring.sharing import DownloadBounds, shared
from ngsi_client.rejected import Rejections
from tests.datenbroker.products.council import TENANTS, WASTE, Council, council

Row = tuple[str, str, str]
Headers = list[tuple[bytes, bytes]]
ENTITIES, REPEATED, ROUNDS = 200, 100, 25
AREA = {"type": "Polygon", "coordinates": [[[7, 51], [8, 51], [8, 52], [7, 52], [7, 51]]]}
TENANT = [(b"ngsild-tenant", TENANTS["stadtwerke-herne"].encode())]
PICK = {"pick": "id,type,speed,heading"}
HEADING = "heading<500"
SELECTION = {"types": ["Vehicle"], "attributes": ["speed", "heading"]}


Side = tuple[ASGIApp, Sequence[str], Headers]
"""Who is asked, for what, as whom."""


async def microseconds(side: Side) -> float:
    """CPU time of one request."""
    app, targets, headers = side
    began = time.process_time()
    for target in targets:
        await _ask(app, target, headers)
    return (time.process_time() - began) / len(targets) * 1e6


async def added(itself: Side, through: Side) -> tuple[float, float]:
    """What the second adds to the first, and the first: the least of rounds in turn, as others use the machine too."""
    pairs = [(await microseconds(itself), await microseconds(through)) for _ in range(ROUNDS)]
    alone = min(less for less, _ in pairs)
    return min(more for _, more in pairs) - alone, alone


async def _ask(app: ASGIApp, target: str, headers: Headers, method: str = "GET", body: bytes = b"") -> None:
    path, _, query = target.partition("?")
    scope: Scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"bench"), *headers],
        "client": ("127.0.0.1", 1),
    }
    status = 0

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    assert status in (200, 201), f"{method} {target} was answered with {status}"


async def fill(broker: ContextBroker) -> None:
    for number in range(ENTITIES):
        body = (
            b'{"id": "urn:ngsi-ld:Vehicle:%d", "type": "Vehicle", "brandName": {"value": "Citaro"},'
            b'"speed": {"value": 50.5, "unitCode": "KMH"}, "heading": {"value": %d},'
            b'"location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [7.2, 51.5]}}}'
        ) % (number, number)
        headers = [*TENANT, (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await _ask(broker, "/ngsi-ld/v1/entities", headers, "POST", body)


async def app_before(broker: ContextBroker, desk: Council) -> tuple[ASGIApp, Headers]:
    """The gateway, and a caller to whom the products are granted."""
    keys, rejections = ApiKeys(desk.store, desk.organisations), Rejections()
    endpoint = Endpoint(Broker(broker, lambda: broker.broker.contexts, broker.limits))
    sharing, _ = shared(desk.products, endpoint, DownloadBounds())
    metrics = Metrics(rejections)
    unlimited = Allowance(anonymous=0, caller=0, product=0)
    protection = Protection.of_store(desk.store, unlimited)
    measure = metrics.requests.measure
    parts = Parts(broker, desk.organisations, keys, rejections, {}, metrics.text, measure, protection, sharing=sharing)
    key, _ = await keys.create(WASTE, [Role.DATA_CONSUMER], "bench")
    return gateway(parts), [(b"x-api-key", key.encode())]


async def measured(folder: Path) -> list[Row]:
    broker = ContextBroker(folder / "broker")
    await broker.start()
    await fill(broker)
    rows = []
    async with council(folder) as desk:
        for slug, more in (("plain", {}), ("by-q", {"q": HEADING}), ("by-area", {"geo": AREA})):
            await desk.publish(slug, selection=SELECTION | more)
            await desk.granted(slug=slug)
        app, caller = await app_before(broker, desk)
        one = [f"/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:{number % ENTITIES}" for number in range(REPEATED)]
        page = "/ngsi-ld/v1/entities?"
        told = {"type": "Vehicle", "limit": "20"}
        geo = {"georel": "within", "geometry": "Polygon", "coordinates": str(AREA["coordinates"])}
        works = {
            "an entity of a product with attributes": ("plain", one, [f"{url}?{urlencode(PICK)}" for url in one]),
            "20 entities, type and attributes": ("plain", [page + urlencode(told)], [page + urlencode(told | PICK)]),
            "20 entities, and `q`": (
                "by-q",
                [page + urlencode(told)],
                [page + urlencode(told | PICK | {"q": HEADING})],
            ),
            "20 entities, and an area": ("by-area", [page + urlencode(told)], [page + urlencode(told | PICK | geo)]),
        }
        for work, (slug, asked, narrowed) in works.items():
            times = REPEATED // len(asked)
            through = app, [f"/products/{slug}{url}" for url in asked] * times, caller
            extra, itself = await added((broker, narrowed * times, TENANT), through)
            rows.append((work, f"{extra:.0f} µs added to {itself:.0f} µs", "≤ 80 µs"))
    await broker.stop()
    return rows


def rows(folder: Path) -> Iterator[Row]:
    """The table's rows on data products."""
    (folder / "products").mkdir()
    yield from asyncio.run(measured(folder / "products"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for row in rows(Path(name)):
            sys.stdout.write("| " + " | ".join(row) + " |\n")
