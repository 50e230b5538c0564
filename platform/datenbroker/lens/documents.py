"""Entities as a broker sends them (normalized JSON), read back into expanded documents with their system times."""

from typing import Any

from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.kinds import ENTITY_MEMBERS, INSTANCE_MEMBERS, EntityDocument, Instance

_IRI_MEMBERS = frozenset({"objectType", "valueType", "vocab", "previousVocab"})


def read_document(payload: dict[str, Any], context: Context) -> EntityDocument:
    """One entity, its names expanded by the context that it was compacted with."""
    entity: EntityDocument = {}
    for member, value in payload.items():
        if member == "type":
            entity["type"] = [context.expand(name) for name in _list(value)]
        elif member == "scope":
            entity["scope"] = _list(value)
        elif member in ENTITY_MEMBERS:
            entity[member] = value
        elif member != "@context":
            entity[context.expand(member)] = [_instance(item, context) for item in _list(value)]
    return entity


def _instance(payload: Any, context: Context) -> Instance:
    if not isinstance(payload, dict):  # of a deleted attribute a notification says no more than NGSI-LD Null (7.6)
        return {"type": "Property", "value": payload}
    instance: Instance = {}
    for member, value in payload.items():
        if member in _IRI_MEMBERS:
            instance[member] = (
                [context.expand(item) for item in value] if isinstance(value, list) else (context.expand(value))
            )
        elif member in INSTANCE_MEMBERS:
            instance[member] = value
        else:
            instance[context.expand(member)] = [_instance(item, context) for item in _list(value)]
    return instance


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
