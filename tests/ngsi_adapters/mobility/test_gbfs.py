"""Docking stations of GBFS 2.3 and 3.0."""

from typing import Any

import orjson
import pytest

from ngsi_adapters.reading import read
from ngsi_adapters.source import Malformed
from ngsi_adapters.sources.mobility.gbfs import SOURCE, feeds
from ngsi_client.rejected import Rejected
from tests.ngsi_adapters.conftest import FETCHED
from tests.ngsi_adapters.outcomes import parsed, sample


def outcomes(information: Any = None, status: Any = None) -> list[Any]:
    documents = {
        "station_information": orjson.dumps(information or parsed("gbfs/station_information.json")),
        "station_status": orjson.dumps(status or parsed("gbfs/station_status.json")),
    }
    return list(read(SOURCE, documents, FETCHED))


def with_status(**change: Any) -> list[Any]:
    status = parsed("gbfs/station_status.json")
    status["data"]["stations"][0] |= change
    return outcomes(status=status)


def version_3() -> tuple[Any, Any]:
    """The same first station as GBFS 3.0 tells it."""
    information, status = parsed("gbfs/station_information.json"), parsed("gbfs/station_status.json")
    for document in (information, status):
        document |= {"version": "3.0", "last_updated": "2026-11-22T09:33:20Z"}
        document["data"]["stations"] = document["data"]["stations"][:1]
    information["data"]["stations"][0]["name"] = [
        {"text": "Herne station", "language": "en"},
        {"text": "Herne Bahnhof", "language": "de"},
    ]
    information["data"]["stations"][0]["short_name"] = [{"text": "7601", "language": "de"}]
    told = status["data"]["stations"][0]
    told |= {"num_vehicles_available": told.pop("num_bikes_available"), "last_reported": "2026-11-22T10:33:00+01:00"}
    return information, status


def test_information_and_status_are_one_station() -> None:
    station, empty = (outcome.to_entity() for outcome in outcomes())
    assert station["name"]["value"] == "Herne Bahnhof"
    assert (station["totalSlotNumber"]["value"], station["availableBikeNumber"]["value"]) == (10, 4)
    assert station["status"]["value"] == "working"
    assert empty["status"]["value"] == "empty"


def test_version_3_says_the_same() -> None:
    (station,) = (outcome.to_entity() for outcome in outcomes(*version_3()))
    assert station["name"]["value"] == "Herne Bahnhof"
    assert station["availableBikeNumber"] == {"type": "Property", "value": 4, "observedAt": "2026-11-22T09:33:00Z"}


def test_the_discovery_file_names_the_feeds_by_language_or_not() -> None:
    german = feeds(sample("gbfs/main.json"))
    assert german["station_status"].endswith("/de/station_status.json")
    without = {"version": "3.0", "data": {"feeds": [{"name": name, "url": f"https://a/{name}"} for name in german]}}
    assert feeds(orjson.dumps(without))["station_information"] == "https://a/station_information"


@pytest.mark.parametrize("document", [{}, {"data": {}}, {"data": {"de": {"feeds": []}}}])
def test_a_discovery_file_without_the_feeds_is_malformed(document: Any) -> None:
    with pytest.raises(Malformed):
        feeds(orjson.dumps(document))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"num_bikes_available": -1}, "availableBikeNumber"),
        ({"num_docks_available": 2.5}, "is not a whole number"),
        ({"last_reported": 0}, "is no time of a report"),
        ({"last_reported": None}, "float"),
    ],
)
def test_a_wrong_status_is_rejected_and_the_other_station_kept(change: Any, reason: str) -> None:
    rejected, kept = with_status(**change)
    assert isinstance(rejected, Rejected)
    assert rejected.record_id == "her-01"
    assert reason in rejected.reason
    assert not isinstance(kept, Rejected)


def test_a_station_without_status_is_unmatched() -> None:
    rejected, _ = with_status(station_id="other")
    assert (rejected.kind, rejected.record_id) == ("unmatched", "her-01")


def test_an_unknown_version_is_malformed() -> None:
    (rejected,) = outcomes(information=parsed("gbfs/station_information.json") | {"version": "4.0"})
    assert rejected.reason == "GBFS 4.0 is not known; known are 2 and 3"


def test_a_station_out_of_service_says_so() -> None:
    assert with_status(is_renting=False)[0].to_entity()["status"]["value"] == "outOfService"
