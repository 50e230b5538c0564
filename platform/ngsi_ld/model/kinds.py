"""The attribute kinds and the members of the language itself (CIM 009, 4.5.2, 5.2.5-7, 5.2.32, 5.2.35-38)."""

from dataclasses import dataclass
from typing import Any

Instance = dict[str, Any]
"""One attribute instance, expanded: the language's members by short name, sub-attributes by IRI, each a list."""
EntityDocument = dict[str, Any]
"""One entity, expanded: `id`, `type` (list of IRIs), `scope`?, times, each attribute by IRI as a list of instances."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of attribute: its name, the member that holds its value, and what that is called elsewhere."""

    name: str
    value: str
    previous: str
    members: frozenset[str] = frozenset()


KINDS: tuple[Kind, ...] = (
    Kind("Property", "value", "previousValue", frozenset({"unitCode", "valueType"})),
    Kind("GeoProperty", "value", "previousValue"),
    Kind("Relationship", "object", "previousObject", frozenset({"objectType"})),
    Kind("LanguageProperty", "languageMap", "previousLanguageMap"),
    Kind("VocabProperty", "vocab", "previousVocab"),
    Kind("JsonProperty", "json", "previousJson"),
    Kind("ListProperty", "valueList", "previousValueList", frozenset({"unitCode"})),
    Kind("ListRelationship", "objectList", "previousObjectList", frozenset({"objectType"})),
)
KIND_OF: dict[str, Kind] = {kind.name: kind for kind in KINDS} | {"VocabularyProperty": KINDS[4]}
VALUE_MEMBER: dict[str, str] = {kind.name: kind.value for kind in KINDS}
VALUE_MEMBERS = frozenset(kind.value for kind in KINDS)

KIND_BY_VALUE_MEMBER: dict[str, Kind] = {kind.value: kind for kind in KINDS if kind.name != "GeoProperty"}
"""What a concise attribute without a type is (4.5.2.3)."""

SYSTEM_TIMES = frozenset({"createdAt", "modifiedAt", "deletedAt"})
OUTPUT_ONLY = SYSTEM_TIMES | {"instanceId", "entity", "entityList", "lang"} | {kind.previous for kind in KINDS}
ENTITY_MEMBERS = frozenset({"id", "type", "scope", "createdAt", "modifiedAt", "deletedAt", "expiresAt"})
INSTANCE_MEMBERS = (
    VALUE_MEMBERS
    | OUTPUT_ONLY
    | {"type", "observedAt", "datasetId", "expiresAt", "unitCode", "valueType", "objectType", "ngsildproof"}
)
RESERVED_NAMES = INSTANCE_MEMBERS - {"type", "expiresAt"} - SYSTEM_TIMES
"""Core terms that can't be attributes of an entity (4.5.1)."""

GEO_ATTRIBUTES = frozenset(
    "https://uri.etsi.org/ngsi-ld/" + name for name in ("location", "observationSpace", "operationSpace")
)
"""Always GeoProperties (4.7)."""


def attributes_of(entity: EntityDocument) -> list[str]:
    """The IRIs of the attributes of an expanded entity."""
    return [name for name in entity if name not in ENTITY_MEMBERS]


def sub_attributes_of(instance: Instance) -> list[str]:
    """The IRIs of the sub-attributes of an expanded instance."""
    return [name for name in instance if name not in INSTANCE_MEMBERS]


def value_of(instance: Instance) -> Any:
    """The value, object, languageMap, … of an instance."""
    return instance[VALUE_MEMBER[instance["type"]]]
