"""What an answer could still tell of what a product hides: system times, the time it takes, the forms of the answer."""

from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest

from datenbroker.gateway.products.embedded import ALIKE_SECONDS
from datenbroker.products.selection import Selection
from tests.datenbroker.products_door.world import API, World, world

pytestmark = pytest.mark.anyio
SHOWN = Selection(types=("T",), attributes=("p",), q="r<5")


@pytest.fixture(params=[True, False], ids=["embedded", "by HTTP"])
async def hiding(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        for number in (1, 9):
            place = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [number, number]}}
            values = {name: {"type": "Property", "value": number} for name in ("p", "r")}
            more = {"scope": "/A", "location": place}
            await made.fill("owner", [{"id": f"urn:x:{number}", "type": ["T", "V"], **values, **more}])
        made.open(SHOWN, "owner")
        made.endpoint.near = request.param
        yield made


@pytest.mark.parametrize("path", ["/entities?type=T", "/entities/urn:x:1", "/entities?type=T&orderBy=id&local=true"])
@pytest.mark.parametrize(
    "form", ["options=sysAttrs", "options=sysAttrs,concise", "pick=id,type,modifiedAt,createdAt,p"]
)
async def test_when_a_hidden_attribute_changed_does_not_show(hiding: World, path: str, form: str) -> None:
    answer = await hiding.products.get(f"{API}{path}{'&' if '?' in path else '?'}{form}")
    found = answer.json()
    (entity,) = found if isinstance(found, list) else [found]
    assert set(entity) == {"id", "type", "createdAt", *(["p"] if "p" in entity else [])}
    assert entity["type"] == "T"
    assert "modifiedAt" not in entity


async def test_a_feature_has_no_place_where_the_place_is_hidden(hiding: World) -> None:
    headers = {"Accept": "application/geo+json"}
    for path in ("/entities?type=T", "/entities/urn:x:1"):
        found = (await hiding.products.get(API + path, headers=headers)).json()
        feature = found["features"][0] if "features" in found else found
        assert feature["geometry"] is None
        assert set(feature["properties"]) == {"type", "p"}


async def test_a_hidden_entity_takes_as_long_to_be_missing_as_one_that_is_not_there(hiding: World) -> None:
    hiding.endpoint.near = True  # how long another broker takes is not the gateway's to say
    ordered = "/entities?id=urn:x:1,urn:x:9&local=true&orderBy=id"
    for path in ("/entities/urn:x:9", "/entities/urn:x:0", "/entities?id=urn:x:9", "/entities?id=urn:x:0", ordered):
        began = monotonic()
        await hiding.products.get(API + path)
        assert monotonic() - began >= ALIKE_SECONDS
