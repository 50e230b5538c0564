"""Every product and grant in memory, by what a decision asks for: the slug, and who was granted it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from datenbroker.products.grant import Grant, GrantState
from datenbroker.products.product import Product, State
from datenbroker.products.selection import Selection
from datenbroker.products.versions import Versions

_PRODUCT = "product:"
"""No organisation's id has a colon."""


@dataclass(frozen=True, slots=True)
class Served:
    """A product with what its requests need, worked out once."""

    product: Product
    selection: Selection
    available: bool
    retired: bool


class Index:
    """Looking up is as quick with 50,000 grants as with ten."""

    def __init__(self) -> None:
        self.tenants: Mapping[str, str] = {}
        """By organisation; those that are no more are not in it, and their products cannot be reached."""
        self.products: dict[str, Versions] = {}
        self.grants: dict[str, Grant] = {}
        self._served: dict[str, Served] = {}
        self._asked: dict[tuple[str, str], dict[str, Grant]] = {}
        self._granted: dict[tuple[str, str], tuple[float, Grant]] = {}
        self._of: dict[str, dict[str, Grant]] = {}

    def served(self, slug: str) -> Served | None:
        return self._served.get(slug)

    def granted(self, slug: str, organisation: str, moment: float) -> tuple[float, Grant] | None:
        """The grant that holds the longest, with its end."""
        best = self._granted.get((slug, organisation))
        return best if best is not None and moment < best[0] else None

    def asked(self, slug: str, organisation: str) -> Collection[Grant]:
        """Every grant that an organisation has ever asked for, whatever became of it."""
        return self._asked.get((slug, organisation), {}).values()

    def grants_between(self, organisation: str) -> dict[str, Grant]:
        """What an organisation has asked for, and what it has been asked for, by id."""
        found = dict(self._of.get(organisation, {}))
        for versions in self.products.values():
            if versions.organisation == organisation:
                found |= self._of.get(_PRODUCT + versions.slug, {})
        return found

    def put_product(self, slug: str, versions: Versions | None) -> None:
        """None: there is no such product any more."""
        if versions is None:
            self.products.pop(slug, None)
            self._served.pop(slug, None)
            return
        product = versions.shown
        state = product.state
        self.products[slug] = versions
        self._served[slug] = Served(product, product.served, state is State.AVAILABLE, state is State.RETIRED)

    def put_grant(self, grant: Grant) -> None:
        self.grants[grant.id] = grant
        for name in (_PRODUCT + grant.product, grant.organisation):
            self._of.setdefault(name, {})[grant.id] = grant
        key = grant.product, grant.organisation
        asked = self._asked.setdefault(key, {})
        asked[grant.id] = grant
        granted = [(one.ends, one) for one in asked.values() if one.state is GrantState.GRANTED]
        if granted:
            self._granted[key] = max(granted, key=lambda one: one[0])
        else:
            self._granted.pop(key, None)

    def replace(self, products: Iterable[Versions], grants: Iterable[Grant]) -> None:
        """Everything anew."""
        self.products, self._served, self.grants = {}, {}, {}
        self._asked, self._granted, self._of = {}, {}, {}
        for versions in products:
            self.put_product(versions.slug, versions)
        for grant in grants:
            self.put_grant(grant)
