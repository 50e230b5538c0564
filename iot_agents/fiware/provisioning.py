"""What provisioners send and read: checked, with the defaults of iotagent-node-lib."""

from collections.abc import Mapping
from typing import Any

from document_store.store import Document
from iot_agents.fiware.errors import BadRequest, MissingAttributes, MissingConfigParams, WrongSyntax
from iot_agents.fiware.jexl.expression import BadExpression
from iot_agents.fiware.mapping import context_name
from iot_agents.fiware.ngsi import URN
from iot_agents.fiware.plan import DEFAULT_TYPE, Plan, check, merged
from iot_agents.fiware.registry import Registry

Scope = tuple[str, str]
"""`fiware-service`, lower case, and `fiware-servicepath`."""

LISTS = ("attributes", "lazy", "commands", "static_attributes")

OWN = ("_id", "service", "service_path")

KINDS: Mapping[str, type | tuple[type, ...]] = {
    "device_id": str, "entity_name": str, "entity_type": str, "apikey": str, "resource": str, "timezone": str,
    "timestamp": bool, "autoprovision": bool, "transport": str, "endpoint": str, "protocol": str,
    "explicitAttrs": (bool, str, list), "entityNameExp": str,
}  # fmt: skip


def groups_of(body: Any, member: str, scope: Scope) -> list[Document]:
    """The config groups of a request's body; `WrongSyntax` or `MissingConfigParams` say what is wrong."""
    groups = _listed(body, member)
    for group in groups:
        missing = [name for name in ("apikey", "resource") if not isinstance(group.get(name), str)]
        if missing:
            raise WrongSyntax(f"Errors found validating request: {', '.join(missing)} must be given")
        if not group.get("entity_type"):
            raise MissingConfigParams('["type"]')
    return [_stored(group, scope) for group in groups]


def devices_of(body: Any, scope: Scope, registry: Registry) -> list[Document]:
    """The devices of a request's body, with the names and types that they get from their groups."""
    devices = _listed(body, "devices")
    for device in devices:
        if not device.get("device_id"):
            raise MissingAttributes('["device_id"]')
    return [_named(_stored(device, scope), registry) for device in devices]


def change_of(body: Any) -> dict[str, Any]:
    """What a PUT changes."""
    if not isinstance(body, dict):
        raise WrongSyntax("Errors found validating request: an object is expected")
    if "device_id" in body:
        raise BadRequest("Can't change the ID of a preprovisioned device")
    change = {name: value for name, value in body.items() if name not in OWN}
    _checked(change)
    return change


def shown_group(group: Document) -> dict[str, Any]:
    """As the API shows it: what was given, with lists where there are none, service and subservice."""
    lists: dict[str, Any] = {name: [] for name in (*LISTS, "internal_attributes")}
    given = {name: value for name, value in group.items() if name not in OWN}
    return lists | given | {"service": group["service"], "subservice": group["service_path"]}


def shown_device(device: Document) -> dict[str, Any]:
    lists: dict[str, Any] = {name: [] for name in LISTS}
    return lists | {name: value for name, value in device.items() if name != "_id"}


async def provisioned_by_itself(registry: Registry, group: Document, device_id: str) -> Document:
    """A device that was not known, from its group: it keeps nothing of its own, so that it follows the group."""
    device: Document = {"device_id": device_id, "apikey": group["apikey"], "entity_type": group.get("entity_type")}
    device |= {"service": group["service"], "service_path": group["service_path"]}
    if group.get("transport"):
        device["transport"] = group["transport"]
    named = _named(device, registry)
    await registry.create_devices([named])
    return registry.device((named["service"], named["service_path"]), device_id, named["apikey"])


def _listed(body: Any, member: str) -> list[Document]:
    listed = body.get(member) if isinstance(body, dict) else None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise WrongSyntax(f"Errors found validating request: {member} must be a list of objects")
    if len(body) > 1:
        raise WrongSyntax(f"Errors found validating request: nothing is expected beside {member}")
    for each in listed:
        _checked(each)
    return listed


def _checked(document: Mapping[str, Any]) -> None:
    for name, kind in KINDS.items():
        if document.get(name) is not None and not isinstance(document[name], kind):
            raise WrongSyntax(f"Errors found validating request: {name} cannot be {document[name]!r:.80}")
    for name in LISTS:
        for each in document.get(name) or []:
            known = isinstance(each, dict) and any(isinstance(each.get(key), str) for key in ("name", "object_id"))
            if not known:
                raise WrongSyntax(f"Errors found validating request: each of {name} must be an object with a name")
    try:
        check(document)
    except (BadExpression, AttributeError, TypeError) as error:
        raise WrongSyntax(f"Errors found validating request: {error}") from None


def _stored(document: Document, scope: Scope) -> Document:
    given = {name: value for name, value in document.items() if name not in OWN and value is not None}
    return given | {"service": scope[0], "service_path": scope[1]}


def _named(device: Document, registry: Registry) -> Document:
    """With its entity's type and name, as iotagent-node-lib keeps them from now on."""
    group = registry.group_of_device(device)
    entity_type = device.get("entity_type") or (group or {}).get("entity_type") or DEFAULT_TYPE
    named = device | {"entity_type": entity_type}
    if not named.get("entity_name"):
        plan = Plan(named, group)
        named["entity_name"] = context_name(plan) or f"{URN}{entity_type}:{device['device_id']}"
    named["commands"] = merged("commands", device, group or {})
    return named
