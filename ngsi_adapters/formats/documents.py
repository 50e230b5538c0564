"""JSON and XML documents, checked before anything is made of them: no document types, entities or other XML bombs."""

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

import orjson
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from ngsi_adapters.formats.texts import text_in, text_of
from ngsi_adapters.source import Malformed, Payload

PIECE = 65_536
LONGEST_ELEMENT = 2**20
ROOT = re.compile(r"\ufeff?\s*(?:<\?[^>]{0,200}\?>\s*)?(?:<!--.{0,1000}?-->\s*)*<([A-Za-z_][\w.:-]{0,100})", re.DOTALL)
"""The beginning of a document without a document type."""
ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
LIKE_ASCII = frozenset({"utf-8", "utf8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})


def xml_root(payload: bytes) -> Element:
    """The root element; `Malformed` where it is no well-formed, harmless XML."""
    try:
        return _parsed(payload)
    except DefusedXmlException as error:
        raise Malformed(f"XML with a document type or entities is not read: {type(error).__name__}") from None
    except (ParseError, ValueError, LookupError) as error:
        raise Malformed(f"not well-formed XML: {error}") from None


def xml_texts(payload: Payload, name: str, wanted: str = "") -> Iterator[str]:
    """The text of each element of that name which has `wanted` in it: the others are passed over unread.

    For exports of gigabytes that are one long list: its elements have no others of their name in them, and no prefix
    that is declared outside. `Malformed` where it is no such XML or cut off, after what came before.
    """
    opening, close, rest, root = re.compile(rf"<{name}[\s>]"), f"</{name}>", "", ""
    with text_in(payload) as text:
        while piece := text.read(PIECE):
            rest += piece
            root = root or _root_of(rest)
            done = 0
            while (stop := rest.find(close, done)) >= 0:
                begin = opening.search(rest, done, stop)
                if begin and rest.find(wanted, begin.end(), stop) >= 0:
                    yield rest[begin.start() : stop + len(close)]
                done = stop + len(close)
            rest = rest[done:]
            if len(rest) > LONGEST_ELEMENT:
                raise Malformed(f"an element {name} of more than {LONGEST_ELEMENT} characters, or none at all")
    if not root or not rest.rstrip().endswith(f"</{root}>"):
        raise Malformed(f"not well-formed XML: it does not end with </{root or name}>, is it cut off?")


def _root_of(text: str) -> str:
    found = ROOT.match(text)
    if found is None:
        raise Malformed("XML is expected: a root element, without a document type before it")
    return found[1]


def _tree(payload: bytes) -> Element:
    """In pieces, so that other threads get their turn meanwhile."""
    plain = _is_plain(payload)
    parser = XMLParser() if plain else DefusedXMLParser(target=TreeBuilder(), forbid_dtd=True)  # noqa: S314
    for start in range(0, len(payload), PIECE):
        parser.feed(payload[start : start + PIECE])
    root: Element = parser.close()
    return root


def _is_plain(payload: bytes) -> bool:
    """Whether there can be no document type, so that Python's own parser is safe: ten times faster than defusedxml.

    It has to be seen in the bytes: only for encodings that write `<!DOCTYPE` as ASCII does.
    """
    declared = ENCODING.match(payload.removeprefix(codecs.BOM_UTF8))
    encoding = declared.group(1).decode().lower() if declared else "utf-8"
    return encoding in LIKE_ASCII and b"\0" not in payload[:4] and b"<!DOCTYPE" not in payload and b"<!E" not in payload


def _parsed(payload: bytes) -> Element:
    try:
        root = _tree(payload)
    except ParseError as error:
        # Windows-1252 that calls itself UTF-8, or nothing: expat's error 4 is an invalid token
        if error.code != 4 or _is_utf8(payload):
            raise
        _, _, body = text_of(payload).partition("?>")
        root = _tree((body or text_of(payload)).encode())
    return root


def _is_utf8(payload: bytes) -> bool:
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def name_of(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def every(element: Element, name: str) -> Iterator[Element]:
    """All descendants of that local name."""
    return (found for found in element.iter() if name_of(found) == name)


def json_document(payload: bytes) -> Any:
    """The payload as JSON, of whatever kind; `Malformed` where it is none. Windows-1252 is understood too."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        if payload[:3] != b"\xef\xbb\xbf" and _is_utf8(payload):
            raise Malformed(f"not JSON: {error}") from None
    try:
        return orjson.loads(text_of(payload))
    except orjson.JSONDecodeError as error:
        raise Malformed(f"not JSON: {error}") from None


def json_object(payload: bytes) -> dict[str, Any]:
    """The payload as a JSON object; `Malformed` where it is none."""
    document = json_document(payload)
    if not isinstance(document, dict):
        raise Malformed(f"a JSON object is expected, not {type(document).__name__}")
    return document


def json_list(document: Mapping[str, Any], member: str) -> list[Any]:
    """A member that has to be an array; `Malformed` where it is not."""
    rows = document.get(member)
    if not isinstance(rows, list):
        raise Malformed(f"the member {member!r} has to be an array, not {type(rows).__name__}")
    return rows
