"""The city's day as tables of 24 hourly values, local time, in per cent: traffic, parking, electricity, heat."""

from collections.abc import Sequence
from datetime import datetime

from datenbroker.demo.curves.weather import LOCAL, local_hour

TRAFFIC_WORKDAY = (6, 4, 3, 4, 10, 28, 62, 95, 88, 68, 62, 66, 70, 68, 72, 85, 97, 100, 82, 60, 42, 30, 20, 12)
TRAFFIC_WEEKEND = (16, 12, 9, 7, 6, 8, 14, 22, 34, 48, 58, 62, 62, 60, 60, 60, 60, 58, 52, 44, 36, 30, 26, 20)
SHOPPERS = (10, 8, 7, 7, 8, 12, 20, 35, 55, 76, 88, 93, 90, 86, 88, 92, 93, 88, 74, 55, 40, 28, 20, 14)
RESIDENTS = (93, 94, 95, 95, 94, 90, 80, 66, 55, 48, 46, 46, 48, 50, 52, 58, 66, 75, 82, 87, 90, 91, 92, 93)
# The shape of BDEW's standard load profile H0 (households, winter working day)
HOUSEHOLD = (27, 22, 21, 20, 21, 25, 40, 57, 61, 60, 59, 63, 67, 63, 57, 55, 60, 78, 94, 100, 91, 76, 60, 40)
# A depot or an office: G1-like
BUSINESS = (24, 22, 22, 22, 25, 35, 51, 73, 91, 98, 100, 99, 93, 94, 93, 88, 78, 63, 48, 37, 31, 28, 26, 25)
HEATING = (38, 36, 36, 38, 44, 66, 97, 100, 84, 72, 66, 62, 61, 59, 59, 62, 69, 78, 84, 84, 78, 66, 50, 41)


def at_hour(table: Sequence[float], hour: float) -> float:
    """Between the two hourly values around `hour` (0..24, local)."""
    whole = int(hour)
    before, after = table[whole % 24], table[(whole + 1) % 24]
    return before + (after - before) * (hour - whole)


def until_hour(table: Sequence[float], hour: float) -> float:
    """The area under the table from midnight to `hour` (0..24); to 24 it is `sum(table)`."""
    whole = int(hour)
    area = sum((table[index % 24] + table[(index + 1) % 24]) / 2 for index in range(whole))
    return area + (table[whole % 24] + at_hour(table, hour)) / 2 * (hour - whole)


def traffic(at: datetime) -> float:
    """0..1, where 1 is a working day's evening rush."""
    weekend = at.astimezone(LOCAL).weekday() >= 5
    return at_hour(TRAFFIC_WEEKEND if weekend else TRAFFIC_WORKDAY, local_hour(at)) / 100


def parking_demand(at: datetime, busy: float) -> float:
    """The share of taken bays, 0..1, in a street between residential (`busy` 0) and shopping (1)."""
    local = at.astimezone(LOCAL)
    shoppers = at_hour(SHOPPERS, local_hour(at)) * (0.45 if local.weekday() == 6 else 1.0)
    return (busy * shoppers + (1 - busy) * at_hour(RESIDENTS, local_hour(at))) / 100
