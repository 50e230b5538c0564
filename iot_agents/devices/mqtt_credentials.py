"""Users of the MQTT broker: a sensor gateway's publishes only under its own organisation's devices' topics."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence

import msgspec

from document_store.store import DocumentStore
from iot_agents.networks.network import Network
from iot_agents.registry import DeviceRegistry

COLLECTION = "mqtt_credentials"
ROUNDS = 101
"""Mosquitto's default; the password has 256 random bits, which more rounds would not make safer."""


class MqttCredential(msgspec.Struct, frozen=True):
    """`id` is the user's name, `password` its hash as Mosquitto writes it; without a `tenant` it may do everything."""

    id: str = msgspec.field(name="_id")
    tenant: str | None
    name: str
    password: str

    def proves(self, password: str) -> bool:
        _, _, rounds, salt, _ = self.password.split("$")
        return hmac.compare_digest(_hashed(password, base64.b64decode(salt), int(rounds)), self.password)


class MqttCredentials:
    """Kept in the document store."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def create(self, tenant: str | None, name: str) -> tuple[MqttCredential, str]:
        """The credential and its password, which is shown this once."""
        password = secrets.token_urlsafe(32)
        hashed = _hashed(password, secrets.token_bytes(12), ROUNDS)
        made = MqttCredential(f"{tenant or 'platform'}-{secrets.token_hex(4)}", tenant, name, hashed)
        await self._store.put(COLLECTION, msgspec.to_builtins(made))
        return made, password

    async def get(self, user: str) -> MqttCredential | None:
        found = await self._store.get(COLLECTION, user)
        return msgspec.convert(found, MqttCredential) if found else None

    async def all(self) -> list[MqttCredential]:
        return [msgspec.convert(found, MqttCredential) for found in await self._store.find(COLLECTION)]

    async def remove(self, user: str) -> bool:
        return await self._store.delete(COLLECTION, user)


class CredentialAccess:
    """The embedded broker's doorman. Where there is no credential at all, anybody may do everything if `anonymous`.

    `keyed` are topics that carry a key of their own, by which the sender is checked later.
    """

    def __init__(
        self,
        credentials: MqttCredentials,
        devices: DeviceRegistry,
        networks: Sequence[Network],
        *,
        anonymous: bool = True,
        keyed: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._credentials, self._devices, self._networks = credentials, devices, networks
        self._anonymous, self._keyed = anonymous, keyed
        self._tenants: dict[str, str | None] = {}

    async def connects(self, user: str | None, password: str | None) -> bool:
        if user is None:
            return self._anonymous and not await self._credentials.all()
        credential = await self._credentials.get(user)
        if credential is None or not credential.proves(password or ""):
            return False
        self._tenants[user] = credential.tenant
        return True

    def publishes(self, user: str | None, topic: str) -> bool:
        return self.receives(user, topic) or self._keyed(topic)

    def receives(self, user: str | None, topic: str) -> bool:
        tenant = self._tenants.get(user, "") if user is not None else None
        return tenant is None or tenant == self._owner(topic)

    def _owner(self, topic: str) -> str | None:
        """The tenant of the device whose topic it is."""
        for network in self._networks:
            if topic.startswith(network.prefix):
                device = self._devices.get(f"{network.uid}:{network.owner_of(topic)}")
                return device.tenant if device else None
        return None


def _hashed(password: str, salt: bytes, rounds: int) -> str:
    derived = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(derived).decode()}"
