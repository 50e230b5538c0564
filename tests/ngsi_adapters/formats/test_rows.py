"""The rows of a large JSON document, one by one."""

import json
from typing import Any

import pytest

from ngsi_adapters.formats.rows import LARGE, json_rows
from ngsi_adapters.source import Malformed

ROWS: list[Any] = [
    {"nummer": number, "straße": 'Höhe "[{' * (number % 40), "maße": [number / 7, -1, True, None, {}]}
    for number in range(40_000)
]
DOCUMENT = {"type": "FeatureCollection", "features": ROWS, "links": [{"features": 1}], "last": 12}
PAYLOAD = json.dumps(DOCUMENT, ensure_ascii=False).encode()
SHORTER = slice(None, -1)


def test_a_large_document_has_the_same_rows_as_a_small_one() -> None:
    assert len(PAYLOAD) > LARGE
    assert list(json_rows(PAYLOAD, "features")) == ROWS
    assert list(json_rows(json.dumps(DOCUMENT).encode("utf-8-sig"), "features")) == ROWS
    assert list(json_rows(PAYLOAD.decode("utf-8").encode("cp1252"), "features")) == ROWS


def test_a_row_larger_than_what_is_read_at_once_is_whole() -> None:
    rows = ["a" * 3_000_000, list(range(500_000)), 7]
    assert list(json_rows(json.dumps({"rows": rows}).encode(), "rows")) == rows


@pytest.mark.parametrize(
    "payload",
    [
        PAYLOAD[SHORTER],
        PAYLOAD[:5_000_000],
        PAYLOAD + b"{",
        PAYLOAD.replace(b'"last": 12', b'"last": NaN'),
        PAYLOAD.replace(b'"last": 12', b""),
        PAYLOAD.replace(b'"nummer": 30000', b'"nummer" 30000'),
        PAYLOAD.replace(b'"features": [', b'"rows": ['),
        PAYLOAD.replace(b'"features": [', b'"features": 1, "rows": ['),
        b"[" + PAYLOAD + b"]",
        b'{"features": [' + b"[" * LARGE,
    ],
)
def test_a_large_document_with_a_mistake_is_malformed(payload: bytes) -> None:
    assert len(payload) > LARGE
    with pytest.raises(Malformed):
        list(json_rows(payload, "features"))
