"""API keys at rest and in use."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from datenbroker.gateway.authentication import Authenticator
from datenbroker.gateway.limits.rates import Allowance, RateLimits
from datenbroker.gateway.problems import StoreDown
from datenbroker.identities.keys import COLLECTION, TRUSTED_FOR, ApiKeys, KeyRefused, RolesNeedOrganisation, StoreAway
from datenbroker.identities.organisations import Organisation, Organisations
from datenbroker.identities.roles import RIGHTS, Role
from document_store.sqlite import SqliteDocumentStore

pytestmark = pytest.mark.anyio

HCR = Organisation(id="hcr", tenant="hcr", name="HCR")


class Desk:
    """Two processes' views on the keys of one store, with a clock that a test moves."""

    def __init__(self, path: Path) -> None:
        self.now = 1_800_000_000.0
        self.path = path / "documents.db"
        self.store, self.other = SqliteDocumentStore.open(self.path), SqliteDocumentStore.open(self.path)
        self.organisations = Organisations(self.store)
        self.keys = ApiKeys(self.store, self.organisations, lambda: self.now)
        self.elsewhere = ApiKeys(self.other, Organisations(self.other), lambda: self.now)

    async def key(self, role: Role = Role.DATA_CONSUMER, lifetime: timedelta | None = None) -> str:
        await self.organisations.put(HCR)
        return (await self.keys.create(HCR.id, [role], "test", lifetime))[0]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    opened = Desk(tmp_path)
    yield opened
    await opened.store.close()
    await opened.other.close()


async def test_a_key_opens_its_organisations_tenant(desk: Desk) -> None:
    caller = await desk.keys.caller(await desk.key(Role.DATA_PROVIDER))
    assert (caller.organisation, caller.tenant) == ("hcr", "hcr")
    assert caller.rights == RIGHTS[Role.DATA_PROVIDER]
    assert not caller.any_tenant


async def test_the_secret_is_not_at_rest(desk: Desk) -> None:
    key = await desk.key()
    scheme, prefix, secret = key.split("_")
    [document] = await desk.store.find(COLLECTION)
    assert (scheme, document["_id"], len(secret)) == ("hdb", prefix, 64)
    assert secret.encode() not in desk.path.read_bytes() + Path(f"{desk.path}-wal").read_bytes()
    assert len(document["hash"]) == 64


async def test_a_changed_key_opens_nothing(desk: Desk) -> None:
    key = await desk.key()
    for wrong in (key[:-1], key + "0", key.swapcase(), key.replace("hdb", "abc"), "hdb__", "", "_", "ü"):
        with pytest.raises(KeyRefused, match="not known"):
            await desk.keys.caller(wrong)


async def test_a_key_expires_also_while_it_is_trusted(desk: Desk) -> None:
    key = await desk.key(lifetime=timedelta(seconds=1))
    await desk.keys.caller(key)
    desk.now += 1
    with pytest.raises(KeyRefused, match="has expired"):
        await desk.keys.caller(key)


async def test_a_revoked_key_dies_at_once_here_and_soon_elsewhere(desk: Desk) -> None:
    key = await desk.key()
    await desk.elsewhere.caller(key)
    assert await desk.keys.revoke(key.split("_")[1])
    with pytest.raises(KeyRefused, match="was revoked on 2027-01-15"):
        await desk.keys.caller(key)
    desk.now += TRUSTED_FOR
    with pytest.raises(KeyRefused, match="was revoked"):
        await desk.elsewhere.caller(key)
    assert not await desk.keys.revoke("nobody")


async def test_a_key_dies_with_its_organisation(desk: Desk) -> None:
    key = await desk.key()
    await desk.keys.caller(key)
    await desk.organisations.remove("hcr")
    desk.now += TRUSTED_FOR
    with pytest.raises(KeyRefused, match=r"hcr of the key .{8} no longer exists"):
        await desk.keys.caller(key)


async def test_the_last_use_is_known_to_the_minute_and_does_not_touch_the_key(desk: Desk) -> None:
    key = await desk.key()
    await desk.elsewhere.caller(key)
    await desk.keys.revoke(key.split("_")[1])
    [known] = await desk.elsewhere.all("hcr")
    assert known.last_used is not None and known.last_used.timestamp() == desk.now // 60 * 60
    assert known.revoked is not None
    assert await desk.keys.all("other") == []


async def test_only_the_platforms_own_roles_do_without_an_organisation(desk: Desk) -> None:
    with pytest.raises(RolesNeedOrganisation):
        await desk.keys.create(None, [Role.AUDITOR, Role.DATA_CONSUMER], "test")
    key, _ = await desk.keys.create(None, [Role.PLATFORM_ADMIN], "test")
    assert (await desk.keys.caller(key)).any_tenant


async def test_a_known_key_goes_on_for_a_minute_while_the_store_is_away(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    key, unknown = await desk.key(), await desk.key()
    await desk.elsewhere.caller(key)
    await desk.other.close()
    for _ in range(20):
        desk.now += TRUSTED_FOR
        assert (await desk.elsewhere.caller(key)).tenant == "hcr"
    with pytest.raises(StoreAway):
        await desk.elsewhere.caller(unknown)
    desk.now += 60
    with pytest.raises(StoreAway):
        await desk.elsewhere.caller(key)
    await desk.store.close()


async def test_a_key_that_cannot_be_looked_up_is_503_and_not_a_fault_of_ours(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    headers = [(b"x-api-key", (await desk.key()).encode())]
    await desk.other.close()
    with pytest.raises(StoreDown, match="try again") as answer:
        await Authenticator(desk.elsewhere, RateLimits(Allowance())).caller({"type": "http", "headers": headers})
    assert (answer.value.status, dict(answer.value.headers)) == (503, {b"retry-after": b"5"})
    await desk.store.close()
