"""What the catalogue tells of one product."""

from dataclasses import dataclass
from datetime import datetime

from datenbroker.catalogue.quality.measurement import Quality
from datenbroker.products.product import Product

HERNE_CENTRE = (7.22, 51.54)


@dataclass(frozen=True, slots=True)
class Entry:
    """A product, its owner's name, and how good it was found to be; None where nobody has measured yet."""

    product: Product
    owner: str
    quality: Quality | None = None

    @property
    def modified(self) -> datetime:
        """The newest value at the last measurement, or the last change of the description."""
        newest = self.quality.newest if self.quality else None
        return max(self.product.modified, newest) if newest else self.product.modified

    @property
    def issued(self) -> datetime:
        return self.product.released or self.product.created


@dataclass(frozen=True, slots=True)
class Publication:
    """What all datasets have in common; `base` is the gateway's address without a slash at the end.

    `centre` is that of the municipality: longitude, latitude in degrees (WGS 84).
    """

    base: str
    title: str
    title_en: str
    publisher: str
    municipality: str
    contributor: str | None = None
    parquet: bool = False
    history: bool = False
    """Whether the broker behind the gateway may keep one: the embedded broker does not."""
    centre: tuple[float, float] = HERNE_CENTRE

    def tells_history(self, product: Product) -> bool:
        """Whether the product's past can be asked for."""
        return product.history and self.history

    @property
    def catalogue(self) -> str:
        return f"{self.base}/catalog"

    def dataset(self, slug: str) -> str:
        """The IRI of a dataset, which is its page too; it never changes, for harvesters know the dataset by it."""
        return f"{self.base}/catalog/{slug}"

    def product(self, slug: str) -> str:
        return f"{self.base}/products/{slug}"
