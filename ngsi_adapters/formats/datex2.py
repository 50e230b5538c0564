"""Reading DATEX II parking documents, of version 2 and of version 3: elements by their local names."""

from datetime import datetime
from xml.etree.ElementTree import Element

from ngsi_adapters.formats import numerals
from ngsi_adapters.formats.documents import every, name_of, xml_root
from ngsi_adapters.source import Malformed

__all__ = ["child", "every", "moment", "name_of", "needed", "publication", "text", "whole"]


ROOTS = ("d2LogicalModel", "messageContainer", "payload")
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def publication(payload: bytes, name: str) -> Element:
    """The root element of a document with that publication: an element in version 2, the payload's type in version 3.

    `Malformed` where it is no well-formed, harmless XML, not DATEX II, or another publication.
    """
    root = xml_root(payload)
    if name_of(root) not in ROOTS:
        raise Malformed(f"the root element is {name_of(root)}, not d2LogicalModel (DATEX II 2) or payload (3)")
    named = (name_of(element) == name or _type_of(element) == name.lower() for element in root.iter())
    if not any(named):
        raise Malformed(f"there is no {name}")
    return root


def _type_of(element: Element) -> str:
    return str(element.get(TYPE)).rpartition(":")[2].lower()


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
    return None if found is None else numerals.whole(found)


def moment(element: Element, *path: str) -> datetime | None:
    found = text(element, *path)
    return None if found is None else datetime.fromisoformat(found)
