"""The data inventory, for data stewards, auditors and administrators."""

import logging
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from datenbroker.catalogue.inventory.line import EVERYBODY, Line
from datenbroker.catalogue.inventory.sheet import sheet
from datenbroker.catalogue.inventory.survey import Inventory, Survey
from datenbroker.catalogue.pages.texts import texts
from datenbroker.gateway.catalogue.answers import Moment
from datenbroker.gateway.catalogue.html import answer
from datenbroker.gateway.catalogue.parts import Catalogue
from datenbroker.gateway.management.products import Acting
from datenbroker.gateway.pages.layout import language_of, may_survey
from datenbroker.gateway.problems import BadRequest, BrokerDown, Forbidden, NotFound
from datenbroker.identities.roles import Caller, Right
from ngsi_client.errors import BrokerError

log = logging.getLogger(__name__)

FORMS = ("json", "csv", "html")
ANSWERS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}, "text/html": {}}}}


def router(catalogue: Catalogue) -> APIRouter:
    """The route /inventory."""
    api = APIRouter(tags=["Catalogue"])

    @api.get("/inventory", response_model=Inventory, responses=ANSWERS)
    async def show_inventory(
        request: Request,
        caller: Acting,
        form: Annotated[str | None, Query(alias="format", description="json, csv or html.")] = None,
    ) -> Inventory | Response:
        """Which data are collected, by which interface and for whom, and what two organisations collect."""
        _require_right(caller)
        if catalogue.survey is None:
            raise NotFound("This gateway keeps no inventory.")
        found = seen_by(caller, await _made(catalogue.survey))
        moment = Moment(request, caller)
        wanted = _form(form, moment.header("accept"))
        if wanted == "json":
            return found
        if wanted == "csv":
            name = f"inventory-{found.at:%Y-%m-%d}.csv"
            headers = moment.headers() | {"content-disposition": f'attachment; filename="{name}"'}
            return Response(sheet(found, language_of(moment.request.scope)), 200, headers, "text/csv; charset=utf-8")
        return _page(catalogue, moment, found)

    return api


async def _made(survey: Survey) -> Inventory:
    try:
        return await survey.inventory()
    except BrokerError as error:
        log.warning("The inventory could not be made: %s", error)
        raise BrokerDown("The context broker cannot be read: try again soon.", [(b"retry-after", b"10")]) from None


def _page(catalogue: Catalogue, moment: Moment, inventory: Inventory) -> Response:
    words, names = texts(language_of(moment.request.scope)), inventory.organisations

    def users(line: Line) -> str:
        others = [words["everybody"] if one == EVERYBODY else names.get(one, one) for one in line.users]
        return ", ".join(others) or words["own_use"]

    return answer("inventory.html", catalogue, moment, inventory=inventory, names=names, users=users)


def seen_by(caller: Caller, inventory: Inventory) -> Inventory:
    """All of it for those who run or audit the platform.

    An organisation's steward or auditor sees of the others what is collected, but neither their unreleased and
    private products nor what they are granted for, and of the duplicates those with the own organisation.
    """
    own = caller.organisation
    if Right.ADMINISTER in caller.rights or own is None:
        return inventory
    lines = [
        line if line.organisation == own else line.model_copy(update={"purposes": []})
        for line in inventory.lines
        if line.organisation == own or line.kind != "product" or _is_public(line)
    ]
    found = [one for one in inventory.duplicates if own in one.organisations]
    return inventory.model_copy(update={"lines": lines, "duplicates": found})


def _is_public(line: Line) -> bool:
    return line.state == "available" and line.visibility != "private"


def _require_right(caller: Caller) -> None:
    if not may_survey(caller):
        raise Forbidden(f"{caller} may not see the data inventory: data stewards, auditors and administrators may.")


def _form(asked: str | None, accept: str) -> str:
    if asked is None:
        return next((form for form in ("html", "csv") if f"text/{form}" in accept), "json")
    if asked not in FORMS:
        raise BadRequest(f"format={asked:.40} is not known: choose one of {', '.join(FORMS)}.")
    return asked
