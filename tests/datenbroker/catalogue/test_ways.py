"""How to get a product, as its page says it."""

from dataclasses import replace

import pytest

from datenbroker.catalogue.entry import Publication
from datenbroker.gateway.catalogue.ways import ways
from datenbroker.products.selection import Selection
from tests.datenbroker.products_door.world import product

PUBLICATION = Publication("https://daten.example.org", "Datenkatalog", "Data catalogue", "Stadt Herne", "05916000")


@pytest.mark.parametrize(
    ("kept", "offered", "told"), [(True, True, True), (False, True, False), (True, False, False), (False, False, False)]
)
def test_the_past_is_told_of_where_product_and_broker_have_one(kept: bool, offered: bool, told: bool) -> None:
    publication = replace(PUBLICATION, history=kept)
    known = product(Selection(types=("Bin",)), history=offered)
    assert ("/products/waste/ngsi-ld/v1/temporal/entities?" in ways(publication, known, "de")["curl"]) is told
