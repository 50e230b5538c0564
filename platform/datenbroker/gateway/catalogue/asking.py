"""Asking for a product on its page: what became of it so far, and the form of people who have logged in."""

from datetime import UTC, datetime
from typing import Annotated, NamedTuple
from urllib.parse import parse_qs

from fastapi import APIRouter, Body, Request, status
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from datenbroker.catalogue.pages.texts import Language, texts
from datenbroker.catalogue.pages.words import date_text
from datenbroker.gateway.catalogue.parts import Catalogue
from datenbroker.gateway.management.products import Acting, AsProblem
from datenbroker.gateway.problems import BadRequest
from datenbroker.identities.roles import Caller, Right
from datenbroker.products.grant import Grant, GrantState
from datenbroker.products.grants import GrantWanted
from datenbroker.products.product import Product, State, Visibility

FORM = "application/x-www-form-urlencoded"
UNDECIDED = frozenset({GrantState.ASKED, GrantState.GRANTED})


class Asking(NamedTuple):
    """What the page tells whoever may ask: how the last asking stands, and whether there is a form to ask with."""

    told: str | None
    form: bool
    today: str


def asking(catalogue: Catalogue, caller: Caller | None, product: Product, language: Language) -> Asking | None:
    """None where there is nothing to ask for: an own, an open, or an unreleased product."""
    if product.visibility is not Visibility.KONZERN or product.state is not State.AVAILABLE:
        return None
    if caller is None or caller.organisation in (None, product.organisation):
        return None
    own = [one for one in catalogue.grants.listed(caller, product.slug) if one.organisation == caller.organisation]
    last = own[0] if own else None
    settled = last is None or last.state not in UNDECIDED
    form = settled and caller.kind == "login" and Right.READ in caller.rights
    return Asking(_told(last, language) if last else None, form, datetime.now(UTC).date().isoformat())


def _told(grant: Grant, language: Language) -> str:
    text = texts(language)[f"grant_{grant.state}"].format(date_text(grant.until.isoformat(), language))
    return f"{text} {grant.reason}".strip()


def router(catalogue: Catalogue) -> APIRouter:
    """The route that the form is sent to; sessions see to it that only pages of this gateway send it."""
    api = APIRouter(tags=["Catalogue"], route_class=AsProblem)

    @api.post("/catalog/{slug}/grants", status_code=status.HTTP_303_SEE_OTHER)
    async def ask_by_form(
        slug: str, request: Request, caller: Acting, form: Annotated[str, Body(media_type=FORM)]
    ) -> RedirectResponse:
        """Ask for a product as its page's form does (`purpose`, `until`); programs use `/products/{slug}/grants`."""
        fields = {name: values[0].strip() for name, values in parse_qs(form, max_num_fields=10).items()}
        try:
            wanted = GrantWanted.model_validate({name: fields.get(name, "") for name in GrantWanted.model_fields})
        except ValidationError as error:
            mistakes = "; ".join(f"{mistake['loc'][0]}: {mistake['msg']}" for mistake in error.errors())
            raise BadRequest(f"The form is not complete: {mistakes}.") from None
        await catalogue.grants.ask(slug, wanted, caller)
        return RedirectResponse(f"/catalog/{slug}#ask", status.HTTP_303_SEE_OTHER)

    return api
