"""Reading DATEX II 2 documents: elements by their local names, without entities, DTDs or other XML bombs."""

from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from ngsi_adapters.source import Malformed


def document(payload: bytes) -> Element:
    """The root element; `Malformed` where it is no well-formed, harmless XML or not DATEX II."""
    try:
        root: Element = fromstring(payload, forbid_dtd=True)
    except ParseError as error:
        raise Malformed(f"not well-formed XML: {error}") from None
    except DefusedXmlException as error:
        raise Malformed(f"XML with a document type or entities is not read: {type(error).__name__}") from None
    if name_of(root) != "d2LogicalModel":
        raise Malformed(f"the root element is {name_of(root)}, not d2LogicalModel (DATEX II 2)")
    return root


def name_of(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def every(element: Element, name: str) -> Iterator[Element]:
    """All descendants of that local name."""
    return (found for found in element.iter() if name_of(found) == name)


def child(element: Element, *path: str) -> Element | None:
    """The first child at the path of local names."""
    found: Element | None = element
    for name in path:
        if found is None:
            return None
        found = next((candidate for candidate in found if name_of(candidate) == name), None)
    return found


def text(element: Element, *path: str) -> str | None:
    found = child(element, *path)
    return found.text.strip() if found is not None and found.text else None


def needed(element: Element, *path: str) -> str:
    """The text at the path; `KeyError` where there is none."""
    found = text(element, *path)
    if found is None:
        raise KeyError("/".join(path))
    return found


def whole(element: Element, *path: str) -> int | None:
    found = text(element, *path)
    return None if found is None else int(found)


def moment(element: Element, *path: str) -> datetime | None:
    found = text(element, *path)
    return None if found is None else datetime.fromisoformat(found)
