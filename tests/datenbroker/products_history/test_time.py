"""How the time that is asked for meets the beginning of what a product shows."""

from datetime import UTC, datetime

import pytest

from datenbroker.lens.temporal import past_of, since
from datenbroker.lens.temporal_wire import Asked, params_of
from ngsi_ld.errors import BadRequestData
from ngsi_ld.jsonld.context import core_context

START = datetime(2031, 2, 3, 10, 20, tzinfo=UTC)
SUMS = "&format=aggregatedValues&aggrMethods=sum&aggrPeriodDuration="

TABLE = [
    # asked for, and what the broker is asked for; None: nothing, without asking
    ("", "after 10:20"),
    ("after 08:00", "after 10:20"),
    ("after 10:20", "after 10:20"),
    ("after 12:00", "after 12:00"),
    ("before 10:20", None),
    ("before 12:00", "between 10:20 12:00"),
    ("between 08:00 09:00", None),
    ("between 08:00 10:20", None),
    ("between 08:00 12:00", "between 10:20 12:00"),
    ("between 11:00 12:00", "between 11:00 12:00"),
    ("between 12:00 11:00", None),
    (f"after 08:00{SUMS}PT1H", "after 11:00"),
    (f"after 08:20{SUMS}PT1H", "after 10:20"),
    (f"after 08:00{SUMS}PT45M", "after 11:00"),
    (f"after 12:30{SUMS}PT1H", "after 12:30"),
    (f"before 12:00{SUMS}PT1H", "between 10:20 12:00"),
    (f"between 08:00 10:50{SUMS}PT1H", None),
    (f"after 08:00{SUMS}PT0S", "after 10:20"),
]


def moment(text: str) -> str:
    return f"2031-02-03T{text}:00Z"


def asked_for(text: str) -> dict[str, str]:
    """`between 08:00 12:00&format=…` as parameters."""
    time, *others = text.split("&")
    params = dict(other.split("=") for other in others)
    if time:
        relation, *moments = time.split()
        params |= {"timerel": relation} | dict(zip(("timeAt", "endTimeAt"), map(moment, moments), strict=False))
    return params


@pytest.mark.parametrize(("text", "due"), TABLE)
def test_nothing_before_the_beginning_is_asked_for(text: str, due: str | None) -> None:
    past = since(past_of(asked_for(text)), START)
    if past is None or due is None:
        assert (past, due) == (None, None)
        return
    sent = params_of(Asked(past), core_context())
    assert {name: sent[name] for name in ("timerel", "timeAt", "endTimeAt") if name in sent} == asked_for(due)


@pytest.mark.parametrize("time_property", ["modifiedAt", "createdAt", "deletedAt"])
def test_a_limited_past_is_one_by_observation(time_property: str) -> None:
    past = past_of(asked_for("after 12:00") | {"timeproperty": time_property})
    with pytest.raises(BadRequestData, match="leave timeproperty out"):
        since(past, START)
    whole = since(past, None)
    assert whole is None if time_property == "deletedAt" else whole == past


def test_periods_of_months_have_no_length_to_be_aligned_by() -> None:
    past = past_of(asked_for(f"after 08:00{SUMS}P1M"))
    assert since(past, None) == past
    with pytest.raises(BadRequestData, match="in days"):
        since(past, START)
