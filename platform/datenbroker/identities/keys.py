"""API keys: `hdb_<prefix>_<secret>`. Only the prefix and the SHA-256 of the secret are kept.

The secret has 256 random bits, so that a fast hash is as safe as a slow one.
"""

import hmac
import logging
import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from datenbroker.identities.api_key import ApiKey, Limits, document_of, key_of
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import WITHOUT_ORGANISATION, Caller, Role, rights_of
from document_store.store import DocumentStore

log = logging.getLogger(__name__)

COLLECTION, USAGE = "api_keys", "api_key_usage"
SCHEME = "hdb"

TRUSTED_FOR = 2.0
"""Seconds after which a key is looked up again: a key revoked by another process dies within them."""

WITHOUT_STORE = 60.0
"""Seconds that a key goes on opening while the document store is away, e.g. while MongoDB chooses a new primary."""

PROVEN_AT_MOST = 100_000
"""Keys kept in memory, some 400 bytes each."""

USAGE_EVERY = timedelta(minutes=1)
OVERLAP = timedelta(hours=24)


class KeyRefused(Exception):
    """The key does not open anything; the message says why, as far as its bearer may know."""


class StoreAway(Exception):
    """The document store cannot be asked, and the answer is not known from before."""


class KeyNotFit(ValueError):
    """Such a key would not make sense, or cannot be rotated."""


class RolesNeedOrganisation(KeyNotFit):
    """Only those who run or audit the platform may have a key without a tenant of its own."""


@dataclass(frozen=True, slots=True)
class _Proven:
    caller: Caller
    expires: float
    check_again: float
    proven: float


