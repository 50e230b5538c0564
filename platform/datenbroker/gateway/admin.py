"""The management API: organisations, keys, rejects. Who may do what is decided before, in `doors`."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, status
from pydantic import BaseModel, ConfigDict, Field

from datenbroker.gateway.problems import AlreadyThere, BadRequest, NotFound
from datenbroker.identities.keys import ApiKey, ApiKeys, RolesNeedOrganisation
from datenbroker.identities.organisations import Organisation, Organisations, TenantTaken
from datenbroker.identities.roles import Role
from ngsi_client.rejected import Rejections


class KeyWanted(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "organisation": "stadtwerke-herne",
                    "roles": ["data-consumer"],
                    "name": "Parking dashboard",
                    "days": 365,
                }
            ]
        },
    )

    organisation: str | None = Field(None, description="Whose key; none only for platform-admin and auditor.")
    roles: frozenset[Role] = Field(min_length=1)
    name: str = Field(min_length=1, max_length=200, description="What the key is for.")
    days: int | None = Field(None, ge=1, le=3650, description="Valid for so many days; without it, until revoked.")


class KeyMade(BaseModel):
    """A new key. It is shown this once: only its hash is kept."""

    key: str = Field(examples=["hdb_3f9a1c20_8c1f…"])
    details: ApiKey


class Reject(BaseModel):
    """A record or reading that did not become an entity, and why."""

    source: str = Field(examples=["chirpstack"])
    record_id: str | None = Field(examples=["a84041ffff1865ab"])
    kind: str = Field(examples=["out_of_range"])
    reason: str = Field(examples=["fillingLevel must be at most 1, not 1.7"])
    excerpt: str = Field(description="The beginning of what came.")
    tenant: str | None
    at: datetime


def router(organisations: Organisations, keys: ApiKeys, rejections: Rejections) -> APIRouter:
    """The routes under /admin."""
    admin = APIRouter(prefix="/admin")
    _organisation_routes(admin, organisations)
    _key_routes(admin, organisations, keys)

    @admin.get("/rejects", tags=["Rejects"])
    async def last_rejects(
        source: Annotated[str | None, Query(description="Only those of this agent or adapter.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> list[Reject]:
        """The last rejects, the newest first."""
        wanted = (reject for reject in rejections if source in {None, reject.source})
        return [Reject.model_validate(reject, from_attributes=True) for reject in islice(wanted, limit)]

    return admin


def _organisation_routes(admin: APIRouter, organisations: Organisations) -> None:
    @admin.get("/organisations", tags=["Organisations"])
    async def list_organisations() -> list[Organisation]:
        """Every organisation with its tenant."""
        return await organisations.all()

    @admin.post("/organisations", tags=["Organisations"], status_code=status.HTTP_201_CREATED)
    async def create_organisation(organisation: Organisation) -> Organisation:
        """Create an organisation; 409 where the id or the tenant is taken."""
        if await organisations.get(organisation.id):
            raise AlreadyThere(f"The organisation {organisation.id} exists: choose another id.")
        try:
            await organisations.put(organisation)
        except TenantTaken as taken:
            raise AlreadyThere(f"{taken}.") from None
        return organisation

    @admin.delete("/organisations/{organisation_id}", tags=["Organisations"], status_code=status.HTTP_204_NO_CONTENT)
    async def remove_organisation(organisation_id: str) -> None:
        """Remove an organisation: its keys open nothing from then on, its data stay in the broker."""
        if not await organisations.remove(organisation_id):
            raise NotFound(f"There is no organisation {organisation_id}.")


def _key_routes(admin: APIRouter, organisations: Organisations, keys: ApiKeys) -> None:
    @admin.get("/keys", tags=["Keys"])
    async def list_keys(organisation: str | None = None) -> list[ApiKey]:
        """Every key, the revoked ones too; the secrets are not kept."""
        return await keys.all(organisation)

    @admin.post("/keys", tags=["Keys"], status_code=status.HTTP_201_CREATED)
    async def create_key(wanted: KeyWanted) -> KeyMade:
        """Make a key. To rotate: make the new one, change the clients, revoke the old one."""
        if wanted.organisation is not None and not await organisations.get(wanted.organisation):
            raise NotFound(f"There is no organisation {wanted.organisation}: create it first.")
        lifetime = timedelta(days=wanted.days) if wanted.days else None
        try:
            key, details = await keys.create(wanted.organisation, wanted.roles, wanted.name, lifetime)
        except RolesNeedOrganisation as needed:
            raise BadRequest(f"{needed}.") from None
        return KeyMade(key=key, details=details)

    @admin.delete("/keys/{prefix}", tags=["Keys"], status_code=status.HTTP_204_NO_CONTENT)
    async def revoke_key(prefix: str) -> None:
        """Revoke a key: refused at once here, within seconds by the platform's other processes."""
        if not await keys.revoke(prefix):
            raise NotFound(f"There is no key {prefix}.")
