"""A product that its owner has ended, for those who had bookmarked it."""

from typing import Any

from datenbroker.gateway.problems import Gone
from datenbroker.products.product import Product


class Retired(Gone):
    """410 with since when, whom to ask, and what takes its place, as members of the problem (RFC 9457, 3.2)."""

    def __init__(self, text: str, product: Product, successor: Product | None) -> None:
        super().__init__(text)
        self._product, self._successor = product, successor

    def problem(self) -> dict[str, Any]:
        product, successor = self._product, self._successor
        members: dict[str, Any] = {
            "product": product.title.model_dump(),
            "retired": product.modified.date().isoformat(),
            "contact": product.contact.model_dump(),
        }
        if successor is not None:
            members["successor"] = {"title": successor.title.model_dump(), "href": f"/catalog/{successor.slug}"}
        return super().problem() | members
