"""What the context broker answered, for sources that conclude from it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from data_models import SmartDataModel
from data_models.base import instances_of, plain_values
from ngsi_adapters.formats.documents import json_document
from ngsi_adapters.formats.times import utc_moment
from ngsi_adapters.source import Malformed

Entity = Mapping[str, Any]


def entities_in(payload: bytes) -> list[Entity]:
    """The entities of a JSON array; `Malformed` where they are none."""
    document = json_document(payload)
    if not isinstance(document, list) or not all(isinstance(each, dict) and "id" in each for each in document):
        raise Malformed("an array of NGSI-LD entities is expected")
    return document


def of_type(entities: list[Entity], model: type[SmartDataModel]) -> Iterator[dict[str, Any]]:
    """The values of those of that type, with their id."""
    return (plain_values(model, entity) for entity in entities if entity.get("type") == model.__name__)


def observed_at(entity: Entity, *names: str) -> datetime | None:
    """The newest time at which one of the attributes was observed."""
    instances = [found for name in names for found in instances_of(entity.get(name, {})) if isinstance(found, Mapping)]
    return max((utc_moment(found["observedAt"]) for found in instances if "observedAt" in found), default=None)
