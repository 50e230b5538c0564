"""What the catalogue's routes work with: the entries that a caller may find."""

import re
from dataclasses import dataclass, replace

from fastapi import Request

from datenbroker.catalogue.entry import Entry, Publication
from datenbroker.catalogue.inventory.survey import Survey
from datenbroker.catalogue.quality.records import QualityRecords
from datenbroker.gateway.catalogue.reading import ThroughProducts
from datenbroker.gateway.problems import BadRequest, NotFound
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import Caller
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
    page_size: int = 50
    survey: Survey | None = None

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

    async def entries(self, products: list[Product]) -> list[Entry]:
        names = await self.names()
        return [
            Entry(
                product, names.get(product.organisation, product.organisation), await self.records.newest(product.slug)
            )
            for product in products
        ]

    async def entry(self, slug: str, caller: Caller | None) -> Entry:
        """Also of an own product that is not released yet, so that its owner sees its page; `NotFound`."""
        found = next((product for product in self.products.visible(caller) if product.slug == slug), None)
        if found is None:
            raise NotFound(f"There is no data product {slug:.80} here: see /catalog.")
        return (await self.entries([found]))[0]
