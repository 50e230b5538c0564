"""Measures over HTTP: `/iot/json` and `/iot/d`, answered after they are committed."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from iot_agents.fiware import ultralight
from iot_agents.fiware.agent import FiwareAgent
from iot_agents.fiware.commands.sending import Commands
from iot_agents.fiware.doors.exchange import Unavailable, answering, body_of
from iot_agents.fiware.errors import BadMeasure, MandatoryParamsNotFound, UnsupportedType
from iot_agents.fiware.payloads import Measure, measures_of, results_of, single_value
from iot_agents.fiware.plan import TIME, Plan
from iot_agents.fiware.topics import RESOURCES, Protocol

JSON_TYPES = ("application/json", "text/plain", "application/octet-stream")
UL_TYPES = ("text/plain",)


class Measures:
    """Their routes over an agent."""

    def __init__(self, agent: FiwareAgent, commands: Commands) -> None:
        self._agent, self._commands = agent, commands

    def routes(self) -> list[Route]:
        json, ultralight = RESOURCES["json"], RESOURCES["ul"]
        return [
            Route(json, answering(self.json), methods=["GET", "POST"]),
            Route(f"{json}/attrs/{{name}}", answering(self.json), methods=["POST"]),
            Route(f"{json}/commands", answering(self.results), methods=["POST"]),
            Route(f"{json}/configuration", answering(self.configuration), methods=["POST"]),
            Route(ultralight, answering(self.ultralight), methods=["GET", "POST"]),
        ]

    async def json(self, request: Request) -> Response:
        """Query `k`, `i`, `t` (time), `d` (payload of a GET)."""
        plan, payload = await self._received(request, "json", JSON_TYPES)
        if payload:
            name = request.path_params.get("name")
            content_type = _content_type(request, "application/json")
            await self._take(request, plan, self._json_measures(payload, name, content_type), payload)
        return JSONResponse(await self._fetched(request, plan))

    @staticmethod
    def _json_measures(payload: bytes, name: str | None, content_type: str) -> list[Measure]:
        if name is None:
            return measures_of("json", payload)
        if content_type == "application/octet-stream":
            return [{name: payload.hex()}]
        if content_type == "text/plain":
            return [{name: payload.decode("utf-8", "replace")}]
        return single_value(name, payload)

    async def ultralight(self, request: Request) -> Response:
        plan, payload = await self._received(request, "ul", UL_TYPES)
        if b"@" in payload.partition(b"|")[0]:
            await self._agent.take_results(plan, results_of("ul", payload))
        elif payload:
            await self._take(request, plan, measures_of("ul", payload, texts=plan.texts), payload)
        fetched = await self._fetched(request, plan)
        return PlainTextResponse("#".join(ultralight.command(plan.device_id, *each) for each in fetched.items()))

    async def results(self, request: Request) -> Response:
        """What became of commands, as JSON."""
        plan, payload = await self._received(request, "json", JSON_TYPES)
        await self._agent.take_results(plan, results_of("json", payload))
        return JSONResponse({})

    async def configuration(self, request: Request) -> Response:
        """A device asks for values of its entity, which its endpoint gets."""
        plan, payload = await self._received(request, "json", JSON_TYPES)
        if self._agent.on_configuration is not None:
            await self._agent.on_configuration(plan, "json", payload)
        return JSONResponse({})

    async def _fetched(self, request: Request, plan: Plan) -> dict[str, Any]:
        """The commands that wait, where the device asks for them by `getCmd=1`."""
        return await self._commands.waiting(plan) if request.query_params.get("getCmd") == "1" else {}

    async def _received(self, request: Request, protocol: Protocol, types: tuple[str, ...]) -> tuple[Plan, bytes]:
        query = request.query_params
        missing = [title for name, title in (("k", "API Key"), ("i", "Device Id")) if not query.get(name)]
        if request.method == "GET" and not query.get("d") and query.get("getCmd") != "1":
            missing.append("Payload")
        if missing:
            raise MandatoryParamsNotFound("[" + ",".join(f'"{title}"' for title in missing) + "]")
        if request.method == "POST" and _content_type(request, types[0]) not in types:
            raise UnsupportedType(", ".join(types))
        payload = query.get("d", "").encode() if request.method == "GET" else await body_of(request)
        return await self._agent.plan(protocol, query["k"], query["i"]), payload

    async def _take(self, request: Request, plan: Plan, measures: list[Measure], payload: bytes) -> None:
        """400 where nothing good is in it; a bad attribute beside good ones is among the rejects alone.

        503 at once where there is no room.
        """
        if self._agent.commits.is_full:
            raise Unavailable
        time = request.query_params.get("t")
        timed = [measure | {TIME: time} for measure in measures] if time else measures
        committed, wrong = await self._agent.take_measures(plan, timed, payload)
        if wrong and not committed:
            raise BadMeasure("; ".join(refused.reason for refused in wrong))


def _content_type(request: Request, default: str) -> str:
    return request.headers.get("content-type", default).partition(";")[0].strip().lower()
