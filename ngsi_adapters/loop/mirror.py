"""A source as an entity: `Dataset` (DCAT-AP of the Smart Data Models), with how it is doing.

Attributes of our own beside the official ones: license, tenant is that of the data, lastSuccess, lastError, records,
rejects, rejectReasons, staleEntities, sourceStatus, revision. By the revision the loop sees whether the broker still
has what it was given: one that was emptied, or set back to an older backup, has none or a smaller one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from data_models.values import date_time_text
from ngsi_adapters.fetching.failures import shown
from ngsi_adapters.fetching.visit import addresses
from ngsi_adapters.loop.state import SourceState
from ngsi_adapters.source import Source, entity_id
from ngsi_client.client import NgsiClient

AT_LEAST = timedelta(minutes=10)
"""How old `lastSuccess` may be in the broker where nothing else has changed: an unchanged poll writes nothing."""
SHOWN_REASONS = 5


def mirror_id(source: Source) -> str:
    return entity_id("Dataset", "source", source.uid)


def mirror(source: Source, state: SourceState, revision: int) -> dict[str, Any]:
    """The whole entity, normalized."""
    values = {
        "title": [source.name],
        "description": [f"{source.name}. {source.attribution}"],
        "publisher": source.attribution,
        "license": source.licence or "as agreed",
        "accrualPeriodicity": f"PT{source.every.total_seconds():.0f}S",
        "page": [shown(url) for url in addresses(source) if url.startswith(("http://", "https://"))],
        "sourceStatus": status(state),
        "lastSuccess": state.last_success,
        "lastError": state.last_error or state.warning,
        "records": state.records,
        "rejects": state.rejects,
        "rejectReasons": [str(one["reason"])[:200] for one in state.last_rejects[-SHOWN_REASONS:]],
        "staleEntities": state.stale,
        "revision": revision,
    }
    attributes = {
        name: {"type": "Property", "value": value if value is not None else ""}
        for name, value in values.items()
        if value not in ([], None) or name in ("lastError", "rejectReasons")
    }
    return {"id": mirror_id(source), "type": "Dataset", **attributes}


def status(state: SourceState) -> str:
    """working, warning or failing: one word for a person's dashboard."""
    if state.failures:
        return "failing"
    return "warning" if state.warning or state.stale else "working"


async def write(client: NgsiClient, source: Source, state: SourceState) -> None:
    """Writes the entity where something in it has changed, or its last success has grown old."""
    now, last = datetime.now(UTC), state.mirror
    content = _content(source, state)
    fresh = last and datetime.fromisoformat(last["at"]) > now - AT_LEAST
    if fresh and last["content"] == content:
        return
    revision = int(last.get("revision", 0)) + 1
    refused = await client.for_tenant(source.tenant).upsert([mirror(source, state, revision)])
    for error in refused.values():
        raise error
    state.mirror = {"at": date_time_text(now), "content": content, "revision": revision}


async def is_kept(client: NgsiClient, source: Source, state: SourceState) -> bool:
    """Whether the broker has the entity as it was written last."""
    if not state.mirror:
        return True
    found = await client.for_tenant(source.tenant).retrieve(mirror_id(source), key_values=True)
    return found is not None and int(_number(found.get("revision"))) >= int(state.mirror["revision"])


def _content(source: Source, state: SourceState) -> str:
    entity: Mapping[str, Any] = mirror(source, state, 0)
    return repr({name: value for name, value in entity.items() if name != "lastSuccess"})


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0
