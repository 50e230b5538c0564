"""DATEX II 3 documents: what an element is, where it is, and what it says in which language."""

from typing import Any
from xml.etree.ElementTree import Element

from ngsi_adapters.formats.documents import every
from ngsi_adapters.formats.numerals import number
from ngsi_adapters.formats.places import point
from ngsi_adapters.mapping import value_at

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
    """Its line (posList: latitude, longitude), else its first point; `KeyError` where it has neither."""
    positions = next(every(element, "posList"), None)
    if positions is not None and positions.text:
        return _line(positions.text, int(positions.get("srsDimension", "2")))
    for name in ("pointCoordinates", "coordinatesForDisplay"):
        for coordinates in every(element, name):
            return point(needed(coordinates, "longitude"), needed(coordinates, "latitude"))
    raise KeyError("pointCoordinates")


def _line(text: str, size: int) -> dict[str, Any]:
    numbers = [number(part) for part in text.split()]
    if size < 2 or len(numbers) < 2 * size or len(numbers) % size:
        raise ValueError(f"a posList of {len(numbers)} numbers is no line")
    line = [[numbers[at + 1], numbers[at]] for at in range(0, len(numbers), size)]
    return {"type": "LineString", "coordinates": line}


def said(element: Element, name: str) -> str | None:
    """What the descendants of that name say: in German, else in the first language."""
    values = [value for found in every(element, name) for value in every(found, "value") if value.text]
    texts = [(value.get("lang"), str(value.text).strip()) for value in values]
    german = next((text for language, text in texts if language == "de"), None)
    return german or next((text for _, text in texts), None)
