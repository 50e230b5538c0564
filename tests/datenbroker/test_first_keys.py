"""The keys that are there without anyone having made them."""

import stat
from pathlib import Path

import pytest

from datenbroker.identities.first_keys import DEMO_KEYS, demo_keys, first_admin_key
from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.organisations import Organisation, Organisations
from datenbroker.identities.roles import RIGHTS, Role
from document_store.sqlite import SqliteDocumentStore

pytestmark = pytest.mark.anyio

CITY = [Organisation(id="hcr", tenant="hcr", name="HCR"), Organisation(id="hgw", tenant="hgw", name="HGW")]


async def test_the_first_administrator_gets_one_key_once(tmp_path: Path) -> None:
    store = SqliteDocumentStore.open(tmp_path / "documents.db")
    keys = ApiKeys(store, Organisations(store))
    first = await first_admin_key(keys)
    assert first.admin and (await keys.caller(first.admin)).any_tenant
    assert (await first_admin_key(keys)).admin is None
    await keys.revoke(first.admin.split("_")[1])
    assert (await first_admin_key(keys)).admin is not None
    await store.close()


async def test_demo_keys_survive_restarts_and_are_replaced_where_revoked(tmp_path: Path) -> None:
    store = SqliteDocumentStore.open(tmp_path / "documents.db")
    organisations = Organisations(store)
    keys = ApiKeys(store, organisations)
    first = await demo_keys(tmp_path, CITY, organisations, keys)
    assert await demo_keys(tmp_path, CITY, organisations, keys) == first
    assert stat.S_IMODE((tmp_path / DEMO_KEYS).stat().st_mode) == 0o600
    caller = await keys.caller(first.organisations["hcr"])
    assert (caller.tenant, caller.rights) == ("hcr", RIGHTS[Role.DATA_PROVIDER])
    await keys.revoke(caller.name)
    again = await demo_keys(tmp_path, CITY, organisations, keys)
    assert again.organisations["hgw"] == first.organisations["hgw"]
    assert again.organisations["hcr"] != first.organisations["hcr"]
    await store.close()


async def test_demo_keys_of_another_store_are_made_anew(tmp_path: Path) -> None:
    (tmp_path / DEMO_KEYS).write_text('{"admin_key": "hdb_0_0", "keys": {"hcr": "hdb_1_1"}}')
    store = SqliteDocumentStore.open(tmp_path / "documents.db")
    organisations = Organisations(store)
    keys = ApiKeys(store, organisations)
    made = await demo_keys(tmp_path, CITY, organisations, keys)
    assert made.admin is not None and (await keys.caller(made.admin)).any_tenant
    assert made.organisations.keys() == {"hcr", "hgw"}
    await store.close()
