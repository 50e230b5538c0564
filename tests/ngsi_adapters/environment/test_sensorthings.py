"""Datastreams of a SensorThings server."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from ngsi_adapters.sources.environment.sensorthings import SOURCE
from tests.ngsi_adapters.conftest import Bench
from tests.ngsi_adapters.outcomes import entities, parsed, rejects
from tests.ngsi_adapters.servers import Page, SourceServer


def with_result(result: object, time: str = "2026-11-22T09:15:00Z") -> Any:
    document = parsed("sensorthings/datastreams.json")
    document["value"][0]["Observations"] = [{"phenomenonTime": time, "result": result}]
    return document


def test_numbers_and_texts_of_any_observed_property_are_told() -> None:
    soil, pump = entities(SOURCE, parsed("sensorthings/datastreams.json"))
    assert (soil["controlledProperty"]["value"], soil["numValue"]["value"], soil["unit"]["value"]) == (
        "soilMoistureVwc",
        23.4,
        "%",
    )
    assert soil["refDevice"]["object"] == "urn:ngsi-ld:Device:sensorthings:21"
    assert (pump["textValue"]["value"], pump["textValue"]["observedAt"]) == ("running", "2026-11-22T09:10:00Z")
    assert pump["location"]["value"]["coordinates"] == [7.2104, 51.5561]


def test_a_measurement_written_as_text_is_a_number() -> None:
    soil = entities(SOURCE, with_result("23.5"))[0]
    assert (soil["numValue"]["value"], "textValue" in soil) == (23.5, False)


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ("nass", "is not a number"),
        (-999, "stands for a value that is missing"),
        (None, "no result"),
        ([1], "neither a number nor a text"),
    ],
)
def test_a_wrong_result_is_rejected_and_the_other_kept(result: object, reason: str) -> None:
    (rejected,) = rejects(SOURCE, with_result(result))
    assert rejected.record_id == "1"
    assert reason in rejected.reason
    assert len(entities(SOURCE, with_result(result))) == 1


def test_a_wrong_time_is_rejected() -> None:
    assert "heute" in rejects(SOURCE, with_result(1, "heute"))[0].reason


@pytest.mark.anyio
async def test_further_pages_are_read(bench: Bench, server: SourceServer) -> None:
    first, second = parsed("sensorthings/datastreams.json"), parsed("sensorthings/datastreams.json")
    first["value"], second["value"] = first["value"][:1], second["value"][1:]
    first["@iot.nextLink"] = server.url("/more")
    server.pages |= {"/Datastreams": Page(orjson.dumps(first)), "/more": Page(orjson.dumps(second))}
    source = replace(SOURCE, url=server.url("/Datastreams"))
    assert (await bench.runner([source]).run_once(source)).records == 2
    assert "$expand" in server.requests[0].path
