"""Whether the key that a subscription was made with is still good, and which one has taken its place."""

from dataclasses import dataclass
from datetime import UTC, datetime

from datenbroker.following.record import Record
from datenbroker.identities.api_key import key_of
from datenbroker.identities.keys import COLLECTION
from document_store.store import DocumentStore


@dataclass(frozen=True, slots=True)
class Makers:
    """Users of an OpenID provider are not known here: theirs end with the grant alone."""

    store: DocumentStore

    async def now(self, record: Record) -> Record | None:
        """The record, in the name of the key that has replaced its own; None where there is no good one any more."""
        if record.maker["kind"] != "key":
            return record
        document = await self.store.get(COLLECTION, record.maker["name"])
        key = None if document is None else key_of(document)
        if key is None or key.revoked is not None:
            return None
        if key.expires is None or key.expires > datetime.now(UTC):
            return record
        if key.replaced_by is None:
            return None
        return record.having(maker=record.maker | {"name": key.replaced_by})
