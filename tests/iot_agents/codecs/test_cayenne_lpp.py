"""Vectors of myDevices' documentation, and of the forms of version 2."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_agents.codecs.cayenne_lpp import TYPES, decode

VECTORS: list[tuple[int, str, dict[str, Any]]] = [
    (1, "03670110056700FF", {"temperature_3": 27.2, "temperature_5": 25.5}),
    (1, "0167FFD7067104D2FB2E0000", {"temperature_1": -4.1, "accelerometer_6": {"x": 1.234, "y": -1.234, "z": 0}}),
    (1, "018806765FF2960A0003E8", {"gps_1": {"latitude": 42.3519, "longitude": -87.9094, "altitude": 10}}),
    (99, "0068500073271001650064", {"relative_humidity_0": 40, "barometric_pressure_0": 1000, "illuminance_1": 100}),
    (1, "0702FE0C08740D0509757FFF", {"analog_in_7": -5, "voltage_8": 33.33, "current_9": 32.767}),
    (1, "018300000BB8028E01", {"energy_1": 3, "switch_2": 1}),
    (2, "6700EA6835", {"temperature_0": 23.4, "relative_humidity_0": 26.5}),
    (3, "0312345600765432001234", {"gps_0": {"latitude": 51.524694, "longitude": 7.754802, "altitude": 46.6}}),
    (101, "00F08000EA00008000D9", {"history": [{"seconds_ago": 240, "power_1": 234},
     {"seconds_ago": 0, "power_1": 217}]}),
]  # fmt: skip


@pytest.mark.parametrize(("f_port", "payload", "expected"), VECTORS)
def test_a_payload_is_read(f_port: int, payload: str, expected: dict[str, Any]) -> None:
    result = decode(f_port, bytes.fromhex(payload))
    assert (result.data, result.errors) == (expected, ())


@pytest.mark.parametrize(
    ("payload", "reason"), [("03670110056700", "cut off"), ("0367011005", "cut off"), ("0105", "type 5 at byte 1")]
)
def test_what_is_no_cayenne_lpp_says_where(payload: str, reason: str) -> None:
    assert reason in decode(1, bytes.fromhex(payload)).errors[0]


@given(st.integers(0, 255), st.binary(max_size=60))
def test_any_bytes_give_values_or_an_error(f_port: int, payload: bytes) -> None:
    result = decode(f_port, payload)
    assert result.errors or result.data is not None


@given(st.lists(st.tuples(st.integers(0, 64), st.sampled_from(sorted(TYPES)), st.binary(min_size=11, max_size=11))))
def test_every_type_has_the_length_that_the_next_value_needs(values: list[tuple[int, int, bytes]]) -> None:
    payload = b"".join(
        bytes([channel, number]) + raw[: sum(size for _, size, _ in TYPES[number].members)]
        for channel, number, raw in values
    )
    result = decode(1, payload)
    assert result.errors == ()
    assert set(result.data or ()) == {f"{TYPES[number].name}_{channel}" for channel, number, _ in values}
