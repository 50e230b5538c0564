"""The grants' API: ask for a product of another organisation, see who asked, decide."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from datenbroker.gateway.management.products import Acting, AsProblem
from datenbroker.products.grant import Grant, GrantState
from datenbroker.products.grants import Decision, Grants, GrantWanted, Withdrawal
from datenbroker.products.product import Slug


def router(grants: Grants) -> APIRouter:
    """The routes under /grants and /products/{slug}/grants."""
    api = APIRouter(tags=["Grants"], route_class=AsProblem)

    @api.post("/products/{slug}/grants", status_code=status.HTTP_201_CREATED)
    async def ask(slug: str, wanted: GrantWanted, caller: Acting, response: Response) -> Grant:
        """Ask the owner to let your organisation use the product, for a purpose and until a date."""
        grant = await grants.ask(slug, wanted, caller)
        response.headers["Location"] = f"/grants/{grant.id}"
        return grant

    @api.get("/products/{slug}/grants")
    async def grants_of_product(slug: str, caller: Acting) -> list[Grant]:
        """Who asked for the product, or what became of your own asking."""
        return grants.listed(caller, slug)

    @api.get("/grants")
    async def list_grants(
        caller: Acting,
        product: Annotated[Slug | None, Query(description="Only those of this product.")] = None,
        state: Annotated[GrantState | None, Query(description="Only those in this state, as asked.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> list[Grant]:
        """What your organisation asked for, and what it is asked for; the newest first."""
        return grants.listed(caller, product, state)[offset : offset + limit]

    @api.get("/grants/{grant_id}")
    async def show_grant(grant_id: str, caller: Acting) -> Grant:
        """One grant: for whom, for what, until when, and who decided."""
        return grants.get(grant_id, caller)

    @api.post("/grants/{grant_id}/decision")
    async def decide(grant_id: str, decision: Decision, caller: Acting) -> Grant:
        """Grant, refuse, or revoke what was granted: in force at once, in other processes within seconds."""
        return await grants.decide(grant_id, decision, caller)

    @api.post("/grants/{grant_id}/withdrawal")
    async def withdraw(grant_id: str, withdrawal: Withdrawal, caller: Acting) -> Grant:
        """Take back what your organisation has asked for, or give up what it was granted: in force at once."""
        return await grants.withdraw(grant_id, withdrawal.reason, caller)

    return api
