"""The first keys: an administrator's at the first start, and the demo city's, which survive restarts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from datenbroker.identities.keys import ApiKeys, KeyRefused
from datenbroker.identities.organisations import Organisation, Organisations
from datenbroker.identities.roles import Role
from datenbroker.process.data_folder import read_json, write_private

DEMO_KEYS = "demo-keys.json"
DEMO_ROLES = frozenset({Role.DATA_PROVIDER})


class Named(Protocol):
    """An organisation as the demo city declares it."""

    @property
    def id(self) -> str: ...
    @property
    def tenant(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class FirstKeys:
    """Keys to be shown: the administrator's, where it is known, and one for each demo organisation."""

    admin: str | None = None
    organisations: dict[str, str] = field(default_factory=dict)


async def first_admin_key(keys: ApiKeys) -> FirstKeys:
    """A key for the administrator if there is none; it is not kept, so that only the first start can show it."""
    if any(Role.PLATFORM_ADMIN in key.roles and not key.revoked for key in await keys.all()):
        return FirstKeys()
    key, _ = await keys.create(None, {Role.PLATFORM_ADMIN}, "First administrator")
    return FirstKeys(key)


async def demo_keys(folder: Path, demo: Iterable[Named], organisations: Organisations, keys: ApiKeys) -> FirstKeys:
    """The demo organisations with a key each, and the administrator's.

    They are kept as they are in a file that only this user can read, so that lines once pasted go on working.
    """
    kept = read_json(folder / DEMO_KEYS) or {}
    found = dict(kept.get("keys", {}))
    admin = await _still_good(keys, kept.get("admin_key")) or await _new_demo_key(keys, None)
    shown = {}
    for one in demo:
        await organisations.put(Organisation(id=one.id, tenant=one.tenant, name=one.name))
        shown[one.id] = await _still_good(keys, found.get(one.id)) or await _new_demo_key(keys, one.id)
    first = FirstKeys(admin, shown)
    if kept != {"admin_key": admin, "keys": shown}:
        write_private(folder / DEMO_KEYS, {"admin_key": admin, "keys": shown})
    return first


async def _new_demo_key(keys: ApiKeys, organisation: str | None) -> str:
    roles = DEMO_ROLES if organisation else {Role.PLATFORM_ADMIN}
    key, _ = await keys.create(organisation, roles, "Demo city")
    return key


async def _still_good(keys: ApiKeys, key: str | None) -> str | None:
    if key is None:
        return None
    try:
        await keys.caller(key)
    except KeyRefused:
        return None
    return key
