"""XML and JSON documents, whole and in records."""

import pytest

from ngsi_adapters.formats.documents import json_document, xml_records, xml_root
from ngsi_adapters.source import Malformed

BOMB = b'<!DOCTYPE r [<!ENTITY a "x">]><r><n>&a;</n></r>'
LARGE = b"<r xmlns='urn:x'>" + b"".join(b"<n i='%d'><v>%d</v></n>" % (n, n) for n in range(20_000)) + b"</r>"


def test_records_of_a_large_document_come_one_by_one() -> None:
    values = [element[0].text for element in xml_records(LARGE, "n")]
    assert values == [str(number) for number in range(20_000)]
    assert len(xml_root(LARGE)) == 20_000


HIDDEN = [
    f'<?xml version="1.0" encoding="{name}"?>{BOMB.decode()}'.encode(name) for name in ("cp037", "utf-16", "utf-8")
]
UNDECLARED = [BOMB.decode().encode("utf-16"), b"\xef\xbb\xbf" + BOMB, BOMB.decode().encode("utf-16-le")]


@pytest.mark.parametrize("payload", [BOMB, *HIDDEN, *UNDECLARED, LARGE[:-5], b"", b"{}", b"<r>&undefined;</r>"])
def test_a_wrong_document_is_malformed_either_way(payload: bytes) -> None:
    with pytest.raises(Malformed):
        xml_root(payload)
    with pytest.raises(Malformed):
        list(xml_records(payload, "n"))


def test_records_before_the_end_of_a_cut_document_go_through() -> None:
    numbers = []
    with pytest.raises(Malformed, match="not well-formed"):
        for element in xml_records(LARGE[:-100], "n"):
            numbers.append(element.get("i"))
    assert len(numbers) > 19_000


@pytest.mark.parametrize("payload", [b'{"a": NaN}', b'{"a": Infinity}', b"", b"{", b'{"a": 1}{', b"\xff\xfe"])
def test_what_is_no_json_is_malformed(payload: bytes) -> None:
    with pytest.raises(Malformed, match="not JSON"):
        json_document(payload)


def test_json_with_a_byte_order_mark_or_in_windows_1252_is_read() -> None:
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        assert json_document('{"a": "Röhre"}'.encode(encoding)) == {"a": "Röhre"}
