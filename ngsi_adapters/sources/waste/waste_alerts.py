"""Alerts of overfull and hot waste containers, concluded from what the broker knows of them.

An alert ends (`validTo`) when its container is emptied or has cooled; the next one is an entity of its own.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from data_models import Alert, WasteContainer
from ngsi_adapters.formats.entities import Entity, entities_in, observed_at, of_type
from ngsi_adapters.formats.numerals import number
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import refused
from ngsi_adapters.source import Change, Outcome, Record, Source, entity_id

FULL, HOT = 0.9, 60.0
"""Where the container gives no threshold of its own; degrees Celsius: refuse that smoulders."""
CALM = {"overfull": 0.1, "hot": 10.0}
"""So far it has to fall below the threshold for the alert to end: else it would come and go."""
SEVERITIES = {"overfull": "medium", "hot": "critical"}
WORDS = {"hot": "fireRisk"}
"""The data model's word; it has none for an overfull container, which `data` tells by its kind."""
SPOKEN = {"overfull": "Behälter überfüllt / container overfull", "hot": "Behälter heiß / container hot"}


class Finding(NamedTuple):
    """A container's value against its threshold."""

    kind: str
    value: float
    threshold: float


def parse(payload: bytes, fetched_at: datetime) -> Iterator[Outcome]:
    """A record for each new or lasting alert, a change for each that is over."""
    entities = entities_in(payload)
    normalized = {entity["id"]: entity for entity in entities}
    open_alerts: dict[tuple[str, str], Mapping[str, Any]] = {}
    for alert in of_type(entities, Alert):
        key = (alert.get("alertSource", ""), str((alert.get("data") or {}).get("kind")))
        if key[1] in SPOKEN and "validTo" in alert:
            yield Change(Alert, alert["id"], {"validTo": alert["validTo"], "severity": "informational"})
        elif key[1] in SPOKEN:
            open_alerts[key] = alert
    for container in of_type(entities, WasteContainer):
        try:
            yield from _concluded(container, normalized[container["id"]], open_alerts, fetched_at)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            yield refused(container, error, lambda row: str(row["id"]))


def _concluded(
    container: Mapping[str, Any], entity: Entity, open_alerts: Mapping[tuple[str, str], Any], now: datetime
) -> Iterator[Outcome]:
    for finding in _findings(container):
        already = open_alerts.get((container["id"], finding.kind))
        since = observed_at(entity, "fillingLevel", "temperature", "status") or now
        over = finding.value >= finding.threshold - (CALM[finding.kind] if already else 0)
        if over:
            yield _alert(container, finding, already, since)
        elif already:
            yield Change(Alert, already["id"], {"validTo": since, "severity": "informational"})


def _findings(container: Mapping[str, Any]) -> Iterator[Finding]:
    if container.get("fillingLevel") is not None:
        percent = container.get("binFullnessThreshold")
        threshold = FULL if percent is None else number(percent) / 100
        yield Finding("overfull", number(container["fillingLevel"]), threshold)
    burning = container.get("status") == "burning"
    if burning or container.get("temperature") is not None:
        degrees = number(container["temperature"]) if container.get("temperature") is not None else HOT
        yield Finding("hot", max(degrees, HOT) if burning else degrees, HOT)


def _alert(container: Mapping[str, Any], found: Finding, already: Any, since: datetime) -> Record:
    name = container["id"].rpartition("WasteContainer:")[2]
    fresh = entity_id("Alert", found.kind, name.replace(":", "-"), f"{since:%Y%m%dT%H%M%S}")
    begun = already["dateIssued"] if already else since
    row = {**container, "kind": found.kind, "threshold": found.threshold, "begun": begun}
    return ALERT.record(already["id"] if already else fresh, row)


def _described(row: Mapping[str, Any]) -> str:
    """which container"""
    return f"{SPOKEN[row['kind']]}: {row.get('name') or row['id']}"


def _data(row: Mapping[str, Any]) -> dict[str, Any]:
    """kind and threshold"""
    return {"kind": row["kind"], "threshold": row["threshold"]}


ALERT = Mapped(
    Alert,
    (
        Field("id", "alertSource", needed=True),
        Field("location", "location"),
        Field(("fillingLevel", "temperature", "status", "name"), "description", derive=_described),
        Field(("fillingLevel", "temperature", "status"), "severity", derive=lambda row: SEVERITIES[row["kind"]]),
        Field(("temperature", "status"), "subCategory", derive=lambda row: WORDS.get(row["kind"])),
        Field(("binFullnessThreshold", "fillingLevel", "temperature"), "data", derive=_data),
        Field("begun", "dateIssued", needed=True),
        Field("begun", "validFrom", needed=True),
        Field("observedAt", "validTo"),
    ),
    fixed={"category": "environment"},
)
SOURCE = Source(
    uid="waste_alerts",
    name="Alerts of overfull and hot containers",
    licence=None,
    attribution="the waste utility",
    url="broker:WasteContainer,Alert",
    every=timedelta(minutes=1),
    tenant="entsorgung",
    parse=parse,
    mapping=(ALERT,),
)
