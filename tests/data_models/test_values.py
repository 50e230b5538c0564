"""Times, positions and lists that occur within values."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from data_models.values import DateTime, Distinct, Geometry, date_time_text

GEOMETRY: TypeAdapter[Geometry] = TypeAdapter(Geometry)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
def test_a_time_is_the_same_after_it_was_written_and_read(moment: datetime) -> None:
    assert TypeAdapter(DateTime).validate_python(date_time_text(moment)) == moment.astimezone(UTC)


@pytest.mark.parametrize(
    ("microsecond", "text"), [(0, "10:00:00Z"), (250_000, "10:00:00.250Z"), (250_001, "10:00:00.250001Z")]
)
def test_a_time_has_as_many_digits_as_it_needs(microsecond: int, text: str) -> None:
    assert date_time_text(datetime(2026, 11, 22, 10, 0, 0, microsecond, UTC)) == f"2026-11-22T{text}"


def test_a_time_without_an_offset_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="no offset"):
        date_time_text(datetime(2026, 11, 22, 10))  # noqa: DTZ001


@pytest.mark.parametrize("position", [[181, 51], [7, 91], [7], [7, 51, 60, 1], ["7", "51"], [None, 51]])
def test_a_position_that_is_nowhere_on_earth_is_refused(position: list[object]) -> None:
    with pytest.raises(ValidationError):
        GEOMETRY.validate_python({"type": "Point", "coordinates": position})


def test_geometries_of_every_type_are_read() -> None:
    ring = [[7, 51], [8, 51], [8, 52], [7, 51]]
    values = {"Point": ring[0], "MultiPoint": ring, "LineString": ring, "Polygon": [ring], "MultiLineString": [ring]}
    for kind, coordinates in {**values, "MultiPolygon": [[ring]]}.items():
        written = GEOMETRY.dump_python(GEOMETRY.validate_python({"type": kind, "coordinates": coordinates}))
        assert written == {"type": kind, "coordinates": coordinates}


def test_a_list_of_distinct_items_takes_none_twice() -> None:
    distinct: TypeAdapter[list[str]] = TypeAdapter(Distinct[str])
    assert distinct.validate_python(["car", "bus"]) == ["car", "bus"]
    with pytest.raises(ValidationError, match="once only"):
        distinct.validate_python(["car", "car"])
