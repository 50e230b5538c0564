"""Organisations over REST."""

from fastapi import APIRouter, Request, status

from datenbroker.audit.log import AuditLog
from datenbroker.gateway.administration.acting import Acting
from datenbroker.gateway.problems import AlreadyThere, NotFound
from datenbroker.identities.organisations import Organisation, Organisations, TenantTaken


def router(organisations: Organisations, audit: AuditLog) -> APIRouter:
    routes = APIRouter(prefix="/admin/organisations", tags=["Organisations"])

    @routes.get("")
    async def list_organisations() -> list[Organisation]:
        """Every organisation with its tenant."""
        return await organisations.all()

    @routes.post("", status_code=status.HTTP_201_CREATED)
    async def create_organisation(organisation: Organisation, request: Request) -> Organisation:
        """Create an organisation; 409 where the id or the tenant is taken."""
        if await organisations.get(organisation.id):
            raise AlreadyThere(f"The organisation {organisation.id} exists: choose another id.")
        try:
            await organisations.put(organisation)
        except TenantTaken as taken:
            raise AlreadyThere(f"{taken}.") from None
        detail = {"tenant": organisation.tenant}
        await Acting(request, audit).did("organisation.create", f"organisation:{organisation.id}", detail)
        return organisation

    @routes.delete("/{organisation_id}", status_code=status.HTTP_204_NO_CONTENT)
    async def remove_organisation(organisation_id: str, request: Request) -> None:
        """Remove an organisation: its keys open nothing from then on, its data stay in the broker."""
        if not await organisations.remove(organisation_id):
            raise NotFound(f"There is no organisation {organisation_id}.")
        await Acting(request, audit).did("organisation.remove", f"organisation:{organisation_id}")

    return routes
