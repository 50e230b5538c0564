"""Next arrivals of GTFS Realtime."""

from typing import Any

from google.transit.gtfs_realtime_pb2 import FeedMessage

from ngsi_adapters.sources.mobility.gtfs_realtime import SOURCE
from tests.ngsi_adapters.outcomes import entities, rejects, sample


def feed() -> Any:
    return FeedMessage.FromString(sample("gtfs_realtime/trip_updates.pb"))


def test_at_each_stop_the_next_arrival_of_each_route_counts() -> None:
    found = {each["id"]: each for each in entities(SOURCE, feed().SerializeToString())}
    assert len(found) == 3
    bus = found["urn:ngsi-ld:ArrivalEstimation:de%3A05916%3A5130%3A1%3A1:HCR-333:0"]
    assert bus["hasTrip"]["object"] == "urn:ngsi-ld:GtfsTrip:HCR-333-0915"
    assert bus["remainingTime"] == {"type": "Property", "value": "PT5M30S", "observedAt": "2026-11-22T09:29:40Z"}
    assert bus["headSign"]["value"] == "Castrop-Rauxel Münsterplatz"


def test_a_trip_without_a_headsign_is_told_by_its_route() -> None:
    tram = next(each for each in entities(SOURCE, feed().SerializeToString()) if "U35" in each["id"])
    assert tram["headSign"]["value"] == "Linie BOG-U35"


def test_a_cancelled_trip_arrives_nowhere() -> None:
    assert "BOG-U35-78" not in str(entities(SOURCE, feed().SerializeToString()))


def test_what_is_over_and_what_is_far_off_is_left_out() -> None:
    changed = feed()
    first, second = changed.entity[0].trip_update.stop_time_update
    first.arrival.time -= 3600
    second.arrival.time += 3 * 3600
    arrivals = [each["hasTrip"]["object"] for each in entities(SOURCE, changed.SerializeToString())]
    assert "urn:ngsi-ld:GtfsTrip:HCR-333-0915" not in arrivals
    assert "urn:ngsi-ld:GtfsTrip:HCR-333-0935" in arrivals


def test_a_trip_that_tells_delays_only_is_rejected_and_the_others_kept() -> None:
    changed = feed()
    for stop in changed.entity[0].trip_update.stop_time_update:
        stop.arrival.ClearField("time")
    (rejected,) = rejects(SOURCE, changed.SerializeToString())
    assert (rejected.record_id, "delays only" in rejected.reason) == ("HCR-333-0915", True)
    assert len(entities(SOURCE, changed.SerializeToString())) == 2


def test_a_trip_without_its_id_is_rejected() -> None:
    changed = feed()
    changed.entity[2].trip_update.trip.ClearField("trip_id")
    assert rejects(SOURCE, changed.SerializeToString())[0].reason == "'trip_id' is missing"


def test_a_feed_that_is_cut_off_or_none_is_malformed() -> None:
    for payload in (sample("gtfs_realtime/trip_updates.pb")[:-5], b"", b"not a feed"):
        (rejected,) = rejects(SOURCE, payload)
        assert rejected.kind == "malformed"
