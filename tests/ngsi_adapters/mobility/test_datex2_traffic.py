"""Traffic counts of DATEX II 3."""

import re
from typing import Any

import pytest

from ngsi_adapters.reading import read
from ngsi_adapters.sources.mobility.datex2_traffic import SOURCE
from ngsi_client.rejected import Rejected
from tests.ngsi_adapters.conftest import FETCHED
from tests.ngsi_adapters.outcomes import sample

MAIN, SITES = (sample(f"datex2_traffic/{name}.xml").decode() for name in ("main", "sites"))


def outcome(main: str = MAIN, sites: str = SITES) -> Any:
    (found,) = read(SOURCE, {"main": main.encode(), "sites": sites.encode()}, FETCHED)
    return found


def test_lanes_are_summed_up_and_lorries_are_not_counted_twice() -> None:
    flow = outcome().to_entity()
    assert flow["name"]["value"] == "Dorstener Straße, Richtung Wanne"
    assert flow["intensity"]["value"] == 60, "720 vehicles an hour for five minutes"
    assert flow["averageVehicleSpeed"]["value"] == 48
    assert flow["occupancy"]["value"] == 0.075
    assert flow["dateObservedFrom"]["value"] == "2026-11-22T09:10:00Z"


def test_lanes_without_a_name_go_by_the_order_of_their_quantities() -> None:
    unnamed = re.sub("<roa:specificLane>.*?</roa:specificLane>", "", SITES)
    flow = outcome(sites=unnamed).to_entity()
    assert (flow["intensity"]["value"], flow["averageVehicleSpeed"]["value"]) == (60, 48)


def test_vehicles_of_a_certain_length_are_not_counted_twice() -> None:
    length = "<com:lengthCharacteristic><com:vehicleLength>5.6</com:vehicleLength></com:lengthCharacteristic>"
    by_length = SITES.replace("<com:vehicleType>lorry</com:vehicleType>", length)
    assert outcome(sites=by_length).to_entity()["intensity"]["value"] == 60


def test_what_is_missing_or_faulty_is_left_out() -> None:
    missing = MAIN.replace("<com:speed>46</com:speed>", "<com:speed>-1</com:speed>")
    assert outcome(missing).to_entity()["averageVehicleSpeed"]["value"] == 52
    faulty = MAIN.replace("<com:percentage>", "<com:dataError>true</com:dataError><com:percentage>")
    assert "occupancy" not in outcome(faulty).to_entity()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (">46<", ">4600<", "is no mean speed"),
        (">480<", ">viele<", "is not a number"),
        (">7.5<", ">750<", "occupancy"),
        ("2026-11-22T09:15:00Z", "gleich", "gleich"),
    ],
)
def test_a_wrong_value_rejects_the_site(old: str, new: str, reason: str) -> None:
    rejected = outcome(MAIN.replace(old, new))
    assert isinstance(rejected, Rejected)
    assert rejected.record_id == "HER-MQ-017"
    assert reason in rejected.reason


def test_a_site_of_no_table_is_unmatched() -> None:
    assert outcome(sites=SITES.replace("HER-MQ-017", "HER-MQ-018")).kind == "unmatched"


def test_a_site_without_a_place_is_rejected() -> None:
    assert outcome(sites=SITES.replace("pointCoordinates", "somewhere")).reason == "'pointCoordinates' is missing"


def test_a_document_without_measurements_is_malformed() -> None:
    assert "there are no siteMeasurements" in outcome(main="<messageContainer/>").reason
