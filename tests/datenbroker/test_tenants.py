"""Tenants and the context cache, administered through the gateway and by the command line."""

from pathlib import Path

import pytest

from context_broker.app import ContextBroker
from datenbroker.identities.roles import Role
from tests.datenbroker.city_gateway import city_gateway
from tests.datenbroker.program import program, run

pytestmark = pytest.mark.anyio


async def test_an_administrator_lists_creates_and_removes_tenants_without_a_restart(tmp_path: Path) -> None:
    broker = ContextBroker(tmp_path / "broker")
    await broker.start()
    async with city_gateway(broker, tmp_path) as city:
        administrator = await city.key(Role.PLATFORM_ADMIN)
        assert (await city.http.put("/admin/tenants/waerme", headers=administrator)).status_code == 201
        names = [one["name"] for one in (await city.http.get("/admin/tenants", headers=administrator)).json()]
        assert names == ["", "waerme"]
        assert (await city.http.delete("/admin/tenants/waerme", headers=administrator)).status_code == 204
        assert (await city.http.delete("/admin/tenants/waerme", headers=administrator)).status_code == 404
        assert (await city.http.delete("/admin/contexts", headers=administrator)).json() == {"removed": 0}
    await broker.stop()


async def test_others_may_not_touch_tenants(tmp_path: Path) -> None:
    broker = ContextBroker(tmp_path / "broker")
    await broker.start()
    async with city_gateway(broker, tmp_path) as city:
        provider = await city.key(Role.DATA_PROVIDER)
        assert (await city.http.get("/admin/tenants", headers=provider)).status_code == 403
        assert (await city.http.delete("/admin/tenants/entsorgung", headers=provider)).status_code == 403
        assert (await city.http.get("/admin/tenants")).status_code == 401
    await broker.stop()


def test_the_command_line_administers_the_tenants_of_a_running_broker(tmp_path: Path) -> None:
    with program(tmp_path, "broker", "--port", "0", "--data", str(tmp_path / "data")) as running:
        at = ("--url", running.ready["broker"])
        assert run(tmp_path, "tenant", "create", "waerme", *at).stdout == "waerme is made.\n"
        assert run(tmp_path, "tenant", "list", *at).stdout.splitlines() == ["(default)\t0\t0", "waerme\t0\t0"]
        assert run(tmp_path, "tenant", "remove", "waerme", "--yes", *at).stdout == "waerme is gone.\n"
        assert "0 contexts forgotten" in run(tmp_path, "tenant", "clear-contexts", *at).stdout
        missing = run(tmp_path, "tenant", "remove", "waerme", "--yes", *at)
        assert missing.returncode == 1
        assert "Tenant waerme does not exist" in missing.stderr
        running.stop()
