"""Observed properties of SensorThings as attributes of an entity, by an operator's file."""

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from ngsi_adapters.declared.declare import declared
from tests.ngsi_adapters.conftest import Bench
from tests.ngsi_adapters.outcomes import entities, rejects
from tests.ngsi_adapters.servers import Page, SourceServer

SOURCE = declared("frost_air", Path(__file__).parents[3] / "docs" / "sources" / "sensorthings_air.yaml")
VOCABULARY = "http://dd.eionet.europa.eu/vocabulary/aq/pollutant/"


def stream(name: str, result: Any, time: str = "2026-11-22T09:00:00Z", definition: str = "") -> dict[str, Any]:
    observed = {"name": name, "definition": definition or f"urn:x/{name}"}
    return {"ObservedProperty": observed, "Observations": [{"phenomenonTime": time, "result": result}]}


THING: dict[str, Any] = {
    "@iot.id": 7,
    "name": "Station Herne",
    "description": "Luftmessung",
    "Locations": [{"location": {"type": "Point", "coordinates": [7.22, 51.54]}}],
    "Datastreams": [
        stream("Stickstoffdioxid", 31.5, "2026-11-22T08:00:00Z/2026-11-22T09:00:00Z", VOCABULARY + "NO2"),
        stream("PM10", 18.2, "2024-01-01T00:00:00Z"),
        stream("Air Temperature", -9999),
        stream("Relative Humidity", 81),
        {"ObservedProperty": {"name": "Lärm", "definition": None}, "Observations": []},
    ],
}


def page(*things: Any) -> dict[str, Any]:
    return {"value": list(things)}


def test_observed_properties_become_attributes_in_their_units() -> None:
    (found,) = entities(SOURCE, page(THING))
    assert found["id"] == "urn:ngsi-ld:AirQualityObserved:frost-7"
    assert (found["no2"]["value"], found["no2"]["unitCode"]) == (31.5, "GQ")
    assert found["no2"]["observedAt"] == "2026-11-22T09:00:00Z"
    assert found["relativeHumidity"]["value"] == 0.81
    assert found["location"]["value"]["coordinates"] == [7.22, 51.54]


def test_a_result_that_is_old_or_stands_for_none_is_left_out() -> None:
    (found,) = entities(SOURCE, page(THING))
    assert not {"pm10", "temperature"} & found.keys()


def test_of_several_streams_of_a_property_the_newest_counts() -> None:
    newer = stream("NO2", 40, "2026-11-22T09:10:00Z")
    (found,) = entities(SOURCE, page({**THING, "Datastreams": [newer, *THING["Datastreams"]]}))
    assert found["no2"]["value"] == 40


def test_a_thing_that_observes_nothing_of_that_is_passed_over() -> None:
    other = {**THING, "@iot.id": 8, "Datastreams": THING["Datastreams"][4:]}
    assert len(entities(SOURCE, page(THING, other))) == 1
    assert rejects(SOURCE, page(other)) == []


@pytest.mark.parametrize("wrong", [{"Datastreams": 3}, {"Locations": []}, {"@iot.id": None, "Locations": [{}]}])
def test_a_wrong_thing_is_rejected_and_the_others_are_kept(wrong: dict[str, Any]) -> None:
    payload = page({**deepcopy(THING), **wrong}, {**THING, "@iot.id": 9})
    assert len(rejects(SOURCE, payload)) == 1
    assert [found["id"][-1] for found in entities(SOURCE, payload)] == ["9"]


@pytest.mark.anyio
async def test_it_is_read_page_by_page_into_the_broker(bench: Bench, server: SourceServer) -> None:
    first = orjson.dumps(page(THING) | {"@iot.nextLink": server.url("/Things2")})
    server.pages["/Things2"] = Page(orjson.dumps(page({**THING, "@iot.id": 9})))
    asked = replace(SOURCE, url=server.url("/Things"))
    query = "&".join(f"{name}={quote(value)}" for name, value in SOURCE.fetching.query.items())
    server.pages[f"/Things?{query}"] = Page(first)
    state = await bench.runner([asked]).run_once(asked)
    assert (state.last_error, state.records) == (None, 2), server.asked
    assert server.asked[0][0].startswith("/Things?$expand=Locations%2CDatastreams")
