"""Conditions by the area of their geo-query."""

from collections import defaultdict
from collections.abc import Iterator
from math import ceil, floor, isnan, log2

import shapely

from context_broker.notifications.shelves.group import Group, Groups
from context_broker.notifications.subscription import Condition
from ngsi_ld.model.kinds import EntityDocument
from ngsi_ld.query.geo import plane_shape
from ngsi_ld.query.q_evaluation import FindEntity

SMALLEST, FARTHEST = 2.0**-16, 1e6
"""Degrees: the finest grid's cells, and how far out a box may lie to be filed in one."""


class Areas:
    """By the box outside which a geo-query holds nowhere: a grid for each size of box, so that each is in 4 cells."""

    MANY_CELLS = 64

    def __init__(self) -> None:
        self._grids: defaultdict[tuple[str, float], defaultdict[tuple[int, int], Groups]] = defaultdict(
            lambda: defaultdict(dict)
        )

    @staticmethod
    def takes(condition: Condition) -> bool:
        box = condition.geo.bounds() if condition.geo is not None else None
        return box is not None and all(abs(edge) <= FARTHEST for edge in box)

    def add(self, group: Group) -> None:
        grid, cells = _cells_of(group.condition)
        for cell in cells:
            self._grids[grid][cell][group] = None

    def remove(self, group: Group) -> None:
        key, cells = _cells_of(group.condition)
        grid = self._grids[key]
        for cell in cells:
            del grid[cell][group]
            if not grid[cell]:
                del grid[cell]
        if not grid:
            del self._grids[key]

    def find(self, entity: EntityDocument, find: FindEntity) -> Iterator[Group]:
        boxes = {attribute: _boxes(entity, attribute) for attribute, _ in self._grids}
        for (attribute, size), grid in self._grids.items():
            for box in boxes[attribute]:
                west, south, east, north = (floor(edge / size) for edge in box)
                if (east - west + 1) * (north - south + 1) > self.MANY_CELLS:
                    yield from (group for groups in grid.values() for group in groups)
                    continue
                for column in range(west, east + 1):
                    for row in range(south, north + 1):
                        yield from grid.get((column, row), ())


def _boxes(entity: EntityDocument, attribute: str) -> list[tuple[float, ...]]:
    boxes = []
    for instance in entity.get(attribute, ()):
        if instance["type"] != "GeoProperty":
            continue
        try:
            bounds = plane_shape(instance["value"]).bounds
        except (shapely.errors.ShapelyError, ValueError, IndexError):
            continue  # then no relation holds either
        if not any(isnan(edge) for edge in bounds):
            boxes.append(bounds)
    return boxes


def _cells_of(condition: Condition) -> tuple[tuple[str, float], list[tuple[int, int]]]:
    """The grid of a geo-query's box and the cells that it touches."""
    assert condition.geo is not None
    box = condition.geo.bounds()
    assert box is not None
    west, south, east, north = box
    size = 2.0 ** ceil(log2(max(east - west, north - south, SMALLEST)))
    columns, rows = (
        range(floor(west / size), floor(east / size) + 1),
        range(floor(south / size), floor(north / size) + 1),
    )
    return (condition.geo.attribute, size), [(column, row) for column in columns for row in rows]
