"""What the catalogue's routes work with: the entries that a caller may find."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import Request

from datenbroker.catalogue.entry import Entry, Publication
from datenbroker.catalogue.inventory.survey import Survey
from datenbroker.catalogue.quality.measurement import Quality
from datenbroker.catalogue.quality.records import QualityRecords
from datenbroker.gateway.catalogue.reading import ThroughProducts
from datenbroker.gateway.catalogue.retired import Retired
from datenbroker.gateway.pages.layout import Site
from datenbroker.gateway.problems import BadRequest, NotFound
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import Caller
from datenbroker.products.access import ProductRefused, ProductRetired
from datenbroker.products.grants import Grants
from datenbroker.products.product import Product, State
from datenbroker.products.products import Products

HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")


@dataclass(frozen=True)
class Catalogue:
    """`publication.base` is empty where no public address is set: then it is where the request was sent to."""

    products: Products
    organisations: Organisations
    records: QualityRecords
    reading: ThroughProducts
    publication: Publication
    grants: Grants
    page_size: int = 50
    survey: Survey | None = None
    provider: str | None = None
    """The origin of the OpenID provider where people can log in."""

    @property
    def site(self) -> Site:
        return Site(self.publication, self.provider)

    def published(self, request: Request) -> Publication:
        if self.publication.base:
            return self.publication
        url = request.url
        if not HOST.fullmatch(url.netloc):
            raise BadRequest(f"Host: {url.netloc:.80} is no name of a host.")
        return replace(self.publication, base=f"{url.scheme}://{url.netloc}")

    def available(self, caller: Caller | None) -> list[Product]:
        """Released products that a caller may find, by slug: what `/products` lists for it, without drafts."""
        return [product for product in self.products.visible(caller) if product.state is State.AVAILABLE]

    async def names(self) -> dict[str, str]:
        return {one.id: one.name for one in await self.organisations.all()}

    def may_use(self, slug: str, caller: Caller | None) -> bool:
        """Whether the caller gets the data, and not only hears of them."""
        try:
            self.products.open_for(slug, caller)
        except ProductRefused:
            return False
        return True

    async def quality(self, product: Product, caller: Caller | None) -> Quality | None:
        """The newest measurement, as far as the caller may know of it."""
        newest = await self.records.newest(product.slug)
        return newest if newest is None or self.may_use(product.slug, caller) else outlined(newest, product)

    async def entries(self, products: list[Product], caller: Caller | None) -> list[Entry]:
        names = await self.names()
        return [
            Entry(product, names.get(product.organisation, product.organisation), await self.quality(product, caller))
            for product in products
        ]

    def _retired(self, slug: str, caller: Caller | None, visible: Mapping[str, Product]) -> Retired | None:
        """Of a product that the caller knew; what takes its place is told where the caller may find that."""
        try:
            self.products.open_for(slug, caller)
        except ProductRetired as retired:
            product = self.products.versions(slug, caller).shown
            return Retired(str(retired), product, visible.get(product.successor or ""))
        except ProductRefused:
            pass
        return None

    async def entry(self, slug: str, caller: Caller | None) -> Entry:
        """Also of an own product that is not released yet, so that its owner sees its page; `NotFound`, `Retired`."""
        visible = {product.slug: product for product in self.products.visible(caller)}
        found = visible.get(slug)
        if found is None:
            raise self._retired(slug, caller, visible) or NotFound(
                f"There is no data product {slug:.80}: see /catalog."
            )
        return (await self.entries([found], caller))[0]


def outlined(quality: Quality, product: Product) -> Quality:
    """For those who have not been granted the product: without where its entities lie, and names nobody told them."""
    promised = set(product.served.attributes)
    attributes = {name: share for name, share in quality.attributes.items() if name in promised}
    return quality.model_copy(update={"bbox": None, "attributes": attributes})
