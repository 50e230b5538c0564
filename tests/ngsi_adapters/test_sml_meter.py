"""A real meter's telegram."""

import pytest
from sml import Crc

from ngsi_adapters.sources.energy.sml_meter import SOURCE
from tests.ngsi_adapters.outcomes import entities, rejects, sample

TELEGRAM = bytes.fromhex(sample("sml_meter/telegram.hex").decode())


def with_checksums(telegram: bytes) -> bytes:
    """The second message and the whole with their checksums made anew."""
    start, end = telegram.index(b"\x76\x04\x00\x00\x02"), telegram.index(b"\x76\x04\x00\x00\x03") - 4
    message = telegram[start:end]
    inner = telegram[:end] + b"\x63" + _checksum(message) + telegram[end + 3 :]
    return inner[:-2] + _checksum(inner[:-2])


def _checksum(octets: bytes) -> bytes:
    return int(Crc.crc16(octets)).to_bytes(2, "big")


def test_registers_become_kilowatt_hours_and_kilowatts_at_the_time_of_the_fetch() -> None:
    (meter,) = entities(SOURCE, TELEGRAM)
    assert meter["id"] == "urn:ngsi-ld:SmartMeteringObservation:1HLY0200271520"
    assert meter["totalConsumption"] == {
        "type": "Property",
        "value": 4499.8962,
        "unitCode": "KWH",
        "observedAt": "2026-11-22T09:30:00Z",
    }
    assert (meter["power"]["value"], meter["power"]["unitCode"]) == (0.137, "KWT")
    assert meter["totalExport"]["value"] == 0
    assert meter["dateObserved"]["value"] == "2026-11-22T09:30:00Z"


@pytest.mark.parametrize(
    "payload",
    [
        TELEGRAM.hex().encode(),
        TELEGRAM.hex(" ").upper().encode() + b"\r\n",
        b"noise" + TELEGRAM + b"noise",
        TELEGRAM * 3,
    ],
)
def test_bytes_hexadecimal_text_and_noise_around_are_all_the_same(payload: bytes) -> None:
    assert entities(SOURCE, payload) == entities(SOURCE, TELEGRAM)


def test_of_two_telegrams_of_a_meter_the_later_one_counts() -> None:
    later = with_checksums(TELEGRAM.replace(b"\x65\x02\xae\xa1\x32", b"\x65\x02\xae\xa1\x33"))
    (meter,) = entities(SOURCE, TELEGRAM + later)
    assert meter["totalConsumption"]["value"] == 4499.8963


def test_feeding_in_is_negative_power() -> None:
    power = b"\x07\x01\x00\x10\x07\x00\xff\x01\x01\x62\x1b\x52\x00\x53"
    (meter,) = entities(SOURCE, with_checksums(TELEGRAM.replace(power + b"\x00\x89", power + b"\xff\x77")))
    assert meter["power"]["value"] == -0.137


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (TELEGRAM[:-1], "no SML frame that is complete"),
        (TELEGRAM.replace(b"\x02\xae\xa1\x32", b"\x02\xae\xa1\x33"), "the right checksum"),
        (TELEGRAM.hex().encode()[:-3], "neither an SML telegram nor one in hexadecimal"),
        (b"<sml>", "neither an SML telegram"),
        (b"", "no SML frame"),
    ],
)
def test_a_damaged_telegram_is_rejected(payload: bytes, reason: str) -> None:
    (rejected,) = rejects(SOURCE, payload)
    assert reason in rejected.reason


def test_a_meter_without_the_register_of_energy_is_rejected_with_its_number() -> None:
    without = with_checksums(TELEGRAM.replace(b"\x01\x00\x01\x08\x00\xff", b"\x01\x00\x01\x09\x00\xff"))
    (rejected,) = rejects(SOURCE, without)
    assert rejected.record_id == "1 HLY02 0027 1520"
    assert "no register 1-0:1.8.0*255" in rejected.reason


def test_a_register_in_another_unit_is_rejected() -> None:
    joule = with_checksums(TELEGRAM.replace(b"\x62\x1e\x52\xff\x65", b"\x62\x19\x52\xff\x65"))
    (rejected,) = rejects(SOURCE, joule)
    assert rejected.reason == "1-0:1.8.0*255: it is in J, not in Wh"
