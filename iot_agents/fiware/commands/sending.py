"""The way of commands to FIWARE's devices: pushed over MQTT or HTTP, or kept until the device asks."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx
import orjson

from iot_agents.downlinks.command import Addressee, Command, Handed
from iot_agents.downlinks.dispatcher import Dispatcher
from iot_agents.fiware import ultralight
from iot_agents.fiware.agent import FiwareAgent
from iot_agents.fiware.errors import CommandNotFound, DeviceNotFound, IotError
from iot_agents.fiware.ngsi import entity_id
from iot_agents.fiware.payloads import results_of
from iot_agents.fiware.plan import Plan, merged
from iot_agents.refused import Refused

Publish = Callable[[str, bytes], Awaitable[None]]
"""Topic and payload, with QoS 1; `ConnectionError` where no MQTT broker is there."""

PREFIX = "iota:"
"""How the ids of FIWARE's devices begin among those who take commands."""

TIMEOUT = 10.0
LIFETIME = timedelta(days=1)


class Commands:
    """A `Carrier` of the dispatcher. `publish` is given by whoever has a connection to an MQTT broker."""

    def __init__(
        self, agent: FiwareAgent, dispatcher: Dispatcher, http: httpx.AsyncClient, lifetime: timedelta = LIFETIME
    ) -> None:
        self.publish: Publish | None = None
        self.on_provisioned: Callable[[], Awaitable[None]] | None = None
        self._agent, self._dispatcher, self._http, self._lifetime = agent, dispatcher, http, lifetime
        self._known: dict[str, tuple[Addressee, dict[str, Any]]] = {}
        self._at: dict[tuple[str, str], list[Addressee]] = {}
        self._seen = -1
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

    def addressees(self) -> Iterable[Addressee]:
        self._look()
        return [addressee for addressee, _ in self._known.values()]

    def at(self, tenant: str, entity: str) -> Sequence[Addressee]:
        self._look()
        return self._at.get((tenant, entity), [])

    def of(self, device: str) -> Addressee | None:
        self._look()
        known = self._known.get(device)
        return known[0] if known else None

    def check(self, addressee: Addressee, name: str, value: Any) -> timedelta:
        if name not in addressee.commands:
            raise Refused("unknown_command", str(CommandNotFound(name, addressee.device)))
        return self._lifetime

    async def send(self, command: Command) -> Handed:
        """A device that is pushed to and fails makes an error of the command, as with FIWARE's agents."""
        self._look()
        _, device = self._known[command.device]
        plan = Plan(device, self._agent.registry.group_of_device(device))
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

    def _look(self) -> None:
        """The devices as they are provisioned now."""
        registry = self._agent.registry
        if self._seen == registry.changes:
            return
        self._seen, self._known = registry.changes, {}
        at: defaultdict[tuple[str, str], list[Addressee]] = defaultdict(list)
        for device in registry.all_devices():
            names = [str(each["name"]) for each in merged("commands", device, registry.group_of_device(device) or {})]
            if names:
                addressee = _addressee(device, names)
                self._known[addressee.device] = addressee, device
                at[addressee.tenant, addressee.entity].append(addressee)
        self._at = dict(at)


def _addressee(device: dict[str, Any], names: Iterable[str]) -> Addressee:
    entity = entity_id(device["entity_name"], device["entity_type"])
    return Addressee(device["service"], PREFIX + device["_id"], entity, device["entity_type"], frozenset(names))


def _is_polled(plan: Plan) -> bool:
    return plan.transport == "HTTP" and not plan.endpoint


def payload_of(plan: Plan, name: str, value: Any) -> bytes:
    """`{"ping": value}`, or `device@ping|value` in Ultralight."""
    if plan.protocol == "ul":
        return ultralight.command(plan.device_id, name, value).encode()
    return orjson.dumps({name: value})
