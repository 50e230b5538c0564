"""The lines of the inventory: data of an organisation that come in by one interface, or go out by a product."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from datenbroker.products.grant import Grant, GrantState
from datenbroker.products.product import Product, State, Visibility

Kind = Literal["devices", "fiware", "source", "product"]
EVERYBODY = "*"

NETWORKS = {"chirpstack": "LoRaWAN, ChirpStack", "the_things_stack": "LoRaWAN, The Things Stack"}


class Line(BaseModel):
    """`users` are the organisations that get the data beside their owner; `*` is everybody."""

    organisation: str
    kind: Kind
    name: str = Field(description="Device profile, source, resource of the group, or product.")
    types: list[str]
    interface: str
    count: int | None = Field(None, description="Devices.")
    users: list[str] = Field(default_factory=list)
    purposes: list[str] = Field(default_factory=list, description="For what they were granted.")
    visibility: str | None = None
    state: str | None = None


def device_lines(devices: Iterable[Mapping[str, Any]], organisations: Mapping[str, str]) -> list[Line]:
    """One for each organisation, profile and network; `organisations` are those of the tenants."""
    counts: Counter[tuple[str, str, str]] = Counter()
    types: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for device in devices:
        tenant = device["tenant"]
        key = organisations.get(tenant, tenant), device["profile"], device["network"]
        counts[key] += 1
        types[key].add(str(device["entity"]["type"]))
    return [
        Line(
            organisation=organisation,
            kind="devices",
            name=profile,
            types=sorted(types[organisation, profile, network]),
            interface=NETWORKS.get(network, network),
            count=count,
        )
        for (organisation, profile, network), count in sorted(counts.items())
    ]


def group_lines(
    groups: Iterable[Mapping[str, Any]], devices: Iterable[Mapping[str, Any]], organisations: Mapping[str, str]
) -> list[Line]:
    """The groups of FIWARE's IoT agents, with how many devices are provisioned in their service and type."""
    provisioned = Counter((device["service"], device.get("entity_type")) for device in devices)
    return [
        Line(
            organisation=organisations.get(group["service"], group["service"]),
            kind="fiware",
            name=f"{group['resource'] or '/'} {group['service_path']}",
            types=[str(group["entity_type"])] if group.get("entity_type") else [],
            interface=f"FIWARE IoT Agent {group['resource'] or ''}".strip(),
            count=provisioned[group["service"], group.get("entity_type")],
        )
        for group in groups
    ]


def product_line(product: Product, grants: Iterable[Grant]) -> Line:
    held = [grant for grant in grants if grant.product == product.slug and grant.state is GrantState.GRANTED]
    is_open = product.visibility is Visibility.OPEN and product.state is State.AVAILABLE
    return Line(
        organisation=product.organisation,
        kind="product",
        name=product.slug,
        types=list(product.selection.types),
        interface=f"/products/{product.slug}/ngsi-ld/v1",
        users=[EVERYBODY] if is_open else sorted({grant.organisation for grant in held}),
        purposes=sorted({grant.purpose for grant in held}),
        visibility=product.visibility.value,
        state=product.state.value,
    )


def with_users(lines: list[Line]) -> list[Line]:
    """What comes in is for those who use the organisation's products of the same types."""
    users: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in lines:
        if line.kind == "product" and line.state == State.AVAILABLE.value:
            for name in line.types:
                users[line.organisation, name].update(line.users)
    return [
        line
        if line.kind == "product"
        else line.model_copy(
            update={"users": sorted(set[str]().union(*(users[line.organisation, name] for name in line.types)))}
        )
        for line in lines
    ]
