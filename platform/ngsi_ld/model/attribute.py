"""Reading attributes: normalized and concise JSON into expanded instances (CIM 009, 4.5.2, 4.5.3, 4.5.18, 5.2.5 ff)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ngsi_ld.bounds import current, exceeded
from ngsi_ld.datetimes import check_datetime
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.geometry import GEOMETRIES, check_geometry, count_points, is_geometry
from ngsi_ld.model.kinds import (
    GEO_ATTRIBUTES,
    INSTANCE_MEMBERS,
    KIND_BY_VALUE_MEMBER,
    KIND_OF,
    KINDS,
    OUTPUT_ONLY,
    VALUE_MEMBERS,
    Instance,
    Kind,
)
from ngsi_ld.names import NULL, check_name, check_uri

_PROPERTY, _GEO_PROPERTY = KINDS[0], KINDS[1]
_PLAIN = frozenset({str, int, float, bool})


@dataclass(frozen=True, slots=True)
class Reading:
    """How a payload is read: with which @context, whether NGSI-LD Null may stand in it (fragments only), and whether
    an instance may lack its value (fragments that are merged into an existing instance)."""

    context: Context
    nulls: bool = False
    partial: bool = False

    def attribute(self, name: str, payload: object, depth: int = 0) -> list[Instance]:
        """All instances of one attribute; `BadRequestData` says what is wrong with which attribute."""
        if depth and depth > current().attribute_depth:
            raise exceeded("attribute_depth", f"'{name:.60}' is a sub-attribute {depth} levels deep", BadRequestData)
        if isinstance(payload, list) and _are_instances(payload):
            instances = [self.instance(name, item, depth) for item in payload]
            _check_datasets(name, instances)
            return instances
        return [self.instance(name, payload, depth)]

    def instance(self, name: str, payload: object, depth: int = 0) -> Instance:
        """One instance, normalized or concise."""
        if payload is None:
            raise BadRequestData(f"'{name}' is null: to delete an attribute use {NULL} in a fragment")
        kind, members = _kind_of(name, payload)
        instance: Instance = {"type": kind.name}
        for member, value in members.items():
            if member == kind.value:
                instance[member] = self._value(name, kind, value)
            elif member == "type":
                continue
            elif member in INSTANCE_MEMBERS:
                self._member(name, kind, instance, member, value)
            elif not member.startswith("@"):
                instance[self._sub_attribute(name, member, instance)] = self.attribute(member, value, depth + 1)
            elif member != "@type":
                raise BadRequestData(f"'{name}' has the member {member}, which can't stand inside an attribute")
        if kind.value not in instance and not self.partial:
            raise BadRequestData(f"{kind.name} '{name}' has no {kind.value}")
        return instance

    def _sub_attribute(self, name: str, member: str, instance: Instance) -> str:
        check_name(member, f"the sub-attribute of '{name}'")
        iri = self.context.expand(member)
        if member == "id" or iri in instance:
            raise BadRequestData(f"'{name}' can't have the sub-attribute '{member}': it is reserved, or there twice")
        return iri

    def _member(self, name: str, kind: Kind, instance: Instance, member: str, value: object) -> None:
        if member in OUTPUT_ONLY:
            return
        if member in VALUE_MEMBERS or (member in _SPECIAL and member not in kind.members):
            raise BadRequestData(f"{kind.name} '{name}' can't have a {member}")
        elif member == "datasetId":
            if value == NULL:
                raise BadRequestData(f"the datasetId of '{name}' can't be an NGSI-LD Null")
            if value != "@none":
                reference = self.context.expand_reference(value) if isinstance(value, str) else value
                instance[member] = check_uri(reference, f"the datasetId of '{name}'")
        else:
            instance[member] = self._plain_member(name, member, value)

    def _plain_member(self, name: str, member: str, value: object) -> object:
        what = f"{member} of '{name}'"
        if value == NULL and not self.nulls:
            raise BadRequestData(f"{what} is an NGSI-LD Null, which only update, merge and partial update know")
        if member in ("observedAt", "expiresAt"):
            return value if value == NULL else check_datetime(value, what)
        if member == "ngsildproof":
            return value
        if member == "objectType" and isinstance(value, list) and value:
            return [self._term(item, what) for item in value]
        if member == "unitCode":
            if isinstance(value, str):
                return value
            raise BadRequestData(f"{what} is no string")
        return self._term(value, what)

    def _term(self, value: object, what: str) -> str:
        if isinstance(value, str) and value:
            return value if value == NULL else self.context.expand(value)
        raise BadRequestData(f"{what} is no name")

    def _value(self, name: str, kind: Kind, value: object) -> object:
        if kind is _PROPERTY and type(value) in _PLAIN and value != NULL:  # the most frequent case: no other check
            return value
        if kind.name == "JsonProperty":
            return value if value not in (NULL, [NULL]) else self._checked_null(name, value)
        if value is None:
            raise BadRequestData(
                f"the {kind.value} of '{name}' is null: to delete an attribute use {NULL} in a fragment"
            )
        if stands_for_null(self._checked_null(name, value)):
            return value
        return _VALUES[kind.name](self, name, value)

    def _checked_null(self, name: str, value: object) -> object:
        if not self.nulls and _holds_null(value):
            raise BadRequestData(f"'{name}' is an NGSI-LD Null, which only update, merge and partial update know")
        return value

    def _references(self, name: str, value: object) -> object:
        if isinstance(value, list):
            return [self._reference(name, item) for item in value]
        return self._reference(name, value)

    def _reference(self, name: str, value: object) -> str:
        reference = self.context.expand_reference(value) if isinstance(value, str) else value
        return check_uri(reference, f"the object of Relationship '{name}'")

    def _reference_list(self, name: str, value: object) -> list[str]:
        items = _list(name, "objectList", value)
        return [
            self._reference(name, item["object"] if isinstance(item, dict) and "object" in item else item)
            for item in items
        ]

    def _vocabulary(self, name: str, value: object) -> object:
        if isinstance(value, list):
            return [self._term(item, f"vocab of '{name}'") for item in value]
        return self._term(value, f"vocab of '{name}'")

    def _language_map(self, name: str, value: object) -> object:
        if not isinstance(value, dict):
            raise BadRequestData(f"the languageMap of '{name}' is no object")
        for tag, text in value.items():
            texts = text if isinstance(text, list) else [text]
            if not _LANGUAGE.fullmatch(tag):
                raise BadRequestData(f"the languageMap of '{name}': {tag!r:.40} is no language tag like de or @none")
            if not all(isinstance(item, str) for item in texts):
                raise BadRequestData(f"the languageMap of '{name}' has no string or array of strings for '{tag}'")
            if not self.nulls and NULL in texts:
                raise BadRequestData(f"the languageMap of '{name}' has an NGSI-LD Null for '{tag}'")
        return value


_VALUES: dict[str, Callable[[Reading, str, Any], object]] = {
    "Property": lambda reading, name, value: value,
    "GeoProperty": lambda reading, name, value: _geometry(name, value),
    "Relationship": Reading._references,
    "LanguageProperty": Reading._language_map,
    "VocabProperty": Reading._vocabulary,
    "ListProperty": lambda reading, name, value: _list(name, "valueList", value),
    "ListRelationship": Reading._reference_list,
}
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|@none")
"""The form of a tag of RFC 5646; whether it is registered is not looked up."""
_SPECIAL = frozenset({"unitCode", "valueType", "objectType"})


def _kind_of(name: str, payload: object) -> tuple[Kind, dict[str, Any]]:
    """The kind and the members of normalized or concise JSON (the table of 4.5.2.3)."""
    if not isinstance(payload, dict):
        return _PROPERTY, {"value": payload}
    declared = payload.get("type", payload.get("@type"))
    if declared is None:
        return _inferred(name, payload)
    if isinstance(declared, str) and declared in KIND_OF:
        return KIND_OF[declared], payload
    if isinstance(declared, str) and declared in GEOMETRIES and "coordinates" in payload:
        return _GEO_PROPERTY, {"value": payload}
    if "type" not in payload:
        return _inferred(name, payload)
    raise BadRequestData(f"'{name}' has the type {declared!r:.80}, which is no kind of attribute")


def _inferred(name: str, payload: dict[str, Any]) -> tuple[Kind, dict[str, Any]]:
    members = [member for member in payload if member in KIND_BY_VALUE_MEMBER]
    if not members:
        return _PROPERTY, {"value": payload}
    kind = KIND_BY_VALUE_MEMBER[members[0]]
    if kind is _PROPERTY and is_geometry(payload["value"]):
        kind = _GEO_PROPERTY
    return kind, payload


def _are_instances(items: list[Any]) -> bool:
    """Whether an array holds the instances of an attribute rather than being a value. A bare geometry is an instance
    beside others that can be nothing else; geometries alone, of which one might have a datasetId, are a value."""
    known = [_is_instance(item) for item in items]
    return any(known) and all(is_instance or is_geometry(item) for is_instance, item in zip(known, items, strict=True))


def _is_instance(item: object) -> bool:
    """Whether an array's item is an attribute instance rather than part of a value."""
    if not isinstance(item, dict):
        return False
    declared = item.get("type", item.get("@type"))
    if isinstance(declared, str):
        return declared in KIND_OF
    return any(member in KIND_BY_VALUE_MEMBER for member in item)


