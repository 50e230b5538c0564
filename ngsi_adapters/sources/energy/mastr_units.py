"""Marktstammdatenregister (Bundesnetzagentur), files of the whole export: units of sun, wind and storage in Herne.

The ZIP archive of it (some GB), or the files of it that are read, lie in a folder or behind a page of links. They are
UTF-16 and never in memory as a whole. Units up to 30 kW have no position there, for the sake of their owners.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO
from xml.etree.ElementTree import Element

from data_models import GreenEnergyGenerator, Point
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.documents import xml_root, xml_texts
from ngsi_adapters.formats.numerals import number
from ngsi_adapters.formats.places import point
from ngsi_adapters.mapping import Field, Mapped, value_at
from ngsi_adapters.reading import each_alone
from ngsi_adapters.source import MEGABYTE, Malformed, Record, Source, Unread, entity_id

HERNE = "05916000"
"""The municipality's key (Gemeindeschlüssel); all other units are passed over."""
FILES = ("EinheitenSolar*.xml", "EinheitenWind*.xml", "EinheitenStromSpeicher*.xml")
KINDS = {"EinheitSolar": "solar", "EinheitWind": "eolic", "EinheitStromSpeicher": "storage"}
STATUSES = {"35": "working", "37": "outOfService"}
"""EinheitBetriebsstatus: in operation, for the time being out of it."""
PLANNED, GONE = "31", "38"
NUMBER = re.compile(r"<EinheitMastrNummer>([^<]+)<")
HEAD = 8000
INVALID = ("473", "484", "490", "572")
"""EinheitSystemstatus of an entry that is deactivated, not checked, incomplete or deleted."""
PASSED_OVER = (
    *(f"<EinheitBetriebsstatus>{status}<" for status in (PLANNED, GONE)),
    *(f"<EinheitSystemstatus>{status}<" for status in INVALID),
)


def parse(file: IO[bytes], fetched_at: datetime) -> Iterator[Unread]:
    """A record a unit in Herne that is built and not dismantled, and whose entry is valid."""
    kind = _kind(file.read(HEAD))
    return each_alone(_units(file, kind), lambda unit: _unit(xml_root(unit.encode()), KINDS[kind]), _number)


def _kind(head: bytes) -> str:
    kind = next((name for name in KINDS if f"<{name}>".encode() in head.replace(b"\x00", b"")), None)
    if kind is None:
        raise Malformed(f"none of {', '.join(KINDS)} is in the first lines")
    return kind


def _units(file: IO[bytes], kind: str) -> Iterator[str]:
    units = xml_texts(file, kind, f"<Gemeindeschluessel>{HERNE}<")
    return (unit for unit in units if not any(text in unit for text in PASSED_OVER))


def _number(unit: str) -> str | None:
    found = NUMBER.search(unit)
    return found[1] if found else None


def _unit(unit: Element, kind: str) -> Record:
    number_of = value_at(unit, "EinheitMastrNummer")
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
    stream=parse,
    mapping=tuple(UNITS.values()),
    fetching=Fetching(folder=("Gesamtdatenexport*.zip", *FILES), members=FILES, longest=timedelta(hours=1)),
    max_bytes=8192 * MEGABYTE,
)
