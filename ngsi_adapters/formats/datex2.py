"""Reading DATEX II 2 documents: elements by their local names."""

from datetime import datetime
from xml.etree.ElementTree import Element

from ngsi_adapters.formats import numerals
from ngsi_adapters.formats.documents import every, name_of, xml_root
from ngsi_adapters.source import Malformed

__all__ = ["child", "document", "every", "moment", "name_of", "needed", "text", "whole"]


def document(payload: bytes) -> Element:
    """The root element; `Malformed` where it is no well-formed, harmless XML or not DATEX II."""
    root = xml_root(payload)
    if name_of(root) != "d2LogicalModel":
        raise Malformed(f"the root element is {name_of(root)}, not d2LogicalModel (DATEX II 2)")
    return root


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
