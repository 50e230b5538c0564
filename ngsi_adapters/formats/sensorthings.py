"""OGC SensorThings 1.1: a Thing with the newest result of each of its observed properties, as one row."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from ngsi_adapters.formats.documents import json_list, json_object
from ngsi_adapters.formats.times import utc_moment

EXPAND = (
    "Locations,Datastreams($top=100;$expand=ObservedProperty,"
    "Observations($orderby=phenomenonTime desc;$top=1;$select=phenomenonTime,result))"
)
NO_VALUES = (-999.0, -9999.0, -99999.0)
"""What loggers write where they have no value."""
TOGETHER = timedelta(hours=1)
"""A result so much older than the Thing's newest is not told as if it were of the same time."""


def things(payload: bytes, columns: Collection[str]) -> Iterator[Any]:
    """The Things of a page that observe one of the columns at least; `Malformed` where it is no such page."""
    for thing in json_list(json_object(payload), "value"):
        try:
            observed = {name for stream in thing["Datastreams"] for name in _names(stream)}
        except (KeyError, TypeError, AttributeError):
            yield thing  # to be rejected with the reason
            continue
        if observed & set(columns):
            yield thing


def columns_of(thing: Mapping[str, Any]) -> dict[str, Any]:
    """`id`, `name`, `description`, `properties`, `geometry`, `time`, and each observed property by its name.

    A property goes by its `name` and by the last part of its `definition`, the newest result of several counts.
    """
    results = sorted((found for stream in thing["Datastreams"] for found in _results(stream)), key=lambda row: row[0])
    newest = results[-1][0] if results else None
    observed = {name: value for at, names, value in results if newest and newest - at <= TOGETHER for name in names}
    told = {name: thing[name] for name in ("name", "description", "properties") if thing.get(name) is not None}
    time = {"time": newest.isoformat()} if newest else {}
    return {**observed, **told, **time, "id": str(thing["@iot.id"]), "geometry": _place(thing)}


def observed_until(phenomenon_time: str) -> datetime:
    """a moment, or an interval's end; UTC where there is no offset"""
    return utc_moment(phenomenon_time.rpartition("/")[2])


def _names(stream: Mapping[str, Any]) -> list[str]:
    told = stream["ObservedProperty"]
    last = str(told.get("definition") or "").rstrip("/#").rpartition("/")[2].rpartition("#")[2]
    return [name for name in (last, str(told["name"])) if name]


def _results(stream: Mapping[str, Any]) -> Iterator[tuple[datetime, list[str], Any]]:
    for observation in stream.get("Observations") or []:
        value = observation["result"]
        if value is not None and value not in NO_VALUES:
            yield observed_until(observation["phenomenonTime"]), _names(stream), value


def _place(thing: Mapping[str, Any]) -> Any:
    found = next((place["location"] for place in thing.get("Locations") or []), None)
    return found["geometry"] if found and found.get("type") == "Feature" else found
