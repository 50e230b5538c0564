"""Alerts of containers: raised, kept while they last, ended when emptied; with the real broker."""

from typing import Any

import pytest

from ngsi_adapters.sources.waste.waste_alerts import SOURCE
from tests.ngsi_adapters.conftest import Bench
from tests.ngsi_adapters.outcomes import entities, parsed, rejects

SAMPLE = parsed("waste_alerts/entities.json")
FULL: dict[str, Any] = SAMPLE[0]


def filled(share: float, minute: int) -> dict[str, Any]:
    level = {"type": "Property", "value": share, "observedAt": f"2026-11-22T09:{minute:02}:00Z"}
    return FULL | {"fillingLevel": level}


def test_overfull_and_hot_containers_raise_an_alert_and_an_emptied_one_ends_it() -> None:
    overfull, hot, ended = entities(SOURCE, SAMPLE)
    assert overfull["id"] == "urn:ngsi-ld:Alert:overfull:GL-0001:20261122T091500"
    assert overfull["description"]["value"] == "Behälter überfüllt / container overfull: Röhlinghausen Markt"
    assert (hot["severity"]["value"], hot["subCategory"]["value"]) == ("critical", "fireRisk")
    assert ended["id"] == "urn:ngsi-ld:Alert:overfull:RE-0003:20261121T060000"
    assert (ended["severity"]["value"], "validTo" in ended) == ("informational", True)


@pytest.mark.parametrize(("share", "alerts"), [(0.89, 0), (0.9, 1), (1, 1)])
def test_the_threshold_is_nine_tenths(share: float, alerts: int) -> None:
    assert len(entities(SOURCE, [filled(share, 15)])) == alerts


def test_a_burning_container_is_hot_without_a_temperature() -> None:
    (alert,) = entities(SOURCE, [SAMPLE[2] | {"status": {"type": "Property", "value": "burning"}}])
    assert alert["data"]["value"] == {"kind": "hot", "threshold": 60.0}


def test_alerts_of_others_are_left_alone() -> None:
    foreign = SAMPLE[3] | {"id": "urn:ngsi-ld:Alert:gtfs:1", "data": {"type": "Property", "value": {"kind": "delay"}}}
    assert entities(SOURCE, [foreign]) == []


def test_a_wrong_container_is_rejected_and_the_others_are_kept() -> None:
    broken = FULL | {"id": "urn:ngsi-ld:WasteContainer:B", "fillingLevel": {"type": "Property", "value": "voll"}}
    (rejected,) = rejects(SOURCE, [broken, *SAMPLE])
    assert rejected.record_id == "urn:ngsi-ld:WasteContainer:B"
    assert len(entities(SOURCE, [broken, *SAMPLE])) == 3


@pytest.mark.anyio
async def test_an_alert_lasts_ends_and_comes_again_in_the_broker(bench: Bench) -> None:
    client, runner, seen = bench.client.for_tenant("entsorgung"), bench.runner([SOURCE]), []
    for minute, share in enumerate((0.95, 0.85, 0.1, 0.1, 0.97)):
        await client.upsert([filled(share, minute)])
        state = await runner.run_once(SOURCE)
        assert (state.last_error, state.rejects) == (None, 0)
        alerts = await client.query(type="Alert")
        seen.append([("validTo" in alert, alert["dateIssued"]["value"][14:16]) for alert in alerts])
    assert seen[:2] == [[(False, "00")], [(False, "00")]]
    assert seen[2:4] == [[(True, "00")], [(True, "00")]]
    assert sorted(seen[4]) == [(False, "04"), (True, "00")]
