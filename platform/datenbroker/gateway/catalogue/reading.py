"""Products read through their own endpoints: nothing here sees more than the product shows."""

from collections.abc import AsyncIterator
from typing import Any

import orjson

from datenbroker.gateway.downloads.pages import Asked, Pages, Refused
from datenbroker.gateway.problems import GatewayProblem
from datenbroker.identities.roles import Caller, Role, rights_of

SAMPLED = 10
Entities = list[dict[str, Any]]


def platform() -> Caller:
    """The platform itself, where it looks at a product on nobody's behalf."""
    roles = frozenset({Role.PLATFORM_ADMIN})
    return Caller("catalogue", None, None, roles, rights_of(roles), kind="job")


class ThroughProducts:
    """`datenbroker.catalogue.quality.job.Reading`, and the samples for pages."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def __call__(self, slug: str) -> AsyncIterator[Entities]:
        async for page in self._pages.of(Asked(slug, platform())):
            yield orjson.loads(page.body)

    async def sample(self, slug: str, caller: Caller | None, language: str) -> Entities | None:
        """Ten entities as the caller may see them; None where it may not, or the broker does not answer."""
        try:
            page = await self._pages.page(Asked(slug, caller, [("lang", language)]), SAMPLED)
        except (GatewayProblem, Refused):
            return None
        found: Entities = orjson.loads(page.body)
        return found
