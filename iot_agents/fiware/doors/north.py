"""The provisioning API: `/iot/groups` (and `/iot/services`), `/iot/devices`, `/iot/op/delete`, `/iot/about`."""

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from iot_agents.fiware.doors.exchange import Handler, answering, json_of, scope_of
from iot_agents.fiware.errors import GroupNotFound, IotError, MissingHeaders, WrongSyntax
from iot_agents.fiware.provisioning import change_of, devices_of, groups_of, shown_device, shown_group
from iot_agents.fiware.registry import Registry

DISTRIBUTION = "herne-datenbroker"
COMPATIBLE_WITH = "4.14.0"
"""The iotagent-node-lib whose API this is."""


class Provisioning:
    """Its routes over a registry; `changed` is awaited before a change of devices is answered."""

    def __init__(self, registry: Registry, changed: Callable[[], Awaitable[None]]) -> None:
        self._registry, self._changed = registry, changed

    def routes(self) -> list[Route]:
        handlers = (
            ("/iot/services", {"GET": self.list_groups, "POST": self.create_groups}),
            ("/iot/groups", {"GET": self.list_groups, "POST": self.create_groups}),
            ("/iot/services", {"PUT": self.change_group, "DELETE": self.delete_group}),
            ("/iot/groups", {"PUT": self.change_group, "DELETE": self.delete_group}),
            ("/iot/devices", {"GET": self.list_devices, "POST": self.create_devices}),
            ("/iot/devices/{device_id}", {"GET": self.get_device, "PUT": self.change_device}),
            ("/iot/devices/{device_id}", {"DELETE": self.delete_device}),
            ("/iot/op/delete", {"POST": self.delete_devices}),
            ("/iot/about", {"GET": self.about}),
            ("/version", {"GET": self.about}),
        )
        return [
            Route(path, answering(self._up_to_date(handler)), methods=[method])
            for path, methods in handlers
            for method, handler in methods.items()
        ]

    def _up_to_date(self, handler: Handler) -> Handler:
        """With what was provisioned at other processes."""

        async def handle(request: Request) -> Response:
            await self._registry.refresh()
            return await handler(request)

        return handle

    async def list_groups(self, request: Request) -> Response:
        """All of the service for the path `/*`, else those of the path; 404 where it has none."""
        service, path = scope_of(request)
        everywhere = path == "/*"
        groups = self._registry.groups(service, None if everywhere else path)
        if not groups and not everywhere:
            raise GroupNotFound(f"service [{service}] and subservice [{path}]")
        page = _page(request, groups) if everywhere else groups
        return JSONResponse({"count": len(groups), _member(request): [shown_group(group) for group in page]})

    async def create_groups(self, request: Request) -> Response:
        scope = scope_of(request)
        await self._registry.create_groups(groups_of(await json_of(request), _member(request), scope))
        await self._changed()
        return JSONResponse({}, 201)

    async def change_group(self, request: Request) -> Response:
        scope, key = scope_of(request), _key(request)
        await self._registry.change_group(scope, key, change_of(await json_of(request)))
        await self._changed()
        return Response(status_code=204)

    async def delete_group(self, request: Request) -> Response:
        """With `device=true` also the devices of its path."""
        scope, key = scope_of(request), _key(request)
        await self._registry.delete_group(scope, key)
        if request.query_params.get("device") == "true":
            for device in self._registry.devices(*scope):
                await self._registry.delete_device(device)
        return Response(status_code=204)

    async def list_devices(self, request: Request) -> Response:
        devices = self._registry.devices(*scope_of(request))
        page = [shown_device(device) for device in _page(request, devices)]
        return JSONResponse({"count": len(devices), "devices": page})

    async def create_devices(self, request: Request) -> Response:
        scope = scope_of(request)
        await self._registry.create_devices(devices_of(await json_of(request), scope, self._registry))
        await self._changed()
        return JSONResponse({}, 201)

    async def get_device(self, request: Request) -> Response:
        return JSONResponse(shown_device(self._device(request)))

    async def change_device(self, request: Request) -> Response:
        change = change_of(await json_of(request))
        await self._registry.change_device(self._device(request), change)
        await self._changed()
        return Response(status_code=204)

    async def delete_device(self, request: Request) -> Response:
        await self._registry.delete_device(self._device(request))
        return Response(status_code=204)

    async def delete_devices(self, request: Request) -> Response:
        """Each of the list; the first that is not there is told when all others are gone."""
        scope, body = scope_of(request), await json_of(request)
        listed = body.get("devices") if isinstance(body, dict) else None
        if not isinstance(listed, list) or not all(isinstance(each, dict) and "deviceId" in each for each in listed):
            raise WrongSyntax('Errors found validating request: {"devices": [{"deviceId", "apikey"}]} is expected')
        missing: IotError | None = None
        for each in listed:
            try:
                await self._registry.delete_device(self._registry.device(scope, each["deviceId"], each.get("apikey")))
            except IotError as error:
                missing = missing or error
        if missing:
            raise missing
        return Response(status_code=204)

    async def about(self, request: Request) -> Response:
        about = {"libVersion": COMPATIBLE_WITH, "port": request.url.port, "baseRoot": "/"}
        return JSONResponse(about | {"version": version(DISTRIBUTION)})

    def _device(self, request: Request) -> Any:
        device_id: str = request.path_params["device_id"]
        return self._registry.device(scope_of(request), device_id, request.query_params.get("apikey"))


def _member(request: Request) -> str:
    return "groups" if request.url.path.endswith("/groups") else "services"


def _key(request: Request) -> tuple[str, str]:
    missing = [name for name in ("resource", "apikey") if name not in request.query_params]
    if missing:
        raise MissingHeaders("[" + ",".join(f'"{name}"' for name in missing) + "]")
    return request.query_params["resource"], request.query_params["apikey"]


def _page(request: Request, items: list[Any]) -> list[Any]:
    """By `limit` and `offset`; all where there is no limit."""
    numbers = {}
    for name in ("limit", "offset"):
        given = request.query_params.get(name, "0")
        if not given.isascii() or not given.isdecimal():
            raise WrongSyntax(f"{name} cannot be {given!r:.40}: give a number")
        numbers[name] = int(given)
    end = numbers["offset"] + numbers["limit"] if numbers["limit"] else None
    return items[numbers["offset"] : end]
