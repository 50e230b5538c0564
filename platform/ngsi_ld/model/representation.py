"""Rendering expanded entities: normalized, concise, simplified, GeoJSON (CIM 009, 4.5.2-4.5.4, 4.5.16, 4.15, 6.3.7)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.kinds import (
    ENTITY_MEMBERS,
    SYSTEM_TIMES,
    VALUE_MEMBER,
    EntityDocument,
    Instance,
)
from ngsi_ld.model.language import in_language

Format = Literal["normalized", "concise", "simplified"]
LinkedEntities = Mapping[str, EntityDocument]

_HIDDEN = SYSTEM_TIMES | {"expiresAt"}
_IRI_MEMBERS = frozenset({"objectType", "valueType", "vocab", "previousVocab"})


@dataclass(frozen=True, slots=True)
class Representation:
    """How entities leave: with which names, in which form, with system attributes or in one language."""

    context: Context
    format: Format = "normalized"
    sys_attrs: bool = False
    lang: str | None = None
    times: frozenset[str] = frozenset()
    """Entity-level system attributes shown without `sys_attrs`, because `pick` or `attrs` names them."""

    def with_times(self, times: frozenset[str]) -> "Representation":
        """The same with these entity-level times shown."""
        return replace(self, times=self.times | times)

    def entity(self, entity: EntityDocument) -> dict[str, Any]:
        """One entity as JSON; members of a projected entity that are missing stay missing."""
        rendered: dict[str, Any] = {}
        for member, value in entity.items():
            if member not in ENTITY_MEMBERS:
                rendered[self.context.compact(member)] = self.attribute(value)
            elif member == "type":
                rendered["type"] = _single([self.context.compact(iri) for iri in value])
            elif member == "scope":
                rendered["scope"] = _single(value)
            elif member not in _HIDDEN or self.sys_attrs or member in self.times:
                rendered[member] = value
        return rendered

    def attribute(self, instances: list[Instance]) -> Any:
        """One instance as an object, several as an array, or as `dataset` when simplified (4.5.5)."""
        if self.lang:
            instances = [in_language(instance, self.lang) for instance in instances]
        if self.format == "simplified":
            return self._simplified(instances)
        if self.format == "normalized":
            return _single([self._normalized(instance) for instance in instances])
        if len(instances) == 1:
            return self._concise(instances[0])
        return [self._concise_member(instance) for instance in instances]

    def _simplified(self, instances: list[Instance]) -> Any:
        if len(instances) == 1 and "datasetId" not in instances[0]:
            return self._simple_value(instances[0])
        return {"dataset": {item.get("datasetId", "@none"): self._simple_value(item) for item in instances}}

    def _simple_value(self, instance: Instance) -> Any:
        kind = instance["type"]
        member = VALUE_MEMBER[kind]
        value = instance[member]
        if "entity" in instance or "entityList" in instance:
            return self._linked(instance.get("entity", instance.get("entityList")))
        if kind == "VocabProperty":
            return {"vocab": self._compact_value(value)}
        return {member: value} if kind in ("LanguageProperty", "JsonProperty") else value

    def _normalized(self, instance: Instance) -> dict[str, Any]:
        rendered: dict[str, Any] = {}
        for member, value in instance.items():
            if ":" in member and isinstance(value, list):
                rendered[self.context.compact(member)] = self.attribute(value)
            elif member in _IRI_MEMBERS:
                rendered[member] = self._compact_value(value)
            elif member in ("entity", "entityList"):
                rendered[member] = (
                    [self.entity(item) for item in value] if isinstance(value, list) else self.entity(value)
                )
            elif member not in _HIDDEN or self.sys_attrs:
                rendered[member] = value
        return rendered

    def _concise(self, instance: Instance) -> Any:
        """An instance that is alone: the bare value, where nothing else is said and it can't be misread."""
        rendered = self._concise_member(instance)
        clear = instance["type"] == "GeoProperty" or not _is_ambiguous(rendered.get("value"))
        return rendered["value"] if rendered.keys() == {"value"} and clear else rendered

    def _concise_member(self, instance: Instance) -> dict[str, Any]:
        """An instance without its type, where that is clear from the value's member (4.5.2.3)."""
        rendered = self._normalized(instance)
        if instance["type"] == "Property" and _has_type(rendered.get("value")):
            return rendered
        del rendered["type"]
        return rendered

    def _linked(self, linked: Any) -> Any:
        return [self.entity(item) for item in linked] if isinstance(linked, list) else self.entity(linked)

    def _compact_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.context.compact(item) for item in value]
        return self.context.compact(value)


def _has_type(value: Any) -> bool:
    """Whether a Property's value would be read as a geometry, or as what its own type says (4.5.2.3)."""
    return isinstance(value, dict) and "type" in value


def _is_ambiguous(value: Any) -> bool:
    """Whether a bare value would be read as an attribute, or as the instances of one."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, dict) and _is_ambiguous(item) for item in value)
    return isinstance(value, dict) and not (VALUE_NAMES | {"type", "@type"}).isdisjoint(value)


VALUE_NAMES = frozenset(VALUE_MEMBER.values())


def _single(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else items


def feature(
    entity: EntityDocument, rendered: dict[str, Any], geometry_property: str, dataset: str | None = None
) -> dict[str, Any]:
    """A GeoJSON Feature (4.5.16); the geometry is of the default instance, or of that of `dataset`."""
    instances = entity.get(geometry_property, [])
    geometry = next(
        (item["value"] for item in instances if item.get("datasetId") == dataset and item["type"] == "GeoProperty"),
        None,
    )
    properties = {member: value for member, value in rendered.items() if member != "id"}
    return {"id": entity["id"], "type": "Feature", "geometry": geometry, "properties": properties}


def feature_collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    """What a query answers as GeoJSON (4.5.17)."""
    return {"type": "FeatureCollection", "features": features}
