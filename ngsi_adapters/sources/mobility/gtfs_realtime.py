"""GTFS Realtime 2.0 (Protocol Buffers): at each stop the next arrival of each route in each direction."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from google.transit.gtfs_realtime_pb2 import FeedMessage

from data_models import ArrivalEstimation
from ngsi_adapters.formats.times import unix_moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each, refused
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id
from ngsi_client.rejected import Rejected

Row = Mapping[str, Any]
HORIZON = timedelta(hours=2)
SCHEDULED, ADDED, REPLACEMENT = 0, 1, 5
RUNNING = (SCHEDULED, ADDED, REPLACEMENT)
"""Of a trip's schedule_relationship; cancelled, deleted and unscheduled trips arrive nowhere."""


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each next arrival within two hours: ids by stop, route and direction, so that they stay few.

    Times remain from the feed's own time, which is the time of observation.
    """
    feed = FeedMessage.FromString(payload)
    if not feed.IsInitialized() or not feed.header.gtfs_realtime_version:
        raise Malformed("no GTFS Realtime feed: its header is missing")
    told_at = unix_moment(feed.header.timestamp) if feed.header.timestamp else fetched_at
    updates = [entity.trip_update for entity in feed.entity if entity.HasField("trip_update") and not entity.is_deleted]
    running = [update for update in updates if update.trip.schedule_relationship in RUNNING]
    arrivals = (arrival for update in running for arrival in _arrivals(update))
    return chain(_without_times(running), each(_next(arrivals, told_at), _estimation, lambda row: str(row["trip"])))


def _without_times(updates: Iterable[Any]) -> Iterator[Rejected]:
    for update in updates:
        stops = [stop for stop in update.stop_time_update if stop.schedule_relationship == SCHEDULED]
        if stops and not any(_time(stop) for stop in stops):
            reason = LookupError("the trip tells delays only, no times: they would need the timetable")
            yield refused(update.trip.trip_id, reason, str)


def _time(stop: Any) -> int:
    return int(stop.arrival.time or stop.departure.time)


def _arrivals(update: Any) -> Iterator[Row]:
    sign = update.trip_properties.trip_headsign if update.HasField("trip_properties") else ""
    for stop in update.stop_time_update:
        if stop.schedule_relationship == SCHEDULED and stop.stop_id and _time(stop):
            own = stop.stop_time_properties.stop_headsign if stop.HasField("stop_time_properties") else ""
            yield {
                "trip": update.trip.trip_id,
                "route": update.trip.route_id,
                "direction": update.trip.direction_id,
                "stop": stop.stop_id,
                "sign": own or sign,
                "time": unix_moment(_time(stop)),
            }


def _next(arrivals: Iterable[Row], told_at: datetime) -> Iterator[Row]:
    found: dict[tuple[Any, ...], Row] = {}
    for row in arrivals:
        key = (row["stop"], row["route"], row["direction"])
        if told_at <= row["time"] <= told_at + HORIZON and (key not in found or row["time"] < found[key]["time"]):
            found[key] = {**row, "told_at": told_at}
    return iter(found.values())


def _estimation(row: Row) -> Record:
    if not row["trip"]:
        raise KeyError("trip_id")
    identity = entity_id("ArrivalEstimation", row["stop"], row["route"], str(row["direction"]))
    return ARRIVAL.record(identity, row, row["told_at"])


def _remaining(row: Row) -> str:
    """from the feed's time to the arrival, as a duration of ISO 8601"""
    minutes, seconds = divmod(round((row["time"] - row["told_at"]).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"PT{hours}H{minutes}M{seconds}S" if hours else f"PT{minutes}M{seconds}S"


def _sign(row: Row) -> str:
    """the headsign, else the route's id"""
    return row["sign"] or f"Linie {row['route']}"


def _name(row: Row) -> str:
    """the route's id"""
    return f"Linie {row['route']}"


ARRIVAL = Mapped(
    ArrivalEstimation,
    (
        Field("trip.route_id", "name", derive=_name),
        Field("trip.trip_id", "hasTrip", derive=lambda row: entity_id("GtfsTrip", row["trip"])),
        Field("stop_time_update.stop_id", "hasStop", derive=lambda row: entity_id("GtfsStop", row["stop"])),
        Field("stop_time_update.arrival.time", "remainingTime", derive=_remaining, observed=True),
        Field("stop_headsign, trip_headsign", "headSign", derive=_sign, observed=True),
    ),
)
SOURCE = Source(
    uid="gtfs_realtime",
    name="GTFS Realtime: next arrivals",
    licence="cc-by/4.0",
    attribution="Verkehrsverbund Rhein-Ruhr (VRR) / Straßenbahn Herne - Castrop-Rauxel (HCR)",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadt_herne",
    parse=parse,
    mapping=(ARRIVAL,),
)