def _check_datasets(name: str, instances: list[Instance]) -> None:
    datasets = [instance.get("datasetId") for instance in instances]
    if len(set(datasets)) < len(datasets):
        raise BadRequestData(f"'{name}' has two instances of the same datasetId, or two without one")


def _geometry(name: str, value: object) -> dict[str, Any]:
    what = f"GeoProperty '{name}'"
    geometry = check_geometry(value, what)
    if (points := count_points(geometry)) > current().geometry_points:
        raise exceeded("geometry_points", f"{what} has {points} positions", BadRequestData)
    return geometry


def _list(name: str, member: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise BadRequestData(f"the {member} of '{name}' is no array")
    return value


def check_geo_attribute(iri: str, name: str, instances: list[Instance], nulls: bool) -> None:
    """`location`, `observationSpace` and `operationSpace` are GeoProperties (4.7)."""
    if iri not in GEO_ATTRIBUTES:
        return
    for instance in instances:
        if instance["type"] != "GeoProperty" and not (nulls and is_null(instance)):
            raise BadRequestData(f"'{name}' must be a GeoProperty, not a {instance['type']}")


def _holds_null(value: object) -> bool:
    """Whether an NGSI-LD Null stands anywhere in a value (4.5.0)."""
    if isinstance(value, dict | list):
        return any(map(_holds_null, value.values() if isinstance(value, dict) else value))
    return value == NULL


def is_null(instance: Instance) -> bool:
    """Whether the instance stands for deletion (NGSI-LD Null, 4.5.0)."""
    return stands_for_null(instance.get(KIND_OF[instance["type"]].value))


def stands_for_null(value: object) -> bool:
    """Whether a whole value is one of the spellings of NGSI-LD Null."""
    if isinstance(value, str):
        return value == NULL
    return isinstance(value, list | dict) and value in ([NULL], {"@none": NULL})
