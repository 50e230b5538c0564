"""What aggregates show, and what they hold back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datenbroker.products.aggregation.figures import Contribution, Rules, contribution, figures
from datenbroker.products.product import Aggregation
from ngsi_ld.jsonld.context import core_context
from ngsi_ld.model.kinds import EntityDocument

CORE = core_context()
ENERGY, STREET = CORE.expand("energy"), CORE.expand("street")
SINCE = datetime(2026, 11, 22, 9, tzinfo=UTC)
SUMS = Aggregation.model_validate({"measures": [{"attribute": "energy"}], "group_by": "street"})
BOTH = Aggregation.model_validate(
    {"measures": [{"attribute": "energy"}, {"attribute": "power", "function": "mean"}], "floor": 3}
)


def some(count: int, value: float = 1.0, start: int = 0, group: str = "a") -> list[Contribution]:
    return [Contribution(f"urn:m:{number}", group, (value,)) for number in range(start, start + count)]


def ids(contributions: list[Contribution]) -> frozenset[str]:
    return frozenset(one.entity for one in contributions)


def test_a_group_is_shown_from_the_floor_on() -> None:
    shown, held = figures(some(5) + some(4, start=10, group="b"), SUMS, {})
    assert [(one.group, one.values, len(one.members)) for one in shown] == [("a", (5.0,), 5)]
    assert held == []


def test_a_group_in_which_one_outweighs_the_others_is_not_shown() -> None:
    assert figures([*some(5), *some(1, 21, start=9)], SUMS, {})[0] == []
    assert figures([*some(5), *some(1, 19, start=9)], SUMS, {})[0] != []
    assert figures([*some(5), *some(1, -21, start=9)], SUMS, {})[0] == []
    assert figures(some(5, 0.0), SUMS, {})[0][0].values == (0.0,)


def test_newcomers_wait_until_they_are_enough() -> None:
    before = {"a": ids(some(6))}
    assert figures(some(10), SUMS, before)[0][0].members == before["a"]
    assert figures(some(11), SUMS, before)[0][0].members == ids(some(11))


def test_a_group_that_a_few_have_left_is_held_back() -> None:
    before = {"a": ids(some(12))}
    assert figures(some(11), SUMS, before) == ([], ["a"])
    assert figures(some(8), SUMS, before) == ([], ["a"])
    assert len(figures(some(7), SUMS, before)[0][0].members) == 7


def test_what_is_measured_in_different_units_is_not_added_up() -> None:
    alike = [Contribution(f"urn:m:{number}", "a", (1.0,), ("KWH",)) for number in range(6)]
    other = Contribution("urn:m:9", "a", (1.0,), ("MWH",))
    assert figures(alike, SUMS, {})[0][0].units == ("KWH",)
    assert figures([*alike, other], SUMS, {})[0] == []


def test_sum_and_mean_are_of_the_same_entities() -> None:
    values = [Contribution(f"urn:m:{number}", "all", (float(number), 10.0 * number)) for number in range(1, 5)]
    assert figures(values, BOTH, {})[0][0].values == (10.0, 25.0)


@given(st.lists(st.sets(st.integers(0, 14), max_size=15), max_size=12))
def test_no_two_shown_snapshots_differ_by_fewer_than_the_floor(periods: list[set[int]]) -> None:
    before: dict[str, frozenset[str]] = {}
    for present in periods:
        shown, _ = figures([Contribution(str(one), "a", (1.0,)) for one in present], SUMS, before)
        for one in shown:
            assert len(one.members) >= SUMS.floor
            last = before.get("a", frozenset())
            for few in (one.members - last, last - one.members):
                assert not 0 < len(few) < SUMS.floor
            before["a"] = one.members


def entity(**members: object) -> EntityDocument:
    street = [{"type": "Property", "value": "Hauptstraße"}]
    return {"id": "urn:m:1", "type": ["Meter"], STREET: street} | members


@pytest.mark.parametrize(
    ("instance", "value"),
    [
        ({"value": 3}, 3.0),
        ({"value": 3, "observedAt": "2026-11-22T09:30:00Z"}, 3.0),
        ({"value": 3, "observedAt": "2026-11-22T08:30:00Z"}, None),
        ({"value": 3, "datasetId": "urn:d"}, None),
        ({"value": True}, None),
        ({"value": "3"}, None),
        ({"value": float("inf")}, None),
    ],
)
def test_what_counts_is_a_fresh_number(instance: dict[str, object], value: float | None) -> None:
    rules = Rules.of(SUMS, CORE)
    found = contribution(entity(**{ENERGY: [{"type": "Property"} | instance]}), rules, SINCE)
    assert (found and found.values) == (None if value is None else (value,))


@pytest.mark.parametrize(
    ("group_by", "group"),
    [
        (None, "all"),
        ("type", "Meter"),
        ("scope", "/Herne"),
        ("street", "Hauptstraße"),
        ("refRoad", "urn:road"),
        ("x", None),
    ],
)
def test_an_entity_is_in_one_group(group_by: str | None, group: str | None) -> None:
    aggregation = SUMS.model_copy(update={"group_by": group_by})
    road = {CORE.expand("refRoad"): [{"type": "Relationship", "object": "urn:road"}]}
    whole = entity(**{ENERGY: [{"type": "Property", "value": 1}], "scope": ["/Herne", "/Herne/Wanne"]}, **road)
    found = contribution(whole, Rules.of(aggregation, CORE), SINCE)
    assert (found and found.group) == group
