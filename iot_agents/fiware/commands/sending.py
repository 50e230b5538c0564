"""The way of commands to FIWARE's devices: pushed over MQTT or HTTP, or kept until the device asks."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx
import orjson

from iot_agents.downlinks.command import Command, Handed
from iot_agents.downlinks.dispatcher import Dispatcher
from iot_agents.fiware import ultralight
from iot_agents.fiware.agent import FiwareAgent
from iot_agents.fiware.commands.takers import LIFETIME, PREFIX, CommandTakers
from iot_agents.fiware.errors import CommandNotFound, DeviceNotFound, IotError
from iot_agents.fiware.payloads import results_of
from iot_agents.fiware.plan import Plan
from iot_agents.refused import Refused

Publish = Callable[[str, bytes], Awaitable[None]]
"""Topic and payload, with QoS 1; `ConnectionError` where no MQTT broker is there."""

TIMEOUT = 10.0


class Commands(CommandTakers):
    """A `Carrier` of the dispatcher. `publish` is given by whoever has a connection to an MQTT broker."""

    def __init__(
        self, agent: FiwareAgent, dispatcher: Dispatcher, http: httpx.AsyncClient, lifetime: timedelta = LIFETIME
    ) -> None:
        super().__init__(agent.registry, lifetime)
        self.publish: Publish | None = None
        self.on_provisioned: Callable[[], Awaitable[None]] | None = None
        self._agent, self._dispatcher, self._http = agent, dispatcher, http
        agent.on_result = self._take_result
        dispatcher.carriers.append(self)

    async def execute(self, tenant: str, entity: str, values: Mapping[str, Any], cause: str = "") -> None:
        """Take commands (name → value) for the devices of an entity: durable when this returns.

        `DeviceNotFound` or `CommandNotFound` where there is no such device or command.
        """
        addressees = self.at(tenant, entity)
        if not addressees:
            raise DeviceNotFound(entity)
        for name in values:
            if not any(name in one.commands for one in addressees):
                raise CommandNotFound(name, addressees[0].device.rpartition(" ")[2])
        for name, value in values.items():
            for one in addressees:
                if name in one.commands:
                    await self._dispatcher.accept(self, one, name, value, cause)

    async def provisioned(self) -> None:
        """Devices are new or gone: returns when their commands can be written at the context broker."""
        if self.on_provisioned is not None:
            await self.on_provisioned()

    def names(self, tenant: str, entity: str) -> set[str]:
        """The commands of an entity's devices."""
        addressees = self.at(tenant, entity)
        if not addressees:
            raise DeviceNotFound(entity)
        return {name for one in addressees for name in one.commands}

    async def waiting(self, plan: Plan) -> dict[str, Any]:
        """What a device has not fetched yet, name → value: from now on it is DELIVERED. The last value stands."""
        if not _is_polled(plan):
            return {}
        return {one.name: one.value for one in await self._dispatcher.fetch(PREFIX + plan.device["_id"])}

    async def send(self, command: Command) -> Handed:
        """A device that is pushed to and fails makes an error of the command, as with FIWARE's agents."""
        plan = self._plan(command.device)
        if plan is None:
            raise Refused("unknown_device", f"{command.device} is provisioned no more, or takes no commands")
        if _is_polled(plan):
            return Handed(fetched=True)
        if plan.transport == "HTTP":
            return await self._post(plan, command)
        if self.publish is None:
            raise ConnectionError("no MQTT broker is connected")
        await self.publish(f"/{plan.apikey}/{plan.device_id}/cmd", payload_of(plan, command.name, command.value))
        return Handed()

    async def _post(self, plan: Plan, command: Command) -> Handed:
        """The answer of a device that is pushed to holds the result."""
        kind = "text/plain" if plan.protocol == "ul" else "application/json"
        headers = {"fiware-service": plan.tenant, "fiware-servicepath": plan.device["service_path"]}
        try:
            response = await self._http.post(
                plan.endpoint,
                content=payload_of(plan, command.name, command.value),
                headers=headers | {"content-type": kind},
                timeout=TIMEOUT,
            )
            if response.status_code not in (200, 201):
                answered = f"the device answered {response.status_code}: {response.text[:200]}"
                raise Refused("device_failed", answered)
            results = results_of(plan.protocol or "json", response.content) if response.content.strip() else {}
        except (httpx.HTTPError, httpx.InvalidURL, IotError) as error:
            raise Refused("device_failed", str(error) or type(error).__name__) from None
        mine = results.pop(command.name, None)
        if results:
            await self._agent.take_results(plan, results)
        return Handed(result=("OK", mine)) if mine is not None else Handed()

    async def _take_result(self, plan: Plan, name: str, result: Any) -> bool:
        return await self._dispatcher.take_result(PREFIX + plan.device["_id"], name, "OK", result)


def _is_polled(plan: Plan) -> bool:
    return plan.transport == "HTTP" and not plan.endpoint


def payload_of(plan: Plan, name: str, value: Any) -> bytes:
    """`{"ping": value}`, or `device@ping|value` in Ultralight."""
    if plan.protocol == "ul":
        return ultralight.command(plan.device_id, name, value).encode()
    return orjson.dumps({name: value})
