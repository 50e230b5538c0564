"""Rows of a large JSON document one by one: as Python objects a whole one takes ten times the memory of its bytes."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import IO, Any

import orjson

from ngsi_adapters.formats.documents import json_document
from ngsi_adapters.formats.texts import text_in
from ngsi_adapters.source import Malformed, Payload, opened

LARGE = 4 * 2**20
PIECE = 2**16
CUT_OFF = 16
"""A mistake nearer to the end of what has been read may be none: a word or a number is perhaps cut off there."""
GUESSES = 4
SPACE = re.compile(r"[ \t\n\r]*")


def json_rows(payload: Payload, path: str) -> Iterator[Any]:
    """The items of an array: of the member of that path, e.g. `features` or `data.stations`, or of all if it is empty.

    `Malformed` where there is none; in a document of more than 4 MB only after the items that came before.
    """
    file, steps = opened(payload), list(filter(None, path.split(".")))
    head = file.read(LARGE + 1)
    if len(head) <= LARGE:
        yield from _array_in(json_document(head), steps)
        return
    with text_in(file) as text:
        try:
            window = _Window(text)
            yield from _rows(window, steps)
            window.end()
        except (ValueError, RecursionError) as error:
            raise error if isinstance(error, Malformed) else Malformed(f"not JSON: {error}") from None


def _array_in(document: Any, steps: Sequence[str]) -> list[Any]:
    for step in steps:
        if not isinstance(document, dict):
            raise Malformed(f"a JSON object is expected, not {type(document).__name__}")
        document = document.get(step)
    if not isinstance(document, list):
        raise Malformed(f"{_what(steps)} has to be an array, not {type(document).__name__}")
    return document


def _what(steps: Sequence[str]) -> str:
    return f"the member {steps[-1]!r}" if steps else "the document"


def _rows(window: "_Window", steps: Sequence[str]) -> Iterator[Any]:
    if not steps:
        yield from _items(window)
        return
    found = False
    window.take("{", "a JSON object is expected")
    for _ in _separated(window, "}"):
        name = window.value()
        window.take(":")
        if name != steps[0] or found:
            window.value()
            continue
        found = True
        if len(steps) == 1 and window.peek() != "[":
            raise Malformed(f"{_what(steps)} has to be an array")
        yield from _rows(window, steps[1:])
    if not found:
        raise Malformed(f"{_what(steps[:1])} has to be there, and is not")


def _items(window: "_Window") -> Iterator[Any]:
    window.take("[", "an array is expected")
    for _ in _separated(window, "]"):
        yield from window.several() or [window.value()]


def _separated(window: "_Window", close: str) -> Iterator[None]:
    """Once before each member or item."""
    if window.peek() == close:
        window.take(close)
        return
    while True:
        yield
        if window.take("," + close) == close:
            return


class _Window:
    """The part of the text that is being read."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._decoder = json.JSONDecoder(parse_constant=_refuse)
        self._text, self._index, self._in_vain = "", 0, False

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            space = SPACE.match(self._text, self._index)
            self._index = space.end() if space else self._index
            if self._index < len(self._text):
                return self._text[self._index]
            if not self._more():
                return ""

    def take(self, wanted: str, otherwise: str = "") -> str:
        """One of these characters, which has to come."""
        character = self.peek()
        if not character or character not in wanted:
            raise Malformed(otherwise or f"not JSON: {' or '.join(wanted)} is expected, not {character!r}")
        self._index += 1
        return character

    def value(self) -> Any:
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._index)
            except json.JSONDecodeError as error:
                cut = error.pos > len(self._text) - CUT_OFF or error.msg.startswith("Unterminated string")
                if cut and self._more():
                    continue
                raise
            if end == len(self._text) and self._more():
                continue  # a number may go on
            self._index = end
            return value

    def several(self) -> list[Any]:
        """Objects of an array, as many as can be told at a glance: three times as fast as one by one.

        A `}` before a comma may be the end of one or lie within it; only if it is the end is all up to it an array.
        """
        if len(self._text) - self._index < PIECE // 2:
            self._more()
        end = -1 if self._in_vain else len(self._text)
        for _ in range(GUESSES):
            end = self._text.rfind("},", self._index, max(end, 0))
            if end < 0:
                break
            try:
                items: list[Any] = orjson.loads(f"[{self._text[self._index : end + 1]}]")
            except orjson.JSONDecodeError:
                end += 1
                continue
            self._index = end + 1
            return items
        self._in_vain = True
        return []

    def end(self) -> None:
        if self.peek():
            raise Malformed("not JSON: something follows after its end")

    def _more(self) -> bool:
        """Reads on, twice as much as is not understood yet; False at the end."""
        rest = self._text[self._index :]
        more = self._file.read(max(PIECE, 2 * len(rest)))
        self._text, self._index = rest + more, 0
        self._in_vain = self._in_vain and not more
        return bool(more)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
