"""Collection calendars: the next day of each street."""

import pytest

from ngsi_adapters.sources.waste.waste_calendar import SOURCE
from tests.ngsi_adapters.outcomes import entities, rejects, sample

ICS = sample("waste_calendar/calendar.ics")
RULE = b"RRULE:FREQ=WEEKLY;INTERVAL=2\r\n"


def by_name(payload: bytes = ICS) -> dict[str, str]:
    return {found["name"]["value"]: found["dateObserved"]["value"] for found in entities(SOURCE, payload)}


def test_each_street_and_kind_has_its_next_collection() -> None:
    assert by_name() == {
        "Restabfall, Bahnhofstraße": "2026-12-09T05:00:00Z",  # the one of 25 November is called off
        "Altpapier, Bahnhofstraße": "2030-11-26T05:00:00Z",
        "Bioabfall, Hauptstraße": "2026-11-24T05:00:00Z",
    }


def test_a_house_number_is_dropped() -> None:
    addresses = [found["address"]["value"] for found in entities(SOURCE, ICS)]
    assert {address["streetAddress"] for address in addresses} == {"Bahnhofstraße", "Hauptstraße"}
    assert addresses[0]["addressLocality"] == "Herne"


def test_of_several_events_the_earliest_counts() -> None:
    extra = ICS.replace(b"DTSTART;VALUE=DATE:20251231", b"DTSTART;VALUE=DATE:20261123")
    assert by_name(extra)["Restabfall, Hauptstraße"] == "2026-11-23T05:00:00Z"


def test_a_calendar_of_one_place_tells_it_by_its_name() -> None:
    lines = [line for line in ICS.splitlines(keepends=True) if not line.startswith(b"LOCATION")]
    alone = b"".join(lines).replace(b"Abfallkalender Herne", "Abfallkalender Bahnhofstraße 2026".encode())
    assert by_name(alone)["Altpapier, Bahnhofstraße"] == "2030-11-26T05:00:00Z"
    nameless = alone.replace(b"X-WR-CALNAME", b"X-OTHER")
    assert {each.reason for each in rejects(SOURCE, nameless)} == {"'LOCATION' is missing"}


def test_a_real_calendar_of_one_place_has_alarms_ends_and_folded_lines() -> None:
    found = by_name(sample("waste_calendar/one_place.ics"))
    assert found["Restmüll (grau) 14-täglich, Röhlinghauser Straße"] == "2026-11-25T05:00:00Z"
    assert len(found) == 4


def test_midnight_in_utc_is_the_day_in_germany() -> None:
    shifted = ICS.replace(b"DTSTART;VALUE=DATE:20301126", b"DTSTART:20301125T230000Z")
    assert by_name(shifted)["Altpapier, Bahnhofstraße"] == "2030-11-26T05:00:00Z"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (RULE, b"RRULE:FREQ=SECONDLY\r\n", "collections are daily at the most"),
        (b"20260107", b"19260107", "more than ten years away"),
        (b"LOCATION:Bahnhofstra\xc3\x9fe 12\\, Herne\r\n", b"", "'LOCATION' is missing"),
    ],
)
def test_a_wrong_event_is_rejected_and_the_others_are_kept(old: bytes, new: bytes, reason: str) -> None:
    payload = ICS.replace(old, new, 1)
    (rejected,) = rejects(SOURCE, payload)
    assert reason in rejected.reason
    assert len(entities(SOURCE, payload)) == 2


def test_windows_1252_is_understood() -> None:
    assert by_name(ICS.decode().encode("cp1252")) == by_name()


@pytest.mark.parametrize("payload", [ICS[:-30], b"", b"END:VCALENDAR"])
def test_a_file_that_is_cut_off_is_malformed(payload: bytes) -> None:
    assert rejects(SOURCE, payload)[0].kind == "malformed"
