"""DATEX II 3 SituationPublication: road works (MaintenanceWorks, ConstructionWorks) with what they mean for traffic."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element

from data_models import CityWork
from ngsi_adapters.formats.datex3 import kind_of, needed, place_of, said
from ngsi_adapters.formats.documents import every, name_of, xml_root
from ngsi_adapters.formats.numerals import number
from ngsi_adapters.formats.times import moment
from ngsi_adapters.mapping import Field, Mapped, value_at
from ngsi_adapters.reading import each
from ngsi_adapters.source import Malformed, Outcome, Record, Source, entity_id

WORKS = ("MaintenanceWorks", "ConstructionWorks")
RESTRICTIONS = {
    "roadClosed": "closed",
    "roadBlocked": "closed",
    "carriagewayClosures": "partlyClosed",
    "carriagewayBlocked": "partlyClosed",
    "roadPartiallyObstructed": "partlyClosed",
    "laneClosures": "laneClosed",
    "lanesBlocked": "laneClosed",
    "singleAlternateLineTraffic": "alternating",
    "narrowLanes": "narrowLanes",
    "lanesPartiallyObstructed": "narrowLanes",
}
"""From the hardest to the mildest; of several the hardest counts."""
NATURES = {"resurfacingWork": "renewal", "repairWork": "repair", "maintenanceWork": "maintenance"}
Row = Mapping[str, Any]
SPAN = "validity/validityTimeSpecification"
Works = tuple[Element, Element]
"""The record of the works, and the situation with its other records."""


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each record of road works; cancelled ones (`validityStatus` suspended) are left out."""
    root = xml_root(payload)
    if not any(name_of(element) in ("payload", "payloadPublication") for element in root.iter()):
        raise Malformed(f"the root element is {name_of(root)}: no payload of DATEX II")
    works = [
        (record, situation)
        for situation in every(root, "situation")
        for record in every(situation, "situationRecord")
        if kind_of(record) in WORKS and value_at(record, "validity/validityStatus") != "suspended"
    ]
    return each(works, lambda found: _work(found, fetched_at), lambda found: found[0].get("id"))


def _work(found: Works, fetched_at: datetime) -> Record:
    record, situation = found
    starts, end = moment(needed(record, f"{SPAN}/overallStartTime")), value_at(record, f"{SPAN}/overallEndTime")
    ends = moment(end) if end else None
    if ends and ends < starts:
        raise ValueError(f"the works end at {ends.isoformat()}, before they begin")
    row = {"record": record, "situation": situation, "starts": starts, "ends": ends, "now": fetched_at}
    return WORK.record(entity_id("CityWork", "datex2", record.attrib["id"]), row)


def _place(row: Row) -> Any:
    """the line, else the first point"""
    return place_of(row["record"])


def _said(name: str) -> Any:
    def read(row: Row) -> str | None:
        return said(row["record"], name)

    read.__doc__ = "in German where there are several languages"
    return read


def _state(row: Row) -> str:
    """planned, open or completed at the time of the fetch"""
    if row["starts"] > row["now"]:
        return "planned"
    return "completed" if row["ends"] and row["ends"] < row["now"] else "open"


def _roads(row: Row) -> list[str] | None:
    """numbers and names of roads"""
    found = [road for name in ("roadNumber", "roadName") for road in every(row["record"], name)]
    texts = [" ".join(part.strip() for part in road.itertext() if part.strip()) for road in found]
    return list(dict.fromkeys(filter(None, texts))) or None


def _restriction(row: Row) -> str | None:
    """of all records of the situation the hardest"""
    words = {str(element.text).strip() for element in row["situation"].iter() if element.text}
    return next((restriction for word, restriction in RESTRICTIONS.items() if word in words), None)


def _lowest(name: str, where: str) -> Any:
    def read(row: Row) -> float | None:
        return min((number(str(element.text)) for element in every(row[where], name)), default=None)

    read.__doc__ = f"the lowest of {where}'s"
    return read


def _nature(row: Row) -> list[str]:
    """kind of works"""
    built = "construction" if kind_of(row["record"]) == "ConstructionWorks" else "maintenance"
    return [NATURES.get(str(value_at(row["record"], "roadMaintenanceType")), built)]


WORK = Mapped(
    CityWork,
    (
        Field("@id", "situationRecord", derive=lambda row: row["record"].attrib["id"]),
        Field("locationReference", "location", derive=_place),
        Field("generalPublicComment/comment", "description", derive=_said("comment")),
        Field("source/sourceName", "contractingAuthority", derive=_said("sourceName")),
        Field(f"{SPAN}/overallStartTime", "startDate", derive=lambda row: row["starts"]),
        Field(f"{SPAN}/overallEndTime", "endDate", derive=lambda row: row["ends"]),
        Field(SPAN, "workState", derive=_state),
        Field("@xsi:type, roadMaintenanceType", "workNature", derive=_nature),
        Field("roadInformation/roadNumber, roadName", "roadName", derive=_roads),
        Field("roadOrCarriagewayOrLaneManagementType, impact", "trafficRestriction", derive=_restriction),
        Field("impact/delays/delayTimeValue", "trafficDelay", derive=_lowest("delayTimeValue", "record")),
        Field("temporarySpeedLimit", "speedLimit", derive=_lowest("temporarySpeedLimit", "situation")),
    ),
    fixed={"workZone": ["road"]},
)
SOURCE = Source(
    uid="datex2_road_works",
    name="DATEX II 3: road works",
    licence=None,
    attribution="the publisher named in the data",
    url=None,
    every=timedelta(minutes=10),
    tenant="stadt_herne",
    parse=parse,
    mapping=(WORK,),
)
