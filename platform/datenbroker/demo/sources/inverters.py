"""The Stadtwerke's inverters as SunSpec's JSON shows their registers: model 1 (who) and model 103 (three phases).

Integers with scale factors, and the marks of what a device does not implement; figures are invented.
"""

from datetime import datetime
from typing import Any

import orjson

from datenbroker.demo.chance import between, drift
from datenbroker.demo.curves import energy

MODELS = (("Fronius", "Symo 20.0-3-M"), ("SMA", "STP 25000TL-30"), ("KACO", "blueplanet 20.0 TL3"))
COUNT = 6
FEEDING, SLEEPING = 4, 2
INT16, UINT16 = -32768, 65535
"""What a register of that type says where it is not implemented."""


def document(at: datetime) -> bytes:
    """An array of devices, JSON."""
    return orjson.dumps([_device(index, at) for index in range(COUNT)])


def _device(index: int, at: datetime) -> dict[str, Any]:
    maker, model = MODELS[index % len(MODELS)]
    who = {"ID": 1, "L": 66, "Mn": maker, "Md": model, "Opt": None, "Vr": "0.3.30.2", "SN": _serial(index)}
    return {
        "name": f"device_{index + 1}",
        "did": f"6b1f5d0e-1f37-4e7c-8a51-2f0a44e7c{index + 1:03d}",
        "models": [who | {"DA": index + 1, "Pad": None}, {"ID": 103, "L": 50, **_registers(_serial(index), at)}],
    }


def _serial(index: int) -> str:
    return f"{34119102 + 17 * index}"


def _registers(serial: str, at: datetime) -> dict[str, Any]:
    now = energy.photovoltaic(serial, at)
    watts = now["power"] * 1000
    volts = [2310 + round(25 * drift(at, 0.5, serial, phase)) for phase in "ABC"]
    amperes = [round(watts / 3 / volt * 1000) for volt in volts]
    return {
        "A": sum(amperes),
        **{f"Aph{phase}": value for phase, value in zip("ABC", amperes, strict=True)},
        "A_SF": -2,
        **{f"PPVph{pair}": round(volts[0] * 3**0.5) for pair in ("AB", "BC", "CA")},
        **{f"PhVph{phase}": value for phase, value in zip("ABC", volts, strict=True)},
        "V_SF": -1,
        **_power(watts, serial, at),
        "WH": round(now["energy"] * 1000),
        "WH_SF": 0,
        **{"DCA": UINT16, "DCA_SF": INT16, "DCV": UINT16, "DCV_SF": INT16},
        **{"DCW": round(watts * 1.024 / 10), "DCW_SF": 1},
        **{"TmpCab": round(now["temperature"] * 10), "TmpSnk": INT16, "TmpTrns": INT16, "TmpOt": INT16, "Tmp_SF": -1},
        "St": FEEDING if watts >= 1 else SLEEPING,
        "StVnd": 7 if watts >= 1 else 3,
        **{name: 0 for name in ("Evt1", "Evt2", "EvtVnd1", "EvtVnd2", "EvtVnd3", "EvtVnd4")},
    }


def _power(watts: float, serial: str, at: datetime) -> dict[str, int]:
    """In tens of W, since 96 kW do not fit a signed register otherwise; the mains' frequency wanders by 20 mHz."""
    reactive = -watts * between(0.01, 0.03, serial, "reactive")
    return {
        "W": round(watts / 10),
        "W_SF": 1,
        "Hz": 5000 + round(2 * drift(at, 0.1, "mains")),
        "Hz_SF": -2,
        "VA": round((watts**2 + reactive**2) ** 0.5 / 10),
        "VA_SF": 1,
        "VAR": round(reactive),
        "VAR_SF": 0,
        "PF": 999,
        "PF_SF": -3,
    }
