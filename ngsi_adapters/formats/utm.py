"""Positions in ETRS89/UTM, as German surveys and many offices give them: EPSG:25832 (zone 32) and its neighbours."""

from math import atan2, cos, cosh, degrees, radians, sin, sinh

from data_models import Point

RADIUS, FLATTENING = 6_378_137.0, 1 / 298.257222101
"""GRS 80; to a millimetre the same as WGS 84."""
SCALE, FALSE_EASTING = 0.9996, 500_000.0
_N = FLATTENING / (2 - FLATTENING)
_A = RADIUS / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64)
_BETA = (_N / 2 - 2 * _N**2 / 3 + 37 * _N**3 / 96, _N**2 / 48 + _N**3 / 15, 17 * _N**3 / 480)
_DELTA = (2 * _N - 2 * _N**2 / 3 - 2 * _N**3, 7 * _N**2 / 3 - 8 * _N**3 / 5, 56 * _N**3 / 15)


def utm_point(easting: float, northing: float, zone: int = 32) -> Point:
    """easting and northing in metres (ETRS89/UTM) → point of longitude and latitude

    Krüger's series to the third order: exact to millimetres within a zone of the northern half of the earth.
    """
    if not (100_000 <= easting <= 900_000 and 0 <= northing <= 9_400_000):
        raise ValueError(f"easting {easting:.0f} and northing {northing:.0f} are none of UTM in metres")
    xi, eta = northing / (SCALE * _A), (easting - FALSE_EASTING) / (SCALE * _A)
    xi_0 = xi - sum(b * sin(2 * j * xi) * cosh(2 * j * eta) for j, b in enumerate(_BETA, 1))
    eta_0 = eta - sum(b * cos(2 * j * xi) * sinh(2 * j * eta) for j, b in enumerate(_BETA, 1))
    conformal = atan2(sin(xi_0), (sinh(eta_0) ** 2 + cos(xi_0) ** 2) ** 0.5)
    latitude = conformal + sum(d * sin(2 * j * conformal) for j, d in enumerate(_DELTA, 1))
    longitude = radians(zone * 6 - 183) + atan2(sinh(eta_0), cos(xi_0))
    return Point.at(round(degrees(longitude), 7), round(degrees(latitude), 7))
