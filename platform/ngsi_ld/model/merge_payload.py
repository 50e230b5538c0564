"""Completing a merge or partial-update fragment by what the entity already has (CIM 009, 5.5.12, 5.6.4, 6.5.3.4).

Such fragments may leave out the kind, the value, or all but the bare value: the stored instance says what is meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.attribute import Reading
from ngsi_ld.model.fragments import patch_members
from ngsi_ld.model.geometry import is_geometry
from ngsi_ld.model.kinds import (
    ENTITY_MEMBERS,
    INSTANCE_MEMBERS,
    KIND_OF,
    VALUE_MEMBER,
    VALUE_MEMBERS,
    EntityDocument,
    Instance,
)
from ngsi_ld.names import NULL, without_keywords


@dataclass(frozen=True, slots=True)
class MergeForm:
    """How the fragment is written: with bare values (`format=simplified`), in which language (`lang`)."""

    simplified: bool = False
    lang: str | None = None


def complete(payload: object, entity: EntityDocument, context: Context, form: MergeForm) -> object:
    """The same fragment with explicit kinds, for `read_fragment(…, partial=True)`."""
    if not isinstance(payload, Mapping):
        return payload
    completed = {}
    for name, value in payload.items():
        known = [] if name in ENTITY_MEMBERS or name.startswith("@") else entity.get(context.expand(name), [])
        completed[name] = _complete_attribute(value, known, form) if known else value
    return completed


def _complete_attribute(value: object, known: list[Instance], form: MergeForm) -> object:
    kind = KIND_OF[known[0]["type"]]
    if value in (NULL, [NULL], {"@none": NULL}):
        return value
    if form.lang and kind.name == "LanguageProperty" and isinstance(value, str | list):
        return {"type": kind.name, "languageMap": {form.lang: value}}
    if form.simplified:
        return _from_simplified(value, kind.name)
    if isinstance(value, Mapping):
        return _with_kind(value, known)
    if kind.name == "Property":
        return value
    return value if isinstance(value, list) else {"type": kind.name, kind.value: value}


def _from_simplified(value: object, kind: str) -> object:
    member = VALUE_MEMBER[kind]
    wrapped = kind in ("LanguageProperty", "VocabProperty", "JsonProperty")
    if wrapped and isinstance(value, Mapping) and set(value) == {member}:
        return {"type": kind, **value}
    if isinstance(value, Mapping) and value.get("type") in KIND_OF and value["type"] != kind:
        raise BadRequestData(f"a simplified fragment can't make a {kind} a {value['type']}")
    return {"type": kind, member: value}


def _with_kind(value: Mapping[str, Any], known: list[Instance]) -> object:
    if "type" in value or VALUE_MEMBERS & value.keys():
        return value
    if value and all(member in INSTANCE_MEMBERS for member in value):
        dataset = value.get("datasetId")
        like = next((instance for instance in known if instance.get("datasetId") == dataset), known[0])
        return {"type": like["type"], **value}
    return value


def patch_of(payload: object, name: str, old: Instance, context: Context, now: str) -> Instance:
    """The instance that a partial attribute update (5.6.4) makes: members replaced one by one, Nulls removed."""
    kind = KIND_OF[old["type"]]
    body = without_keywords(payload) if isinstance(payload, Mapping) else {kind.value: payload}
    body.pop("@context", None)
    if kind.name == "GeoProperty" and is_geometry(body):
        body = {kind.value: body}
    sent = body.get("type", kind.name)
    if not isinstance(sent, str) or KIND_OF.get(sent) != kind:
        raise BadRequestData(f"'{name}' is a {kind.name}; a partial update can't make it a {sent!r:.80}")
    reading = Reading(context, nulls=True, partial=True)
    instance = reading.instance(name, {**body, "type": kind.name})
    if instance.get(kind.value) in (NULL, [NULL], {"@none": NULL}):
        raise BadRequestData(f"a partial update can't delete '{name}' itself: use DELETE")
    return patch_members(old, instance, now)
