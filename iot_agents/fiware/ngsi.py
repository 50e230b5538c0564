"""Measured values as NGSI-LD attributes, by the attribute types of a provisioning (iotagent-node-lib, doc/api.md)."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson

from iot_agents.fiware.jexl.values import is_number, iso_text, moment, number, text
from iot_agents.refused import Refused

Attribute = dict[str, Any]
Convert = Callable[[Any], Attribute]

URN = "urn:ngsi-ld:"

FALSE = frozenset({"false", "0", "", "no", "off"})

_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?")


def entity_id(name: str, entity_type: str) -> str:
    """A name that is no URN yet becomes `urn:ngsi-ld:<type>:<name>`."""
    return name if name.startswith(URN) else f"{URN}{entity_type}:{name}"


def attribute(attribute_type: str, value: Any) -> Attribute:
    """The attribute without its metadata; `Refused` where the value is none of the type. Unknown types: as it came."""
    return converter(attribute_type)(value)


def converter(attribute_type: str) -> Convert:
    """What `attribute` does for one type."""
    return _CONVERT.get(attribute_type.lower(), _property)


def _property(value: Any) -> Attribute:
    return {"type": "Property", "value": value}


def _member(attribute_type: str, member: str, value: Any) -> Attribute:
    return {"type": attribute_type, member: value}


def _boolean(value: Any) -> Attribute:
    return _property(value.strip().lower() not in FALSE if isinstance(value, str) else bool(value))


def _number(value: Any) -> Attribute:
    if is_number(value):
        return {"type": "Property", "value": value}
    known = number(value) if value != "" else None
    if known is None:
        raise Refused("wrong_type", f"{value!r:.80} is no number: mend the device, or provision another type")
    return _property(known)


def _integer(value: Any) -> Attribute:
    whole = _number(value)
    return whole | {"value": int(whole["value"])}


def _json(value: Any) -> Attribute:
    """A text is read as JSON where it is some."""
    if isinstance(value, str):
        try:
            return _property(orjson.loads(value))
        except orjson.JSONDecodeError:
            return _property(value)
    return _property(value)


def _date_time(value: Any) -> Attribute:
    known = moment(value)
    if known is None:
        raise Refused("wrong_type", f"{value!r:.80} is no date and time: send ISO 8601, e.g. 2026-11-22T10:00:00Z")
    return _property(iso_text(known))


def _date(value: Any) -> Attribute:
    return _property(_date_time(value)["value"][:10])


def _time(value: Any) -> Attribute:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise Refused("wrong_type", f"{value!r:.80} is no time of day: send hh:mm:ss")
    return _property(value)


def _geo(shape: str, value: Any) -> Attribute:
    """GeoJSON as it came, or numbers `longitude,latitude[,…]` as text or lists."""
    if isinstance(value, dict):
        return {"type": "GeoProperty", "value": value}
    numbers = [number(each) for each in _flat(value)]
    known = [each for each in numbers if each is not None]
    if len(known) != len(numbers) or len(known) < 2 or len(known) % 2:
        raise Refused("wrong_type", f"{value!r:.80} is no {shape}: send longitude,latitude or GeoJSON")
    points = [known[start : start + 2] for start in range(0, len(known), 2)]
    return {"type": "GeoProperty", "value": {"type": shape, "coordinates": _NESTED[shape](points)}}


def _flat(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [part for part in re.split(r"[,;\s]+", value.strip()) if part]
    if isinstance(value, list):
        return [each for item in value for each in (_flat(item) if isinstance(item, list | str) else [item])]
    return [value]


_NESTED: Mapping[str, Callable[[list[Any]], Any]] = {
    "Point": lambda points: points[0],
    "LineString": lambda points: points,
    "Polygon": lambda points: [points],
    "MultiPoint": lambda points: points,
    "MultiLineString": lambda points: [points],
    "MultiPolygon": lambda points: [[points]],
}

_CONVERT: dict[str, Convert] = {
    "property": _property,
    "boolean": _boolean,
    "number": _number,
    "float": _number,
    "integer": _integer,
    "object": _json,
    "array": _json,
    "datetime": _date_time,
    "date": _date,
    "time": _time,
    "geoproperty": partial(_geo, "Point"),
    "geo:json": partial(_geo, "Point"),
    "relationship": lambda value: {"type": "Relationship", "object": value if isinstance(value, list) else text(value)},
    "languageproperty": partial(_member, "LanguageProperty", "languageMap"),
    "vocabproperty": partial(_member, "VocabProperty", "vocab"),
    "jsonproperty": partial(_member, "JsonProperty", "json"),
    "listproperty": partial(_member, "ListProperty", "valueList"),
    "listrelationship": partial(_member, "ListRelationship", "objectList"),
}
for _shape in _NESTED:
    _CONVERT[_shape.lower()] = _CONVERT[f"geo:{_shape.lower()}"] = partial(_geo, _shape)

TYPES: tuple[str, ...] = tuple(_CONVERT)
"""The attribute types that are converted, in lower case; values of all others stay as they come."""

TEXT_TYPES = frozenset({"text", "string", "textunrestricted"})
