"""Keys that may less than their roles, and keys that follow others."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from datenbroker.audit.trail import Search
from datenbroker.identities.api_key import Limits
from datenbroker.identities.keys import KeyNotFit, KeyRefused
from datenbroker.identities.roles import Right, Role, Scope
from tests.datenbroker.city_gateway import ENERGY, WASTE, CityGateway
from tests.datenbroker.test_keys import Desk

pytestmark = pytest.mark.anyio

ENTITIES = "/ngsi-ld/v1/entities"
UPSERT = "/ngsi-ld/v1/entityOperations/upsert"
SUBSCRIPTIONS = "/ngsi-ld/v1/subscriptions"
WANTED = {"roles": ["data-consumer"], "name": "Dashboard"}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    opened = Desk(tmp_path)
    yield opened
    await opened.store.close()
    await opened.other.close()


async def test_after_rotation_both_keys_open_until_the_overlap_ends(desk: Desk) -> None:
    old = await desk.key(Role.DATA_PROVIDER, timedelta(days=30))
    desk.now += 10 * 86_400
    made = await desk.keys.rotate(old.split("_")[1], timedelta(hours=2))
    assert made is not None
    new, details = made
    assert (await desk.keys.caller(new)).roles == (await desk.keys.caller(old)).roles
    assert details.replaces == old.split("_")[1]
    assert details.expires is not None and details.expires.timestamp() == desk.now + 30 * 86_400
    desk.now += 2 * 3600
    assert (await desk.keys.caller(new)).tenant == "hcr"
    with pytest.raises(KeyRefused, match="has expired"):
        await desk.keys.caller(old)


async def test_a_key_is_rotated_once_and_only_while_it_lives(desk: Desk) -> None:
    prefix = (await desk.key()).split("_")[1]
    await desk.keys.rotate(prefix)
    with pytest.raises(KeyNotFit, match="was rotated before"):
        await desk.keys.rotate(prefix)
    await desk.keys.revoke(prefix)
    with pytest.raises(KeyNotFit, match="is dead"):
        await desk.keys.rotate(prefix)
    assert await desk.keys.rotate("nobody") is None


async def test_a_rotated_key_keeps_its_limits(desk: Desk) -> None:
    await desk.key()
    limits = Limits(scopes=frozenset({Scope.READ}), products=frozenset({"parken"}), rate=5, quota=7)
    key, _ = await desk.keys.create("hcr", [Role.DATA_PROVIDER], "test", None, limits)
    made = await desk.keys.rotate(key.split("_")[1])
    assert made is not None
    caller = await desk.elsewhere.caller(made[0])
    assert (caller.rights, caller.tenant_wide, caller.rate, caller.quota) == (Right.READ, False, 5, 7)
    assert (caller.may_use("parken"), caller.may_use("laden")) == (True, False)


@pytest.mark.parametrize(
    ("limits", "codes"),
    [
        ({}, (200, 200, 200, 200)),
        ({"scopes": ["read"]}, (200, 403, 403, 403)),
        ({"scopes": ["write"]}, (403, 200, 403, 403)),
        ({"scopes": ["subscribe"]}, (403, 403, 200, 403)),
        ({"scopes": ["read", "write", "subscribe"]}, (200, 200, 200, 403)),
        ({"products": ["parken"]}, (403, 403, 403, 200)),
        ({"products": ["parken"], "tenant_wide": True}, (200, 200, 200, 200)),
    ],
)
async def test_scopes_narrow_what_the_roles_allow(city: CityGateway, limits: dict[str, Any], codes: Any) -> None:
    roles = [Role.PLATFORM_ADMIN]
    key, _ = await city.keys.create(WASTE.id, roles, "test", None, Limits.model_validate(limits))
    headers = {"X-API-Key": key}
    answers = (
        await city.http.get(ENTITIES, headers=headers),
        await city.http.post(UPSERT, headers=headers, json=[]),
        await city.http.get(SUBSCRIPTIONS, headers=headers),
        await city.http.get("/admin/keys", headers=headers),
    )
    assert tuple(answer.status_code for answer in answers) == codes


async def test_a_data_steward_manages_the_own_organisations_keys_only(city: CityGateway) -> None:
    steward, other = await city.key(Role.DATA_STEWARD), await city.key(Role.DATA_PROVIDER, ENERGY.id)
    foreign = other["Authorization"].split("_")[1]
    made = await city.http.post("/admin/keys", json=WANTED, headers=steward)
    assert (made.status_code, made.json()["details"]["organisation"]) == (201, WASTE.id)
    listed = (await city.http.get("/admin/keys", headers=steward)).json()
    assert {key["organisation"] for key in listed} == {WASTE.id}
    own = made.json()["details"]["prefix"]
    assert (await city.http.post(f"/admin/keys/{own}/rotate", headers=steward)).status_code == 201
    assert (await city.http.delete(f"/admin/keys/{own}", headers=steward)).status_code == 204
    for method, path in (("DELETE", foreign), ("POST", f"{foreign}/rotate"), ("DELETE", "nobody")):
        assert (await city.http.request(method, f"/admin/keys/{path}", headers=steward)).status_code == 404
    elsewhere = await city.http.get(f"/admin/keys?organisation={ENERGY.id}", headers=steward)
    abroad = await city.http.post("/admin/keys", json=WANTED | {"organisation": ENERGY.id}, headers=steward)
    assert (elsewhere.status_code, abroad.status_code) == (403, 403)


async def test_nobody_gives_more_than_they_may(city: CityGateway) -> None:
    steward, admin = await city.key(Role.DATA_STEWARD), await city.key(Role.PLATFORM_ADMIN)
    for role in (Role.PLATFORM_ADMIN, Role.DATA_STEWARD, Role.AUDITOR):
        answer = await city.http.post("/admin/keys", json=WANTED | {"roles": [role]}, headers=steward)
        assert answer.status_code == 403
    prefix = admin["Authorization"].split("_")[1]
    assert (await city.http.post(f"/admin/keys/{prefix}/rotate", headers=steward)).status_code == 403
    assert (await city.http.delete(f"/admin/keys/{prefix}", headers=steward)).status_code == 403


async def test_an_auditor_who_is_a_steward_too_changes_the_own_keys_only(city: CityGateway) -> None:
    key, _ = await city.keys.create(WASTE.id, [Role.AUDITOR, Role.DATA_STEWARD], "test")
    headers, foreign = {"X-API-Key": key}, await city.key(Role.DATA_PROVIDER, ENERGY.id)
    prefix = foreign["Authorization"].split("_")[1]
    assert prefix in (await city.http.get("/admin/keys", headers=headers)).text
    assert (await city.http.delete(f"/admin/keys/{prefix}", headers=headers)).status_code == 404


async def test_what_is_done_with_keys_is_in_the_audit_log_without_secrets(city: CityGateway) -> None:
    admin = await city.key(Role.PLATFORM_ADMIN)
    made = (await city.http.post("/admin/keys", json=WANTED | {"organisation": WASTE.id}, headers=admin)).json()
    prefix = made["details"]["prefix"]
    new = (await city.http.post(f"/admin/keys/{prefix}/rotate?hours=1", headers=admin)).json()["key"]
    await city.http.delete(f"/admin/keys/{prefix}", headers=admin)
    records = await city.protection.trail.all(Search(actor=admin["Authorization"].split("_")[1]))
    assert [(record.action, record.object) for record in records] == [
        (f"key.{deed}", f"key:{prefix}") for deed in ("create", "rotate", "revoke")
    ]
    assert all(record.origin == "127.0.0.1" and record.request_id for record in records)
    text = "".join(record.model_dump_json() for record in records)
    assert made["key"].split("_")[2] not in text and new.split("_")[2] not in text
