"""The API of device lists: import with trial and report, export, undo."""

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response

from datenbroker.gateway.management import models
from datenbroker.gateway.management.devices import DeviceParts, Reached
from datenbroker.gateway.management.door import Reach
from datenbroker.gateway.problems import BadRequest, NotFound
from iot_agents.devices.imports import Rules
from iot_agents.devices.listing import UnreadableList, csv_of, lines_of

LIST = {"content": {"text/csv": {"schema": {"type": "string"}}}, "required": True}


def router(parts: DeviceParts) -> APIRouter:
    """The routes under /devices/imports, and the export. To be included before those of /devices/{id}."""
    api = APIRouter(prefix="/devices", tags=["Devices"])
    _import_routes(api, parts)

    @api.get("/export", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
    async def export_devices(reach: Reached) -> Response:
        """All devices as a CSV list that can be imported again."""
        await parts.registry.refresh()
        text = csv_of(device for device in parts.registry.all() if reach.includes(device.tenant))
        headers = {"Content-Disposition": 'attachment; filename="devices.csv"'}
        return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)

    return api


def _import_routes(api: APIRouter, parts: DeviceParts) -> None:
    @api.post("/imports", openapi_extra={"requestBody": LIST})
    async def import_list(
        request: Request,
        reach: Reached,
        file: Annotated[str, Query(description="The file's name; its ending tells what it is.")] = "devices.csv",
        dry_run: Annotated[bool, Query(description="Only say what would be done.")] = False,
        profile: Annotated[str, Query(description="The profile, where the list does not say.")] = "",
    ) -> models.ImportDone:
        """Register the devices of a list (the body: .csv, .xlsx or .yaml), and report the lines that are none."""
        try:
            lines = await asyncio.to_thread(lines_of, await request.body(), file[:200])
        except UnreadableList as unreadable:
            raise BadRequest(f"{unreadable}.") from None
        await parts.registry.refresh()
        rules = await _rules(parts, reach, profile)
        work = parts.imports.tried(lines, rules) if dry_run else parts.imports.run(lines, rules, file[:200])
        return models.ImportDone.model_validate(msgspec.to_builtins(await work))

    @api.get("/imports")
    async def list_imports(reach: Reached) -> list[models.ImportShown]:
        """The imports that can be undone, the newest first."""
        return [_shown(one) for one in await parts.imports.all() if _reached(one, reach)]

    @api.delete("/imports/{import_id}")
    async def undo_import(import_id: str, reach: Reached) -> models.UndoneShown:
        """Take an import back: its new devices go, those it replaced are as before; what was changed since stays."""
        found = await parts.imports.get(import_id)
        if found is None or not _reached(found, reach):
            raise NotFound(f"There is no import {import_id}: see /devices/imports.")
        await parts.registry.refresh()
        return models.UndoneShown.model_validate(msgspec.to_builtins(await parts.imports.undo(import_id)))


async def _rules(parts: DeviceParts, reach: Reach, profile: str) -> Rules:
    organisations = await parts.organisations.all()
    tenants = {one.id: one.tenant for one in organisations if reach.includes(one.tenant)}
    given = {"tenant": reach.tenant or "", "profile": profile}
    return Rules(tenants, parts.profiles, {name: value for name, value in given.items() if value}, parts.networks)


def _reached(found: dict[str, Any], reach: Reach) -> bool:
    return all(reach.includes(tenant) for tenant in found["tenants"])


def _shown(found: dict[str, Any]) -> models.ImportShown:
    return models.ImportShown.model_validate(found | {"id": found["_id"]})
