"""Herne's sun and weather as pure functions of the time: sun's elevation, clouds, air temperature, rain."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import asin, cos, degrees, exp, pi, radians, sin
from zoneinfo import ZoneInfo

from datenbroker.demo.chance import between, drift, exponential, unit

LATITUDE, LONGITUDE = 51.54, 7.22
LOCAL = ZoneInfo("Europe/Berlin")
SOIL_MEMORY_DAYS = 21


def day_number(at: datetime) -> int:
    """Counts local days."""
    return at.astimezone(LOCAL).toordinal()


def local_hour(at: datetime) -> float:
    local = at.astimezone(LOCAL)
    return local.hour + local.minute / 60 + local.second / 3600


def midnight(day: int) -> datetime:
    """When the local day begins, in UTC."""
    return datetime.fromordinal(day).replace(tzinfo=LOCAL).astimezone(UTC)


def season(at: datetime) -> float:
    """-1 in mid January, 1 in mid July."""
    return -cos(2 * pi * (at.timetuple().tm_yday - 15) / 365.25)


def sun_elevation(at: datetime) -> float:
    """Degrees above the horizon; declination and equation of time after Spencer (1971), good to half a degree."""
    utc = at.astimezone(UTC)
    angle = 2 * pi * (utc.timetuple().tm_yday - 1) / 365
    declination = 0.006918 - 0.399912 * cos(angle) + 0.070257 * sin(angle) - 0.006758 * cos(2 * angle)
    declination += 0.000907 * sin(2 * angle)
    equation = 229.18 * (0.000075 + 0.001868 * cos(angle) - 0.032077 * sin(angle) - 0.014615 * cos(2 * angle))
    solar_minutes = utc.hour * 60 + utc.minute + utc.second / 60 + 4 * LONGITUDE + equation
    hour_angle = radians(solar_minutes / 4 - 180)
    latitude = radians(LATITUDE)
    return degrees(asin(sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(hour_angle)))


def cloudiness(at: datetime) -> float:
    """0 (clear) to 1 (overcast); more in winter."""
    return min(1.0, max(0.0, 0.55 - 0.15 * season(at) + 0.4 * drift(at, 18, "clouds") + 0.2 * drift(at, 2, "cumulus")))


def sunlight(at: datetime) -> float:
    """The share of 1,000 W/m² that falls on a roof, 0..1 (clear sky after Haurwitz, clouds after Kasten)."""
    height = sin(radians(sun_elevation(at)))
    if height <= 0:
        return 0.0
    clear = 1.098 * height * exp(-0.057 / height)
    return clear * (1 - 0.75 * float(cloudiness(at) ** 3.4))


def temperature(at: datetime) -> float:
    """Air, °C: 3 in January, 19 in July, coldest before sunrise, with spells of some days."""
    daily = 3.2 * (1 + 0.4 * season(at)) * -cos(2 * pi * (local_hour(at) - 3.5) / 24)
    return 11 + 8 * season(at) + daily + 4 * drift(at, 72, "air mass")


@lru_cache(maxsize=4096)
def mean_temperature(day: int) -> float:
    """Air, °C, the mean of a local day."""
    start = midnight(day)
    return sum(temperature(start + timedelta(hours=hour)) for hour in (0, 6, 12, 18)) / 4


def humidity(at: datetime) -> float:
    """Relative, per cent: high at night and in rain."""
    daily = 12 * cos(2 * pi * (local_hour(at) - 4) / 24)
    return min(99.0, max(28.0, 76 - 9 * season(at) + daily + 9 * drift(at, 12, "humidity") + 4 * rain(at)))


@lru_cache(maxsize=4096)
def shower(day: int) -> tuple[float, float, float]:
    """The day's rain: mm, the hour at which it begins, its hours. About 45 % of the days, 800 mm a year."""
    if unit("rains", day) > 0.45:
        return 0.0, 0.0, 1.0
    return exponential(4.8, "rain", day), between(0, 18, "rain begins", day), between(1, 6, "rain lasts", day)


def rain(at: datetime) -> float:
    """mm/h."""
    amount, begins, lasts = shower(day_number(at))
    return amount / lasts if begins <= local_hour(at) < begins + lasts else 0.0


def wetness(at: datetime, days_to_dry: float) -> float:
    """mm of the last weeks' rain that are still in the ground, where it dries to 1/e in so many days."""
    today, hour = day_number(at), local_hour(at)
    total = 0.0
    for age in range(SOIL_MEMORY_DAYS):
        amount, begins, lasts = shower(today - age)
        since = age * 24 + hour - begins
        if amount and since > 0:
            total += amount * min(1.0, since / lasts) * exp(-since / 24 / days_to_dry)
    return total
