"""A meter's SML telegram (BSI TR-03109-1, SML 1.04): registers by OBIS code, as bytes or as hexadecimal text."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sml import SmlBase, SmlFrame

from data_models import SmartMeteringObservation
from ngsi_adapters.reading import each
from ngsi_adapters.source import MEGABYTE, Malformed, Outcome, Record, Source, entity_id

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


def _frames(octets: bytes) -> Iterator[SmlFrame]:
    """Every frame with a valid checksum; noise between frames is skipped."""
    while True:
        end, frame = SmlBase.find_frame(octets)
        if frame is None:
            return
        yield frame
        octets = octets[end:]


def _lists(frame: SmlFrame) -> Iterator[Readings]:
    bodies = (message["messageBody"] for message in frame)
    return (body for body in bodies if isinstance(body, dict) and "valList" in body)


def _observation(body: Readings, fetched_at: datetime) -> Record:
    registers = {entry["objName"]: entry for entry in body["valList"] if "objName" in entry}
    if IMPORTED not in registers:
        raise LookupError(f"the meter sent no register {IMPORTED} (energy drawn)")
    meter = str(body["serverId"]).replace(" ", "")
    entity = SmartMeteringObservation(
        id=entity_id("SmartMeteringObservation", meter),
        name=f"Meter {meter}",
        meterType="Electricity",
        dateObserved=fetched_at,
        totalConsumption=_kilo(registers, IMPORTED, "Wh"),
        totalExport=_kilo(registers, EXPORTED, "Wh"),
        power=_kilo(registers, POWER, "W"),
    )
    return Record(entity, fetched_at, ("totalConsumption", "totalExport", "power"))


def _kilo(registers: Mapping[str, Readings], obis: str, unit: str) -> float | None:
    """The register in kWh or kW."""
    entry = registers.get(obis)
    if entry is None or "value" not in entry:
        return None
    if entry.get("unit") != unit:
        raise ValueError(f"the register {obis} is in {entry.get('unit')}, not in {unit}")
    return round(float(entry["value"]) / 1000, 7)


SOURCE = Source(
    uid="sml_meter",
    name="SML: an electricity meter's telegram",
    licence=None,
    attribution="the metering point operator",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadtwerke",
    parse=parse,
    max_bytes=MEGABYTE // 4,
)
