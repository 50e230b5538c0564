"""DWD's weather warnings."""

import pytest

from ngsi_adapters.sources.environment.dwd_warnings import SOURCE
from tests.ngsi_adapters.outcomes import documents_of, entities, rejects

(DOCUMENT,) = documents_of(SOURCE)
assert isinstance(DOCUMENT, bytes)
HERNE = DOCUMENT.decode()


def test_a_warning_for_herne_is_told_in_german_and_in_english() -> None:
    (warning,) = entities(SOURCE, HERNE.encode())
    assert warning["name"]["value"] == "Amtliche WARNUNG vor FROST"
    assert warning["alternateName"]["value"] == "Official WARNING of FROST"
    assert (warning["subCategory"]["value"], warning["severity"]["value"]) == ("lowTemperature", "low")
    assert warning["validTo"]["value"] == "2026-11-23T09:00:00Z"


@pytest.mark.parametrize(
    ("old", "new"),
    [("805916000", "805112000"), (">Alert<", ">Cancel<"), (">Actual<", ">Test<"), (">Prepare<", ">AllClear<")],
)
def test_a_warning_elsewhere_a_cancelled_one_and_a_test_are_none(old: str, new: str) -> None:
    assert entities(SOURCE, HERNE.replace(old, new).encode()) == []
    assert rejects(SOURCE, HERNE.replace(old, new).encode()) == []


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (22, "lowTemperature"),
        (40, "thunderstorms"),
        (51, "wind"),
        (63, "rainfall"),
        (73, "snow"),
        (85, "ice"),
        (88, "rain_flood"),
        (95, "thunderstorms"),
        (246, "ultravioletRadiation"),
        (247, "heatWave"),
        (300, "other"),
    ],
)
def test_codes_become_words(code: int, word: str) -> None:
    changed = HERNE.replace("<value>22<", f"<value>{code}<")
    assert entities(SOURCE, changed.encode())[0]["subCategory"]["value"] == word


@pytest.mark.parametrize(("told", "word"), [("Moderate", "medium"), ("Severe", "high"), ("Extreme", "critical")])
def test_the_severity_is_told_in_the_words_of_the_data_model(told: str, word: str) -> None:
    (warning,) = entities(SOURCE, HERNE.replace(">Minor<", f">{told}<").encode())
    assert warning["severity"]["value"] == word


def test_a_warning_until_further_notice_has_no_end() -> None:
    endless = HERNE.replace("<expires>2026-11-23T10:00:00+01:00</expires>", "")
    assert "validTo" not in entities(SOURCE, endless.encode())[0]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<expires>2026-11-23", "<expires>2026-11-20", "before it begins"),
        ("<onset>2026-11-22T18:00:00+01:00</onset>", "<onset>2026-11-22T18:00:00</onset>", "no offset"),
        ("<severity>Minor</severity>", "", "Unable to find <severity>"),
        (">Minor<", ">Arg<", "'arg' is no severity of CAP"),
        ("<value>22</value>", "<value>viel</value>", "viel"),
    ],
)
def test_a_wrong_warning_is_rejected_with_the_reason(old: str, new: str, reason: str) -> None:
    (rejected,) = rejects(SOURCE, HERNE.replace(old, new).encode())
    assert str(rejected.record_id).startswith("2.49.0.0.276.0.DWD.PVW")
    assert reason in rejected.reason


def test_a_file_that_is_no_cap_is_malformed() -> None:
    assert rejects(SOURCE, b"<rss/>")[0].reason == "the root element is rss, not alert (CAP)"
