"""Heat meters by M-Bus and wM-Bus, decoded to JSON as wmbusmeters does: one object, an array, or one object a line."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_models import SmartMeteringObservation
from ngsi_adapters.formats.documents import json_document
from ngsi_adapters.formats.numerals import number
from ngsi_adapters.formats.times import utc_moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import MEGABYTE, Malformed, Outcome, Record, Source, entity_id

Row = Mapping[str, Any]
MEDIA = {"cooling load volume at inlet": "Cooling", "heat": "Heat", "heat volume at inlet": "Heat"} | {
    "heat/cooling load": "Heat"
}
ENERGY = ("total_energy_consumption_kwh", "total_kwh")
VOLUME = ("total_volume_m3", "total_water_m3", "total_m3")
FLOW = ("volume_flow_m3h", "flow_water_m3h", "flow_m3h")
POWER = ("power_kw", "current_power_consumption_kw", "current_kw")
THERE, BACK = ("flow_temperature_c", "forward_c"), ("return_temperature_c", "return_c")


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record a telegram; of several of one meter the newest."""
    newest: dict[Any, Any] = {}
    for index, row in enumerate(_telegrams(payload)):
        meter = row.get("id") if isinstance(row, dict) else None
        key = index if meter is None else str(meter)
        kept = newest.get(key)
        if kept is None or str(row.get("timestamp", "")) >= str(kept.get("timestamp", "")):
            newest[key] = row
    return each(newest.values(), _meter, lambda row: row.get("id"))


def _telegrams(payload: bytes) -> list[Any]:
    lines = payload.strip().splitlines()
    if len(lines) > 1 and all(line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}") for line in lines):
        return [json_document(line) for line in lines]
    document = json_document(payload)
    rows = document if isinstance(document, list) else [document]
    if not rows or not all(isinstance(row, dict) and ("meter" in row or "id" in row) for row in rows):
        raise Malformed("these are no telegrams as wmbusmeters decodes them: each names its meter and id")
    return rows


def _meter(row: Row) -> Record:
    if row["media"] not in MEDIA:
        raise ValueError(f"the meter is one of {row['media']}, not of heat")
    if not any(name in row for name in ENERGY):
        raise KeyError(ENERGY[0])
    return METER.record(
        entity_id("SmartMeteringObservation", "wmbus", str(row["id"])), row, utc_moment(row["timestamp"])
    )


def _first(names: tuple[str, ...], least: float | None = None) -> Callable[[Row], float | None]:
    def read(row: Row) -> float | None:
        found = next((row[name] for name in names if row.get(name) is not None), None)
        value = None if found is None else number(found)
        if value is not None and least is not None and value < least:
            raise ValueError(f"{value:g} is less than {least:g}")
        return value

    read.__doc__ = "the first that is there" if len(names) > 1 else ""
    return read


METER = Mapped(
    SmartMeteringObservation,
    (
        Field("name", "name", needed=True),
        Field("media", "meterType", MEDIA.get),
        Field("timestamp", "dateObserved", utc_moment, needed=True),
        Field(ENERGY, "totalConsumption", derive=_first(ENERGY, 0), observed=True),
        Field(VOLUME, "volume", derive=_first(VOLUME, 0), observed=True),
        Field(FLOW, "flowRate", derive=_first(FLOW, 0), observed=True),
        Field(POWER, "power", derive=_first(POWER), observed=True),
        Field(THERE, "flowTemperature", derive=_first(THERE, -50), observed=True),
        Field(BACK, "returnTemperature", derive=_first(BACK, -50), observed=True),
    ),
)
SOURCE = Source(
    uid="wmbus_heat",
    name="Heat meters by M-Bus and wM-Bus (decoded JSON)",
    licence=None,
    attribution="the metering point operator",
    url=None,
    every=timedelta(minutes=15),
    tenant="stadtwerke",
    parse=parse,
    mapping=(METER,),
    max_bytes=8 * MEGABYTE,
)
