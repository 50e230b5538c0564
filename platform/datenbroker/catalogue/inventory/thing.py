"""The things that data are about, as far as two of them can be told to be the same."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from datenbroker.catalogue.positions import positions
from ngsi_client.client import NgsiClient
from ngsi_client.errors import BrokerRefused

PAGE, MOST = 1000, 50_000
"""Entities that are read of a tenant: at once, and altogether."""

IDENTIFYING = ("serialNumber", "source")
"""Attributes whose equal values say that two entities tell of the same."""

MIRRORS = frozenset({"Device", "DataSource"})
"""Entities in which the platform tells of its own devices and sources."""


@dataclass(frozen=True, slots=True)
class Thing:
    """An entity of an organisation: longitude and latitude where it has one place, and what identifies it elsewhere."""

    organisation: str
    type: str
    id: str
    place: tuple[float, float] | None = None
    marks: frozenset[tuple[str, str]] = frozenset()


def thing_of(organisation: str, entity: Mapping[str, Any], key: str = "") -> Thing | None:
    """Of a normalized entity; `key` is what its device is called by its network. None for what is no thing."""
    name = entity.get("type")
    if not isinstance(name, str) or name in MIRRORS:
        return None
    marks = {(attribute, value) for attribute in IDENTIFYING if (value := _text(entity.get(attribute)))}
    if key:
        marks.add(("device", key))
    location = entity.get("location")
    found = list(positions(location.get("value"))) if isinstance(location, dict) else []
    return Thing(organisation, name, str(entity.get("id", "")), found[0] if len(found) == 1 else None, frozenset(marks))


def things_of_devices(devices: Iterable[Mapping[str, Any]], organisations: Mapping[str, str]) -> list[Thing]:
    """`organisations` are those of the tenants."""
    found = []
    for device in devices:
        organisation = organisations.get(device["tenant"])
        thing = thing_of(organisation, device["entity"], str(device["key"])) if organisation else None
        if thing is not None:
            found.append(thing)
    return found


async def things_of_broker(client: NgsiClient, organisation: str, tenant: str) -> AsyncIterator[Thing]:
    """What a tenant has that can be compared: entities with a place, a serial number or a source."""
    own, attributes, offset = client.for_tenant(tenant), ",".join(("location", *IDENTIFYING)), 0
    while offset < MOST:
        try:
            page = await own.query(local="true", attrs=attributes, limit=PAGE, offset=offset)
        except BrokerRefused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                return  # the organisation has no data yet, and so no tenant in the broker
            raise
        for entity in page:
            if thing := thing_of(organisation, entity):
                yield thing
        if len(page) < PAGE:
            return
        offset += PAGE


def _text(attribute: Any) -> str:
    value = attribute.get("value") if isinstance(attribute, Mapping) else None
    return value.strip().casefold()[:500] if isinstance(value, str) else ""
