"""Local times without a zone, also in the two nights of clock change."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngsi_adapters.formats.times import BERLIN, berlin, german_time, moment, unix_moment, utc_moment


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("21.11.2026 06:45", "2026-11-21T05:45"),
        ("21.07.2026 06:45:30", "2026-07-21T04:45:30"),
        ("29.03.2026 01:59", "2026-03-29T00:59"),
        ("29.03.2026 03:00", "2026-03-29T01:00"),
        ("25.10.2026 01:59", "2026-10-24T23:59"),
        ("25.10.2026 02:30", "2026-10-25T00:30"),
        ("25.10.2026 03:00", "2026-10-25T02:00"),
    ],
)
def test_german_time_is_summer_time_and_winter_time(text: str, utc: str) -> None:
    assert german_time(text) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("fetched", "utc"), [("2026-10-25T00:31", "2026-10-25T00:30"), ("2026-10-25T01:31", "2026-10-25T01:30")]
)
def test_of_the_hour_that_comes_twice_the_later_one_is_meant_unless_it_is_not_yet(fetched: str, utc: str) -> None:
    fetched_at = datetime.fromisoformat(fetched).replace(tzinfo=UTC)
    assert german_time("25.10.2026 02:30", fetched_at) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["29.03.2026 02:00", "29.03.2026 02:30", "29.03.2026 02:59:59"])
def test_the_hour_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not exist in Europe/Berlin"):
        german_time(text)


@given(st.integers(1_577_836_800, 1_893_456_000))
def test_what_is_written_in_german_time_is_read_back(seconds: int) -> None:
    when = unix_moment(seconds)
    local = when.astimezone(BERLIN).replace(tzinfo=None, fold=0)
    assert when in (berlin(local), berlin(local, datetime(2031, 1, 1, tzinfo=UTC)))


def test_an_offset_that_is_given_counts() -> None:
    expected = datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert moment("2026-11-22T10:00:00+01:00") == moment("2026-11-22T10:00") == expected
    assert utc_moment("2026-11-22T09:00") == utc_moment("2026-11-22T09:00Z") == expected
    assert unix_moment(1795338000) == expected
