"""A source that names fewer than before: its entities are kept and flagged, never deleted.

An entity that two whole reads in a row have not named gets `sourceStatus` "missing", and "present" when it is back.
"""

from datetime import datetime
from typing import Any

from data_models.values import date_time_text
from ngsi_adapters.loop.known import Known
from ngsi_adapters.loop.state import MOST_MISSING, SourceState

SHRUNK = 0.5
"""A source that names less than this part of the entities known is reported as shrunk."""
ATTRIBUTE = "sourceStatus"


def count_missing(state: SourceState, known: Known, seen: set[str], at: datetime) -> list[dict[str, Any]]:
    """Counts what a whole read has not named; returns the flags to be written, as entities.

    An entity is flagged the second time. Of more than 1,000 missing ones only so many are flagged, and all counted.
    """
    gone = [entity_id for entity_id in known.ids() if entity_id not in seen]
    before = state.missing
    flags = [_flag(known, entity_id, "missing", since) for entity_id, since in before.items() if entity_id in set(gone)]
    back = [entity_id for entity_id in before if entity_id in seen and entity_id in known]
    flags += [_flag(known, entity_id, "present", date_time_text(at)) for entity_id in back]
    state.missing = {entity_id: before.get(entity_id, date_time_text(at)) for entity_id in gone[:MOST_MISSING]}
    state.stale, state.known = len(gone), len(known)
    state.warning = _warning(len(known) - len(gone), len(known))
    return flags


def _warning(named: int, known: int) -> str | None:
    if not known or named >= known * SHRUNK:
        return None
    return f"the source names {named} of {known} known entities: the others are kept and flagged as stale"


def _flag(known: Known, entity_id: str, value: str, since: str) -> dict[str, Any]:
    attribute = {"type": "Property", "value": value, "observedAt": since}
    return {"id": entity_id, "type": known.type_of(entity_id), ATTRIBUTE: attribute}
