"""Finds the entities in whatever was sent: one, a list, JSON Lines, GeoJSON features, a notification."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson


class Unreadable(ValueError):
    """No JSON; `line` and `column` count from 1."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(reason)
        self.line, self.column = line, column


class Found(NamedTuple):
    """One entity (or what stands in its place) and its number; by lines where they are JSON Lines."""

    number: int
    by_line: bool
    entity: Any


def entities_in(payload: bytes) -> Iterator[Found]:
    """All entities; `Unreadable` where there is no JSON, for JSON Lines once that line is reached."""
    text = payload.removeprefix(b"\xef\xbb\xbf")
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if not _looks_like_lines(text):
            raise Unreadable(error.msg, error.lineno, error.colno) from None
    else:
        for number, entity in enumerate(_members(document), 1):
            yield Found(number, False, entity)
        return
    yield from _lines(text)


def _looks_like_lines(text: bytes) -> bool:
    first, _, rest = text.lstrip().partition(b"\n")
    try:
        return isinstance(orjson.loads(first), dict) and bool(rest.strip())
    except orjson.JSONDecodeError:
        return False


def _lines(text: bytes) -> Iterator[Found]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield Found(number, True, orjson.loads(line))
        except orjson.JSONDecodeError as error:
            raise Unreadable(error.msg, number, error.colno) from None


def _members(document: Any) -> list[Any]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        if document.get("type") == "Notification" and isinstance(document.get("data"), list):
            return list(document["data"])
        if document.get("type") == "FeatureCollection" and isinstance(document.get("features"), list):
            return [_of_feature(feature) for feature in document["features"]]
        if document.get("type") == "Feature":
            return [_of_feature(document)]
    return [document]


def _of_feature(feature: Any) -> Any:
    """An entity in its GeoJSON representation (4.5.16) has its attributes under `properties`."""
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return feature
    head = {"id": feature["id"]} if "id" in feature else {}
    return head | feature["properties"]
