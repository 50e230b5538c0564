"""The products' API: find, describe, change, and take through the life cycle."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response, status
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from datenbroker.gateway.authentication import CALLER
from datenbroker.gateway.problems import AlreadyThere, BadRequest, Forbidden, Gone, NotFound, Unauthenticated
from datenbroker.identities.roles import Caller
from datenbroker.products.access import NoSuchProduct, ProductRefused, ProductRetired
from datenbroker.products.grants import NoSuchGrant
from datenbroker.products.life_cycle import NotAllowed, NotPossible, Step
from datenbroker.products.product import Product, ProductWanted, State, Theme, Visibility
from datenbroker.products.products import Products, sees_all
from datenbroker.products.selection import Selection
from datenbroker.products.versions import Versions

EXAMPLE: dict[str, Any] = {
    "slug": "glascontainer",
    "title": {"de": "Glascontainer", "en": "Bottle banks"},
    "description": {
        "de": "Standorte und Füllstände der öffentlichen Glascontainer in Herne",
        "en": "Places and filling levels of the public bottle banks in Herne",
    },
    "licence": "dl-by-de/2.0",
    "theme": "ENVI",
    "update_interval": "PT15M",
    "contact": {"name": "entsorgung herne, Disposition", "email": "daten@entsorgung-herne.example"},
    "visibility": "konzern",
    "selection": {
        "types": ["WasteContainer"],
        "attributes": ["location", "fillingLevel", "address"],
        "q": "fillingLevel",
    },
}


class AsProblem(APIRoute):
    """Answers what the products refuse as problem details."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except (NoSuchProduct, NoSuchGrant) as error:
                raise NotFound(str(error)) from None
            except ProductRetired as error:
                raise Gone(str(error)) from None
            except (ProductRefused, NotAllowed) as error:
                raise Forbidden(str(error)) from None
            except NotPossible as error:
                raise AlreadyThere(str(error)) from None

        return answer


def visitor(request: Request) -> Caller | None:
    """Who looks; None for anybody."""
    caller: Caller | None = request.scope.get(CALLER)
    return caller


def known(request: Request) -> Caller:
    """Who acts; nobody acts without a key."""
    caller = visitor(request)
    if caller is None:
        raise Unauthenticated("A key is needed: send `Authorization: Bearer <key>` or `X-API-Key: <key>`.")
    return caller


Visitor = Annotated[Caller | None, Depends(visitor)]
Acting = Annotated[Caller, Depends(known)]


class SelectionShown(BaseModel):
    """What others may know of a selection: its condition may speak of what they must not know."""

    types: tuple[str, ...]
    attributes: tuple[str, ...]
    context: str | None


class ProductShown(BaseModel):
    """A product as others find it."""

    slug: str = Field(examples=["glascontainer"])
    organisation: str = Field(examples=["entsorgung-herne"])
    title: dict[str, str]
    description: dict[str, str]
    licence: str
    theme: str
    update_interval: str
    contact: dict[str, str]
    visibility: Visibility
    state: State
    version: int
    history: bool
    subscriptions: bool
    retention: str | None
    aggregation: dict[str, Any] | None
    keywords: tuple[str, ...]
    hvd_category: str | None
    selection: SelectionShown
    created: datetime
    modified: datetime
    released: datetime | None
    endpoint: str = Field(description="Base of the NGSI-LD API of this product.")
    sample: str = Field(description="Ten entities to look at.")


class OwnProduct(ProductShown):
    """A product as its owner sees it: `next` is the version that is not released yet."""

    live: Product | None
    next: Product | None
    released_before: int = Field(description="Released versions that undoing can go back to.")


class ProductPage(BaseModel):
    """A part of the products that were asked for."""

    total: int
    offset: int
    limit: int
    products: list[ProductShown]


