"""Inverters in SunSpec's JSON (models 101 to 103 and 111 to 113, with model 1 of who it is): power and energy now."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_models import ThreePhaseAcMeasurement
from ngsi_adapters.formats.documents import json_document
from ngsi_adapters.formats.numerals import number, whole
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import MEGABYTE, Malformed, Outcome, Record, Source, entity_id

Points = Mapping[str, Any]
COMMON, INVERTERS = 1, frozenset({101, 102, 103, 111, 112, 113})
UNSAID = {-32768, 65535, 4294967295, 0xFFFFFFFF80000000}
"""What a point says that the device does not implement (SunSpec Device Information Model, 6.4)."""
STATES = dict(
    enumerate(("off", "sleeping", "starting", "feeding in", "throttled", "shutting down", "fault", "standby"), 1)
)


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record an inverter: a device, or an array of them; SunSpec tells no time, so it is that of the fetch."""
    document = json_document(payload)
    devices = document if isinstance(document, list) else [document]
    if not devices or not all(isinstance(device, dict) and "models" in device for device in devices):
        raise Malformed("this is no SunSpec device: its member 'models' is missing")
    return each(devices, lambda device: _inverter(device, fetched_at), lambda device: device.get("name"))


def _inverter(device: Points, fetched_at: datetime) -> Record:
    models = {whole(model["ID"]): model for model in device["models"]}
    known = models.keys() & INVERTERS
    if COMMON not in models or not known:
        raise LookupError(f"the device has the models {sorted(models)}, not 1 and one of {sorted(INVERTERS)}")
    points = models[COMMON] | models[min(known)]
    serial = str(points["SN"]).strip()
    return INVERTER.record(entity_id("ThreePhaseAcMeasurement", "sunspec", serial), points, fetched_at)


def _scaled(name: str, divisor: float = 1.0) -> Callable[[Points], float | None]:
    """The value × 10 to the power of its scale factor, as the device implements it."""

    def read(points: Points) -> float | None:
        value = points.get(name)
        if value is None or value in UNSAID:
            return None
        scale = points.get(f"{name}_SF")
        exponent = 0 if scale is None or scale in UNSAID else whole(scale)
        if not -10 <= exponent <= 10:
            raise ValueError(f"the scale factor {exponent} is none of -10 to 10")
        return round(number(value) * 10.0**exponent / divisor, 6)

    read.__doc__ = f"× 10^{name}_SF" + (f" / {divisor:g}" if divisor != 1 else "")
    return read


def _voltages(points: Points) -> dict[str, float] | None:
    """L1 to L3, those there are, × 10^V_SF"""
    legs = {"L1": "PhVphA", "L2": "PhVphB", "L3": "PhVphC"}
    values = {
        leg: _scaled(name)({name: points.get(name), f"{name}_SF": points.get("V_SF")}) for leg, name in legs.items()
    }
    return {leg: value for leg, value in values.items() if value is not None} or None


INVERTER = Mapped(
    ThreePhaseAcMeasurement,
    (
        Field(("Mn", "Md"), "name", derive=lambda points: f"{points['Mn'].strip()} {points['Md'].strip()}"),
        Field("St", "description", STATES.get),
        Field("W", "totalActivePower", derive=_scaled("W"), observed=True),
        Field("VA", "totalApparentPower", derive=_scaled("VA"), observed=True),
        Field("VAr", "totalReactivePower", derive=_scaled("VAr"), observed=True),
        Field("Hz", "frequency", derive=_scaled("Hz"), observed=True),
        Field("WH", "totalActiveEnergyExport", derive=_scaled("WH", 1000), observed=True),
        Field(("PhVphA", "PhVphB", "PhVphC"), "phaseVoltage", derive=_voltages, observed=True),
    ),
)
SOURCE = Source(
    uid="sunspec_inverter",
    name="Inverters (SunSpec JSON)",
    licence=None,
    attribution="the operator of the plant",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadtwerke",
    parse=parse,
    mapping=(INVERTER,),
    max_bytes=MEGABYTE,
)
