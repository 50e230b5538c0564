"""XML and JSON documents, whole and in records."""

from io import BytesIO

import pytest

from ngsi_adapters.formats.documents import json_document, xml_root, xml_texts
from ngsi_adapters.source import Malformed

BOMB = b'<!DOCTYPE r [<!ENTITY a "x">]><r><n>&a;</n></r>'
LARGE = b"<r xmlns='urn:x'>" + b"".join(b"<n i='%d'><v>%d</v></n>" % (n, n) for n in range(20_000)) + b"</r>"
WANTED = "<n i='19999'><v>19999</v></n>"


def test_a_list_is_read_element_by_element_in_any_encoding() -> None:
    text = LARGE.decode().replace("<v>7</v>", "<v>Röhre</v>")
    for payload in (text.encode(), f'<?xml version="1.0"?>{text}\n'.encode("utf-16"), text.encode("cp1252")):
        found = list(xml_texts(BytesIO(payload), "n"))
        assert (len(found), found[7], found[19_999]) == (20_000, "<n i='7'><v>Röhre</v></n>", WANTED)
        assert list(xml_texts(payload, "n", "<v>19999<")) == [WANTED]
    assert len(xml_root(LARGE)) == 20_000


HIDDEN = [
    f'<?xml version="1.0" encoding="{name}"?>{BOMB.decode()}'.encode(name) for name in ("cp037", "utf-16", "utf-8")
]
UNDECLARED = [BOMB.decode().encode("utf-16"), b"\xef\xbb\xbf" + BOMB, BOMB.decode().encode("utf-16-le")]


@pytest.mark.parametrize("payload", [BOMB, *HIDDEN, *UNDECLARED, LARGE[:-5], b"", b"{}"])
def test_a_wrong_document_is_malformed_either_way(payload: bytes) -> None:
    with pytest.raises(Malformed):
        xml_root(payload)
    with pytest.raises(Malformed):
        list(xml_texts(payload, "n"))


def test_an_entity_that_nobody_declared_is_malformed() -> None:
    with pytest.raises(Malformed, match="undefined entity"):
        xml_root(b"<r>&undefined;</r>")


def test_elements_before_the_end_of_a_cut_document_go_through() -> None:
    found = []
    with pytest.raises(Malformed, match="not well-formed"):
        for element in xml_texts(LARGE[:-100], "n"):
            found.append(element)
    assert len(found) > 19_000


def test_an_element_without_end_is_not_collected_for_ever() -> None:
    with pytest.raises(Malformed, match="more than 1048576 characters"):
        list(xml_texts(b"<r><n>" + b"x" * 3_000_000, "n"))


@pytest.mark.parametrize("payload", [b'{"a": NaN}', b'{"a": Infinity}', b"", b"{", b'{"a": 1}{', b"\xff\xfe"])
def test_what_is_no_json_is_malformed(payload: bytes) -> None:
    with pytest.raises(Malformed, match="not JSON"):
        json_document(payload)


def test_json_with_a_byte_order_mark_or_in_windows_1252_is_read() -> None:
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        assert json_document('{"a": "Röhre"}'.encode(encoding)) == {"a": "Röhre"}
