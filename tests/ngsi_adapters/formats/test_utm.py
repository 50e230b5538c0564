"""Positions in UTM, with PROJ 9 as the oracle."""

import pytest

from ngsi_adapters.formats.utm import utm_point


@pytest.mark.parametrize(
    ("easting", "northing", "expected"),
    [(512788, 5402496, [9.1740553, 48.7753356]), (373000, 5711000, [7.1688595, 51.535801])],
)
def test_a_position_in_zone_32_is_what_proj_says(easting: float, northing: float, expected: list[float]) -> None:
    assert utm_point(easting, northing).coordinates == expected


@pytest.mark.parametrize("position", [(9.17, 48.77), (5_402_496, 512_788), (float("nan"), 5_402_496)])
def test_what_is_no_position_in_metres_is_refused(position: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="are none of UTM in metres"):
        utm_point(*position)
