"""Checks one entity: id and type, NGSI-LD's own rules, then each attribute against the data model."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from data_models.base import NOT_ATTRIBUTES, AttributeType, SmartDataModel, attribute_types, instances_of
from data_models.checking.finding import Finding, Severity
from data_models.checking.texts import GERMAN_UNITS
from data_models.checking.values import similar, value_findings
from data_models.registry import MODELS, model_of
from data_models.units import CODES
from data_models.values import Kind
from ngsi_ld.errors import NgsiLdError
from ngsi_ld.jsonld.context import core_context
from ngsi_ld.model.attribute import Reading
from ngsi_ld.model.kinds import ENTITY_MEMBERS, KIND_BY_VALUE_MEMBER, KIND_OF
from ngsi_ld.names import DEFAULT_CONTEXT, is_uri

HEADS = NOT_ATTRIBUTES | ENTITY_MEMBERS | {"@id", "@type"}
SHORTENED = ("https://smartdatamodels.org/", DEFAULT_CONTEXT, "https://uri.fiware.org/ns/data-models#")
"""IRIs that end with the name of the data models."""
TYPES = tuple(model.__name__ for model in MODELS)
CHECKED_KINDS = {"Property", "GeoProperty", "Relationship"}
CERTAINLY_MISSPELT = 0.9


def check(entity: Any) -> list[Finding]:
    """Everything that is wrong with an entity in normalized, concise or simplified (keyValues) form.

    Names are looked at as they stand: an @context of the entity's own that calls attributes otherwise is not followed.
    """
    if not isinstance(entity, Mapping):
        return [Finding("no_object", "error", "", entity)]
    model = model_for(entity)
    findings = [*_id(entity), *_type(entity, model)]
    attributes = {short(name): member for name, member in entity.items() if name not in HEADS}
    simplified = not any(_kind_of(part) for member in attributes.values() for part in instances_of(member))
    for name, member in attributes.items():
        broken = None if simplified else _not_ngsi_ld(name, member)
        findings += [broken] if broken else _attribute(model, name, member)
    if model is not None:
        findings += _missing(model, attributes.keys())
    return findings


def model_for(entity: Mapping[str, Any]) -> type[SmartDataModel] | None:
    """The data model of the first type that has one."""
    for name in types_of(entity):
        if name in TYPES:
            return model_of(name)
    return None


def types_of(entity: Mapping[str, Any]) -> list[str]:
    """The entity's types by their short names."""
    given = entity.get("type", entity.get("@type"))
    return [short(name) for name in (given if isinstance(given, list) else [given]) if isinstance(name, str) and name]


def short(name: str) -> str:
    """The name in the data models of what may be an IRI."""
    return name.rpartition("#" if "#" in name else "/")[2] if name.startswith(SHORTENED) else name


def _id(entity: Mapping[str, Any]) -> Iterator[Finding]:
    given = entity.get("id", entity.get("@id"))
    if given is None:
        yield Finding("id_missing", "error", "id", details={"type": next(iter(types_of(entity)), "ParkingSpot")})
    elif not is_uri(given):
        yield Finding("no_uri", "error", "id", given)


def _type(entity: Mapping[str, Any], model: type[SmartDataModel] | None) -> Iterator[Finding]:
    names = types_of(entity)
    if not names:
        yield Finding("type_missing", "error", "type")
    elif model is None:
        meant = similar(names[0], TYPES)
        if meant:
            yield Finding("type_misspelt", "error", "type", names[0], {"suggestion": meant})
        else:
            yield Finding("type_unknown", "warning", "type", names[0])


def _missing(model: type[SmartDataModel], given: Any) -> Iterator[Finding]:
    for name, known in attribute_types(model).items():
        field = model.model_fields[known.field]
        if field.is_required() and name not in given:
            yield Finding("missing", "error", name, details={"type": model.__name__, "kind": known.kind.ngsi_type})


def _not_ngsi_ld(name: str, member: Any) -> Finding | None:
    """What the broker would say; in the simplified form any JSON is an attribute."""
    try:
        Reading(core_context(), nulls=False, partial=False).attribute(name, member)
    except NgsiLdError as error:
        return Finding("ngsi_ld", "error", name, member, {"reason": error.detail.rstrip(".")})
    return None


def _attribute(model: type[SmartDataModel] | None, name: str, member: Any) -> Iterator[Finding]:
    if model is None:
        return
    known = attribute_types(model).get(name)
    if known is None:
        yield _unknown(model, name)
        return
    for instance in instances_of(member):
        yield from _instance(name, known, instance)


def _unknown(model: type[SmartDataModel], name: str) -> Finding:
    meant = similar(name, attribute_types(model))
    if meant is None:
        return Finding("unknown", "warning", name, details={"type": model.__name__})
    certain = SequenceMatcher(None, name.lower(), meant.lower()).ratio() >= CERTAINLY_MISSPELT
    details = {"type": model.__name__, "suggestion": meant}
    return Finding("misspelt", "error" if certain else "warning", name, details=details)


def _instance(name: str, known: AttributeType, instance: Any) -> Iterator[Finding]:
    given = _kind_of(instance)
    if given is not None and given not in CHECKED_KINDS:
        return  # a text in several languages, a term or any JSON: the models say nothing of them
    if given not in (None, known.kind.ngsi_type) and known.kind is not Kind.PROPERTY:
        yield _wrong_kind(name, known, given)
    yield from value_findings(name, known, known.plain(instance))
    unit = instance.get("unitCode") if isinstance(instance, Mapping) and given is not None else None
    if unit is not None and known.unit is not None and unit != known.unit:
        details = {"given": _unit(unit), "due": _unit(known.unit), "code": known.unit}
        yield Finding("unit", "error", f"{name}.unitCode", unit, details)


def _wrong_kind(name: str, known: AttributeType, given: str | None) -> Finding:
    severity: Severity = "error" if known.kind is Kind.GEO_PROPERTY else "warning"
    details = {"given": given, "due": known.kind.ngsi_type, "member": known.kind.member}
    return Finding("kind", severity, name, given, details)


def _kind_of(instance: Any) -> str | None:
    """The kind of attribute that is written; None for a mere value."""
    if not isinstance(instance, Mapping):
        return None
    given = instance.get("type")
    if isinstance(given, str) and given in KIND_OF:
        return given
    inferred = next((kind.name for member, kind in KIND_BY_VALUE_MEMBER.items() if member in instance), None)
    value = instance.get("value")
    if inferred == "Property" and isinstance(value, Mapping) and "coordinates" in value:
        return "GeoProperty"
    return inferred


def _unit(code: Any) -> dict[str, str]:
    german, english = GERMAN_UNITS.get(str(code)), CODES.get(str(code))
    return {"de": f"{code} ({german})" if german else str(code), "en": f"{code} ({english})" if english else str(code)}
