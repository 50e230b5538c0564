"""District heat of public buildings by wM-Bus, as wmbusmeters decodes the telegrams (drivers microclima, sensostar)."""

from datetime import datetime
from typing import Any

import orjson

from datenbroker.demo.curves import energy, weather

METERS = (
    ("93570001", "Heizhaus-Nord"),
    ("93570002", "Rathaus-Herne"),
    ("93570003", "Akademie-Mont-Cenis"),
    ("20480002", "Schule-Mitte"),
    ("20480003", "Hallenbad-Eickel"),
    ("20480004", "Kulturzentrum"),
)
"""Number and name; those that begin with 9 are read by the driver microclima."""


def document(at: datetime) -> bytes:
    """A JSON object a telegram, one a line, the newest of each meter."""
    return b"".join(orjson.dumps(_telegram(meter, name, at)) + b"\n" for meter, name in METERS)


def _telegram(meter: str, name: str, at: datetime) -> dict[str, Any]:
    now = energy.heat(f"wmbus-{meter}", at)
    spread = now["flow_temperature"] - now["return_temperature"]
    flow = round(now["power"] / energy.KWH_PER_CUBIC_METRE_KELVIN / spread, 3)
    read = _microclima if meter.startswith("9") else _sensostar
    told = {"_": "telegram", "media": "heat", "name": name, "id": meter, "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    return told | read(now, flow, f"{at.astimezone(weather.LOCAL):%Y-%m-%d %H:%M}")


def _microclima(now: energy.Reading, flow: float, local: str) -> dict[str, Any]:
    return {
        "meter": "microclima",
        "flow_temperature_c": round(now["flow_temperature"], 1),
        "meter_datetime": local,
        "model_version": "000005",
        "parameter_set": "1110",
        "power_kw": round(now["power"], 2),
        "return_temperature_c": round(now["return_temperature"], 1),
        "status": "OK",
        "temperature_difference_c": round(now["flow_temperature"] - now["return_temperature"], 1),
        "total_energy_consumption_kwh": int(now["energy"]),
        "total_volume_m3": round(now["volume"], 3),
        "volume_flow_m3h": flow,
    }


def _sensostar(now: energy.Reading, flow: float, local: str) -> dict[str, Any]:
    return {
        "meter": "sensostar",
        "meter_timestamp": local,
        "total_kwh": int(now["energy"]),
        "power_kw": round(now["power"], 2),
        "flow_water_m3h": flow,
        "forward_c": round(now["flow_temperature"], 1),
        "return_c": round(now["return_temperature"], 1),
        "difference_c": round(now["flow_temperature"] - now["return_temperature"], 1),
        "total_water_m3": round(now["volume"], 2),
        "current_status": "OK",
    }
