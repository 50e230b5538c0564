"""Charging sessions by OCPI: the newest of each location, and nobody's name."""

import orjson
import pytest

from ngsi_adapters.sources.energy.ocpi_sessions import SOURCE
from tests.ngsi_adapters.outcomes import entities, parsed, rejects

PATH = "ocpi_sessions/sessions.json"


def test_the_newest_session_of_each_location_is_told() -> None:
    seven, eight = entities(SOURCE, parsed(PATH))
    assert (seven["id"], seven["transactionId"]["value"]) == ("urn:ngsi-ld:EVChargingStation:DE:SWH:LOC-7", "S-4711")
    assert (seven["sessionStatus"]["value"], "endDateTime" in seven) == ("active", False)
    assert seven["sessionEnergy"] == {
        "type": "Property", "value": 7.42, "unitCode": "KWH", "observedAt": "2026-11-22T09:15:00Z"
    }  # fmt: skip
    assert (eight["transactionId"]["value"], eight["amountCollected"]["value"]) == ("S-4690", 9.02)
    assert eight["taxAmountCollected"]["value"] == 1.44


def test_nothing_tells_who_charged() -> None:
    written = orjson.dumps(entities(SOURCE, parsed(PATH)))
    for secret in (b"012345678", b"DE8ACC12E46L89", b"0A0B0C0D", b"WHITELIST"):
        assert secret not in written


def test_a_session_that_has_not_begun_tells_nothing() -> None:
    document = parsed(PATH)
    document["data"][0]["status"] = "PENDING"
    assert len(entities(SOURCE, document)) == 1


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("status", "RUNNING", "is no status of a session"),
        ("kwh", -1, "sessionEnergy: Input should be greater than or equal to 0"),
        ("kwh", "much", "'much' is not a number"),
        ("last_updated", "today", "Invalid isoformat"),
    ],
)
def test_a_wrong_session_is_rejected_and_the_others_are_kept(member: str, value: str, reason: str) -> None:
    document = parsed(PATH)
    document["data"][0][member] = value
    (rejected,) = rejects(SOURCE, document)
    assert (rejected.record_id, reason in rejected.reason) == ("S-4711", True)
    assert len(entities(SOURCE, document)) == 1


def test_an_error_of_the_operator_is_malformed() -> None:
    (rejected,) = rejects(SOURCE, {"status_code": 2001, "status_message": "Invalid parameters"})
    assert "OCPI status 2001: Invalid parameters" in rejected.reason
