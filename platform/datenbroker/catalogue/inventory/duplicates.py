"""What several organisations collect: things of the same type at the same place, or with the same mark."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from pydantic import BaseModel, Field

from datenbroker.catalogue.inventory.thing import Thing

METRES_A_DEGREE = 111_320.0
EXAMPLES = 5
MOST_IN_A_GROUP = 50
"""Things with the same mark that are compared with one another: a source that thousands name says nothing more."""

Reason = Literal["place", "id", "serialNumber", "source", "device", "address"]


class Pair(NamedTuple):
    """Two things of different organisations that seem to be the same; `metres` where their places say so."""

    first: Thing
    second: Thing
    reason: Reason
    metres: float = 0.0


class Duplicate(BaseModel):
    """Data of one type that two organisations collect."""

    type: str
    organisations: tuple[str, str]
    reason: Reason
    count: int = Field(description="Pairs that were found.")
    metres: float | None = Field(None, description="The smallest distance, where it is the place.")
    examples: list[tuple[str, str]] = Field(description="Ids, of the first and of the second organisation.")
    sentence: dict[str, str] = Field(description="In German and English.")


def duplicates(things: Iterable[Thing], metres: float, names: Mapping[str, str]) -> list[Duplicate]:
    """One for each two organisations, type and reason; those with the most pairs first."""
    unique = {(thing.organisation, thing.id): thing for thing in things}
    found: dict[tuple[str, str, str, Reason], list[Pair]] = defaultdict(list)
    for pair in {*_same_marks(unique.values()), *_same_places(unique.values(), metres)}:
        key = pair.first.type, pair.first.organisation, pair.second.organisation, pair.reason
        found[key].append(pair)
    told = [_told(pairs, names) for pairs in found.values()]
    return sorted(told, key=lambda one: (-one.count, one.type, one.organisations))


def _told(pairs: Sequence[Pair], names: Mapping[str, str]) -> Duplicate:
    pairs = sorted(pairs, key=lambda pair: (pair.metres, pair.first.id))
    nearest = pairs[0]
    organisations = nearest.first.organisation, nearest.second.organisation
    metres = round(nearest.metres, 1) if nearest.reason == "place" else None
    found = Duplicate(
        type=nearest.first.type,
        organisations=organisations,
        reason=nearest.reason,
        count=len(pairs),
        metres=metres,
        examples=[(pair.first.id, pair.second.id) for pair in pairs[:EXAMPLES]],
        sentence={},
    )
    return found.model_copy(update={"sentence": sentence(found, names)})


WHY: dict[Reason, tuple[str, str]] = {
    "place": ("am selben Ort (kleinster Abstand {} m)", "at the same place (smallest distance {} m)"),
    "id": ("mit derselben Kennung", "with the same id"),
    "serialNumber": ("mit derselben Seriennummer", "with the same serial number"),
    "source": ("aus derselben Quelle", "from the same source"),
    "device": ("mit demselben Gerät", "with the same device"),
    "address": ("von derselben Adresse", "from the same address"),
}


def sentence(found: Duplicate, names: Mapping[str, str]) -> dict[str, str]:
    """What a clerk reads, and what to do."""
    first, second = (names.get(one, one) for one in found.organisations)
    metres = f"{found.metres or 0:g}"
    german, english = WHY[found.reason][0].format(metres.replace(".", ",")), WHY[found.reason][1].format(metres)
    times = f"{found.count} Mal" if found.count > 1 else "einmal"
    often = f"{found.count} times" if found.count > 1 else "once"
    return {
        "de": f"{first} und {second} erfassen beide {found.type} {german}, {times}: "
        "Prüfen Sie, ob eine Erfassung genügt und die andere Seite sie als Datenprodukt nutzen kann.",
        "en": f"{first} and {second} both collect {found.type} {english}, {often}: "
        "see whether collecting once is enough, and the other side can use it as a data product.",
    }


def _same_marks(things: Iterable[Thing]) -> Iterator[Pair]:
    marked: dict[tuple[str, str, str], list[Thing]] = defaultdict(list)
    for thing in things:
        marked[thing.type, "id", thing.id].append(thing)
        for reason, value in thing.marks:
            marked[thing.type, reason, value].append(thing)
    for (_, reason, _), group in marked.items():
        for first, second in combinations(sorted(group[:MOST_IN_A_GROUP], key=_order), 2):
            if first.organisation != second.organisation:
                yield Pair(first, second, _reason(reason))


def _reason(name: str) -> Reason:
    return next(reason for reason in WHY if reason == name)


def _same_places(things: Iterable[Thing], metres: float) -> Iterator[Pair]:
    """Compares only what lies in neighbouring cells, each as wide as the distance that counts."""
    cells: dict[tuple[str, int, int], list[Thing]] = defaultdict(list)
    for thing in things:
        if thing.place is not None:
            row = _row(thing.place, metres)
            cells[thing.type, _column(thing.place, row, metres), row].append(thing)
    for (_, _, row), here in cells.items():
        for first in here[:MOST_IN_A_GROUP]:
            for up in (-1, 0, 1):
                for second in _beside(cells, first, row + up, metres):
                    if first.organisation < second.organisation and (distance := _metres(first, second)) <= metres:
                        yield Pair(first, second, "place", distance)


def _beside(
    cells: Mapping[tuple[str, int, int], Sequence[Thing]], thing: Thing, row: int, metres: float
) -> Iterator[Thing]:
    assert thing.place is not None
    column = _column(thing.place, row, metres)
    for right in (-1, 0, 1):
        yield from cells.get((thing.type, column + right, row), ())[:MOST_IN_A_GROUP]


def _row(place: tuple[float, float], metres: float) -> int:
    return math.floor(place[1] * METRES_A_DEGREE / metres)


def _column(place: tuple[float, float], row: int, metres: float) -> int:
    """Columns are narrowest at the row's side towards the pole, and a little wider than the distance even there."""
    towards_pole = max(abs(row), abs(row + 1)) * metres / METRES_A_DEGREE
    flat = max(math.cos(math.radians(min(towards_pole, 90))), 1e-6)
    return math.floor(place[0] * METRES_A_DEGREE * flat / (metres * 1.01))


def _metres(first: Thing, second: Thing) -> float:
    assert first.place is not None
    assert second.place is not None
    flat = math.cos(math.radians((first.place[1] + second.place[1]) / 2))
    across = (first.place[0] - second.place[0]) * flat
    return math.hypot(across, first.place[1] - second.place[1]) * METRES_A_DEGREE


def _order(thing: Thing) -> tuple[str, str]:
    return thing.organisation, thing.id
