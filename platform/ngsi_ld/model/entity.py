"""Reading entities and entity fragments into expanded documents (CIM 009, 4.5.1, 5.2.4, 5.5.4)."""

from collections.abc import Iterable
from typing import Any

from ngsi_ld.bounds import current, exceeded
from ngsi_ld.datetimes import check_datetime
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.attribute import Reading, check_geo_attribute
from ngsi_ld.model.kinds import RESERVED_NAMES, SYSTEM_TIMES, EntityDocument
from ngsi_ld.names import NULL, check_name, check_uri
from ngsi_ld.query.scope import check_scope


def read_entity(payload: object, context: Context) -> EntityDocument:
    """A whole entity: id and type are due, NGSI-LD Null is refused (5.6.1)."""
    entity = read_fragment(payload, context, nulls=False)
    if "id" not in entity:
        raise BadRequestData("the entity has no id")
    if "type" not in entity:
        raise BadRequestData(f"the entity {entity['id']} has no type")
    return entity


def read_fragment(payload: object, context: Context, *, nulls: bool, partial: bool = False) -> EntityDocument:
    """An entity or a part of one; times of the system are ignored, `@context` is the caller's business."""
    if not isinstance(payload, dict):
        raise BadRequestData(f"an entity is a JSON object, not {json_type(payload)}")
    if len(payload) > current().entity_attributes:
        raise exceeded("entity_attributes", f"the entity has {len(payload)} members", BadRequestData)
    reading = Reading(context, nulls, partial)
    fragment: EntityDocument = {}
    for member, value in payload.items():
        if member in ("id", "@id"):
            reference = context.expand_reference(value) if isinstance(value, str) else value
            fragment["id"] = check_uri(reference if reference != NULL else None, "the entity's id")
        elif member in ("type", "@type"):
            fragment["type"] = read_types(value, context)
        elif member == "scope":
            fragment["scope"] = _read_scope(value, nulls)
        elif member == "expiresAt":
            fragment["expiresAt"] = value if nulls and value == NULL else check_datetime(value, "expiresAt")
        elif member != "@context" and member not in SYSTEM_TIMES:
            _read_attribute(fragment, member, value, reading)
    return fragment


def _read_attribute(fragment: EntityDocument, name: str, value: object, reading: Reading) -> None:
    if name in RESERVED_NAMES:
        raise BadRequestData(f"'{name}' is a term of NGSI-LD itself and can't name an attribute")
    check_name(name, "the attribute")
    iri = reading.context.expand(name)
    if iri in fragment:
        raise BadRequestData(f"two attributes of the entity are {iri}")
    instances = reading.attribute(name, value)
    check_geo_attribute(iri, name, instances, reading.nulls)
    fragment[iri] = instances


def read_types(value: object, context: Context) -> list[str]:
    """One type name or several, expanded; duplicates collapse (4.16)."""
    names = value if isinstance(value, list) else [value]
    if not names:
        raise BadRequestData("the entity's type is an empty array")
    if len(names) > current().entity_types:
        raise exceeded("entity_types", f"the entity has {len(names)} types", BadRequestData)
    return list(dict.fromkeys(context.expand(_type_name(name)) for name in names))


def _type_name(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise BadRequestData(f"the entity's type is no name: {name!r:.80}")
    if name == NULL:
        raise BadRequestData("the type of an entity can't be an NGSI-LD Null: types are added, never removed")
    return check_name(name, "the entity's type")


def _read_scope(value: object, nulls: bool) -> list[str] | str:
    if nulls and value == NULL:
        return NULL
    scopes = value if isinstance(value, list) else [value]
    if not scopes:
        raise BadRequestData("the scope is an empty array")
    if len(scopes) > current().entity_scopes:
        raise exceeded("entity_scopes", f"the entity has {len(scopes)} scopes", BadRequestData)
    return list(dict.fromkeys(check_scope(scope) for scope in scopes))


def json_type(value: object) -> str:
    """What a person calls a JSON value."""
    names: Iterable[tuple[type | tuple[type, ...], str]] = (
        (type(None), "null"),
        (bool, "a boolean"),
        ((int, float), "a number"),
        (str, "a string"),
        (list, "an array"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "an object")


def stamp(entity: EntityDocument, now: str) -> EntityDocument:
    """Give a new entity and all its instances their times, in place (4.8)."""
    entity["createdAt"] = entity["modifiedAt"] = now
    for value in entity.values():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            stamp_instances(value, now)
    return entity


def stamp_instances(instances: list[dict[str, Any]], now: str, created: str | None = None) -> None:
    """Times of instances and of their sub-attributes; `created` where they replace older ones."""
    for instance in instances:
        instance["createdAt"] = created or now
        instance["modifiedAt"] = now
        for member, value in instance.items():
            if ":" in member and isinstance(value, list):
                stamp_instances(value, now)
