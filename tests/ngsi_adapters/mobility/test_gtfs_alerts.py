"""Disruptions of GTFS Realtime."""

from typing import Any

from google.transit.gtfs_realtime_pb2 import FeedMessage

from ngsi_adapters.sources.mobility.gtfs_alerts import SOURCE
from tests.ngsi_adapters.outcomes import entities, rejects, sample


def feed() -> Any:
    return FeedMessage.FromString(sample("gtfs_alerts/alerts.pb"))


def test_an_alert_is_told_in_german_with_what_it_concerns() -> None:
    works, _ = entities(SOURCE, feed().SerializeToString())
    assert works["name"]["value"] == "Linie 333: Umleitung"
    assert (works["category"]["value"], works["subCategory"]["value"]) == ("traffic", "roadWorks")
    assert works["severity"]["value"] == "medium"
    assert works["data"]["value"] == {
        "routes": ["urn:ngsi-ld:GtfsRoute:HCR-333"],
        "stops": ["urn:ngsi-ld:GtfsStop:de%3A05916%3A5201%3A1%3A1"],
    }


def test_an_alert_until_further_notice_has_no_end_and_its_heading_as_text() -> None:
    _, delays = entities(SOURCE, feed().SerializeToString())
    assert "validTo" not in delays
    assert (delays["subCategory"]["value"], delays["description"]["value"]) == ("trafficJam", "U35: Verspätungen")


def test_an_alert_that_is_over_is_left_out() -> None:
    changed = feed()
    changed.entity[0].alert.active_period[0].end = changed.header.timestamp - 60
    assert len(entities(SOURCE, changed.SerializeToString())) == 1


def test_a_wrong_alert_is_rejected_and_the_other_kept() -> None:
    changed = feed()
    changed.entity[0].alert.active_period[0].start = changed.entity[0].alert.active_period[0].end + 60
    (rejected,) = rejects(SOURCE, changed.SerializeToString())
    assert (rejected.record_id, "before it begins" in rejected.reason) == ("HCR-2026-118", True)
    assert len(entities(SOURCE, changed.SerializeToString())) == 1


def test_an_address_that_is_none_is_rejected() -> None:
    changed = feed()
    changed.entity[0].alert.url.translation[0].text = "siehe Aushang"
    assert "seeAlso" in rejects(SOURCE, changed.SerializeToString())[0].reason


def test_a_feed_that_is_cut_off_or_none_is_malformed() -> None:
    for payload in (sample("gtfs_alerts/alerts.pb")[:-5], b""):
        assert rejects(SOURCE, payload)[0].kind == "malformed"
