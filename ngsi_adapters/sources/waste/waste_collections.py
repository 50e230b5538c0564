"""The next collection of each container, by its street and kind of waste, concluded from what the broker knows.

Containers come from any register or sensor, the collections of streets from `waste_calendar`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from data_models import WasteContainer, WasteObserved
from ngsi_adapters.formats.entities import entities_in, of_type
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import refused
from ngsi_adapters.source import Outcome, Source
from ngsi_adapters.sources.waste.waste_calendar import without_number
from ngsi_adapters.sources.waste.waste_containers import KINDS

BINS = {
    "bio": "organic",
    "blaue tonne": "paper",
    "braune tonne": "organic",
    "gelbe tonne": "plastic",
    "gelber sack": "plastic",
    "graue tonne": "other",
    "papier": "paper",
    "papiertonne": "paper",
    "restmüll": "other",
    "restmülltonne": "other",
    "wertstofftonne": "plastic",
}
"""What calendars say beside the words of registers."""


class Round(NamedTuple):
    """A collection of one kind of waste in a street; the town is None where the calendar names none."""

    town: str | None
    at: datetime


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A change for each container that has a collection; what one already has stays where the calendar has none."""
    entities = entities_in(payload)
    rounds: dict[tuple[str, str], list[Round]] = {}
    for observed in of_type(entities, WasteObserved):
        if ":next:" not in observed["id"]:
            continue
        try:
            key, found = _round(observed)
            rounds.setdefault(key, []).append(found)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            yield refused(observed, error, lambda row: str(row["id"]))
    for container in of_type(entities, WasteContainer):
        try:
            following = _following(container, rounds)
            if following is not None:
                yield CONTAINER.change(container["id"], {**container, "next": following})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            yield refused(container, error, lambda row: str(row["id"]))


def _round(observed: Mapping[str, Any]) -> tuple[tuple[str, str], Round]:
    address = observed["address"]
    return (_street(address["streetAddress"]), _kind(str(observed["annotations"][0]).lower())), Round(
        _town(address), observed["dateObserved"]
    )


def _kind(said: str) -> str:
    """Calendars say more than the kind: restmüll (grau) awb, biotonne 14-täglich; of several words the first counts."""
    known = {**KINDS, **BINS}
    found = [(said.find(word), -len(word), word) for word in known if word in said]
    return known[min(found)[2]] if found else said


def _following(container: Mapping[str, Any], rounds: Mapping[tuple[str, str], list[Round]]) -> Any:
    address, kind = container.get("address") or {}, container.get("storedWasteKind")
    street, town = address.get("streetAddress"), _town(address)
    known = rounds.get((_street(street), str(kind)), []) if street else []
    moments = [found.at for found in known if None in (town, found.town) or town == found.town]
    return min(moments, default=container.get("nextActuationDeadline"))


def _street(text: str) -> str:
    """Bahnhofstr. 12 and Bahnhofstraße are the same street"""
    street = without_number(text.strip()).casefold()  # which also makes ß ss
    return street.removesuffix("str.") + "strasse" if street.endswith("str.") else street


def _town(address: Mapping[str, Any]) -> str | None:
    town = str(address.get("addressLocality") or "").strip().casefold()
    return town or None


def _next(row: Mapping[str, Any]) -> Any:
    """the earliest collection of that kind of waste in the container's street"""
    return row["next"]


CONTAINER = Mapped(
    WasteContainer,
    (Field(("address", "storedWasteKind", "WasteObserved.dateObserved"), "nextActuationDeadline", derive=_next),),
)
SOURCE = Source(
    uid="waste_collections",
    name="Next collection of each container, from the calendar of its street",
    licence=None,
    attribution="the waste utility",
    url="broker:WasteContainer,WasteObserved",
    every=timedelta(minutes=15),
    tenant="entsorgung",
    parse=parse,
    mapping=(CONTAINER,),
)
