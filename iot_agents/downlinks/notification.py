"""Commands in a notification of a context broker, or in the body of an update (NGSI-LD, normalized or concise)."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

NONE_YET = "no command yet"
"""The value with which a command's attribute begins: NGSI-LD updates only attributes that there are."""

TAKEN = "taken"
"""The sub-attribute with the value that the agents have taken. Brokers need not tell of an update that changes nothing:
with the mark it does, since an update of the attribute takes the mark away."""

GONE = "urn:ngsi-ld:null"
MEMBERS = ("value", "object", "json", "vocab", "valueList", "languageMap")


class Written(NamedTuple):
    """A command's attribute. `cause` is when it was written, or what told of it."""

    entity: str
    name: str
    value: Any
    cause: str


class BadNotification(ValueError):
    """The body is no notification; the message says why."""


def commands_in(body: Any) -> Iterator[Written]:
    """All attributes of a notification's entities; `BadNotification`."""
    entities = body.get("data") if isinstance(body, Mapping) else None
    if not isinstance(entities, list) or not all(isinstance(each, Mapping) and "id" in each for each in entities):
        raise BadNotification("a notification is expected, with its entities in `data`")
    heard = str(body.get("id") or "")
    for entity in entities:
        for name, attribute in attributes_of(entity):
            yield Written(str(entity["id"]), name, value_of(attribute), _cause(attribute, heard))


def attributes_of(entity: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names and attributes; of several datasets the default one. Left are those
    that are deleted, hold no command, or one that has been taken."""
    for name, attribute in entity.items():
        if name in ("id", "type", "@context", "scope", "createdAt", "modifiedAt"):
            continue
        instances = attribute if isinstance(attribute, list) else [attribute]
        plain = [each for each in instances if not (isinstance(each, Mapping) and "datasetId" in each)]
        if plain and value_of(plain[0]) not in (NONE_YET, GONE) and not _is_taken(plain[0]):
            yield name, plain[0]


def _is_taken(attribute: Any) -> bool:
    """Whether the mark is what was written last: it may have met a newer value, of which another notification tells."""
    mark = attribute.get(TAKEN) if isinstance(attribute, Mapping) else None
    if not isinstance(mark, Mapping):
        return False
    written, marked = attribute.get("modifiedAt"), mark.get("modifiedAt")
    if written and marked:
        return bool(written == marked)
    return bool(value_of(mark) == value_of(attribute))


def value_of(attribute: Any) -> Any:
    """Of a normalized attribute, or a bare value."""
    if not isinstance(attribute, Mapping):
        return attribute
    return next((attribute[member] for member in MEMBERS if member in attribute), attribute)


def _cause(attribute: Any, heard: str) -> str:
    """The broker's own time, which a replay does not change; else the notification's identity."""
    written = attribute.get("modifiedAt") if isinstance(attribute, Mapping) else None
    return str(written or heard)
