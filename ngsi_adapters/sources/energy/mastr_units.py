"""Marktstammdatenregister (Bundesnetzagentur), files of the whole export: units of sun, wind and storage in Herne.

The unpacked files lie in a folder; they are UTF-16 and up to some 100 MB, and are read unit by unit. Units up to 30 kW
have no position there, for the sake of their owners.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from data_models import GreenEnergyGenerator, Point
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.documents import xml_records
from ngsi_adapters.formats.numerals import number
from ngsi_adapters.formats.places import point
from ngsi_adapters.mapping import Field, Mapped, value_at
from ngsi_adapters.reading import each
from ngsi_adapters.source import MEGABYTE, Malformed, Outcome, Record, Source, entity_id

HERNE = "05916000"
"""The municipality's key (Gemeindeschlüssel); all other units are passed over."""
KINDS = {"EinheitSolar": "solar", "EinheitWind": "eolic", "EinheitStromSpeicher": "storage"}
STATUSES = {"35": "working", "37": "outOfService"}
"""EinheitBetriebsstatus: in operation, for the time being out of it."""
PLANNED, GONE = "31", "38"
ACTIVE = "472"
"""EinheitSystemstatus of a valid entry; others are deactivated, deleted, not checked or incomplete."""


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record a unit in Herne that is built and not dismantled, and whose entry is valid."""
    kind = _kind(payload)
    return each(_units(payload, kind), lambda unit: _unit(unit, KINDS[kind]), _number)


def _kind(payload: bytes) -> str:
    head = payload[:4000].replace(b"\x00", b"")
    kind = next((name for name in KINDS if f"<{name}>".encode() in head), None)
    if kind is None:
        raise Malformed(f"none of {', '.join(KINDS)} is in the first lines")
    return kind


def _units(payload: bytes, kind: str) -> Iterator[Element]:
    for unit in xml_records(payload, kind):
        here = value_at(unit, "Gemeindeschluessel") == HERNE
        valid = value_at(unit, "EinheitSystemstatus") in (ACTIVE, None)
        if here and valid and value_at(unit, "EinheitBetriebsstatus") not in (PLANNED, GONE):
            yield unit


def _number(unit: Element) -> str | None:
    found: str | None = value_at(unit, "EinheitMastrNummer")
    return found


def _unit(unit: Element, kind: str) -> Record:
    number_of = _number(unit)
    if number_of is None:
        raise KeyError("EinheitMastrNummer")
    return UNITS[kind].record(entity_id("GreenEnergyGenerator", number_of), unit)


def _location(unit: Element) -> Point | None:
    """where both are given"""
    longitude, latitude = value_at(unit, "Laengengrad"), value_at(unit, "Breitengrad")
    return None if longitude is None or latitude is None else point(_dotted(longitude), _dotted(latitude))


def _dotted(text: str) -> str:
    return text.replace(",", ".")


def _kilowatts(text: str) -> float:
    """kW, with a point or a comma"""
    power = number(_dotted(text))
    if power < 0:
        raise ValueError(f"{text} kW: a unit's power is not negative")
    return power


def _address(unit: Element) -> dict[str, str | None]:
    names = {"streetAddress": "Strasse", "streetNr": "Hausnummer", "postalCode": "Postleitzahl"}
    told = {name: value_at(unit, path) for name, path in names.items()}
    return told | {"addressLocality": value_at(unit, "Ort"), "addressCountry": "DEU"}


def _storage(text: str) -> str:
    """Stromspeicher, … kW"""
    return f"Stromspeicher, {_kilowatts(text):g} kW"


def _name(unit: Element) -> str:
    """else the number"""
    name: str = value_at(unit, "NameStromerzeugungseinheit") or value_at(unit, "EinheitMastrNummer")
    return name


SHARED = (
    Field(("NameStromerzeugungseinheit", "EinheitMastrNummer"), "name", derive=_name),
    Field("EinheitMastrNummer", "alternateName", needed=True),
    Field(("Laengengrad", "Breitengrad"), "location", derive=_location),
    Field(("Strasse", "Hausnummer", "Postleitzahl", "Ort"), "address", derive=_address),
    Field("EinheitBetriebsstatus", "status", STATUSES.get),
)

UNITS = {
    "solar": Mapped(
        GreenEnergyGenerator,
        (*SHARED, Field("Bruttoleistung", "maxSolarPowerGenerated", _kilowatts, needed=True)),
        {"generationSources": ["solar"]},
    ),
    "eolic": Mapped(
        GreenEnergyGenerator,
        (*SHARED, Field("Bruttoleistung", "maxEolicPowerGenerated", _kilowatts, needed=True)),
        {"generationSources": ["eolic"]},
    ),
    "storage": Mapped(GreenEnergyGenerator, (*SHARED, Field("Bruttoleistung", "description", _storage, needed=True))),
}
SOURCE = Source(
    uid="mastr_units",
    name="Marktstammdatenregister: sun, wind and storage",
    licence="dl-by-de/2.0",
    attribution="Bundesnetzagentur, Marktstammdatenregister",
    url=None,
    every=timedelta(days=1),
    tenant="stadtwerke",
    parse=parse,
    mapping=tuple(UNITS.values()),
    fetching=Fetching(folder=("EinheitenSolar*.xml", "EinheitenWind*.xml", "EinheitenStromSpeicher*.xml")),
    max_bytes=512 * MEGABYTE,
)
