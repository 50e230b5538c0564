"""Stations of the Umweltbundesamt's API."""

import re
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from ngsi_adapters.reading import read
from ngsi_adapters.sources.environment.uba_air import SOURCE
from ngsi_client.rejected import Rejected
from tests.ngsi_adapters.conftest import FETCHED, Bench
from tests.ngsi_adapters.outcomes import parsed, served
from tests.ngsi_adapters.servers import SourceServer


def outcomes(hours: Any = None) -> list[Any]:
    main = parsed("uba_air/main.json")
    if hours is not None:
        main["data"]["1127"] = hours
    documents = {"main": orjson.dumps(main), "stations": orjson.dumps(parsed("uba_air/stations.json"))}
    return list(read(SOURCE, documents, FETCHED))


def test_the_newest_hour_of_stations_nearby_is_read_and_berlin_is_not() -> None:
    (station,) = (outcome.to_entity() for outcome in outcomes())
    assert station["id"] == "urn:ngsi-ld:AirQualityObserved:DENW022"
    assert (station["no2"]["value"], station["pm25"]["value"]) == (20, 13)
    assert station["airQualityLevel"]["value"] == "good"


def test_times_are_cet_also_in_summer_and_24_is_midnight() -> None:
    (station,) = outcomes({"2026-07-01 23:00:00": ["2026-07-01 24:00:00", 0, 0, [5, 9, 0, "0.4"]]})
    assert station.to_entity()["dateObserved"]["value"] == "2026-07-01T23:00:00Z"


def test_an_hour_without_values_yet_is_passed_over() -> None:
    hours = parsed("uba_air/main.json")["data"]["1127"]
    hours["2026-11-22 10:00:00"] = ["2026-11-22 11:00:00", None, 1, [5, None, None, None]]
    (station,) = outcomes(hours)
    assert station.to_entity()["dateObserved"]["value"] == "2026-11-22T09:00:00Z"


@pytest.mark.parametrize(
    ("hour", "reason"),
    [
        (["2026-11-22 10:00:00", 0, 0, [5, -999, 0, "0"]], "-999 is no concentration"),
        (["2026-11-22 10:00:00", 0, 0, [5, "viel", 0, "0"]], "is not a number"),
        (["2026-11-22", 0, 0, [5, 9, 0, "0"]], "invalid literal"),
        (["2026-11-22 10:00:00", 9, 0, [5, 9, 0, "0"]], "out of range"),
        (["2026-11-22 10:00:00", 0, 0, [5, None, 0, "0"]], "no values in these hours"),
    ],
)
def test_a_wrong_hour_is_rejected_with_the_reason(hour: Any, reason: str) -> None:
    (rejected,) = outcomes({"2026-11-22 09:00:00": hour})
    assert isinstance(rejected, Rejected)
    assert rejected.record_id == "DENW022"
    assert reason in rejected.reason


@pytest.mark.anyio
async def test_yesterday_and_today_are_asked_for(bench: Bench, server: SourceServer) -> None:
    source = served(SOURCE, server)
    await bench.runner([source]).run_once(source)
    days = re.search(r"date_from=([\d-]{10})&date_to=([\d-]{10})&time_from=1&", server.requests[0].path)
    assert days is not None
    first, last = map(date.fromisoformat, days.groups())
    assert last - first == timedelta(days=1)
