"""The audit log over REST and on the command line."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from datenbroker.identities.roles import Role
from tests.datenbroker.city_gateway import CityGateway, city_gateway
from tests.datenbroker.program import run
from tests.datenbroker.recorder import Recorder

pytestmark = pytest.mark.anyio

HCR = {"id": "hcr", "tenant": "hcr", "name": "HCR"}


async def test_an_auditor_reads_who_did_what_and_what_was_denied(city: CityGateway) -> None:
    admin, auditor = await city.key(Role.PLATFORM_ADMIN), await city.key(Role.AUDITOR, None)
    consumer = await city.key(Role.DATA_CONSUMER)
    await city.http.post("/admin/organisations", json=HCR, headers=admin)
    for _ in range(3):
        await city.http.get("/admin/organisations?secret=1", headers=consumer)
    await city.http.get("/ngsi-ld/v1/entities", headers={"X-API-Key": "hdb_guess_guess"})
    records = (await city.http.get("/admin/audit", headers=auditor)).json()
    seen = {(r["actor"], r["action"], r["object"], r["decision"]) for r in records}
    assert (admin["Authorization"].split("_")[1], "organisation.create", "organisation:hcr", "allowed") in seen
    denied = consumer["Authorization"].split("_")[1]
    assert (denied, "request.denied", "GET /admin/organisations", "denied") in seen
    assert ("anonymous", "request.denied", "GET /ngsi-ld", "denied") in seen
    [flood] = (await city.http.get(f"/admin/audit?actor={denied}", headers=auditor)).json()
    assert flood["detail"]["times"] == 3
    assert (await city.http.get("/admin/audit/verify", headers=auditor)).json()["faults"] == []


async def test_reads_are_told_where_that_is_set(broker: Recorder, tmp_path: Path) -> None:
    query = "/ngsi-ld/v1/entityOperations/query"
    async with city_gateway(broker, tmp_path, lambda usual, _: replace(usual, audit_reads=True)) as city:
        headers, auditor = await city.key(Role.DATA_PROVIDER), await city.key(Role.AUDITOR, None)
        for _ in range(2):
            await city.http.get("/ngsi-ld/v1/entities?q=name==%22Erika%22", headers=headers)
        await city.http.post(query, json={}, headers=headers)
        await city.http.post("/ngsi-ld/v1/entityOperations/upsert", json=[], headers=headers)
        await city.http.get("/health/live")
        found = (await city.http.get("/admin/audit?action=data.read", headers=auditor)).json()
    reader = headers["Authorization"].split("_")[1]
    told = [(one["actor"], one["object"], one["decision"], one["detail"]) for one in found]
    assert (reader, "GET /ngsi-ld/v1/entities", "allowed", {"times": 2}) in told
    assert (reader, f"POST {query}", "allowed", {}) in told
    assert len(told) == 2


async def test_reads_are_not_told_otherwise(city: CityGateway) -> None:
    await city.http.get("/ngsi-ld/v1/entities", headers=await city.key(Role.DATA_CONSUMER))
    auditor = await city.key(Role.AUDITOR, None)
    assert (await city.http.get("/admin/audit?action=data.read", headers=auditor)).json() == []


@pytest.mark.parametrize("role", [Role.DATA_STEWARD, Role.DATA_PROVIDER, Role.DATA_CONSUMER, Role.DEVICE_GATEWAY])
async def test_nobody_else_reads_it(city: CityGateway, role: Role) -> None:
    headers = await city.key(role)
    for path in ("", "/verify", "/export"):
        assert (await city.http.get(f"/admin/audit{path}", headers=headers)).status_code == 403
    assert (await city.http.delete("/admin/audit", headers=await city.key(Role.PLATFORM_ADMIN))).status_code == 403


async def test_the_export_is_whole_and_a_record_itself(city: CityGateway) -> None:
    auditor = await city.key(Role.AUDITOR, None)
    lines = (await city.http.get("/admin/audit/export", headers=auditor)).text.splitlines()
    assert json.loads(lines[-1])["action"] == "audit.export"
    text = await city.http.get("/admin/audit/export?format=csv", headers=auditor)
    assert "attachment" in text.headers["content-disposition"]
    rows = [*csv.DictReader(text.text.splitlines())]
    assert [row["action"] for row in rows][-2:] == ["audit.export", "audit.export"]


def test_the_command_line_lists_verifies_and_exports(tmp_path: Path) -> None:
    run(tmp_path, "org", "create", "hcr")
    prefix = run(tmp_path, "key", "create", "hcr", "--scope", "read").stdout.split("_")[1]
    rotated = run(tmp_path, "key", "rotate", prefix, "--hours", "1")
    assert rotated.stdout.startswith("hdb_")
    listed = run(tmp_path, "audit", "list").stdout
    assert f"key.rotate\tkey:{prefix}\tallowed\tcli" in listed
    assert "organisation.create\torganisation:hcr" in listed
    exported = run(tmp_path, "audit", "export", "--format", "csv").stdout
    assert exported.splitlines()[0].startswith("chain,sequence,at,actor")
    verified = run(tmp_path, "audit", "verify")
    assert (verified.returncode, "the log is whole" in verified.stdout) == (0, True)
    file = next(path for path in tmp_path.rglob("documents.db"))
    file.write_bytes(file.read_bytes().replace(b"organisation:hcr", b"organisation:xyz"))
    tampered = run(tmp_path, "audit", "verify")
    assert (tampered.returncode, "was changed" in tampered.stderr) == (1, True)


def test_the_command_line_shows_the_usage(tmp_path: Path) -> None:
    assert run(tmp_path, "usage", "--csv").stdout.startswith("day,organisation,product,requests")
    assert run(tmp_path, "usage", "hcr").returncode == 0
