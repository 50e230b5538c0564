"""The entsorgung's collection calendar (iCalendar, RFC 5545) of this year and the next, exported anew every night.

A collection on a public holiday is a day later: EXDATE and RDATE. Streets are real, days invented.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import chain

from datenbroker.demo.chance import number
from datenbroker.demo.curves import weather
from datenbroker.demo.places import STREETS

FRACTIONS = (("Restabfall", 2), ("Bioabfall", 1), ("Altpapier", 4), ("Gelbe Tonne", 2))
"""SUMMARY, and the weeks between two collections."""
HOLIDAYS = ((1, 1), (5, 1), (10, 3), (11, 1), (12, 25), (12, 26))
"""Month and day of those that stay where they are."""
SERVED = STREETS[::2]
DAYS = "%Y%m%d"


def document(at: datetime) -> bytes:
    """UTF-8, CRLF, an event a street and kind of waste."""
    today = date.fromordinal(weather.day_number(at))
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//entsorgung herne//Abfallkalender//DE")
    named = ("METHOD:PUBLISH", "X-WR-CALNAME:Abfallkalender Herne")
    events = chain.from_iterable(
        _event(street, fraction, today) for street in range(len(SERVED)) for fraction in range(len(FRACTIONS))
    )
    return "\r\n".join((*head, *named, *events, "END:VCALENDAR", "")).encode()


def _event(street: int, fraction: int, today: date) -> Iterator[str]:
    kind, weeks = FRACTIONS[fraction]
    first, last = _first(street, fraction, today.year), date(today.year + 1, 12, 31)
    yield "BEGIN:VEVENT"
    yield f"UID:{street + 1:03d}-{fraction + 1}@abfallkalender.example"
    yield f"DTSTAMP:{weather.midnight(today.toordinal()):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{first:{DAYS}}"
    yield f"RRULE:FREQ=WEEKLY;INTERVAL={weeks};UNTIL={last:{DAYS}}"
    for day in _on_holidays(first, last, weeks):
        yield f"EXDATE;VALUE=DATE:{day:{DAYS}}"
        yield f"RDATE;VALUE=DATE:{_moved(day):{DAYS}}"
    yield f"SUMMARY:{kind}"
    yield f"LOCATION:{SERVED[street].name}\\, Herne"
    yield "END:VEVENT"


def _first(street: int, fraction: int, year: int) -> date:
    """The year's first; a street has one weekday, and its weeks run on over the turn of the year."""
    weeks = FRACTIONS[fraction][1]
    monday = 7 * (number("calendar", street, fraction) % weeks) + 1
    wanted = monday + number("calendar", street) % 5
    start = date(year, 1, 1).toordinal()
    return date.fromordinal(start + (wanted - start) % (7 * weeks))


def _on_holidays(first: date, last: date, weeks: int) -> list[date]:
    days = (first + timedelta(weeks=weeks * count) for count in range((last - first).days // (7 * weeks) + 1))
    return [day for day in days if (day.month, day.day) in HOLIDAYS]


def _moved(day: date) -> date:
    """To the next day that is no holiday."""
    while (day.month, day.day) in HOLIDAYS:
        day += timedelta(days=1)
    return day
