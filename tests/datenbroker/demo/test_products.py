"""What the demo city's subsidiaries share."""

from collections import Counter
from pathlib import Path

import pytest

from datenbroker.demo import city
from datenbroker.demo.products import OPEN_PRODUCT, PRODUCTS, publish
from datenbroker.identities.organisations import Organisation
from datenbroker.products.grant import GrantState
from datenbroker.products.product import State, Visibility
from tests.datenbroker.products.council import ADMIN, council

pytestmark = pytest.mark.anyio


async def test_three_subsidiaries_share_five_products_one_of_them_open(tmp_path: Path) -> None:
    async with council(tmp_path) as desk:
        for one in city.ORGANISATIONS:
            await desk.organisations.put(Organisation(id=one.id, tenant=one.tenant, name=one.name))
        for _ in range(2):
            await publish(desk.products, desk.grants)
        found = desk.products.visible(ADMIN)
        assert (len(found), len({one.organisation for one in found})) == (5, 3)
        assert {one.state for one in found} == {State.AVAILABLE}
        assert [one.slug for one in found if one.visibility is Visibility.OPEN] == [OPEN_PRODUCT]
        states = Counter(grant.state for grant in desk.grants.listed(ADMIN))
        assert states == {GrantState.GRANTED: 3, GrantState.ASKED: 2}


def test_the_products_are_of_what_the_city_has() -> None:
    types = {kind.entity_type for kind in city.KINDS}
    for shared in PRODUCTS:
        assert set(shared.described["selection"]["types"]) <= types
