"""DATEX II 3 documents: what an element is, where it is, and what it says in which language."""

from typing import Any
from xml.etree.ElementTree import Element

from data_models import Point
from ngsi_adapters.formats.documents import every
from ngsi_adapters.formats.numerals import number
from ngsi_adapters.formats.places import point
from ngsi_adapters.formats.utm import utm_point
from ngsi_adapters.mapping import value_at

UTM_32 = "25832"
"""EPSG code of ETRS89/UTM of zone 32."""
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def kind_of(element: Element) -> str:
    """The local name of its `xsi:type`."""
    return str(element.get(TYPE)).rpartition(":")[2]


def needed(element: Element, path: str) -> str:
    """The text at a path with slashes; `KeyError` where there is none."""
    found = value_at(element, path)
    if found is None:
        raise KeyError(path)
    return str(found)


def place_of(element: Element) -> Any:
    """Its line (a posList, or from one point to another), else its first point; `KeyError` where it has neither."""
    for line in every(element, "gmlLineString"):
        positions = next(every(line, "posList"), None)
        if positions is not None and positions.text:
            size = int(positions.get("srsDimension") or line.get("srsDimension") or 2)
            return _line(positions.text, size, str(line.get("srsName")))
    for linear in every(element, "tpegLinearLocation"):
        ends = [_first_point(end) for name in ("from", "to") for end in every(linear, name)]
        if len(ends) == 2:
            return {"type": "LineString", "coordinates": [list(end.coordinates) for end in ends]}
    return _first_point(element)


def _first_point(element: Element) -> Point:
    for name in ("pointCoordinates", "coordinatesForDisplay"):
        for coordinates in every(element, name):
            return point(needed(coordinates, "longitude"), needed(coordinates, "latitude"))
    raise KeyError("pointCoordinates")


def _line(text: str, size: int, system: str) -> dict[str, Any]:
    """Latitude before longitude (WGS 84); in ETRS89/UTM easting before northing."""
    numbers = [number(part) for part in text.split()]
    if size < 2 or len(numbers) < 2 * size or len(numbers) % size:
        raise ValueError(f"a posList of {len(numbers)} numbers is no line")
    pairs = [(numbers[at], numbers[at + 1]) for at in range(0, len(numbers), size)]
    metres = system.endswith(UTM_32)
    points = [utm_point(first, second) if metres else point(second, first) for first, second in pairs]
    return {"type": "LineString", "coordinates": [list(each.coordinates) for each in points]}


def said(element: Element, name: str) -> str | None:
    """What the descendants of that name say: in German, else in the first language."""
    values = [value for found in every(element, name) for value in every(found, "value") if (value.text or "").strip()]
    texts = [(value.get("lang"), str(value.text).strip()) for value in values]
    german = next((text for language, text in texts if language == "de"), None)
    return german or next((text for _, text in texts), None)