class Transition(BaseModel):
    """A step in the life of a product."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"step": "ready"}, {"step": "release"}]})

    step: Step


class Searched(BaseModel):
    """Which products are asked for."""

    text: str | None = Field(None, max_length=200, description="Words in title, description or slug.")
    theme: Theme | None = None
    organisation: str | None = Field(None, max_length=63)
    type: str | None = Field(None, max_length=300, description="Products that show entities of this type.")
    state: State | None = None
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0)

    def matches(self, product: Product) -> bool:
        given = ((self.theme, product.theme), (self.organisation, product.organisation), (self.state, product.state))
        if not all(asked in (None, found) for asked, found in given):
            return False
        if self.type is not None and self.type not in product.served.types:
            return False
        texts = (product.title.de, product.title.en, product.description.de, product.description.en, product.slug)
        whole = " ".join((*texts, *product.keywords)).casefold()
        return all(word in whole for word in (self.text or "").casefold().split())


def shown(product: Product) -> ProductShown:
    return ProductShown(**_members(product))


def own(versions: Versions) -> OwnProduct:
    return OwnProduct(
        **_members(versions.shown), live=versions.live, next=versions.next, released_before=len(versions.before)
    )


def _members(product: Product) -> dict[str, Any]:
    members = product.model_dump(exclude={"selection"})
    selection: Selection = product.served
    base = f"/products/{product.slug}"
    return members | {
        "selection": SelectionShown.model_validate(selection, from_attributes=True),
        "endpoint": f"{base}/ngsi-ld/v1",
        "sample": f"{base}/sample",
    }


def router(products: Products) -> APIRouter:
    """The routes under /products; who may do what is decided by the products themselves."""
    api = APIRouter(prefix="/products", tags=["Products"], route_class=AsProblem)
    _looking(api, products)
    _changing(api, products)
    return api


def _looking(api: APIRouter, products: Products) -> None:
    @api.get("")
    async def list_products(caller: Visitor, asked: Annotated[Searched, Query()]) -> ProductPage:
        """The products that you may find: open ones without a key, with one those of the Konzern and your own."""
        found = [product for product in products.visible(caller) if asked.matches(product)]
        page = [shown(product) for product in found[asked.offset : asked.offset + asked.limit]]
        return ProductPage(total=len(found), offset=asked.offset, limit=asked.limit, products=page)

    @api.get("/{slug}")
    async def show_product(slug: str, caller: Visitor) -> OwnProduct | ProductShown:
        """One product; its owner sees the next version too, and the whole selection."""
        return _as_seen_by(caller, products.versions(slug, caller))


def _as_seen_by(caller: Caller | None, versions: Versions) -> OwnProduct | ProductShown:
    return own(versions) if sees_all(versions.shown, caller) else shown(versions.shown)


def _changing(api: APIRouter, products: Products) -> None:
    body = {"requestBody": {"content": {"application/json": {"example": EXAMPLE}}}}

    @api.post("", status_code=status.HTTP_201_CREATED, openapi_extra=body)
    async def create_product(
        wanted: ProductWanted,
        caller: Acting,
        response: Response,
        organisation: Annotated[str | None, Query(description="Whose; none means your own organisation's.")] = None,
    ) -> OwnProduct:
        """Describe a product: a draft that only your organisation sees, and can try at its endpoint."""
        owner = organisation or caller.organisation
        if owner is None:
            raise BadRequest("Your key belongs to no organisation: say whose product it is (?organisation=…).")
        response.headers["Location"] = f"/products/{wanted.slug}"
        return own(await products.create(wanted, owner, caller))

    @api.put("/{slug}", openapi_extra=body)
    async def change_product(slug: str, wanted: ProductWanted, caller: Acting) -> OwnProduct:
        """Describe it anew. Of what is available, wording changes at once; the rest is a draft of its next version."""
        if wanted.slug != slug:
            raise BadRequest(f"The product {slug} cannot become {wanted.slug}: its slug never changes.")
        return own(await products.change(wanted, caller))

    @api.delete("/{slug}", status_code=status.HTTP_204_NO_CONTENT)
    async def discard_draft(slug: str, caller: Acting) -> None:
        """Drop the draft. What has been released cannot be deleted, only retired."""
        await products.discard(slug, caller)

    @api.post("/{slug}/transitions")
    async def take_step(slug: str, transition: Transition, caller: Acting) -> OwnProduct:
        """`ready`, `release` (by somebody else than who made it ready), `retire`, or `undo` of the last step."""
        return own(await products.step(slug, transition.step, caller))
