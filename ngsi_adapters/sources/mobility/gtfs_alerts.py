"""GTFS Realtime 2.0 service alerts (Protocol Buffers): disruptions of public transport, one Alert each."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from google.transit.gtfs_realtime_pb2 import FeedMessage

from data_models import Alert
from ngsi_adapters.formats.times import unix_moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
LANGUAGES = ("de", "", "en")
SEVERITIES = {2: "informational", 3: "medium", 4: "high"}
"""severity_level INFO, WARNING, SEVERE."""
ROAD_WORKS = (9, 10)
"""cause MAINTENANCE, CONSTRUCTION."""
ACCIDENT = 6
EFFECTS = {1: "roadClosed", 3: "trafficJam", 4: "roadClosed"}
"""effect NO_SERVICE, SIGNIFICANT_DELAYS, DETOUR → the official model's words for traffic."""


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each service alert that is not over."""
    feed = FeedMessage.FromString(payload)
    if not feed.IsInitialized() or not feed.header.gtfs_realtime_version:
        raise Malformed("no GTFS Realtime feed: its header is missing")
    told_at = unix_moment(feed.header.timestamp) if feed.header.timestamp else fetched_at
    entities = [entity for entity in feed.entity if entity.HasField("alert") and not entity.is_deleted]
    lasting = [entity for entity in entities if not _is_over(entity.alert, told_at)]
    return each(lasting, lambda entity: _alert(entity, told_at), lambda entity: str(entity.id))


def _is_over(alert: Any, now: datetime) -> bool:
    ends = [period.end for period in alert.active_period]
    return bool(ends) and all(ends) and unix_moment(max(ends)) < now


def _alert(entity: Any, told_at: datetime) -> Record:
    alert, periods = entity.alert, list(entity.alert.active_period)
    starts = [period.start for period in periods if period.start]
    ends = [period.end for period in periods]
    row = {
        "name": _text(alert.header_text),
        "description": _text(alert.description_text),
        "page": _text(alert.url),
        "begins": unix_moment(min(starts)) if starts else None,
        "ends": unix_moment(max(ends)) if ends and all(ends) else None,
        "severity": alert.severity_level,
        "alert": alert,
        "told_at": told_at,
    }
    if row["begins"] and row["ends"] and row["ends"] < row["begins"]:
        raise ValueError(f"the alert ends at {row['ends'].isoformat()}, before it begins")
    return ALERT.record(entity_id("Alert", "gtfs", entity.id), row)


def _text(translated: Any) -> str | None:
    texts = {each.language.partition("-")[0]: each.text for each in translated.translation}
    return next((texts[language] for language in LANGUAGES if language in texts), next(iter(texts.values()), None))


def _kind(row: Row) -> str:
    """of cause and effect; the official model's words for traffic"""
    cause, effect = row["alert"].cause, row["alert"].effect
    if cause in ROAD_WORKS:
        return "roadWorks"
    return "carAccident" if cause == ACCIDENT else EFFECTS.get(effect, "hazardOnRoad")


def _informed(row: Row) -> dict[str, list[str]] | None:
    """ids of the routes and stops that it concerns"""
    informed = row["alert"].informed_entity
    routes = dict.fromkeys(entity_id("GtfsRoute", found.route_id) for found in informed if found.route_id)
    stops = dict.fromkeys(entity_id("GtfsStop", found.stop_id) for found in informed if found.stop_id)
    return {name: list(ids) for name, ids in (("routes", routes), ("stops", stops)) if ids} or None


ALERT = Mapped(
    Alert,
    (
        Field("header_text", "name", derive=lambda row: row["name"]),
        Field("description_text, header_text", "description", derive=lambda row: row["description"] or row["name"]),
        Field("url", "seeAlso", derive=lambda row: row["page"]),
        Field("active_period.start", "validFrom", derive=lambda row: row["begins"]),
        Field("active_period.end", "validTo", derive=lambda row: row["ends"]),
        Field(
            "active_period.start, header.timestamp", "dateIssued", derive=lambda row: row["begins"] or row["told_at"]
        ),
        Field("severity", "severity", SEVERITIES.get),
        Field("cause, effect", "subCategory", derive=_kind),
        Field("informed_entity", "data", derive=_informed),
    ),
    fixed={"category": "traffic", "alertSource": "urn:ngsi-ld:Dataset:source:gtfs_alerts"},
)
SOURCE = Source(
    uid="gtfs_alerts",
    name="GTFS Realtime: disruptions",
    licence="cc-by/4.0",
    attribution="Verkehrsverbund Rhein-Ruhr (VRR) / Straßenbahn Herne - Castrop-Rauxel (HCR)",
    url=None,
    every=timedelta(minutes=2),
    tenant="stadt_herne",
    parse=parse,
    mapping=(ALERT,),
)
