"""How the city's LoRaWAN gateways hear a sensor: strength, data rate, time on air. EU868."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

from datenbroker.demo.chance import between, number
from datenbroker.demo.city import DeviceRecord
from datenbroker.demo.places import GATEWAYS, Gateway

CHANNELS = (868_100_000, 868_300_000, 868_500_000, 867_100_000, 867_300_000, 867_500_000, 867_700_000, 867_900_000)
"""Hz."""

BANDWIDTH = 125_000
LORAWAN_OVERHEAD = 13


@dataclass(frozen=True, slots=True)
class Reception:
    """How one gateway heard the frame: RSSI in dBm, SNR in dB."""

    gateway: Gateway
    rssi: int
    snr: float


def receptions(device: DeviceRecord, f_cnt: int) -> list[Reception]:
    """By the two or three nearest gateways, the strongest first."""
    longitude, latitude = device["entity"]["location"]["value"]["coordinates"]
    nearest = sorted((gateway.metres_to(latitude, longitude), gateway.eui, gateway) for gateway in GATEWAYS)
    hearing = nearest[: 2 + number(device["_id"], f_cnt) % 2]
    heard = (_reception(device["_id"], gateway, metres, f_cnt) for metres, _, gateway in hearing)
    return sorted(heard, key=lambda reception: -reception.rssi)


def _reception(uid: str, gateway: Gateway, metres: float, f_cnt: int) -> Reception:
    """Path loss in a town: 33 dB a decade, and fading."""
    rssi = round(-50 - 33 * log10(max(30.0, metres) / 30) + between(-5, 5, uid, gateway.eui, f_cnt))
    snr = min(11.0, (rssi + 120) / 3 + between(-1.5, 1.5, uid, "snr", gateway.eui, f_cnt))
    return Reception(gateway, max(-122, rssi), round(max(-14.0, snr) * 4) / 4)


def channel(device: DeviceRecord, f_cnt: int) -> int:
    """The channel that this frame hops to, an index in `CHANNELS`."""
    return number(device["_id"], "channel", f_cnt) % len(CHANNELS)


def spreading_factor(heard: Sequence[Reception]) -> int:
    """What adaptive data rate settles on for the strongest reception: 7 to 10."""
    return 7 + sum(heard[0].rssi < limit for limit in (-100, -107, -113))


def airtime(factor: int, payload_length: int) -> float:
    """Seconds on the air (Semtech AN1200.13; 125 kHz, coding rate 4/5, explicit header, CRC)."""
    symbol: float = 2**factor / BANDWIDTH
    bits = 8 * (payload_length + LORAWAN_OVERHEAD) - 4 * factor + 28 + 16
    return symbol * (8 + 4.25 + 8 + max(0, ceil(bits / (4 * factor)) * 5))
