"""A meter's SML telegram (BSI TR-03109-1, SML 1.04): registers by OBIS code, as bytes or as hexadecimal text."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from data_models import SmartMeteringObservation
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import MEGABYTE, Malformed, Outcome, Record, Source, entity_id

if TYPE_CHECKING:
    from sml import SmlFrame

START = b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01"
IMPORTED, EXPORTED, POWER = "1-0:1.8.0*255", "1-0:2.8.0*255", "1-0:16.7.0*255"
Readings = Mapping[str, Any]


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """The newest readings of each meter in the payload.

    A meter's own clock is the seconds since it was installed and no wall time: the readings were taken when the
    telegram was fetched.
    """
    meters = {body["serverId"]: body for frame in _frames(_octets(payload)) for body in _lists(frame)}
    if not meters:
        raise Malformed("no SML frame that is complete and has the right checksum")
    return each(meters.values(), lambda body: _observation(body, fetched_at), lambda body: body.get("serverId"))


def _octets(payload: bytes) -> bytes:
    if START in payload:
        return payload
    try:
        return bytes.fromhex(payload.decode("ascii"))
    except ValueError:
        raise Malformed("neither an SML telegram nor one in hexadecimal text") from None


def _frames(octets: bytes) -> Iterator["SmlFrame"]:
    """Every frame with a valid checksum; noise between frames is skipped."""
    from sml import SmlBase  # a tenth of a second, which only those wait for who read meters

    while True:
        end, frame = SmlBase.find_frame(octets)
        if frame is None:
            return
        yield frame
        octets = octets[end:]


def _lists(frame: "SmlFrame") -> Iterator[Readings]:
    bodies = (message["messageBody"] for message in frame)
    return (body for body in bodies if isinstance(body, dict) and "valList" in body)


def _observation(body: Readings, fetched_at: datetime) -> Record:
    registers = {entry["objName"]: entry for entry in body["valList"] if "objName" in entry}
    if IMPORTED not in registers:
        raise LookupError(f"the meter sent no register {IMPORTED} (energy drawn)")
    meter = str(body["serverId"]).replace(" ", "")
    row = {**registers, "serverId": meter, "fetched": fetched_at}
    return METER.record(entity_id("SmartMeteringObservation", meter), row, fetched_at)


def _name(meter: str) -> str:
    return f"Meter {meter}"


def _kilo(unit: str) -> Callable[[Readings], float | None]:
    def read(entry: Readings) -> float | None:
        if "value" not in entry:
            return None
        if entry.get("unit") != unit:
            raise ValueError(f"it is in {entry.get('unit')}, not in {unit}")
        return round(float(entry["value"]) / 1000, 7)

    read.__doc__ = f"{unit} / 1000"
    return read


METER = Mapped(
    SmartMeteringObservation,
    (
        Field("serverId", "name", _name),
        Field("fetched", "dateObserved"),
        Field(IMPORTED, "totalConsumption", _kilo("Wh"), observed=True),
        Field(EXPORTED, "totalExport", _kilo("Wh"), observed=True),
        Field(POWER, "power", _kilo("W"), observed=True),
    ),
    fixed={"meterType": "Electricity"},
)
SOURCE = Source(
    uid="sml_meter",
    name="SML: an electricity meter's telegram",
    licence=None,
    attribution="the metering point operator",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadtwerke",
    parse=parse,
    mapping=(METER,),
    max_bytes=MEGABYTE // 4,
)