class ApiKeys:
    """The keys in the document store, and those lately proven in memory, by hash."""

    def __init__(
        self, store: DocumentStore, organisations: Organisations, clock: Callable[[], float] = time.time
    ) -> None:
        self._store, self._organisations, self._clock = store, organisations, clock
        self._proven: dict[bytes, _Proven] = {}

    async def create(
        self,
        organisation: str | None,
        roles: Collection[Role],
        name: str,
        lifetime: timedelta | None = None,
        limits: Limits | None = None,
    ) -> tuple[str, ApiKey]:
        """The key itself, which cannot be had again, and what is kept of it; `KeyNotFit`."""
        if organisation is None and not WITHOUT_ORGANISATION.issuperset(roles):
            raise RolesNeedOrganisation("A key without an organisation can only be platform-admin or auditor")
        created = datetime.fromtimestamp(self._clock(), UTC)
        return await self._keep(
            ApiKey(
                prefix=secrets.token_hex(4),
                organisation=organisation,
                roles=frozenset(roles),
                name=name,
                created=created,
                expires=None if lifetime is None else created + lifetime,
                limits=limits or Limits(),
            )
        )

    async def rotate(self, prefix: str, overlap: timedelta = OVERLAP) -> tuple[str, ApiKey] | None:
        """A new key that may the same; the old one ends after the overlap. None where there is no such key.

        The new one lives as long as the old one was meant to. `KeyNotFit` for one that is dead or rotated already.
        """
        old = await self.get(prefix)
        if old is None:
            return None
        now = datetime.fromtimestamp(self._clock(), UTC)
        if old.revoked or (old.expires and old.expires <= now):
            raise KeyNotFit(f"The key {prefix} is dead: create a new one")
        if old.replaced_by:
            raise KeyNotFit(f"The key {prefix} was rotated before: {old.replaced_by} has come in its place")
        fresh = {"prefix": secrets.token_hex(4), "created": now, "replaces": prefix, "last_used": None}
        fresh["expires"] = old.expires and now + (old.expires - old.created)
        made = await self._keep(old.model_copy(update=fresh))
        ends = min(now + overlap, old.expires or now + overlap)
        await self._change(prefix, expires=ends.isoformat(), replaced_by=made[1].prefix)
        return made

    async def _keep(self, key: ApiKey) -> tuple[str, ApiKey]:
        secret = secrets.token_hex(32)
        await self._store.put(COLLECTION, document_of(key) | {"hash": _hash(secret)})
        return f"{SCHEME}_{key.prefix}_{secret}", key

    async def get(self, prefix: str) -> ApiKey | None:
        document = await self._store.get(COLLECTION, prefix)
        return None if document is None else key_of(document)

    async def all(self, organisation: str | None = None) -> list[ApiKey]:
        equal = {} if organisation is None else {"organisation": organisation}
        used = {usage["_id"]: usage["at"] for usage in await self._store.find(USAGE)}
        return [
            key_of(document | {"last_used": used.get(document["_id"])})
            for document in await self._store.find(COLLECTION, equal)
        ]

    async def revoke(self, prefix: str) -> bool:
        """Whether there is such a key; it is refused at once here, and within seconds in other processes."""
        key = await self.get(prefix)
        if key is None:
            return False
        revoked = key.revoked or datetime.fromtimestamp(self._clock(), UTC)
        await self._change(prefix, revoked=revoked.isoformat())
        return True

    async def _change(self, prefix: str, **members: str) -> None:
        document = await self._store.get(COLLECTION, prefix)
        await self._store.put(COLLECTION, (document or {}) | members)
        self._proven.clear()

    def proven(self, key: bytes) -> Caller | None:
        """The caller of a key lately proven, without waiting; None where `caller` must tell."""
        proven = self._proven.get(sha256(key).digest())
        now = self._clock()
        return proven.caller if proven is not None and now < proven.check_again and now < proven.expires else None

    def seen(self, key: bytes) -> bool:
        """Whether the key has opened something here before: then it is not a guess."""
        return sha256(key).digest() in self._proven

    async def caller(self, key: str) -> Caller:
        """Whose key it is; `KeyRefused` for one that is unknown, revoked, expired or an orphan."""
        digest, now = sha256(key.encode()).digest(), self._clock()
        proven = self._proven.get(digest)
        if proven is None or now >= proven.check_again:
            proven = await self._prove_again(key, now, proven)
            if len(self._proven) >= PROVEN_AT_MOST:
                self._proven.clear()
            self._proven[digest] = proven
        if now >= proven.expires:
            raise KeyRefused(f"the key {proven.caller.name} has expired: ask for a new one")
        return proven.caller

    async def _prove_again(self, key: str, now: float, before: _Proven | None) -> _Proven:
        """What is known now; while the store is away, what was known before, for a while."""
        try:
            return await self._prove(key, now)
        except KeyRefused:
            self._proven.pop(sha256(key.encode()).digest(), None)
            raise
        except Exception as error:  # whatever a store raises that is away
            if before is None or now - before.proven > WITHOUT_STORE:
                raise StoreAway("The document store cannot be asked whose key it is") from error
            log.warning("The key %s could not be looked up, it goes on for a while", before.caller.name, exc_info=True)
            return replace(before, check_again=now + TRUSTED_FOR)

    async def _prove(self, key: str, now: float) -> _Proven:
        scheme, _, rest = key.partition("_")
        prefix, _, secret = rest.partition("_")
        document = await self._store.get(COLLECTION, prefix) if scheme == SCHEME else None
        # compared even where there is no such key, so that the time taken does not tell which prefixes exist
        if not hmac.compare_digest(_hash(secret), document["hash"] if document else "") or document is None:
            raise KeyRefused("the key is not known here: check that it was copied whole (hdb_…_…)")
        known = key_of(document)
        if known.revoked:
            raise KeyRefused(f"the key {prefix} was revoked on {known.revoked:%Y-%m-%d}: ask for a new one")
        caller = await self._caller(known)
        await self._note_usage(prefix, datetime.fromtimestamp(now, UTC))
        expires = known.expires.timestamp() if known.expires else float("inf")
        return _Proven(caller, expires, now + TRUSTED_FOR, now)

    async def _caller(self, key: ApiKey) -> Caller:
        tenant, limits = None, key.limits
        if key.organisation is not None:
            organisation = await self._organisations.get(key.organisation)
            if organisation is None:
                raise KeyRefused(f"the organisation {key.organisation} of the key {key.prefix} no longer exists")
            tenant = organisation.tenant
        rights = rights_of(key.roles, limits.scopes)
        return Caller(
            key.prefix,
            key.organisation,
            tenant,
            key.roles,
            rights,
            products=limits.products,
            tenant_wide=limits.products is None or limits.tenant_wide,
            rate=limits.rate,
            quota=limits.quota,
        )

    async def _note_usage(self, prefix: str, at: datetime) -> None:
        usage = await self._store.get(USAGE, prefix)
        if usage is None or at - datetime.fromisoformat(usage["at"]) >= USAGE_EVERY:
            await self._store.put(USAGE, {"_id": prefix, "at": at.replace(second=0, microsecond=0).isoformat()})


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
