"""One reading of a LoRaWAN device as its network server reported it, the same for all network servers."""

from datetime import datetime
from typing import Any

import msgspec

from iot_agents.downlinks.downlink import Fate


class Gateway(msgspec.Struct, frozen=True):
    """A gateway that heard the uplink: `rssi` in dBm, `snr` in dB."""

    id: str
    rssi: float
    snr: float


class Uplink(msgspec.Struct, frozen=True):
    """What a device sent, and how it was heard.

    `device_key` names the device within its network, `time` is when the network heard it (aware), `decoded` is what the
    network server's codec made of `payload` (None where it has no codec for the device). `battery`, 0 to 1, where the
    network knows it.
    """

    device_key: str
    time: datetime
    f_port: int
    f_cnt: int
    decoded: dict[str, Any] | None
    payload: bytes
    gateways: tuple[Gateway, ...]
    battery: float | None = None

    @property
    def best_gateway(self) -> Gateway | None:
        """The gateway that heard the device loudest."""
        if len(self.gateways) == 1:
            return self.gateways[0]
        return max(self.gateways, key=lambda gateway: gateway.rssi, default=None)


class DeviceEvent(msgspec.Struct, frozen=True):
    """What else a network tells of a device: it joined, its battery, its position, a downlink's fate, an error.

    `told` are attributes of the `Device` entity by name, `problem` is the kind and reason where something is wrong,
    `detail` is for people to read, `fate` is what became of a downlink.
    """

    device_key: str
    kind: str
    time: datetime | None = None
    told: dict[str, Any] = {}
    problem: tuple[str, str] | None = None
    detail: dict[str, Any] = {}
    fate: Fate | None = None
