"""API keys: `hdb_<prefix>_<secret>`. Only the prefix and the SHA-256 of the secret are kept.

The secret has 256 random bits, so that a fast hash is as safe as a slow one.
"""

import hmac
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from pydantic import BaseModel, ConfigDict, Field

from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import Caller, Role, rights_of
from document_store.store import Document, DocumentStore

COLLECTION, USAGE = "api_keys", "api_key_usage"
SCHEME = "hdb"

TRUSTED_FOR = 2.0
"""Seconds after which a key is looked up again: a key revoked by another process dies within them."""

USAGE_EVERY = timedelta(minutes=1)


class ApiKey(BaseModel):
    """What is known of a key; the secret is not."""

    model_config = ConfigDict(frozen=True)

    prefix: str = Field(description="Names the key in lists, logs and for revoking.", examples=["3f9a1c20"])
    organisation: str | None = Field(description="Whose key it is; none for the platform's own.")
    roles: frozenset[Role]
    name: str = Field(description="What the key is for.", examples=["Parking dashboard"])
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    last_used: datetime | None = Field(None, description="To the minute.")


class KeyRefused(Exception):
    """The key does not open anything; the message says why, as far as its bearer may know."""


class RolesNeedOrganisation(ValueError):
    """Only those who run or audit the platform may have a key without a tenant of its own."""


WITHOUT_ORGANISATION = frozenset({Role.PLATFORM_ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class _Proven:
    caller: Caller
    expires: float
    check_again: float


class ApiKeys:
    """The keys in the document store, and those lately proven in memory, by hash."""

    def __init__(
        self, store: DocumentStore, organisations: Organisations, clock: Callable[[], float] = time.time
    ) -> None:
        self._store, self._organisations, self._clock = store, organisations, clock
        self._proven: dict[bytes, _Proven] = {}

    async def create(
        self, organisation: str | None, roles: Collection[Role], name: str, lifetime: timedelta | None = None
    ) -> tuple[str, ApiKey]:
        """The key itself, which cannot be had again, and what is kept of it."""
        if organisation is None and not WITHOUT_ORGANISATION.issuperset(roles):
            raise RolesNeedOrganisation("A key without an organisation can only be platform-admin or auditor")
        prefix, secret = secrets.token_hex(4), secrets.token_hex(32)
        created = datetime.fromtimestamp(self._clock(), UTC)
        key = ApiKey(
            prefix=prefix,
            organisation=organisation,
            roles=frozenset(roles),
            name=name,
            created=created,
            expires=None if lifetime is None else created + lifetime,
        )
        await self._store.put(COLLECTION, _document(key) | {"hash": _hash(secret)})
        return f"{SCHEME}_{prefix}_{secret}", key

    async def all(self, organisation: str | None = None) -> list[ApiKey]:
        equal = {} if organisation is None else {"organisation": organisation}
        used = {usage["_id"]: usage["at"] for usage in await self._store.find(USAGE)}
        return [
            _key(document | {"last_used": used.get(document["_id"])})
            for document in await self._store.find(COLLECTION, equal)
        ]

    async def revoke(self, prefix: str) -> bool:
        """Whether there is such a key; it is refused at once here, and within seconds in other processes."""
        document = await self._store.get(COLLECTION, prefix)
        if document is None:
            return False
        revoked = document["revoked"] or datetime.fromtimestamp(self._clock(), UTC).isoformat()
        await self._store.put(COLLECTION, document | {"revoked": revoked})
        self._proven.clear()
        return True

    async def caller(self, key: str) -> Caller:
        """Whose key it is; `KeyRefused` for one that is unknown, revoked, expired or an orphan."""
        digest, now = sha256(key.encode()).digest(), self._clock()
        proven = self._proven.get(digest)
        if proven is None or now >= proven.check_again:
            self._proven.pop(digest, None)
            proven = self._proven[digest] = await self._prove(key, now)
        if now >= proven.expires:
            raise KeyRefused(f"the key {proven.caller.name} has expired: ask for a new one")
        return proven.caller

    async def _prove(self, key: str, now: float) -> _Proven:
        scheme, _, rest = key.partition("_")
        prefix, _, secret = rest.partition("_")
        document = await self._store.get(COLLECTION, prefix) if scheme == SCHEME else None
        # compared even where there is no such key, so that the time taken does not tell which prefixes exist
        if not hmac.compare_digest(_hash(secret), document["hash"] if document else "") or document is None:
            raise KeyRefused("the key is not known here: check that it was copied whole (hdb_…_…)")
        known = _key(document)
        if known.revoked:
            raise KeyRefused(f"the key {prefix} was revoked on {known.revoked:%Y-%m-%d}: ask for a new one")
        caller = await self._caller(known)
        await self._note_usage(prefix, datetime.fromtimestamp(now, UTC))
        expires = known.expires.timestamp() if known.expires else float("inf")
        return _Proven(caller, expires, now + TRUSTED_FOR)

    async def _caller(self, key: ApiKey) -> Caller:
        tenant = None
        if key.organisation is not None:
            organisation = await self._organisations.get(key.organisation)
            if organisation is None:
                raise KeyRefused(f"the organisation {key.organisation} of the key {key.prefix} no longer exists")
            tenant = organisation.tenant
        return Caller(key.prefix, key.organisation, tenant, key.roles, rights_of(key.roles))

    async def _note_usage(self, prefix: str, at: datetime) -> None:
        usage = await self._store.get(USAGE, prefix)
        if usage is None or at - datetime.fromisoformat(usage["at"]) >= USAGE_EVERY:
            await self._store.put(USAGE, {"_id": prefix, "at": at.replace(second=0, microsecond=0).isoformat()})


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _document(key: ApiKey) -> Document:
    return {"_id": key.prefix, **key.model_dump(mode="json", exclude={"prefix", "last_used"})}


def _key(document: Document) -> ApiKey:
    return ApiKey(
        prefix=document["_id"], **{name: value for name, value in document.items() if name in ApiKey.model_fields}
    )
