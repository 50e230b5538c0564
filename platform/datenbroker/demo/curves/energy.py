"""What meters and photovoltaic plants show: power now, and a register that is the sum of all days before.

A day's energy depends on the day alone and its hours on a table, so that a register at any time is computed without
running through all readings before, never falls, and fits the power.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from datenbroker.demo.chance import between, number, unit
from datenbroker.demo.curves import rhythm, weather

Reading = dict[str, float | bool]

FIRST_START = datetime(2025, 3, 1, 10, tzinfo=UTC)
KWH_PER_CUBIC_METRE_KELVIN = 1.163
PERFORMANCE_RATIO = 0.85


def metering_started(uid: str) -> datetime:
    """When the meter was installed and stood at zero: a working hour between March 2025 and March 2026."""
    return FIRST_START + timedelta(days=number(uid, "metering started") % 365)


def flats(uid: str) -> int:
    """How many households hang on a meter: 4 to 30."""
    return 4 + number(uid, "flats") % 27


def peak_power(uid: str) -> float:
    """A photovoltaic plant's, kWp: 6 to 96, more often small."""
    return round(6 + 90 * unit(uid, "peak power") ** 2, 1)


def electricity(uid: str, at: datetime, business: bool = False) -> Reading:
    table = rhythm.BUSINESS if business else rhythm.HOUSEHOLD
    mean = _household_day(uid, weather.day_number(at)) / 24
    flicker = between(0.85, 1.15, uid, "flicker", int(at.timestamp()) // 60)
    power = mean * rhythm.at_hour(table, weather.local_hour(at)) * 24 / sum(table) * flicker
    return {"energy": _register("electricity", uid, at, table), "power": power}


def heat(uid: str, at: datetime) -> Reading:
    """Flow and return temperature follow the outside temperature, as district heating is run."""
    flow = min(105.0, max(68.0, 92 - 1.4 * weather.temperature(at))) + between(-1, 1, uid, "flow", at.hour)
    spread = between(24, 32, uid, "spread")
    energy = _register("heat", uid, at, rhythm.HEATING)
    power = _heat_day(uid, weather.day_number(at)) * rhythm.at_hour(rhythm.HEATING, weather.local_hour(at))
    return {
        "energy": energy,
        "volume": energy / (KWH_PER_CUBIC_METRE_KELVIN * spread),
        "power": power / sum(rhythm.HEATING),
        "flow_temperature": flow,
        "return_temperature": flow - spread,
    }


def photovoltaic(uid: str, at: datetime) -> Reading:
    """The temperature is the inverter's, under a roof."""
    table = _sunlight_hours(weather.day_number(at))
    power = peak_power(uid) * PERFORMANCE_RATIO * rhythm.at_hour(table, _elapsed(at))
    inverter = max(6.0, 12 + 0.6 * weather.temperature(at)) + 22 * power / peak_power(uid)
    return {"power": power, "energy": _register("photovoltaic", uid, at, table), "temperature": inverter}


def _register(kind: str, uid: str, at: datetime, table: Sequence[float]) -> float:
    """kWh since the meter started."""
    day = weather.day_number(at)
    share = rhythm.until_hour(table, _elapsed(at)) / sum(table) if any(table) else 0.0
    return _before(kind, uid, day) + DAYS[kind](uid, day) * share


def _elapsed(at: datetime) -> float:
    """Hours since local midnight, at most 24: steady also when the clocks change."""
    return min(24.0, (at - weather.midnight(weather.day_number(at))).total_seconds() / 3600)


@lru_cache(maxsize=4096)
def _before(kind: str, uid: str, day: int) -> float:
    total = 0.0
    for earlier in range(weather.day_number(metering_started(uid)), day):
        total += DAYS[kind](uid, earlier)  # not sum(): from Python 3.12 on it rounds otherwise than the day's own sum
    return total


def _household_day(uid: str, day: int) -> float:
    """kWh: some 3,000 a year and flat, a fifth more in winter."""
    winter = 1 - 0.2 * weather.season(weather.midnight(day))
    return flats(uid) * 8.2 * winter * between(0.85, 1.15, uid, "household", day)


def _heat_day(uid: str, day: int) -> float:
    """kWh: hot water, and heating below 17 °C."""
    degrees = max(0.0, 17 - weather.mean_temperature(day))
    return flats(uid) * (4.5 + 2.6 * degrees) * between(0.92, 1.08, uid, "heat", day)


def _photovoltaic_day(uid: str, day: int) -> float:
    return peak_power(uid) * PERFORMANCE_RATIO * sum(_sunlight_hours(day))


@lru_cache(maxsize=1024)
def _sunlight_hours(day: int) -> tuple[float, ...]:
    """The sunlight at each full hour of a local day."""
    start = weather.midnight(day)
    return tuple(weather.sunlight(start + timedelta(hours=hour)) for hour in range(24))


DAYS = {"electricity": _household_day, "heat": _heat_day, "photovoltaic": _photovoltaic_day}
