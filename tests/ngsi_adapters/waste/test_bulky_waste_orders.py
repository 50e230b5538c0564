"""Orders for bulky waste: streets and days, no persons."""

import orjson
import pytest

from ngsi_adapters.sources.waste.bulky_waste_orders import SOURCE
from tests.ngsi_adapters.outcomes import entities, parsed, rejects, sample

CSV = sample("bulky_waste_orders/orders.csv")
JSON = parsed("bulky_waste_orders/orders.json")


def test_an_order_tells_street_day_and_what() -> None:
    first, second = entities(SOURCE, CSV)
    assert first["refServiceOrderId"]["object"] == "urn:ngsi-ld:ServiceOrder:SP-4401"
    assert first["address"]["value"]["streetAddress"] == "Bahnhofstraße"
    assert first["dateObserved"]["value"] == "2026-12-02T05:00:00Z"
    assert second["description"]["value"] == "Kühlschrank (erledigt)"


def test_json_is_read_like_a_table() -> None:
    (order,) = entities(SOURCE, orjson.dumps(JSON))
    assert order["description"]["value"] == "Matratze (geplant)"


@pytest.mark.parametrize("payload", [CSV, orjson.dumps(JSON)])
def test_nothing_tells_who_ordered(payload: bytes) -> None:
    written = orjson.dumps(entities(SOURCE, payload)).decode()
    for secret in ("Mustermann", "02323", '"14"', '"210"', "streetNr"):
        assert secret not in written


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"Status": "weg"}, "'weg' is none of"),
        ({"Abholtermin": "bald"}, "is no time"),
        ({"Abholtermin": ""}, "'Abholtermin' is missing"),
        ({"Straße": ""}, "'Straße' is missing"),
    ],
)
def test_a_wrong_order_is_rejected(change: dict[str, object], reason: str) -> None:
    (rejected,) = rejects(SOURCE, orjson.dumps([JSON[0] | change]))
    assert (rejected.record_id, reason in rejected.reason) == ("SP-4410", True)
