"""DWD: weather warnings for Herne (CAP 1.2, DWD profile 2.1, a ZIP archive of all of Germany), read by dwdparse."""

import io
from collections.abc import Container, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element

from dwdparse.parsers import CAPParser

from data_models import WeatherAlert
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.documents import every, name_of, xml_root
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import MEGABYTE, Malformed, Outcome, Record, Source, entity_id

CELLS = frozenset({105916000, 805916000})
"""DWD's warning cells of Herne: as a district (1) and as a municipality (8), with its official key 05916000."""
SUBCATEGORIES: Mapping[str, Container[int]] = {
    "lowTemperature": {22, 81, 82},
    "ice": {24, 79, 84, 85, 86, 87},
    "thunderstorms": {*range(31, 50), *range(90, 97)},
    "wind": {*range(11, 17), *range(51, 59)},
    "fog": {59},
    "rainfall": range(61, 67),
    "snow": range(70, 79),
    "rain_flood": {88, 89},
    "ultravioletRadiation": {246},
    "heatWave": {247, 248},
}
"""The data model's word → DWD's event codes (II, CAP DWD profile 2.1.13); 79 is ice on power lines, 88 and 89 thaw."""
SEVERITIES = {"minor": "low", "moderate": "medium", "severe": "high", "extreme": "critical", "unknown": "informational"}
ALL_CLEAR = "AllClear"
Row = Mapping[str, Any]


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for a warning that holds for Herne; nothing for one elsewhere, a test, or one that is taken back."""
    alert = xml_root(payload)
    if name_of(alert) != "alert":
        raise Malformed(f"the root element is {name_of(alert)}, not alert (CAP)")
    over = _text(alert, "msgType") == "Cancel" or any(kind.text == ALL_CLEAR for kind in every(alert, "responseType"))
    meant = _text(alert, "status") == "Actual" and not over and _is_for_herne(alert)
    return each([payload] if meant else [], _warning, lambda _: _text(alert, "identifier"))


def _is_for_herne(alert: Element) -> bool:
    codes = (code for code in every(alert, "geocode") if _text(code, "valueName") == "WARNCELLID")
    return any(_text(code, "value") in {str(cell) for cell in CELLS} for code in codes)


def _text(element: Element, name: str) -> str:
    found = next((child for child in element if name_of(child) == name), None)
    return (found.text or "").strip() if found is not None else ""


def _warning(payload: bytes) -> Record:
    row = CAPParser().parse_event(io.BytesIO(payload))
    return ALERT.record(entity_id("WeatherAlert", "DWD", row["id"]), row)


def _kind(code: int) -> str:
    """DWD's event code (II) in a word"""
    return next((word for word, codes in SUBCATEGORIES.items() if code in codes), "other")


def _severity(word: str) -> str:
    """minor low, moderate medium, severe high, extreme critical"""
    if word not in SEVERITIES:
        raise ValueError(f"{word!r} is no severity of CAP; they are {', '.join(SEVERITIES)}")
    return SEVERITIES[word]


def _described(row: Row) -> str:
    """text and advice in German"""
    return " ".join(part.strip() for part in (row["description_de"], row.get("instruction_de")) if part)


def _ends(row: Row) -> datetime | None:
    """until further notice where there is none"""
    ends: datetime | None = row["expires"]
    begins: datetime | None = row["onset"]
    if ends and begins and ends.tzinfo and begins.tzinfo and ends <= begins:
        raise ValueError(f"the warning ends at {ends.isoformat()}, before it begins")
    return ends


ALERT = Mapped(
    WeatherAlert,
    (
        Field("headline_de", "name", needed=True),
        Field(("description_de", "instruction_de"), "description", derive=_described),
        Field("headline_en", "alternateName"),
        Field("effective", "dateIssued", needed=True),
        Field("onset", "validFrom"),
        Field("expires", "validTo", derive=_ends),
        Field("severity", "severity", _severity, needed=True),
        Field("event_code", "subCategory", _kind, needed=True),
    ),
    fixed={"category": "weather", "alertSource": "https://www.dwd.de", "areaServed": "Herne"},
)
SOURCE = Source(
    uid="dwd_warnings",
    name="DWD: weather warnings for Herne",
    licence="cc-by/4.0",
    attribution="Deutscher Wetterdienst",
    url="https://opendata.dwd.de/weather/alerts/cap/COMMUNEUNION_DWD_STAT/"
    "Z_CAP_C_EDZW_LATEST_PVW_STATUS_PREMIUMDWD_COMMUNEUNION_MUL.zip",
    every=timedelta(minutes=5),
    tenant="stadt_herne",
    parse=parse,
    mapping=(ALERT,),
    fetching=Fetching(members=("*.xml",)),
    max_bytes=4 * MEGABYTE,
)
