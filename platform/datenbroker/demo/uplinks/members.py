"""What both network servers write alike: names made of names, places, moments."""

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

from datenbroker.demo.places import Gateway


def identifier(*names: str) -> UUID:
    """The same UUID for the same names."""
    return uuid5(NAMESPACE_DNS, "/".join(("demo.datenbroker.herne.de", *names)))


def without_zeros(members: dict[str, Any]) -> dict[str, Any]:
    """Protobuf's JSON mapping leaves out what has its default."""
    return {name: value for name, value in members.items() if value not in (0, "", [], {})}


def location(gateway: Gateway) -> dict[str, Any]:
    return {"latitude": gateway.latitude, "longitude": gateway.longitude, "altitude": gateway.altitude}


def moment(at: datetime, digits: int) -> str:
    """UTC with 3, 6 or 9 digits after the second."""
    fraction = f"{at.microsecond:06d}".ljust(9, "0")[:digits]
    return f"{at:%Y-%m-%dT%H:%M:%S}.{fraction}Z"
