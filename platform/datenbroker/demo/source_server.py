"""A small HTTP server in place of the systems that the adapters read: the same formats, Herne's places and times."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from datenbroker.demo.clock import CityClock
from datenbroker.demo.sources import (
    bikes,
    citizens_air,
    collections_calendar,
    containers,
    floating_cars,
    gauges,
    heat_meters,
    inverters,
    ocpi,
    parkapi,
    sml,
)

JSON = "application/json"
Document = Callable[[datetime], bytes]

DOCUMENTS: dict[str, tuple[str, str, Document]] = {
    "parkapi": ("/parkapi/parking-sites.json", JSON, parkapi.document),
    "ocpi": ("/ocpi/2.2.1/locations", JSON, ocpi.document),
    "sml_meter": ("/sml/meter-1.hex", "text/plain", sml.document),
    "waste_containers": ("/waste/containers.csv", "text/csv; charset=utf-8", containers.document),
    "waste_calendar": ("/waste/calendar.ics", "text/calendar; charset=utf-8", collections_calendar.document),
    "floating_car": ("/traffic/floating-cars.csv", "text/csv; charset=utf-8", floating_cars.document),
    "pegelonline": ("/pegelonline/rest-api/v2/stations.json", JSON, gauges.document),
    "sensor_community": ("/airrohr/v1/filter/herne", JSON, citizens_air.document),
    "sunspec_inverter": ("/sunspec/inverters.json", JSON, inverters.document),
    "wmbus_heat": ("/wmbus/telegrams.jsonl", "application/x-ndjson", heat_meters.document),
}
"""Path, media type and document of each source that is one document, by the source's uid."""

URLS: dict[str, str] = {uid: path for uid, (path, _, _) in DOCUMENTS.items()} | {"gbfs": bikes.PATH}
"""Where each source of the adapters is served, by the source's uid."""


def app(speed: float = 1.0, clock: CityClock | None = None) -> Starlette:
    """Documents change once a minute of city time, and answer conditional requests with 304."""
    city_clock = clock or CityClock(speed)

    def minute() -> datetime:
        return city_clock.now().replace(second=0, microsecond=0)

    def route(path: str, media_type: str, document: Document) -> Route:
        async def endpoint(request: Request) -> Response:
            at = minute()
            return _answer(request, document(at), media_type, at)

        return Route(path, endpoint)

    async def discovery(request: Request) -> Response:
        at = minute()
        return _answer(request, bikes.discovery(at, str(request.base_url)), JSON, at)

    feeds = [route(bikes.FEED_PATHS[name], JSON, document) for name, document in bikes.FEEDS.items()]
    return Starlette(
        routes=[*(route(*described) for described in DOCUMENTS.values()), Route(bikes.PATH, discovery), *feeds]
    )


def _answer(request: Request, body: bytes, media_type: str, modified: datetime) -> Response:
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Last-Modified": format_datetime(modified.astimezone(UTC), usegmt=True)}
    if _unchanged(request, etag, modified):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _unchanged(request: Request, etag: str, modified: datetime) -> bool:
    """RFC 9110, 13.2.2: If-None-Match goes before If-Modified-Since."""
    if known := request.headers.get("If-None-Match"):
        return known == "*" or etag in (tag.strip().removeprefix("W/") for tag in known.split(","))
    since = request.headers.get("If-Modified-Since")
    if not since:
        return False
    try:
        return modified <= parsedate_to_datetime(since)
    except ValueError:
        return False
