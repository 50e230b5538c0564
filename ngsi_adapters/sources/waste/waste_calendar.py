"""Collection calendars (iCalendar, RFC 5545) as waste utilities give them out: the next collection of each street.

Street and kind of waste are LOCATION and SUMMARY; a house number is dropped. Repeated events are followed for a year.
In a calendar of one place, whose events tell no LOCATION, the place is what its name says beside "Abfallkalender".
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar, Event

from data_models import WasteObserved
from ngsi_adapters.formats.texts import text_of
from ngsi_adapters.formats.times import berlin
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each, refused
from ngsi_adapters.source import MEGABYTE, Malformed, Outcome, Record, Source, entity_id

LOOK_AHEAD, LONGEST_PAST = timedelta(days=366), timedelta(days=3660)
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
UNSAID = re.compile(r"\b(?:abfall|abfuhr|müll)\w*|\b20\d\d\b|[-–:|]", re.IGNORECASE)
"""What a calendar's name says beside the place."""
BERLIN = ZoneInfo("Europe/Berlin")
BEGINS = time(6)
"""Containers have to stand ready from six in the morning."""


class Collection(NamedTuple):
    """What is collected where, and when next."""

    kind: str
    street: str
    town: str
    begins: datetime


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each kind of waste in each street: the next day from today on."""
    today = fetched_at.astimezone(BERLIN).date()
    following: dict[tuple[str, str], Collection] = {}
    place, events = _events(payload)
    for event in events:
        try:
            found = _next(event, today, place)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            yield refused(event, error, lambda event: str(event.get("UID")))
            continue
        key = (found.kind, found.street) if found else ("", "")
        if found and (key not in following or found.begins < following[key].begins):
            following[key] = found
    yield from each(following.values(), _collection, lambda collection: f"{collection.kind}, {collection.street}")


def _events(payload: bytes) -> tuple[str | None, list[Any]]:
    """The place of all events, if they are of one, and the events."""
    text = text_of(payload).strip()
    if not text.upper().endswith("END:VCALENDAR"):
        raise Malformed("the file does not end with END:VCALENDAR: no iCalendar, or it is cut off")
    try:
        calendar = Calendar.from_ical(text)
        events = [part for part in calendar.walk("VEVENT") if isinstance(part, Event)]
        name = "" if any("LOCATION" in event for event in events) else str(calendar.get("X-WR-CALNAME", ""))
        return " ".join(UNSAID.sub(" ", name).split()) or None, events
    except (ValueError, IndexError, KeyError) as error:
        raise Malformed(f"no iCalendar: {error}") from None


def _next(event: Any, today: date, of_all: str | None) -> Collection | None:
    kind, place, first = _text(event, "SUMMARY"), of_all or _text(event, "LOCATION"), _day(event["DTSTART"].dt)
    if abs(first - today) > LONGEST_PAST:
        raise ValueError(f"the event begins on {first}, more than ten years away")
    street, _, town = (part.strip() for part in place.partition(","))
    days = [day for day in _days(event, first, today) if day >= today]
    return Collection(kind, without_number(street), town, berlin(datetime.combine(min(days), BEGINS))) if days else None


def _days(event: Any, first: date, today: date) -> set[date]:
    days = {first}
    if rule := event.get("RRULE"):
        if rule.get("FREQ", [""])[0] not in FREQUENCIES:
            raise ValueError(f"the event is repeated {rule.get('FREQ')}: collections are daily at the most")
        dates = rrulestr(rule.to_ical().decode(), dtstart=datetime.combine(first, time()), ignoretz=True)
        last = datetime.combine(today + LOOK_AHEAD, time())
        days |= {moment.date() for moment in dates.between(datetime.combine(today, time()), last, inc=True)}
    return (days | _listed(event, "RDATE")) - _listed(event, "EXDATE")


def _listed(event: Any, name: str) -> set[date]:
    found: Any = event.get(name, [])
    lists = found if isinstance(found, list) else [found]
    return {_day(entry.dt) for dates in lists for entry in dates.dts}


def _day(moment: date) -> date:
    if not isinstance(moment, datetime):
        return moment
    return (moment if moment.tzinfo is None else moment.astimezone(BERLIN)).date()


def _text(event: Any, name: str) -> str:
    text = str(event[name]).strip()
    if not text:
        raise KeyError(name)
    return text


def without_number(street: str) -> str:
    """The street of an address."""
    words = street.split()
    while len(words) > 1 and any(sign.isdigit() for sign in words[-1]):
        words.pop()
    return " ".join(words)


def _collection(row: Collection) -> Record:
    return COLLECTION.record(entity_id("WasteObserved", "next", row.street, row.kind), row._asdict())


def _address(row: dict[str, Any]) -> dict[str, str | None]:
    return {"streetAddress": row["street"], "addressLocality": row["town"] or None, "addressCountry": "DEU"}


COLLECTION = Mapped(
    WasteObserved,
    (
        Field(("SUMMARY", "LOCATION"), "name", derive=lambda row: f"{row['kind']}, {row['street']}"),
        Field("SUMMARY", "annotations", derive=lambda row: [row["kind"]]),
        Field("LOCATION", "address", derive=_address),
        Field(
            ("DTSTART", "RRULE", "RDATE", "EXDATE"), "dateObserved", derive=lambda row: row["begins"].astimezone(UTC)
        ),
    ),
    fixed={"description": "Nächste Abholung / next collection"},
)
SOURCE = Source(
    uid="waste_calendar",
    name="Collection calendar (iCalendar)",
    licence=None,
    attribution="the waste utility",
    url=None,
    every=timedelta(hours=6),
    tenant="entsorgung",
    parse=parse,
    mapping=(COLLECTION,),
    max_bytes=16 * MEGABYTE,
)
