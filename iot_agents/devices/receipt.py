"""What becomes of one message of a device, noted as it happens, to be shown as its frame."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from iot_agents.devices.frames import Frame, Problem
from iot_agents.registry import Device
from iot_agents.uplink import DeviceEvent, Uplink

VALUE_MEMBERS = ("value", "object", "languageMap")


class Receipt:
    """`event` is `up` or another event of the network."""

    __slots__ = ("attributes", "device", "event", "payload", "problems", "told", "uplink")

    def __init__(self, device: Device, event: str, payload: bytes) -> None:
        self.device, self.event, self.payload = device, event, payload
        self.uplink: Uplink | None = None
        self.told: DeviceEvent | None = None
        self.attributes: Mapping[str, Any] = {}
        self.problems: list[Problem] = []

    def reject(self, kind: str, reason: str) -> None:
        self.problems.append(Problem(kind, reason))

    def frame(self) -> Frame:
        at, rejected = datetime.now(UTC), tuple(self.problems)
        if self.uplink is None:
            detail = self.told.detail | self.told.told if self.told else None
            time = self.told.time if self.told else None
            raw = "" if self.told else self.payload[:256].hex()
            return Frame(self.event, at, time, raw=raw, decoded=detail, rejected=rejected)
        uplink = self.uplink
        return Frame(
            event=self.event,
            at=at,
            time=uplink.time,
            f_port=uplink.f_port,
            f_cnt=uplink.f_cnt,
            raw=uplink.payload.hex(),
            decoded=uplink.decoded,
            attributes={name: _value(attribute) for name, attribute in self.attributes.items()},
            gateways=uplink.gateways,
            rejected=rejected,
        )


def _value(attribute: Mapping[str, Any]) -> Any:
    for member in VALUE_MEMBERS:
        if member in attribute:
            return attribute[member]
    return None
