"""Numbers as text, in German and in English notation; neither NaN nor infinity nor endless digits."""

import re

GERMAN = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d{1,18})(,\d{1,18})?")
ENGLISH = re.compile(r"[+-]?\d{1,18}(\.\d{1,40})?([eE][+-]?\d{1,2})?")
"""Divided decimals are written with thirty digits and more, e.g. the coordinates of Konstanz."""


def german_number(text: str) -> float:
    """1.100,5 → 1100.5"""
    text = text.strip()
    if not GERMAN.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a number as in 1.100,5")
    return float(text.replace(".", "").replace(",", "."))


def number(text: str | float) -> float:
    """1100.5 → 1100.5, from a text or a number"""
    if type(text) in (int, float) and -1e18 < float(text) < 1e18:
        return float(text)
    if isinstance(text, bool) or not ENGLISH.fullmatch(str(text).strip()):
        raise ValueError(f"{str(text)[:40]!r} is not a number as in 1100.5")
    return float(text)


def whole(text: str | int) -> int:
    """a whole number"""
    if isinstance(text, bool) or not re.fullmatch(r"[+-]?\d{1,18}", str(text).strip()):
        raise ValueError(f"{str(text)[:40]!r} is not a whole number")
    return int(text)


def german_percent(text: str) -> float:
    """57,5 % → 0.575"""
    return round(german_number(text.removesuffix("%")) / 100, 6)


def metres(centimetres: float) -> float | None:
    """centimetres / 100; 0 is unknown"""
    return number(centimetres) / 100 or None


def celsius(kelvin: float) -> float:
    """K - 273.15"""
    degrees = round(number(kelvin) - 273.15, 2)
    if not -60 <= degrees <= 60:
        raise ValueError(f"{degrees:g} °C is no weather on this planet's surface")
    return degrees
