"""What is known of an API key, `hdb_<prefix>_<secret>`; the secret is not."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from datenbroker.identities.roles import Role, Scope
from document_store.store import Document


class Limits(BaseModel):
    """What a key is limited to beside its roles; nothing where all is left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scopes: frozenset[Scope] | None = Field(
        None, min_length=1, description="`read`, `write`, `subscribe`: no more of what the roles allow than these."
    )
    products: frozenset[str] | None = Field(
        None, min_length=1, max_length=200, description="Slugs of the only data products that the key may use."
    )
    tenant_wide: bool = Field(
        False, description="Whether a key limited to products reaches its organisation's own tenant too."
    )
    rate: int | None = Field(None, ge=1, le=1_000_000, description="Requests a minute, instead of the platform's.")
    quota: int | None = Field(None, ge=1, description="Requests a day, instead of the platform's.")


class ApiKey(BaseModel):
    """A key as lists show it."""

    model_config = ConfigDict(frozen=True)

    prefix: str = Field(description="Names the key in lists, logs and for revoking.", examples=["3f9a1c20"])
    organisation: str | None = Field(description="Whose key it is; none for the platform's own.")
    roles: frozenset[Role]
    name: str = Field(description="What the key is for.", examples=["Parking dashboard"])
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    last_used: datetime | None = Field(None, description="To the minute.")
    limits: Limits = Limits()
    replaces: str | None = Field(None, description="The key in whose place it came by rotation.")
    replaced_by: str | None = Field(None, description="The key that came in its place by rotation.")


def document_of(key: ApiKey) -> Document:
    return {"_id": key.prefix, **key.model_dump(mode="json", exclude={"prefix", "last_used"})}


def key_of(document: Document) -> ApiKey:
    known = {name: value for name, value in document.items() if name in ApiKey.model_fields}
    return ApiKey(prefix=document["_id"], **known)
