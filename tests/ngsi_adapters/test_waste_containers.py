"""The register of containers as a German office exports it."""

import pytest

from ngsi_adapters.sources.waste.waste_containers import SOURCE
from tests.ngsi_adapters.outcomes import entities, rejects, sample

CSV = sample("waste_containers/containers.csv")
TEXT = CSV.decode("utf-8-sig")


def changed(old: str, new: str) -> bytes:
    assert old in TEXT
    return TEXT.replace(old, new, 1).encode()


def test_german_numbers_times_and_words_are_understood() -> None:
    first = entities(SOURCE, CSV)[0]
    assert first["id"] == "urn:ngsi-ld:WasteContainer:GL-0001"
    assert first["fillingLevel"] == {
        "type": "Property",
        "value": 0.575,
        "unitCode": "C62",
        "observedAt": "2026-11-22T09:15:00Z",
    }
    assert first["binCapacity"] == {"type": "Property", "value": 3200, "unitCode": "LTR"}
    assert (first["storedWasteKind"]["value"], first["category"]["value"]) == ("glass", ["underground"])
    assert first["dateLastEmptying"]["value"] == "2026-11-13T06:40:00Z"
    assert first["location"]["value"]["coordinates"] == [7.2257, 51.5388]


def test_a_byte_order_mark_and_windows_1252_make_no_difference() -> None:
    assert entities(SOURCE, sample("waste_containers/containers_cp1252.csv")) == entities(SOURCE, CSV)
    assert entities(SOURCE, TEXT.encode()) == entities(SOURCE, CSV)
    assert entities(SOURCE, CSV)[1]["name"]["value"] == "Röhlinghausen Markt"


def test_a_separator_within_quotes_belongs_to_the_text() -> None:
    assert entities(SOURCE, CSV)[2]["name"]["value"] == "Hauptstraße; Ecke Glückaufplatz"


def test_an_empty_cell_is_no_value() -> None:
    third = entities(SOURCE, CSV)[2]
    assert "fillingLevel" not in third
    assert "status" not in third


def test_summer_time_is_two_hours_ahead_of_utc() -> None:
    summer = entities(SOURCE, changed("13.11.2026 07:40", "13.07.2026 07:40"))[0]
    assert summer["dateLastEmptying"]["value"] == "2026-07-13T05:40:00Z"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (";57,5;", ";157,5;", "fillingLevel: Input should be less than or equal to 1 (is 1.575)"),
        (";57,5;", ";voll;", "'voll' is not a number"),
        ("51,538800", "51.538800", "'51.538800' is not a number"),
        ("Altglas", "Atommüll", "Abfallart: 'Atommüll' is none of altglas"),
        ("13.11.2026 07:40", "2026-11-13", "is no time as in 21.11.2026 06:45"),
        ("Röhlinghausen Markt;", "", "the line has 17 columns"),
        ("GL-0001", "", "'Behälternummer' is missing"),
    ],
)
def test_a_wrong_line_is_rejected_and_the_others_are_kept(old: str, new: str, reason: str) -> None:
    payload = changed(old, new)
    (rejected,) = rejects(SOURCE, payload)
    assert reason in rejected.reason
    assert len(entities(SOURCE, payload)) == 3


@pytest.mark.parametrize("payload", [b"", b"\r\n\r\n", b"a,b,c\r\n1,2,3\r\n", b"Nummer;Abfallart\r\n1;Altglas\r\n"])
def test_a_file_without_the_columns_is_malformed(payload: bytes) -> None:
    (rejected,) = rejects(SOURCE, payload)
    assert rejected.kind == "malformed"
    assert "names no column Behälternummer" in rejected.reason


def test_a_number_that_is_twice_is_rejected_the_second_time() -> None:
    (rejected,) = rejects(SOURCE, changed("PA-0002", "GL-0001"))
    assert (rejected.kind, rejected.record_id) == ("duplicate", "urn:ngsi-ld:WasteContainer:GL-0001")
