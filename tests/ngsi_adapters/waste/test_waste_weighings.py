"""Weighings of the lorries."""

import pytest

from ngsi_adapters.sources.waste.waste_weighings import SOURCE
from tests.ngsi_adapters.outcomes import entities, rejects, sample

TEXT = sample("waste_weighings/weighings.csv").decode("utf-8-sig")


def changed(old: str, new: str) -> bytes:
    assert old in TEXT
    return TEXT.replace(old, new, 1).encode()


def test_a_weighing_tells_weights_tour_and_lorry() -> None:
    first, second = entities(SOURCE, TEXT.encode())
    assert [first[name]["value"] for name in ("grossWeight", "tareWeight", "weight")] == [24860, 14120, 10740]
    assert first["weight"]["unitCode"] == "KGM"
    assert first["weight"]["observedAt"] == "2026-11-20T10:42:00Z"
    assert first["refGarbageTruck"]["object"] == "urn:ngsi-ld:Vehicle:HER-EW%20214"
    assert (second["weight"]["value"], second["description"]["value"]) == (7400.5, "Tour B-02")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("10.740", "11.740", "11.740 kg net is not 24.860 - 14.120"),
        ("14.120", "34.120", "24.860 kg full and 34.120 kg empty"),
        ("24.860", "-5", "-5 kg is no weight of a lorry"),
        ("24.860", "24860.0", "'24860.0' is not a number"),
        ("20.11.2026 11:42", "20.11.2027 11:42", "which is yet to come"),
        ("20.11.2026 11:42", "20.11.2026", "is no time"),
        (";10.740", "", "the line has 7 columns"),
    ],
)
def test_a_wrong_weighing_is_rejected_and_the_others_are_kept(old: str, new: str, reason: str) -> None:
    payload = changed(old, new)
    (rejected,) = rejects(SOURCE, payload)
    assert (rejected.record_id, reason in rejected.reason) == ("W-2026-10021", True)
    assert len(entities(SOURCE, payload)) == 1
