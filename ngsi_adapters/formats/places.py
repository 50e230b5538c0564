"""Positions: from two numbers to a point."""

from data_models import Point
from ngsi_adapters.formats.numerals import german_number, number


def point(longitude: str | float, latitude: str | float) -> Point:
    """point of longitude and latitude (WGS 84)"""
    return Point.at(number(longitude), number(latitude))


def german_point(longitude: str, latitude: str) -> Point:
    """point of longitude and latitude (WGS 84) with decimal commas"""
    return Point.at(german_number(longitude), german_number(latitude))
