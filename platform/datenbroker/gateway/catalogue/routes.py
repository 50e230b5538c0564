"""The routes of the catalogue: the same addresses for harvesters and for people."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from datenbroker.catalogue.graph import Page, dataset_graph, page_graph
from datenbroker.catalogue.pages import render
from datenbroker.gateway.catalogue import asking, html, quality
from datenbroker.gateway.catalogue.answers import Answers, Document, Moment
from datenbroker.gateway.catalogue.asked import CatalogueAsked
from datenbroker.gateway.catalogue.negotiation import FORMS, HTML, chosen
from datenbroker.gateway.catalogue.parts import Catalogue
from datenbroker.gateway.management.products import Visitor
from datenbroker.gateway.problems import NotFound

MEDIA_TYPES = (*(form.media_type for form in FORMS.values()), "text/html")
RDF: dict[int | str, dict[str, Any]] = {200: {"content": {media_type: {} for media_type in MEDIA_TYPES}}}

Asked = Annotated[CatalogueAsked, Query()]


def router(catalogue: Catalogue) -> APIRouter:
    """The routes under /catalog; what they show is what /products shows the same caller."""
    api = APIRouter(tags=["Catalogue"])

    @api.get("/catalog/-/style.css", include_in_schema=False)
    async def style() -> Response:
        return Response(render.stylesheet(), media_type="text/css", headers={"cache-control": "public, max-age=3600"})

    _catalogue_routes(api, catalogue, Answers())
    api.include_router(quality.router(catalogue))
    api.include_router(asking.router(catalogue))
    return api


def _catalogue_routes(api: APIRouter, catalogue: Catalogue, answers: Answers) -> None:
    @api.head("/catalog", include_in_schema=False)
    @api.get("/catalog", response_class=Response, responses=RDF)
    async def show_catalogue(request: Request, caller: Visitor, asked: Asked) -> Response:
        """The catalogue in DCAT-AP.de (Turtle, JSON-LD, RDF/XML by Accept or `format`), paged; pages for browsers."""
        return await _list(catalogue, answers, Moment(request, caller), asked, None)

    @api.head("/catalog.{ending}", include_in_schema=False)
    @api.get("/catalog.{ending}", response_class=Response, responses=RDF)
    async def show_catalogue_as(ending: str, request: Request, caller: Visitor, asked: Asked) -> Response:
        """The catalogue as `.ttl`, `.jsonld` or `.rdf`."""
        return await _list(catalogue, answers, Moment(request, caller), asked, ending)

    @api.head("/catalog/{slug}", include_in_schema=False)
    @api.get("/catalog/{slug}", response_class=Response, responses=RDF)
    async def show_dataset(
        slug: str,
        request: Request,
        caller: Visitor,
        form: Annotated[str | None, Query(alias="format")] = None,
    ) -> Response:
        """One product: the dataset in DCAT-AP.de, `{slug}.ttl` and the like too; a page for browsers."""
        slug, dot, ending = slug.partition(".")
        moment = Moment(request, caller)
        wanted = chosen(ending if dot else None, form, moment.header("accept"))
        entry = await catalogue.entry(slug, caller)
        if wanted == HTML:
            return await html.product_page(catalogue, moment, entry)
        publication = catalogue.published(request)
        document = Document((publication, entry), lambda: dataset_graph(publication, entry), entry.modified)
        return await answers.rdf(moment, wanted, document)


async def _list(
    catalogue: Catalogue, answers: Answers, moment: Moment, asked: CatalogueAsked, ending: str | None
) -> Response:
    wanted = chosen(ending, asked.form, moment.header("accept"))
    found = [product for product in catalogue.available(moment.caller) if asked.matches(product)]
    size = asked.limit or catalogue.page_size
    part = found[(asked.page - 1) * size : asked.page * size]
    if not part and asked.page > 1:
        raise NotFound(f"The catalogue has no page {asked.page}: {len(found)} datasets, {size} a page.")
    path = moment.request.url.path
    page = Page(await catalogue.entries(part, moment.caller), asked.page, size, len(found), path, asked.pairs)
    if wanted == HTML:
        return await html.list_page(catalogue, moment, asked, page)
    publication = catalogue.published(moment.request)
    newest = max((entry.modified for entry in page.entries), default=None)
    document = Document((publication, page), lambda: page_graph(publication, page), newest, listing=True)
    return await answers.rdf(moment, wanted, document)
