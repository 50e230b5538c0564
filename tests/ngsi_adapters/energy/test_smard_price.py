"""SMARD's day-ahead price."""

from datetime import datetime
from typing import Any

from ngsi_adapters.reading import read
from ngsi_adapters.sources.energy.smard_price import SOURCE, weeks
from ngsi_client.rejected import Rejected
from tests.ngsi_adapters.outcomes import documents_of, sample

(DOCUMENTS,) = documents_of(SOURCE)


def at(moment: str) -> Any:
    (outcome,) = read(SOURCE, DOCUMENTS, datetime.fromisoformat(moment))
    return outcome


def test_the_price_of_the_current_quarter_is_told() -> None:
    price = at("2026-11-22T09:20Z").to_entity()
    assert price["effectiveSince"]["value"] == "2026-11-22T09:15:00Z"
    assert price["dateExpires"]["value"] == "2026-11-22T09:30:00Z"
    assert isinstance(price["kpiValue"]["value"], float)
    assert price["kpiValue"]["observedAt"] == "2026-11-22T09:15:00Z"


def test_at_the_turn_of_the_week_the_week_before_is_known() -> None:
    assert at("2026-11-15T22:50Z").to_entity()["effectiveSince"]["value"] == "2026-11-15T22:45:00Z"


def test_a_time_before_all_prices_is_rejected() -> None:
    outcome = at("2026-11-01T00:00Z")
    assert isinstance(outcome, Rejected)
    assert "SMARD tells no price for 2026-11-01" in outcome.reason


def test_the_newest_two_weeks_are_followed() -> None:
    assert len(weeks(sample("smard_price/main.json"))) == 2
    assert list(weeks(b'{"timestamps": [3, 1, 2]}').values())[-1] == "4169_DE_quarterhour_3.json"
