"""The organisations of the Konzern Stadt, each with a tenant of its own in the context broker."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from document_store.store import DocumentStore

COLLECTION = "organisations"

AGGREGATES = "product_"
"""What the tenants of aggregated products begin with: they belong to no organisation."""

OrganisationId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Tenant = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]{0,49}$")]
"""A name that every broker takes: Orion-LD allows no more than 50 characters."""


class Organisation(BaseModel):
    """An administration, a subsidiary or a partner."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [{"id": "stadtwerke-herne", "tenant": "stadtwerke", "name": "Stadtwerke Herne"}]
        },
    )

    id: OrganisationId = Field(description="Short name, lower case with hyphens; it never changes.")
    tenant: Tenant = Field(description="Tenant in the context broker; belongs to this organisation alone.")
    name: str = Field(min_length=1, max_length=200, description="Name as people read it.")


class TenantTaken(ValueError):
    """Another organisation has that tenant: it would see the other's data."""


class Organisations:
    """Kept in the document store, one document each."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    async def get(self, organisation_id: str) -> Organisation | None:
        document = await self._store.get(COLLECTION, organisation_id)
        return None if document is None else _organisation(document)

    async def all(self) -> list[Organisation]:
        return [_organisation(document) for document in await self._store.find(COLLECTION)]

    async def tenants(self) -> dict[str, str]:
        """Each organisation's tenant, by its id."""
        return {document["_id"]: document["tenant"] for document in await self._store.find(COLLECTION)}

    async def put(self, organisation: Organisation) -> None:
        """Create or replace it; `TenantTaken` where its tenant is another's."""
        if organisation.tenant.startswith(AGGREGATES):
            raise TenantTaken(f"Tenants {AGGREGATES}… are kept for aggregated products: choose another name")
        for other in await self._store.find(COLLECTION, {"tenant": organisation.tenant}):
            if other["_id"] != organisation.id:
                raise TenantTaken(f"Tenant {organisation.tenant} belongs to {other['_id']}: choose another name")
        await self._store.put(COLLECTION, {"_id": organisation.id, **organisation.model_dump(exclude={"id"})})

    async def remove(self, organisation_id: str) -> bool:
        """Whether there was such an organisation. Its keys are dead from then on; its data stay in the broker."""
        return await self._store.delete(COLLECTION, organisation_id)


def _organisation(document: dict[str, str]) -> Organisation:
    return Organisation(id=document["_id"], tenant=document["tenant"], name=document["name"])
