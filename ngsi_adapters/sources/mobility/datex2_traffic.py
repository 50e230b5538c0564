"""DATEX II 3 traffic counts: MeasuredDataPublication with the places of its MeasurementSiteTable."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from data_models import TrafficFlowObserved
from data_models.values import date_time_text
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.datex3 import place_of, said
from ngsi_adapters.formats.documents import every, xml_root
from ngsi_adapters.formats.numerals import number, whole
from ngsi_adapters.formats.times import moment
from ngsi_adapters.mapping import Field, Mapped, value_at
from ngsi_adapters.reading import each, unmatched
from ngsi_adapters.source import MEGABYTE, Documents, Malformed, Outcome, Record, Source, entity_id

HOUR = 3600.0
FASTEST = 200.0
ALL_VEHICLES, SOME_LENGTH = ("anyVehicle", None), "of a length"


class Characteristic(NamedTuple):
    """What one index of a site measures; period in seconds."""

    lane: str
    vehicles: str | None
    period: float


class Site(NamedTuple):
    name: str | None
    place: Any
    measures: Mapping[int, Characteristic]


def join(documents: Documents, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each site that was measured and whose place is known; both may be in one document."""
    roots = [xml_root(payload) for payload in documents.values()]
    if not any(True for root in roots for _ in every(root, "siteMeasurements")):
        raise Malformed("there are no siteMeasurements (DATEX II 3 MeasuredDataPublication)")
    sites = {element.attrib["id"]: element for root in roots for element in every(root, "measurementSite")}
    for measured in (element for root in roots for element in every(root, "siteMeasurements")):
        if (identity := _identity(measured)) in sites:
            yield from each(
                [measured], lambda element: _flow(element, _site(sites[str(_identity(element))])), _identity
            )
        else:
            yield unmatched(measured, f"the site {identity} is in no MeasurementSiteTable", _identity)


def _identity(measured: Element) -> str | None:
    found = value_at(measured, "measurementSiteReference/@id")
    return None if found is None else str(found)


def _site(element: Element) -> Site:
    outer = [found for found in every(element, "measurementSpecificCharacteristics") if found.get("index")]
    measures = {whole(found.attrib["index"]): _characteristic(found) for found in outer}
    return Site(said(element, "measurementSiteName"), place_of(element), measures)


def _characteristic(element: Element) -> Characteristic:
    texts = {name: next((e.text for e in every(element, name)), None) for name in ("lane", "vehicleType", "period")}
    lane = texts["lane"] or next((e.text for e in every(element, "laneNumber")), None) or ""
    some = SOME_LENGTH if next(every(element, "lengthCharacteristic"), None) is not None else None
    return Characteristic(lane, texts["vehicleType"] or some, number(texts["period"] or HOUR))


def _flow(measured: Element, site: Site) -> Record:
    ends = moment(_time(measured))
    flows, speeds, shares = (dict(_values(measured, site, *names)) for names in MEASURES)
    period = next((known.period for known in site.measures.values()), HOUR)
    if not flows and not speeds:
        raise LookupError("neither flow nor speed of all vehicles was measured")
    row: dict[str, Any] = {"site": site, "ends": ends, "begins": ends - timedelta(seconds=period)}
    row["count"] = round(sum(flows.values()) * period / HOUR, 3) if flows else None
    row["speed"] = _mean(speeds, flows)
    mean = _mean(shares, flows)
    row["share"] = None if mean is None else round(mean / 100, 4)
    return FLOW.record(entity_id("TrafficFlowObserved", "datex2", str(_identity(measured))), row, ends)


def _time(measured: Element) -> str:
    for path in ("measurementTimeDefault/timeValue", "measurementTimeDefault"):
        if (found := value_at(measured, path)) is not None:
            return str(found)
    raise KeyError("measurementTimeDefault")


MEASURES = (("vehicleFlow", "vehicleFlowRate"), ("averageVehicleSpeed", "speed"), ("occupancy", "percentage"))


def _values(measured: Element, site: Site, of: str, name: str) -> Iterable[tuple[str, float]]:
    """(lane, else the place in order; value) of all vehicles, but for what is faulty or, being negative, missing."""
    lanes = count(1)
    for quantity in (found for found in every(measured, "physicalQuantity") if found.get("index")):
        known = site.measures.get(whole(quantity.attrib["index"]), Characteristic("", None, HOUR))
        for element in every(quantity, of) if known.vehicles in ALL_VEHICLES else ():
            lane, value = known.lane or str(next(lanes)), value_at(element, name)
            if value is not None and value_at(element, "dataError") != "true" and (found := number(value)) >= 0:
                yield lane, found


def _mean(values: Mapping[str, float], flows: Mapping[str, float]) -> float | None:
    """Of the lanes, weighted by their flows where there are any."""
    weights = {lane: flows.get(lane, 0.0) for lane in values}
    total = sum(weights.values())
    if not values:
        return None
    mean = sum(values[lane] * weights[lane] for lane in values) / total if total else sum(values.values()) / len(values)
    return round(mean, 2)


def _plausible(speed: float) -> float:
    """mean of the lanes, weighted by their flows; up to 200"""
    if speed > FASTEST:
        raise ValueError(f"{speed:g} km/h is no mean speed")
    return speed


FLOW = Mapped(
    TrafficFlowObserved,
    (
        Field("measurementSiteName", "name", derive=lambda row: row["site"].name),
        Field("pointCoordinates", "location", derive=lambda row: row["site"].place),
        Field("measurementTimeDefault", "dateObserved", derive=lambda row: date_time_text(row["ends"])),
        Field("measurementTimeDefault, period", "dateObservedFrom", derive=lambda row: row["begins"]),
        Field("measurementTimeDefault", "dateObservedTo", derive=lambda row: row["ends"]),
        Field("count", "intensity", observed=True),
        Field("speed", "averageVehicleSpeed", _plausible, observed=True),
        Field("share", "occupancy", observed=True),
    ),
)
SOURCE = Source(
    uid="datex2_traffic",
    name="DATEX II 3: traffic counts",
    licence=None,
    attribution="the publisher named in the data",
    url=None,
    every=timedelta(minutes=1),
    tenant="stadt_herne",
    join=join,
    mapping=(FLOW,),
    fetching=Fetching(parts={"sites": "sites.xml"}),
    max_bytes=128 * MEGABYTE,
)
