"""A household meter's SML telegram as its optical port sends it: a real Holley meter's, with this city's figures.

Counter (1-0:1.8.0), power (1-0:16.7.0), the three currents and the seconds index are set, the checksums made anew.
"""

import re
import struct
from datetime import datetime
from itertools import pairwise

from sml import Crc

from datenbroker.demo import templates
from datenbroker.demo.curves import energy

METER = "sml-meter-1"
VOLTAGE = 234.0
PHASE_SHARES = ((0x1F, 0.25), (0x33, 0.47), (0x47, 0.28))
SECONDS_INDEX = re.compile(rb"\x02\xdb\xa2[\x3c\x3d]")
MESSAGE_START = re.compile(rb"\x76\x04\x00\x00.\x62\x00\x62\x00\x72", re.DOTALL)
CHECKSUM_LENGTH = 4


def document(at: datetime) -> bytes:
    """The telegram in hexadecimal, one line."""
    return telegram(at).hex().encode() + b"\n"


def telegram(at: datetime) -> bytes:
    household, share = energy.electricity(METER, at), 1 / energy.flats(METER)
    watts = round(household["power"] * 1000 * share)
    data = bytes.fromhex(templates.text("sml_telegram.hex"))
    data = SECONDS_INDEX.sub(lambda _: _seconds(at), data)
    data = _with_value(data, b"\x01\x08\x00\xff", struct.pack(">I", round(household["energy"] * 10_000 * share)))
    data = _with_value(data, b"\x10\x07\x00\xff", struct.pack(">h", watts))
    for obis, part in PHASE_SHARES:
        centiamperes = min(255, round(watts * part / VOLTAGE * 100))
        data = _with_value(data, bytes([obis]) + b"\x07\x00\xff", bytes([centiamperes]))
    return _with_checksums(data)


def _seconds(at: datetime) -> bytes:
    return struct.pack(">I", int((at - energy.metering_started(METER)).total_seconds()))


def _with_value(data: bytes, obis: bytes, value: bytes) -> bytes:
    """The value of the list entry `77 07 01 00 <obis> status time unit scaler value signature` replaced."""
    entry = data.index(b"\x77\x07\x01\x00" + obis)
    scaler = re.compile(rb"\x62[\x1b\x1e\x21]\x52.", re.DOTALL).search(data, entry)
    if scaler is None:
        raise ValueError(f"The telegram has no unit and scaler after {obis.hex()}")
    start = scaler.end() + 1
    return data[:start] + value + data[start + len(value) :]


def _with_checksums(data: bytes) -> bytes:
    """Each message ends with `63 <CRC 16> 00`, the telegram with a CRC over everything before it."""
    starts = [match.start() for match in MESSAGE_START.finditer(data)]
    for start, end in pairwise(starts):
        body = data[start : end - CHECKSUM_LENGTH]
        data = data[:start] + body + b"\x63" + struct.pack(">H", Crc.crc16(body)) + b"\x00" + data[end:]
    return data[:-2] + struct.pack(">H", Crc.crc16(data[:-2]))
