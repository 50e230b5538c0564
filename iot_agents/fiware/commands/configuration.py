"""Devices ask for values of their entity: on `configuration/commands`, and hear them on `configuration/values`."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
import orjson

from iot_agents.downlinks.notification import value_of
from iot_agents.fiware import ultralight
from iot_agents.fiware.commands.sending import TIMEOUT, Commands
from iot_agents.fiware.ngsi import entity_id
from iot_agents.fiware.plan import Plan
from iot_agents.fiware.topics import Protocol
from iot_agents.refused import Refused
from ngsi_client.client import NgsiClient

MOST_FIELDS = 100
KIND = "configuration"


class Asked(NamedTuple):
    """`fields` are attributes of the entity."""

    kind: str
    fields: list[str]


def asked_in(protocol: Protocol, payload: bytes) -> Asked:
    """`{"type": "configuration", "fields": […]}`, or `device@configuration|field|…` in Ultralight; `Refused`."""
    try:
        asked = _ultralight(payload.decode()) if protocol == "ul" else _json(orjson.loads(payload))
    except (UnicodeDecodeError, orjson.JSONDecodeError) as error:
        raise Refused("malformed", f"The request for a configuration cannot be read: {error}") from None
    if asked.kind != KIND:
        what = f"{asked.kind!r:.40} is not offered: ask again with type {KIND!r} when the values are needed"
        raise Refused("not_supported", what)
    if not 0 < len(asked.fields) <= MOST_FIELDS:
        raise Refused("wrong_type", f"{len(asked.fields)} fields are asked for: name 1 to {MOST_FIELDS}")
    return asked


def _json(document: Any) -> Asked:
    fields = document.get("fields") if isinstance(document, dict) else None
    if not isinstance(fields, list) or not all(isinstance(field, str) for field in fields):
        raise Refused("wrong_type", 'A request for a configuration is {"type": "configuration", "fields": [names]}')
    return Asked(str(document.get("type")), fields)


def _ultralight(text: str) -> Asked:
    kind, *fields = text.strip().rpartition("@")[2].split("|")
    return Asked(kind, fields)


class Configurations:
    """Answers by the way of the commands: over MQTT, or as a POST to `<endpoint>/configuration`."""

    def __init__(self, client: NgsiClient, commands: Commands, http: httpx.AsyncClient) -> None:
        self._client, self._commands, self._http = client, commands, http

    async def answer(self, plan: Plan, protocol: Protocol, payload: bytes) -> None:
        """The values as the broker has them, without those that it has not, and `dt`, the time of the answer (UTC)."""
        fields = asked_in(protocol, payload).fields
        client = self._client.for_tenant(plan.tenant)
        shown = await client.retrieve(entity_id(plan.entity_name, plan.entity_type)) or {}
        values = {name: value_of(shown[name]) for name in fields if name in shown}
        values["dt"] = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        if plan.transport == "HTTP":
            await self._post(plan, values)
            return
        text = ultralight.command(plan.device_id, KIND, values).encode() if protocol == "ul" else orjson.dumps(values)
        if self._commands.publish is None:
            raise Refused("not_connected", "No MQTT broker is connected: ask again later")
        await self._commands.publish(f"/{plan.apikey}/{plan.device_id}/configuration/values", text)

    async def _post(self, plan: Plan, values: dict[str, Any]) -> None:
        if not plan.endpoint:
            raise Refused("no_endpoint", f"{plan.device_id} has no endpoint that its configuration could be sent to")
        headers = {"fiware-service": plan.tenant, "fiware-servicepath": plan.device["service_path"]}
        try:
            await self._http.post(f"{plan.endpoint}/{KIND}", json=values, headers=headers, timeout=TIMEOUT)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Refused("device_failed", str(error) or type(error).__name__) from None
