"""Secrets by which webhooks sign what they send (HMAC-SHA256), each for one organisation's devices."""

import hmac
import secrets
from hashlib import sha256

import msgspec

from document_store.store import DocumentStore

COLLECTION = "webhooks"


class Webhook(msgspec.Struct, frozen=True):
    """`id` is part of the webhook's address and no secret."""

    id: str = msgspec.field(name="_id")
    tenant: str
    name: str
    secret: str

    def signed(self, body: bytes, signature: str) -> bool:
        """Whether the signature, `sha256=<hex>` or the hex alone, is that of the body."""
        expected = hmac.new(self.secret.encode(), body, sha256).hexdigest()
        return hmac.compare_digest(expected.encode(), signature.strip().removeprefix("sha256=").lower().encode())


class Webhooks:
    """Kept in the document store: the secret itself, since a signature can be checked with nothing less."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def create(self, tenant: str, name: str) -> Webhook:
        made = Webhook(secrets.token_hex(8), tenant, name, secrets.token_urlsafe(32))
        await self._store.put(COLLECTION, msgspec.to_builtins(made))
        return made

    async def get(self, webhook_id: str) -> Webhook | None:
        found = await self._store.get(COLLECTION, webhook_id)
        return msgspec.convert(found, Webhook) if found else None

    async def all(self) -> list[Webhook]:
        return [msgspec.convert(found, Webhook) for found in await self._store.find(COLLECTION)]

    async def remove(self, webhook_id: str) -> bool:
        return await self._store.delete(COLLECTION, webhook_id)
