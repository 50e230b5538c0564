"""JSON and XML documents, checked before anything is made of them: no document types, entities or other XML bombs."""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import orjson
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ngsi_adapters.formats.texts import text_of
from ngsi_adapters.source import Malformed


def xml_root(payload: bytes) -> Element:
    """The root element; `Malformed` where it is no well-formed, harmless XML."""
    try:
        return _parsed(payload)
    except DefusedXmlException as error:
        raise Malformed(f"XML with a document type or entities is not read: {type(error).__name__}") from None
    except (ParseError, ValueError, LookupError) as error:
        raise Malformed(f"not well-formed XML: {error}") from None


def _parsed(payload: bytes) -> Element:
    try:
        root: Element = fromstring(payload, forbid_dtd=True)
    except ParseError as error:
        # Windows-1252 that calls itself UTF-8, or nothing: expat's error 4 is an invalid token
        if error.code != 4 or _is_utf8(payload):
            raise
        _, _, body = text_of(payload).partition("?>")
        root = fromstring(body or text_of(payload), forbid_dtd=True)
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
