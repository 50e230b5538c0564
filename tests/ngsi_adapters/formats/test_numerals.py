"""Numbers as people write them, and nothing that only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngsi_adapters.formats.numerals import german_number, german_percent, number, whole


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.100,5", 1100.5), ("0,5", 0.5), (" 12 ", 12), ("-3,25", -3.25), ("1.234.567", 1234567), ("1234", 1234)],
)
def test_german_numbers(text: str, value: float) -> None:
    assert german_number(text) == value


@pytest.mark.parametrize("text", ["1,100.5", "51.538800", "1.10", "NaN", "inf", "1e5", "", "-", "12 l", "9" * 30])
def test_what_is_no_german_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number as in"):
        german_number(text)


@pytest.mark.parametrize("text", ["NaN", "inf", "-Infinity", "1,5", "1e999", "9" * 30, "", "0x10", "1_000"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number as in"):
        number(text)


def test_many_decimals_are_read_and_endless_ones_are_not() -> None:
    assert number("9.175855619343162857142857143") == 9.175855619343163
    with pytest.raises(ValueError, match="is not a number as in"):
        number("0." + "3" * 41)


@pytest.mark.parametrize("value", [True, float("nan"), float("inf"), "1.5", ""])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        whole(value)  # type: ignore[arg-type]


@given(st.integers(-(10**15), 10**15))
def test_whole_numbers_are_read_in_both_notations(value: int) -> None:
    assert whole(str(value)) == value == number(value)
    assert german_number(f"{value:,}".replace(",", ".")) == value


def test_a_share_may_carry_its_sign() -> None:
    assert german_percent("57,5 %") == german_percent("57,5") == 0.575
