"""Times and durations as people write them."""

from datetime import date, datetime, timedelta

from datenbroker.catalogue.pages.texts import Language

_UNITS = (
    (timedelta(weeks=1), ("Woche", "Wochen"), ("week", "weeks")),
    (timedelta(days=1), ("Tag", "Tage"), ("day", "days")),
    (timedelta(hours=1), ("Stunde", "Stunden"), ("hour", "hours")),
    (timedelta(minutes=1), ("Minute", "Minuten"), ("minute", "minutes")),
    (timedelta(seconds=1), ("Sekunde", "Sekunden"), ("second", "seconds")),
)


def interval_text(interval: timedelta, language: Language) -> str:
    """In the largest unit that it is a whole number of."""
    for unit, german, english in _UNITS:
        if interval % unit == timedelta(0):
            number = interval // unit
            word = (german if language == "de" else english)[number != 1]
            return f"alle {number} {word}" if language == "de" and number != 1 else f"{number} {word}"
    return str(interval)


def moment_text(time: datetime, language: Language) -> str:
    """In the time zone that it has."""
    return f"{time:%d.%m.%Y, %H:%M} Uhr" if language == "de" else f"{time:%d %B %Y, %H:%M}"


def date_text(day: str, language: Language) -> str:
    """Of a day as ISO 8601 writes it."""
    read = date.fromisoformat(day)
    return f"{read:%d.%m.%Y}" if language == "de" else f"{read:%d %B %Y}"
