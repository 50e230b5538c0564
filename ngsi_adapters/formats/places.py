"""Positions: from two numbers to a point; distances."""

import math

from data_models import Point
from ngsi_adapters.formats.numerals import german_number, number


def point(longitude: str | float, latitude: str | float) -> Point:
    """point of longitude and latitude (WGS 84)"""
    return Point.at(number(longitude), number(latitude))


def german_point(longitude: str, latitude: str) -> Point:
    """point of longitude and latitude (WGS 84) with decimal commas"""
    return Point.at(german_number(longitude), german_number(latitude))


def metres_between(one: Point, other: Point) -> float:
    """Metres on the plane that touches the earth there: good enough within a city."""
    degree = 111_195
    north = (other.coordinates[1] - one.coordinates[1]) * degree
    east = (other.coordinates[0] - one.coordinates[0]) * degree * math.cos(math.radians(one.coordinates[1]))
    return math.hypot(north, east)
