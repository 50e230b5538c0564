"""What the decision on a product gives: the way in, or why there is none."""

from dataclasses import dataclass

from datenbroker.identities.roles import Caller
from datenbroker.products.grant import Grant
from datenbroker.products.product import Product
from datenbroker.products.selection import Selection


@dataclass(frozen=True, slots=True)
class Access:
    """A caller (None: nobody known) may read a product: `selection` of `tenant`, by `grant` where one was needed.

    `ends` is when the grant ends by itself (seconds since 1970), infinite where there is none.
    """

    product: Product
    tenant: str
    selection: Selection
    grant: Grant | None
    caller: Caller | None
    ends: float = float("inf")


class ProductRefused(Exception):
    """No way in; the message is for the caller and says what to do. `status` is the answer's."""

    status = 403


class NoSuchProduct(ProductRefused):
    """There is none, or the caller may not know of it: the same text for both."""

    status = 404

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no product {slug:.50} that you may see: look into /catalog, or send your key.")


class ProductRetired(ProductRefused):
    status = 410


class NotGranted(ProductRefused):
    """The product may be found but not used: it has not been asked for, not granted, refused, revoked or expired."""
