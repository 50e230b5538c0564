"""Rows of a large JSON document one by one: as Python objects a whole one takes ten times the memory of its bytes."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any

from ngsi_adapters.formats.documents import json_list, json_object
from ngsi_adapters.source import Malformed

LARGE = 4 * 2**20
PIECE = 2**18
CUT_OFF = 16
"""A mistake nearer to the end of what has been read may be none: a word or a number is perhaps cut off there."""
SPACE = re.compile(r"[ \t\n\r]*")


def json_rows(payload: bytes, member: str) -> Iterator[Any]:
    """The items of an array that is a member of the document's object, e.g. `features`.

    `Malformed` where it is none; of a document of more than 4 MB only after the items that came before.
    """
    if len(payload) <= LARGE or not _is_utf8(payload):
        yield from json_list(json_object(payload), member)
        return
    try:
        yield from _rows(_Window(payload), member)
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, Malformed) else Malformed(f"not JSON: {error}") from None


def _is_utf8(payload: bytes) -> bool:
    """Without byte order mark; in pieces, since the whole text may be as large again."""
    decode = codecs.getincrementaldecoder("utf-8")().decode
    try:
        for start in range(0, len(payload), PIECE):
            decode(payload[start : start + PIECE], final=start + PIECE >= len(payload))
    except UnicodeDecodeError:
        return False
    return not payload.startswith(codecs.BOM_UTF8)


def _rows(window: "_Window", member: str) -> Iterator[Any]:
    found = False
    window.take("{", "a JSON object is expected")
    for _ in _separated(window, "}"):
        name = window.value()
        window.take(":")
        if name != member or found:
            window.value()
            continue
        found = True
        window.take("[", f"the member {member!r} has to be an array")
        for _ in _separated(window, "]"):
            yield window.value()
    if not found:
        raise Malformed(f"the member {member!r} has to be an array, and there is none")
    window.end()


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

    def __init__(self, payload: bytes) -> None:
        self._payload, self._read = memoryview(payload), 0
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._decoder = json.JSONDecoder(parse_constant=_refuse)
        self._text, self._index = "", 0

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

    def end(self) -> None:
        if self.peek():
            raise Malformed("not JSON: something follows after its end")

    def _more(self) -> bool:
        """Reads on, twice as much as is not understood yet; False at the end."""
        if self._read >= len(self._payload):
            return False
        rest = self._text[self._index :]
        stop = self._read + max(PIECE, 2 * len(rest))
        self._text = rest + self._decode(self._payload[self._read : stop], final=stop >= len(self._payload))
        self._read, self._index = stop, 0
        return True


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
