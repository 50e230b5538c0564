"""The quality of a product over the last 90 days, and asking for a measurement out of turn."""

from fastapi import APIRouter, status
from pydantic import BaseModel

from datenbroker.catalogue.quality.measurement import Quality
from datenbroker.gateway.catalogue.parts import Catalogue, outlined
from datenbroker.gateway.management.products import Acting, AsProblem, Visitor
from datenbroker.products import life_cycle
from datenbroker.products.life_cycle import NotAllowed


class QualityShown(BaseModel):
    """`newest` is missing where nothing was measured yet; `days` has the oldest first."""

    slug: str
    newest: Quality | None
    days: list[Quality]


class MeasurementAsked(BaseModel):
    slug: str
    asked: bool = True


def router(catalogue: Catalogue) -> APIRouter:
    """The routes under /catalog/{slug}/quality."""
    api = APIRouter(tags=["Catalogue"], route_class=AsProblem)

    @api.get("/catalog/{slug}/quality")
    async def show_quality(slug: str, caller: Visitor) -> QualityShown:
        """Completeness, timeliness and share of doubtful values, measured daily, of whoever may find the product."""
        entry = await catalogue.entry(slug, caller)
        days = await catalogue.records.of(slug)
        if not catalogue.may_use(slug, caller):
            days = [outlined(day, entry.product) for day in days]
        return QualityShown(slug=slug, newest=entry.quality, days=days)

    @api.post("/catalog/{slug}/quality", status_code=status.HTTP_202_ACCEPTED)
    async def measure_quality(slug: str, caller: Acting) -> MeasurementAsked:
        """Have it measured now: within some seconds, if it is released. For those who may change the product."""
        versions = catalogue.products.versions(slug, caller)
        if not life_cycle.may_offer(caller, versions.organisation):
            raise NotAllowed(f"{caller.name} may not have {slug} measured: its data-provider or data-steward may.")
        await catalogue.records.ask(slug)
        return MeasurementAsked(slug=slug)

    return api
