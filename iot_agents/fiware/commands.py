"""Commands on their way to devices: pushed over MQTT or HTTP, or kept until the device asks."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson

from document_store.store import DocumentStore
from iot_agents.fiware import ultralight
from iot_agents.fiware.agent import FiwareAgent
from iot_agents.fiware.errors import CommandNotFound, DeviceNotFound, IotError
from iot_agents.fiware.ngsi import entity_id
from iot_agents.fiware.payloads import results_of
from iot_agents.fiware.plan import Plan
from iot_agents.refused import Refused

logger = logging.getLogger(__name__)

Publish = Callable[[str, bytes], Awaitable[None]]
"""Topic and payload, with QoS 1; `ConnectionError` where no MQTT broker is there."""

WAITING = "fiware_commands"
TIMEOUT = 10.0
LONGEST_INFO = 500


class Commands:
    """`publish` is given by whoever has a connection to an MQTT broker; until then commands over MQTT are errors."""

    def __init__(self, agent: FiwareAgent, store: DocumentStore, http: httpx.AsyncClient) -> None:
        self.publish: Publish | None = None
        self._agent, self._store, self._http = agent, store, http

    async def execute(self, tenant: str, entity: str, values: Mapping[str, Any]) -> None:
        """Hand commands (name → value) to the device of an entity: `<name>_status` is PENDING, or ERROR with its info.

        `DeviceNotFound` or `CommandNotFound` where there is no such device or command.
        """
        plan = self._plan_of(tenant, entity)
        for name in values:
            if name not in plan.commands:
                raise CommandNotFound(name, plan.device_id)
        for name, value in values.items():
            await self._execute(plan, name, value)

    def names(self, tenant: str, entity: str) -> set[str]:
        """The commands of an entity's device."""
        return set(self._plan_of(tenant, entity).commands)

    async def waiting(self, plan: Plan) -> dict[str, Any]:
        """What a device has not fetched yet, name → value: from now on it is DELIVERED."""
        documents = await self._store.find(WAITING, {"device": plan.device["_id"]})
        found = {document["name"]: document["value"] for document in documents}
        if found:
            await self._agent.tell(plan, {name: ("DELIVERED", None) for name in found})
        for document in documents:
            await self._store.delete(WAITING, document["_id"])
        return found

    def _plan_of(self, tenant: str, entity: str) -> Plan:
        registry = self._agent.registry
        for device in registry.devices(tenant, "/*"):
            if entity_id(device["entity_name"], device["entity_type"]) == entity:
                return Plan(device, registry.group_of_device(device))
        raise DeviceNotFound(entity)

    async def _execute(self, plan: Plan, name: str, value: Any) -> None:
        if plan.transport == "HTTP" and not plan.endpoint:
            await self._keep(plan, name, value)
            await self._agent.tell(plan, {name: ("PENDING", None)})
            return
        # before the device hears of it, since its answer may be quick
        await self._agent.tell(plan, {name: ("PENDING", None)})
        try:
            await (self._post if plan.transport == "HTTP" else self._send)(plan, name, value)
        except (httpx.HTTPError, httpx.InvalidURL, ConnectionError, IotError, Refused) as error:
            logger.warning("The command %s did not reach %s: %s", name, plan.device_id, error)
            await self._agent.tell(plan, {name: ("ERROR", str(error)[:LONGEST_INFO] or type(error).__name__)})

    async def _keep(self, plan: Plan, name: str, value: Any) -> None:
        document = {"_id": f"{plan.device['_id']} {name}", "device": plan.device["_id"], "name": name, "value": value}
        await self._store.put(WAITING, document | {"at": datetime.now(UTC).isoformat()})

    async def _send(self, plan: Plan, name: str, value: Any) -> None:
        if self.publish is None:
            raise ConnectionError("no MQTT broker is connected")
        await self.publish(f"/{plan.apikey}/{plan.device_id}/cmd", payload_of(plan, name, value))

    async def _post(self, plan: Plan, name: str, value: Any) -> None:
        """The answer of a device that is pushed to holds the result."""
        kind = "text/plain" if plan.protocol == "ul" else "application/json"
        headers = {"fiware-service": plan.tenant, "fiware-servicepath": plan.device["service_path"]}
        response = await self._http.post(
            plan.endpoint,
            content=payload_of(plan, name, value),
            headers=headers | {"content-type": kind},
            timeout=TIMEOUT,
        )
        if response.status_code not in (200, 201):
            raise ConnectionError(f"the device answered {response.status_code}: {response.text[:200]}")
        if response.content.strip():
            await self._agent.take_results(plan, results_of(plan.protocol or "json", response.content))


def payload_of(plan: Plan, name: str, value: Any) -> bytes:
    """`{"ping": value}`, or `device@ping|value` in Ultralight."""
    if plan.protocol == "ul":
        return ultralight.command(plan.device_id, name, value).encode()
    return orjson.dumps({name: value})
