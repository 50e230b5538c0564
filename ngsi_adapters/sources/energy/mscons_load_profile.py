"""MSCONS load profiles (UN/EDIFACT D.04B, BDEW 2.4c, 2.5): the energy of each quarter of an hour at a metering point.

One entity for each interval, so that a later message, up to 13 months afterwards, replaces what an earlier one said.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pydifact.exceptions import EDISyntaxError
from pydifact.parser import Parser
from pydifact.segments import Segment, SegmentFactory

from data_models import SmartMeteringObservation
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.numerals import number
from ngsi_adapters.formats.texts import text_of
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

Row = dict[str, Any]
QUANTITIES = {
    "67": "substitute value",
    "79": "sum",
    "201": "proposed value",
    "220": "true value",
    "Z18": "provisional value",
}
"""Qualifiers of QTY that are energy; 20 is unusable, 187 a forecast and Z30 missing, which are no readings."""
KILOWATT_HOURS = ("", "KWH")
DRAWN, FED_IN = "1.29", "2.29"
"""OBIS groups C and D: energy of the interval."""


class _Plain(SegmentFactory):
    """Segments as they are: pydifact knows the directory of no MSCONS and would warn of each."""

    @staticmethod
    def create_segment(name: str, *elements: Any, **_: Any) -> Segment:
        return Segment(name, *elements)


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record an interval; of several values for it in one file the one of the newest message counts."""
    newest: dict[tuple[str, str, str], Row] = {}
    for row in _rows(_segments(payload)):
        key = row["point"], row["register"], row.get("start", "")
        if key not in newest or row["written"] >= newest[key]["written"]:
            newest[key] = row
    return each(newest.values(), _interval, lambda row: f"{row['point']} {row['register']} {row.get('start', '')}")


def _segments(payload: bytes) -> list[Segment]:
    try:
        segments = list(Parser(_Plain()).parse(text_of(payload).strip()))
    except (EDISyntaxError, ValueError, IndexError, AttributeError) as error:
        raise Malformed(f"no EDIFACT: {error}") from None
    if not any(segment.tag == "UNH" and _part(segment, 1) == "MSCONS" for segment in segments):
        raise Malformed("there is no MSCONS message")
    if segments[-1].tag != "UNZ":
        raise Malformed(f"the interchange ends with {segments[-1].tag}, not with UNZ: is it cut off?")
    return segments


def _rows(segments: list[Segment]) -> Iterator[Row]:
    """What a QTY and the DTM after it say, with the metering point, the register and the date of the message."""
    place: Row = {}
    row: Row | None = None
    for segment in segments:
        tag, code = segment.tag, _part(segment, 0, 0)
        if row is not None and tag != "DTM":
            yield row
            row = None
        if tag == "UNH":
            place = {"point": "", "register": "", "written": ""}
        elif tag == "DTM" and row is not None:
            row[{"163": "start", "164": "end"}.get(code, code)] = _part(segment, 0, 1)
        elif tag == "DTM" and code == "137":
            place["written"] = _part(segment, 0, 1)
        elif tag == "LOC" and code == "172":
            place["point"] = _part(segment, 1)
        elif tag == "PIA":
            place["register"] = _part(segment, 1)
        elif tag == "QTY":
            row = {**place, "qualifier": code, "quantity": _part(segment, 0, 1), "unit": _part(segment, 0, 2)}


def _part(segment: Segment, element: int, component: int = 0) -> str:
    """A component of an element, empty where there is none."""
    found = segment.elements[element] if element < len(segment.elements) else ""
    parts = found if isinstance(found, list) else [found]
    return str(parts[component]) if component < len(parts) else ""


def _interval(row: Row) -> Record:
    if not row["point"]:
        raise KeyError("LOC+172")
    if row["qualifier"] not in QUANTITIES:
        raise ValueError(f"QTY+{row['qualifier']} is no measured energy; known are {', '.join(QUANTITIES)}")
    if row["unit"] not in KILOWATT_HOURS:
        raise ValueError(f"{row['quantity']} {row['unit']} is no energy in kWh (KWH)")
    if not any(f":{group}." in row["register"] for group in (DRAWN, FED_IN)):
        raise ValueError(f"the register {row['register']} is none of a load profile ({DRAWN}, {FED_IN})")
    start, end = _moment(row["start"]), _moment(row["end"])
    if end - start != timedelta(minutes=15):
        raise ValueError(f"the interval of {row['start']} to {row['end']} is no quarter of an hour")
    identity = entity_id(
        "SmartMeteringObservation", row["point"], row["register"].partition(":")[2], f"{start:%Y%m%dT%H%M}"
    )
    return INTERVAL.record(identity, row, end)


def _moment(text: str) -> datetime:
    """format 303: CCYYMMDDHHMM and the offset in hours"""
    hours = int(text[12:])
    return datetime.strptime(text[:12] + "+0000", "%Y%m%d%H%M%z").astimezone(UTC) - timedelta(hours=hours)


def _energy(group: str) -> Any:
    def read(row: Row) -> float | None:
        return number(row["quantity"]) if f":{group}." in row["register"] else None

    read.__doc__ = f"of the register {group}"
    return read


INTERVAL = Mapped(
    SmartMeteringObservation,
    (
        Field("LOC+172", "name", derive=lambda row: row["point"]),
        Field("DTM+164", "dateObserved", derive=lambda row: _moment(row["end"])),
        Field("QTY", "totalConsumption", derive=_energy(DRAWN), observed=True),
        Field("QTY", "totalExport", derive=_energy(FED_IN), observed=True),
        Field("QTY", "description", derive=lambda row: f"15 min, {QUANTITIES[row['qualifier']]}"),
    ),
    fixed={"meterType": "Electricity"},
)
SOURCE = Source(
    uid="mscons_load_profile",
    name="MSCONS: load profiles of metering points",
    licence=None,
    attribution="the metering point operator",
    url=None,
    every=timedelta(minutes=15),
    tenant="stadtwerke",
    parse=parse,
    mapping=(INTERVAL,),
    fetching=Fetching(folder=("*.edi", "*.txt", "*.EDI", "*.TXT")),
)
