"""The Things Stack v3's `ApplicationUp` with an uplink message as JSON, member for member; zero values are left out."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from datenbroker.demo.chance import number
from datenbroker.demo.city import TTS_TENANT, DeviceRecord
from datenbroker.demo.uplinks import payload as codec
from datenbroker.demo.uplinks.members import identifier, location, moment, without_zeros
from datenbroker.demo.uplinks.radio import (
    BANDWIDTH,
    CHANNELS,
    Reception,
    airtime,
    channel,
    receptions,
    spreading_factor,
)

JOIN_EUI = "02484E4500000000"
NETWORK_IDS = {
    "net_id": "000013",
    "ns_id": "EC656E0000000181",
    "tenant_id": TTS_TENANT,
    "cluster_id": "eu1",
    "cluster_address": "eu1.cloud.thethings.network",
}


def uplink(device: DeviceRecord, payload: bytes, at: datetime, f_cnt: int) -> tuple[str, dict[str, Any]]:
    """Topic and message."""
    uid = device["_id"]
    application, device_id = device["key"].split("/")
    message = {
        "end_device_ids": {
            "device_id": device_id,
            "application_ids": {"application_id": application},
            "dev_eui": f"02484E45{number(uid, 'eui') % 2**32:08X}",
            "join_eui": JOIN_EUI,
            "dev_addr": f"260B{number(uid, 'address') % 2**16:04X}",
        },
        "correlation_ids": [f"gs:uplink:01{number(uid, 'correlation', f_cnt):024X}"],
        "received_at": moment(at + timedelta(milliseconds=227), 9),
        "uplink_message": _uplink_message(device, payload, at, f_cnt),
    }
    return f"v3/{application}@{TTS_TENANT}/devices/{device_id}/up", message


def _uplink_message(device: DeviceRecord, payload: bytes, at: datetime, f_cnt: int) -> dict[str, Any]:
    profile, heard = device["profile"], receptions(device, f_cnt)
    factor = spreading_factor(heard)
    message = {
        "session_key_id": b64encode(identifier("session", device["_id"]).bytes).decode(),
        "f_port": codec.F_PORTS[profile],
        "f_cnt": f_cnt,
        "frm_payload": b64encode(payload).decode(),
        "decoded_payload": _as_javascript(codec.decode(profile, payload)),
        "rx_metadata": [_rx_metadata(device, reception, at, f_cnt) for reception in heard],
        "settings": _settings(channel(device, f_cnt), factor, at),
        "received_at": moment(at + timedelta(milliseconds=21), 9),
        "consumed_airtime": f"{airtime(factor, len(payload)):.6f}s",
        "network_ids": NETWORK_IDS,
    }
    return without_zeros(message)


def _rx_metadata(device: DeviceRecord, heard: Reception, at: datetime, f_cnt: int) -> dict[str, Any]:
    eui = heard.gateway.eui
    token = f"{eui}:{number(device['_id'], eui, f_cnt)}"
    metadata = {
        "gateway_ids": {"gateway_id": f"eui-{eui}", "eui": eui.upper()},
        "time": moment(at, 6),
        "timestamp": _concentrator(at),
        "rssi": heard.rssi,
        "channel_rssi": heard.rssi,
        "snr": _whole(heard.snr),
        "location": location(heard.gateway) | {"source": "SOURCE_REGISTRY"},
        "uplink_token": b64encode(token.encode()).decode(),
        "received_at": moment(at, 9),
    }
    return without_zeros(metadata)


def _settings(hop: int, factor: int, at: datetime) -> dict[str, Any]:
    return {
        "data_rate": {"lora": {"bandwidth": BANDWIDTH, "spreading_factor": factor, "coding_rate": "4/5"}},
        "frequency": str(CHANNELS[hop]),
        "timestamp": _concentrator(at),
        "time": moment(at, 6),
    }


def _concentrator(at: datetime) -> int:
    """The concentrator's microsecond counter, which wraps at 32 bits."""
    return int(at.timestamp() * 1_000_000) % 2**32


def _as_javascript(fields: Mapping[str, float | bool]) -> dict[str, float | bool]:
    return {name: value if isinstance(value, bool) else _whole(value) for name, value in fields.items()}


def _whole(value: float) -> float:
    """As JavaScript writes numbers: 6, not 6.0."""
    return int(value) if value == int(value) else value
