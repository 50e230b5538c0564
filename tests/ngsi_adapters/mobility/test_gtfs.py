"""Stops and routes of a GTFS archive."""

import pytest

from ngsi_adapters.reading import read
from ngsi_adapters.sources.mobility.gtfs import SOURCE
from ngsi_client.rejected import Rejected
from tests.ngsi_adapters.conftest import FETCHED
from tests.ngsi_adapters.outcomes import documents_of

(DOCUMENTS,) = documents_of(SOURCE)
assert isinstance(DOCUMENTS, dict)
FILES = {name: content.decode() for name, content in DOCUMENTS.items()}


def outcomes(**change: str) -> list[object]:
    texts = FILES | {f"{name}.txt": text for name, text in change.items()}
    return list(read(SOURCE, {name: text.encode() for name, text in texts.items()}, FETCHED))


def rejected(**change: str) -> Rejected:
    (found,) = (outcome for outcome in outcomes(**change) if isinstance(outcome, Rejected))
    return found


def test_stops_refer_to_their_station_and_entrances_are_none() -> None:
    made = [outcome.to_entity() for outcome in outcomes() if not isinstance(outcome, Rejected)]  # type: ignore[attr-defined]
    stops = [each for each in made if each["type"] == "GtfsStop"]
    assert len(stops) == 3
    assert stops[1]["hasParentStation"]["object"] == stops[0]["id"] == "urn:ngsi-ld:GtfsStop:de%3A05916%3A5130"
    assert stops[1]["location"]["value"]["coordinates"] == [7.219611, 51.539533]


def test_extended_route_types_become_basic_ones() -> None:
    made = [outcome.to_entity() for outcome in outcomes() if not isinstance(outcome, Rejected)]  # type: ignore[attr-defined]
    routes = {each["shortName"]["value"]: each for each in made if each["type"] == "GtfsRoute"}
    assert (routes["333"]["routeType"]["value"], routes["U35"]["routeType"]["value"]) == ("3", "1")
    assert routes["U35"]["name"]["value"] == "U35"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("51.536811,7.224911", "0,0", "lies at 0, 0"),
        ("51.536811,7.224911", '"51,5",7.2', "is not a number"),
        ("51.536811,7.224911", "51.536811,", "stop_lon"),
        ("51.536811,7.224911", "51.536811,512", "longitude"),
        (",36,,,,2,\n", ",36\n", "is it cut off?"),
    ],
)
def test_a_wrong_stop_is_rejected_with_the_reason(old: str, new: str, reason: str) -> None:
    found = rejected(stops=FILES["stops.txt"].replace(old, new))
    assert found.record_id == "de:05916:5201:1:1"
    assert reason in found.reason


def test_a_route_type_that_there_is_not_is_rejected() -> None:
    assert rejected(routes=FILES["routes.txt"].replace(",402,", ",4711,")).reason == (
        "route_type: 4711 is no route type of GTFS"
    )


def test_an_archive_without_stops_is_malformed() -> None:
    (found,) = read(SOURCE, {"routes.txt": b"route_id,route_type\n"}, FETCHED)
    assert isinstance(found, Rejected)
    assert found.reason == "the archive holds no stops.txt"
