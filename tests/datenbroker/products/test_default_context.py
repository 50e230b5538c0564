"""A product that names no @context is read by the city's where there is one, and keeps it."""

import pytest

from tests.datenbroker.products.council import ENERGY, PROVIDER, Council, wanted

pytestmark = pytest.mark.anyio
CITY = "https://daten.example/contexts/herne/v1.jsonld"
OWN = "https://own.example/context.jsonld"


@pytest.mark.parametrize(
    ("default", "named", "kept"), [(CITY, None, CITY), (CITY, OWN, OWN), (None, None, None), (None, OWN, OWN)]
)
async def test_a_product_is_read_by_its_own_context_else_the_city_s(
    desk: Council, default: str | None, named: str | None, kept: str | None
) -> None:
    desk.products.default_context = default
    asked = wanted(selection={"types": ["EVChargingStation"], "context": named})
    created = await desk.products.create(asked, ENERGY, PROVIDER)
    assert created.latest.selection.context == kept
    desk.products.default_context = None
    assert desk.products.versions(asked.slug, PROVIDER).latest.selection.context == kept
