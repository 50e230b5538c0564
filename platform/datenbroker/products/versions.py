"""A product through its life: the version that is served, the next one being worked on, and those before."""

from pydantic import BaseModel, ConfigDict, Field

from datenbroker.products.product import Product

KEPT_VERSIONS = 20
"""So many released versions are kept to go back to."""


class Versions(BaseModel):
    """At least one of `live` and `next` is there."""

    model_config = ConfigDict(frozen=True)

    live: Product | None = None
    """Available or retired."""
    next: Product | None = None
    """Draft or ready."""
    before: tuple[Product, ...] = ()
    """Released earlier, the newest last."""
    revision: int = Field(0, exclude=True)
    """Counts how often it was written: of two that change the same revision, one is told to look again."""

    @property
    def shown(self) -> Product:
        """What others see of it; its owner's draft where nothing has been released yet."""
        product = self.live or self.next
        assert product is not None
        return product

    @property
    def latest(self) -> Product:
        """What was worked on last."""
        return self.next or self.shown

    @property
    def slug(self) -> str:
        return self.shown.slug

    @property
    def organisation(self) -> str:
        return self.shown.organisation
