"""How full a car park is, from the free places and all of them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from ngsi_adapters.mapping import Field

TOLD = (
    ("availableSpotNumber", "free", "as told, else all - occupied"),
    ("totalSpotNumber", "total", "as told, else free + occupied; 0 is unknown"),
    ("occupiedSpotNumber", "occupied", "as told, else all - free"),
    ("occupancy", "share", "occupied / all"),
)


class Spaces(NamedTuple):
    """Numbers of places, each None where it is unknown."""

    free: int | None
    occupied: int | None
    total: int | None

    @property
    def share(self) -> float | None:
        """occupied / all; cars between the places make no more than 1"""
        return round(min(self.occupied / self.total, 1), 4) if self.occupied is not None and self.total else None


def fields_of(read: Callable[[Any], Spaces], paths: tuple[str, ...]) -> tuple[Field, ...]:
    """The attributes of a car park that follow from its numbers of places, which stand at these paths."""
    return tuple(Field(paths, name, derive=_told(read, kind, how)) for name, kind, how in TOLD)


def _told(read: Callable[[Any], Spaces], kind: str, how: str) -> Callable[[Any], Any]:
    def derive(record: Any) -> Any:
        return getattr(read(record), kind)

    derive.__doc__ = how
    return derive


def spaces(free: int | None, occupied: int | None, total: int | None) -> Spaces:
    """What follows from the numbers that are told; 0 of all is unknown, as closed car parks tell 0 of 0.

    `ValueError` where they contradict each other.
    """
    for number in (free, occupied, total):
        if number is not None and number < 0:
            raise ValueError(f"{number}: a number of places is not negative")
    if free is not None and total and free > total:
        raise ValueError(f"{free} free places are more than the {total} there are")
    known = total or (free or 0) + (occupied or 0) if None not in (free, occupied) else total
    if not known:
        return Spaces(free, occupied, None)
    if occupied is None:
        return Spaces(free, None if free is None else known - free, known)
    return Spaces(max(known - occupied, 0) if free is None else free, occupied, known)


def places_of(total: int) -> int | None:
    """all places; 0 is unknown"""
    return total or None


def free_of(free: int, total: int) -> int | None:
    """as it is, at most all places"""
    if free > total:
        raise ValueError(f"{free} free places are more than the {total} there are")
    return free if total > 0 else None


def occupied_of(free: int, total: int) -> int | None:
    """all places - free"""
    known = free_of(free, total)
    return None if known is None else total - known


def share_of(free: int, total: int) -> float | None:
    """(all places - free) / all places"""
    occupied = occupied_of(free, total)
    return None if occupied is None else round(occupied / total, 4)
