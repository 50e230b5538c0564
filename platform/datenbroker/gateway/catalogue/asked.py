"""What can be asked of the catalogue."""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from datenbroker.products.product import Product


class CatalogueAsked(BaseModel):
    """The parameters of /catalog; an empty one, as forms send it, asks for nothing."""

    model_config = ConfigDict(populate_by_name=True)

    text: str = Field("", max_length=200, description="Words in title, description, slug or types.")
    theme: str = Field("", max_length=20, description="Code of the EU's data themes.")
    type: str = Field("", max_length=300, description="Datasets that have entities of this type.")
    owner: str = Field("", max_length=63, description="The organisation whose they are.")
    modified_since: date | None = Field(
        None, description="Changed on that day or later; no harvester that deletes what is missing may use it."
    )
    page: int = Field(1, ge=1, le=1_000_000)
    limit: int | None = Field(None, ge=1, le=100, description="Datasets a page.")
    form: str | None = Field(None, alias="format", max_length=40, description="turtle, jsonld, rdf or html.")
    lang: str | None = Field(None, max_length=2, description="Language of the pages: de or en.")

    def matches(self, product: Product) -> bool:
        if self.theme not in ("", product.theme) or self.owner not in ("", product.organisation):
            return False
        if self.type and self.type not in product.served.types:
            return False
        if self.modified_since and product.modified.date() < self.modified_since:
            return False
        texts = (product.title.de, product.title.en, product.description.de, product.description.en, product.slug)
        whole = " ".join((*texts, *product.keywords, *product.served.types)).casefold()
        return all(word in whole for word in self.text.casefold().split())

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What the addresses of other pages carry on."""
        given: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude={"page"}, exclude_defaults=True)
        return tuple((name, str(value)) for name, value in given.items() if value not in ("", None))
