"""One request to a product: who asks, for what, and by whose @contexts it is read."""

from dataclasses import dataclass

from context_broker.contexts import Contexts
from datenbroker.following.book import Book
from datenbroker.gateway.products.source import Source
from datenbroker.products.access import Access


@dataclass(frozen=True, slots=True)
class Visit:
    """`base` is the product's path, as /products/parking; without `book` nobody can subscribe."""

    access: Access
    source: Source
    contexts: Contexts
    base: str
    book: Book | None = None
    hosted: None = None
    """A product serves no @contexts: one that came within a body has no address in the answer."""
