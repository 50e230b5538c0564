"""ChirpStack v4's `integration.UplinkEvent` as protobuf JSON, member for member.

Top-level zero values are written, those inside rxInfo and txInfo are not, as ChirpStack does.
"""

from base64 import b64encode
from datetime import datetime
from typing import Any

from datenbroker.demo.chance import number
from datenbroker.demo.city import ORGANISATION_OF, DeviceRecord, kind_of
from datenbroker.demo.uplinks import payload as codec
from datenbroker.demo.uplinks.members import identifier, location, moment, without_zeros
from datenbroker.demo.uplinks.radio import BANDWIDTH, CHANNELS, Reception, channel, receptions, spreading_factor


def uplink(device: DeviceRecord, payload: bytes, at: datetime, f_cnt: int) -> tuple[str, dict[str, Any]]:
    """Topic and message."""
    profile, time = device["profile"], moment(at, 3)
    heard, info = receptions(device, f_cnt), _device_info(device)
    message = {
        "deduplicationId": str(identifier("uplink", device["_id"], time)),
        "time": time,
        "deviceInfo": info,
        "devAddr": f"01{number(device['_id'], 'address') % 2**24:06x}",
        "adr": True,
        "dr": 12 - spreading_factor(heard),
        "fCnt": f_cnt,
        "fPort": codec.F_PORTS[profile],
        "confirmed": False,
        "data": b64encode(payload).decode(),
        "object": codec.decode(profile, payload),
        "rxInfo": [_rx_info(device, reception, time, f_cnt) for reception in heard],
        "txInfo": _tx_info(channel(device, f_cnt), spreading_factor(heard)),
        "regionConfigId": "eu868",
    }
    return f"application/{info['applicationId']}/device/{device['key']}/event/up", message


def _device_info(device: DeviceRecord) -> dict[str, Any]:
    profile, address = device["profile"], device["entity"]["address"]["value"]
    return {
        "tenantId": str(identifier("tenant", device["tenant"])),
        "tenantName": ORGANISATION_OF[device["tenant"]].name,
        "applicationId": str(identifier("application", profile)),
        "applicationName": kind_of(device).application,
        "deviceProfileId": str(identifier("profile", profile)),
        "deviceProfileName": profile,
        "deviceName": device["name"],
        "devEui": device["key"],
        "tags": {"district": address["district"], "site": address["streetAddress"]},
        "deviceClassEnabled": "CLASS_A",
    }


def _rx_info(device: DeviceRecord, heard: Reception, time: str, f_cnt: int) -> dict[str, Any]:
    eui, hop = heard.gateway.eui, channel(device, f_cnt)
    info = {
        "gatewayId": eui,
        "uplinkId": number(device["_id"], eui, f_cnt) % 2**32,
        "gwTime": time,
        "rssi": heard.rssi,
        "snr": heard.snr,
        "channel": hop,
        "rfChain": 1 if hop < 3 else 0,
        "location": location(heard.gateway),
        "context": b64encode(number(eui, "context", f_cnt).to_bytes(8)[:4]).decode(),
        "metadata": {"region_common_name": "EU868", "region_config_id": "eu868"},
        "crcStatus": "CRC_OK",
    }
    return without_zeros(info)


def _tx_info(hop: int, factor: int) -> dict[str, Any]:
    lora = {"bandwidth": BANDWIDTH, "spreadingFactor": factor, "codeRate": "CR_4_5"}
    return {"frequency": CHANNELS[hop], "modulation": {"lora": lora}}
