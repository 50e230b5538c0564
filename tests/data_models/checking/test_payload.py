"""Entities are found in all forms in which people keep them."""

import json
from typing import Any

import pytest

from data_models.checking.payload import Unreadable, entities_in

ONE: dict[str, Any] = {"id": "urn:a:1", "type": "A", "x": 1}
TWO: dict[str, Any] = {"id": "urn:a:2", "type": "A", "x": 2}
FEATURE = {"id": "urn:a:1", "type": "Feature", "geometry": None, "properties": {"type": "A", "x": 1}}


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        (json.dumps(ONE), [(1, False, ONE)]),
        ("\ufeff" + json.dumps(ONE, indent=2), [(1, False, ONE)]),
        (json.dumps([ONE, TWO]), [(1, False, ONE), (2, False, TWO)]),
        (f"{json.dumps(ONE)}\n\n{json.dumps(TWO)}\n", [(1, True, ONE), (3, True, TWO)]),
        (json.dumps({"type": "Notification", "data": [TWO]}), [(1, False, TWO)]),
        (json.dumps(FEATURE), [(1, False, ONE)]),
        (json.dumps({"type": "FeatureCollection", "features": [FEATURE]}), [(1, False, ONE)]),
        ("[]", []),
        ("5", [(1, False, 5)]),
    ],
)
def test_every_form_gives_its_entities(payload: str, found: list[tuple[int, bool, Any]]) -> None:
    assert list(entities_in(payload.encode())) == found


@pytest.mark.parametrize(
    ("payload", "line"), [(b"", 1), (b"{", 1), (b'{"a": 1}\n{"a": \n', 2), (b"<html>", 1), (b'\xff{"a":1}', 1)]
)
def test_what_is_no_json_is_said_with_its_line(payload: bytes, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        list(entities_in(payload))
    assert caught.value.line == line
