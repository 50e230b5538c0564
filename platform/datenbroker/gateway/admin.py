"""The management API under /admin. Which rights open which area is decided before, in `doors`."""

from datetime import datetime
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from datenbroker.gateway.administration import keys as key_routes
from datenbroker.gateway.administration import organisations as organisation_routes
from datenbroker.gateway.administration.records import audit_router, usage_router
from datenbroker.gateway.protection import Protection
from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.organisations import Organisations
from ngsi_client.rejected import Rejections


class Reject(BaseModel):
    """A record or reading that did not become an entity, and why."""

    source: str = Field(examples=["chirpstack"])
    record_id: str | None = Field(examples=["a84041ffff1865ab"])
    kind: str = Field(examples=["out_of_range"])
    reason: str = Field(examples=["fillingLevel must be at most 1, not 1.7"])
    excerpt: str = Field(description="The beginning of what came.")
    tenant: str | None
    at: datetime


def router(organisations: Organisations, keys: ApiKeys, rejections: Rejections, protection: Protection) -> APIRouter:
    """The routes under /admin."""
    admin = APIRouter()
    admin.include_router(organisation_routes.router(organisations, protection.audit))
    admin.include_router(key_routes.router(organisations, keys, protection.audit))
    admin.include_router(audit_router(protection.audit, protection.trail))
    admin.include_router(usage_router(protection.usage, protection.audit))

    @admin.get("/admin/rejects", tags=["Rejects"])
    async def last_rejects(
        source: Annotated[str | None, Query(description="Only those of this agent or adapter.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> list[Reject]:
        """The last rejects, the newest first."""
        wanted = (reject for reject in rejections if source in {None, reject.source})
        return [Reject.model_validate(reject, from_attributes=True) for reject in islice(wanted, limit)]

    return admin
