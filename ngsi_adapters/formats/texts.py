"""Text and CSV as offices export them: UTF-8 with or without byte order mark, UTF-16, Windows-1252."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from ngsi_adapters.source import Malformed, Payload, opened

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
PIECE = 2**18
Row = dict[str, str]


def text_of(payload: bytes, declared: str | None = None) -> str:
    """The text: by its byte order mark, else as declared, else UTF-8, else Windows-1252, which takes any bytes.

    A declaration that the bytes contradict is not believed: German offices label Windows-1252 as UTF-8 and vice versa.
    """
    marked = next((name for mark, name in MARKS.items() if payload.startswith(mark)), None)
    for encoding in (marked, "utf-8", declared):
        try:
            if encoding:
                return payload.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return payload.decode("cp1252", "replace")


def encoding_of(file: IO[bytes]) -> str:
    """The encoding of a whole file, as `text_of` tells it, without having the file in memory."""
    head = file.read(3)
    marked = next((name for mark, name in MARKS.items() if head.startswith(mark)), None)
    return next((name for name in (marked, "utf-8") if name and _suits(file, name)), "cp1252")


def _suits(file: IO[bytes], encoding: str) -> bool:
    decode = codecs.getincrementaldecoder(encoding)().decode
    file.seek(0)
    try:
        while piece := file.read(PIECE):
            decode(piece)
        decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def text_in(payload: Payload) -> Iterator[io.TextIOWrapper]:
    """The document as a text file, in the encoding that `text_of` tells; line ends stay as they are."""
    file = opened(payload)
    encoding = encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    try:
        yield text
    finally:
        text.detach()  # else it would close the document, which is not its own


def csv_rows(payload: Payload, needed: Sequence[str] = (), delimiter: str = ";") -> Iterator[list[str] | Row]:
    """Each line as {column: cell} without empty cells; a line with another number of cells comes as its list.

    `Malformed` where it is no CSV or the first line lacks a needed column.
    """
    with text_in(payload) as text:
        yield from _lines(csv.reader(text, delimiter=delimiter), needed)


def _lines(lines: Iterator[list[str]], needed: Sequence[str]) -> Iterator[list[str] | Row]:
    try:
        header = [name.strip() for name in next((line for line in lines if any(line)), [])]
        missing = [name for name in needed if name not in header]
        if missing:
            named = ", ".join(header)[:200]
            raise Malformed(f"the first line names no column {', '.join(missing)}; it names {named}")
        for cells in lines:
            if any(cells):
                yield _row(header, cells) if len(cells) == len(header) else cells
    except csv.Error as error:
        raise Malformed(f"not a CSV file: {error}") from None


def whole_row(cells: list[str] | Row, columns: int | None = None) -> Row:
    """The line, if it was whole; `ValueError` where cells are missing or too many."""
    if isinstance(cells, list):
        wanted = f", not {columns}" if columns else ""
        raise ValueError(f"the line has {len(cells)} columns{wanted}: is it cut off?")
    return cells


def _row(header: list[str], cells: list[str]) -> Row:
    return {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
