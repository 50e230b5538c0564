"""Users of the MQTT broker: a sensor gateway's publishes only under its own organisation's devices' topics."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Collection, Sequence

import msgspec

from document_store.store import DocumentStore
from iot_agents.devices.topic_owners import Direction, TopicOwners
from iot_agents.transports.access import Admission

COLLECTION = "mqtt_credentials"
ROUNDS = 101
"""Mosquitto's default; the password has 256 random bits, which more rounds would not make safer."""


CERTIFIED = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,127}")
"""What a certificate may call a user: nothing that means something in Mosquitto's files."""


class BadName(ValueError):
    """A user of the MQTT broker cannot be called so; the message says why."""


class MqttCredential(msgspec.Struct, frozen=True):
    """`id` is the user's name, `password` its hash as Mosquitto writes it; without a `tenant` it may do everything.

    A user whose certificate says who it is needs no password: it is empty then. Where there are `devices` (ids as in
    `Owner`), it reaches these alone of its tenant's.
    """

    id: str = msgspec.field(name="_id")
    tenant: str | None
    name: str
    password: str
    devices: tuple[str, ...] = ()

    def reaches(self, tenant: str, device: str) -> bool:
        return self.tenant is None or (tenant == self.tenant and (not self.devices or device in self.devices))

    def proves(self, password: str) -> bool:
        if not self.password:
            return False
        _, _, rounds, salt, _ = self.password.split("$")
        return hmac.compare_digest(_hashed(password, base64.b64decode(salt), int(rounds)), self.password)


class MqttCredentials:
    """Kept in the document store."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def create(self, tenant: str | None, name: str, devices: Sequence[str] = ()) -> tuple[MqttCredential, str]:
        """The credential and its password, which is shown this once."""
        password = secrets.token_urlsafe(32)
        hashed = _hashed(password, secrets.token_bytes(12), ROUNDS)
        made = MqttCredential(f"{tenant or 'platform'}-{secrets.token_hex(4)}", tenant, name, hashed, tuple(devices))
        await self._store.put(COLLECTION, msgspec.to_builtins(made))
        return made, password

    async def certify(self, tenant: str | None, user: str, name: str, devices: Sequence[str] = ()) -> MqttCredential:
        """A credential for whoever has a certificate in the name of `user`; `BadName` where that cannot be."""
        if not CERTIFIED.fullmatch(user):
            raise BadName(f"{user!r:.140} cannot be a user: letters, digits and @ . _ - are allowed, 128 at most")
        if await self.get(user) is not None:
            raise BadName(f"There is a user {user} already: remove it first")
        made = MqttCredential(user, tenant, name, "", tuple(devices))
        await self._store.put(COLLECTION, msgspec.to_builtins(made))
        return made

    async def renew(self, user: str) -> str | None:
        """A new password instead of the old one, which is shown this once; None where there is no such user."""
        credential = await self.get(user)
        if credential is None:
            return None
        password = secrets.token_urlsafe(32)
        renewed = msgspec.structs.replace(credential, password=_hashed(password, secrets.token_bytes(12), ROUNDS))
        await self._store.put(COLLECTION, msgspec.to_builtins(renewed))
        return password

    async def get(self, user: str) -> MqttCredential | None:
        found = await self._store.get(COLLECTION, user)
        return msgspec.convert(found, MqttCredential) if found else None

    async def all(self) -> list[MqttCredential]:
        return [msgspec.convert(found, MqttCredential) for found in await self._store.find(COLLECTION)]

    async def remove(self, user: str) -> bool:
        return await self._store.delete(COLLECTION, user)


class CredentialAccess:
    """The embedded broker's doorman. Where there is no credential at all, anybody may do everything if `anonymous`."""

    def __init__(self, credentials: MqttCredentials, owners: TopicOwners, *, anonymous: bool = True) -> None:
        self._credentials, self._owners, self._anonymous = credentials, owners, anonymous
        self._admitted_users: dict[str, MqttCredential] = {}

    async def connects(self, user: str | None, password: str | None) -> Admission | None:
        if user is None:
            return Admission(None) if self._anonymous and not await self._credentials.all() else None
        credential = await self._credentials.get(user)
        if credential is None or not credential.proves(password or ""):
            return None
        return self._admitted(credential)

    async def certified(self, names: Sequence[str]) -> Admission | None:
        for name in names:
            if credential := await self._credentials.get(name):
                return self._admitted(credential)
        return None

    async def outdated(self, admissions: Collection[Admission]) -> set[Admission]:
        """Of users that were removed or changed since, and of anybody once there are users."""
        standing = {one.id: one for one in await self._credentials.all()}
        return {
            admission
            for admission in admissions
            if (standing if admission.user is None else standing.get(admission.user) != admission.proof)
        }

    async def publishes(self, user: str | None, topic: str) -> bool:
        return await self._may(user, topic, "publish")

    async def receives(self, user: str | None, topic: str) -> bool:
        return await self._may(user, topic, "receive")

    def _admitted(self, credential: MqttCredential) -> Admission:
        self._admitted_users[credential.id] = credential
        return Admission(credential.id, credential)

    async def _may(self, user: str | None, topic: str, direction: Direction) -> bool:
        if user is None:
            return True
        credential = self._admitted_users.get(user)
        if credential is None or credential.tenant is None:
            return credential is not None
        owner = await self._owners.owner_of(topic, direction)
        return owner is not None and credential.reaches(*owner)


def _hashed(password: str, salt: bytes, rounds: int) -> str:
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"
