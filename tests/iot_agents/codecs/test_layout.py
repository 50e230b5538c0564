"""A layout in YAML reads what a datasheet describes."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_agents.codecs.layout import Field, Layout

LAYOUT = msgspec.yaml.decode(
    """
    fields:
      - {name: kind, offset: 0, map: {1: measurement, 2: alarm}}
      - {name: occupied, offset: 1, bit: 7, bits: 1, type: bool}
      - {name: battery, offset: 1, bits: 7, scale: 0.1}
      - name: temperature
        offset: 2
        bits: 16
        type: signed
        scale: 0.1
        invalid: 32767
        when: {field: kind, equals: measurement}
      - {name: level, offset: 4, bits: 12, bit: 4, endian: little, when: {f_port: 2}}
      - {name: pressure, offset: 4, bits: 32, type: float, when: {f_port: 3, length: 8}}
      - {name: serial, offset: -3, bits: 24, type: hex, when: {field: battery, most: 2}}
      - {name: label, offset: 8, bits: 32, type: text, optional: true}
    """,
    type=Layout,
)


@pytest.mark.parametrize(
    ("f_port", "payload", "expected"),
    [
        (1, "01A4FFD80000", {"kind": "measurement", "occupied": True, "battery": 3.6, "temperature": -4.0}),
        (1, "01247FFF", {"kind": "measurement", "occupied": False, "battery": 3.6}),
        (2, "02240000F0DE", {"kind": "alarm", "occupied": False, "battery": 3.6, "level": 0xDEF}),
        (3, "0224000041480000", {"kind": "alarm", "occupied": False, "battery": 3.6, "pressure": 12.5}),
        (1, "0201ABCDEF", {"kind": "alarm", "occupied": False, "battery": 0.1, "serial": "abcdef"}),
        (1, "022400000000000048690000", {"kind": "alarm", "occupied": False, "battery": 3.6, "label": "Hi"}),
    ],
)
def test_fields_stand_where_the_layout_says(f_port: int, payload: str, expected: dict[str, Any]) -> None:
    result = LAYOUT.decode(f_port, bytes.fromhex(payload))
    assert (result.data, result.errors) == (expected, ())


@pytest.mark.parametrize(("payload", "reason"), [("0124", "too few for temperature"), ("0924", "kind is 9")])
def test_a_payload_that_does_not_fit_says_why(payload: str, reason: str) -> None:
    assert reason in LAYOUT.decode(1, bytes.fromhex(payload)).errors[0]


@pytest.mark.parametrize(
    "wrong",
    [{"bits": 0}, {"bits": 65}, {"type": "float", "bits": 8}, {"type": "text", "bits": 4}, {"bit": -1}, {"bitz": 1}],
)
def test_a_layout_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"fields": [{"name": "a", "offset": 0} | wrong]}, Layout)


@given(st.integers(0, 255), st.binary(max_size=40))
def test_any_bytes_give_values_or_an_error(f_port: int, payload: bytes) -> None:
    result = LAYOUT.decode(f_port, payload)
    assert result.errors or result.data


@given(st.integers(-(2**23), 2**23 - 1), st.sampled_from(["big", "little"]), st.binary(max_size=5))
def test_a_number_is_read_as_it_was_written(number: int, endian: Any, before: bytes) -> None:
    field = Field(name="n", offset=len(before), bits=24, type="signed", endian=endian)
    assert Layout((field,)).decode(1, before + number.to_bytes(3, endian, signed=True)).data == {"n": number}
