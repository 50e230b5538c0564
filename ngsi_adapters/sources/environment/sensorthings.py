"""OGC SensorThings 1.1 (e.g. FROST-Server): any server's Datastreams with their newest Observation.

One request asks for Datastreams with all that belongs to them; further pages are at `@iot.nextLink`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_models import DeviceMeasurement
from ngsi_adapters.fetching.declaration import Fetching, Pages
from ngsi_adapters.formats.documents import json_list, json_object
from ngsi_adapters.formats.numerals import number
from ngsi_adapters.formats.sensorthings import NO_VALUES, observed_until
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
EXPAND = (
    "ObservedProperty,Thing($expand=Locations),"
    "Observations($orderby=phenomenonTime desc;$top=1;$select=phenomenonTime,result)"
)


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each Datastream that has an Observation."""
    rows = json_list(json_object(payload), "value")
    observed = (row for row in rows if not isinstance(row, dict) or row.get("Observations") != [])
    return each(observed, _measurement, lambda row: str(row["@iot.id"]))


def _measurement(row: Row) -> Record:
    identity = entity_id("DeviceMeasurement", "sensorthings", str(row["@iot.id"]))
    observation = row["Observations"][0]
    observed_at = observed_until(observation["phenomenonTime"])
    return MEASUREMENT.record(identity, {**row, "observation": observation}, observed_at)


def _result(row: Row) -> Any:
    result = row["observation"]["result"]
    measured = isinstance(result, str) and str(row.get("observationType")).endswith("OM_Measurement")
    return number(result) if measured else result


def _number(row: Row) -> float | None:
    """a result that is a number, of a measurement also as text"""
    result = _result(row)
    if result is None:
        raise ValueError("the newest Observation has no result")
    if isinstance(result, bool) or not isinstance(result, int | float):
        return None
    if float(result) in NO_VALUES:
        raise ValueError(f"{result} stands for a value that is missing")
    return number(result)


def _text(row: Row) -> str | None:
    """a result that is a text or a truth value"""
    result = _result(row)
    if isinstance(result, dict | list):
        raise TypeError("the result is neither a number nor a text")
    return str(result).lower() if isinstance(result, bool) else result if isinstance(result, str) else None


def _place(row: Row) -> dict[str, Any] | None:
    """the Datastream's observedArea, else the Thing's first location"""
    found = row.get("observedArea")
    locations = row.get("Thing", {}).get("Locations") or []
    if found is None and locations:
        found = locations[0]["location"]
    place: dict[str, Any] | None = found["geometry"] if found and found.get("type") == "Feature" else found
    return place


def _device(thing: str | int) -> str:
    """id of a Device of that name"""
    return entity_id("Device", "sensorthings", str(thing))


MEASUREMENT = Mapped(
    DeviceMeasurement,
    (
        Field("name", "name", needed=True),
        Field("description", "description"),
        Field(("observedArea", "Thing.Locations.location"), "location", derive=_place),
        Field("ObservedProperty.name", "controlledProperty", needed=True),
        Field("ObservedProperty.definition", "measurementType"),
        Field("Thing.@iot.id", "refDevice", derive=lambda row: _device(row["Thing"]["@iot.id"])),
        Field("unitOfMeasurement.symbol", "unit"),
        Field(
            "Observations.phenomenonTime",
            "dateObserved",
            derive=lambda row: observed_until(row["observation"]["phenomenonTime"]),
        ),
        Field("Observations.result", "numValue", derive=_number, observed=True),
        Field("Observations.result", "textValue", derive=_text, observed=True),
    ),
)
SOURCE = Source(
    uid="sensorthings",
    name="OGC SensorThings: Datastreams of any server",
    licence=None,
    attribution="the operator of the server",
    url=None,
    every=timedelta(minutes=10),
    tenant="stadt_herne",
    parse=parse,
    mapping=(MEASUREMENT,),
    fetching=Fetching(query={"$expand": EXPAND, "$top": "100"}, pages=Pages(next_at="@iot.nextLink")),
)
