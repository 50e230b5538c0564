"""The device itself as a `Device` entity: battery, signal, last sign of life. Operators see silent devices there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from data_models import Device as DeviceModel
from data_models import DeviceModel as ModelOfDevices
from data_models.base import reasons
from data_models.values import date_time_text
from iot_agents.profile import DeviceProfile
from iot_agents.reading import Attribute, battery_level
from iot_agents.refused import Refused
from iot_agents.registry import Device
from iot_agents.uplink import Uplink

UNKNOWN = "unknown"

OF_OUR_OWN: dict[str, Attribute] = {
    "linkMargin": {"type": "Property", "unitCode": "2N"},
    "servingGateway": {"type": "Property"},
}
"""What the data model has no attribute for: the margin of the last downlink in dB, the gateway that hears it best."""


def standing(device: Device, profile: DeviceProfile, protocol: str) -> dict[str, Attribute]:
    """What stays the same from reading to reading."""
    attribute = DeviceModel.attribute
    firmware = {"firmwareVersion": attribute("firmwareVersion", device.firmware)} if device.firmware else {}
    return (
        firmware
        | _location(device)
        | {
            "name": attribute("name", device.name or device.key),
            "deviceCategory": attribute("deviceCategory", ["sensor"]),
            "controlledProperty": attribute("controlledProperty", list(profile.controlled_properties)),
            "controlledAsset": attribute("controlledAsset", [device.entity_id]),
            "supportedProtocol": attribute("supportedProtocol", [protocol]),
            "refDeviceModel": attribute("refDeviceModel", model_id(profile)),
            "serialNumber": attribute("serialNumber", device.key),
        }
    )


def _location(device: Device) -> dict[str, Attribute]:
    """That of its record; where the network finds devices, its location events tell another."""
    value = device.entity.get("location", {}).get("value")
    if not isinstance(value, Mapping) or value.get("type") != "Point":
        return {}
    return {"location": DeviceModel.attribute("location", dict(value))}


def model_id(profile: DeviceProfile) -> str:
    return f"urn:ngsi-ld:DeviceModel:{profile.id}"


def model_of_devices(profile: DeviceProfile) -> dict[str, Any]:
    """The profile as a `DeviceModel` entity, to which its devices refer."""
    title = profile.title.get("en") or profile.title.get("de") or profile.id
    values: dict[str, object] = {
        "name": title,
        "category": ["sensor"],
        "deviceCategory": ["sensor"],
        "controlledProperty": list(profile.controlled_properties),
        "brandName": profile.manufacturer or UNKNOWN,
        "modelName": profile.model or profile.id,
        "manufacturerName": profile.manufacturer or UNKNOWN,
    }
    attributes = {name: ModelOfDevices.attribute(name, value) for name, value in values.items()}
    return {"id": model_id(profile), "type": "DeviceModel"} | attributes


def heard(uplink: Uplink, profile: DeviceProfile, observed_at: datetime) -> dict[str, Attribute]:
    """What this uplink tells of the device: time, battery 0 to 1, RSSI in dBm and SNR in dB at the loudest gateway."""
    values: dict[str, object] = {"dateLastValueReported": observed_at}
    gateway = uplink.best_gateway
    if gateway is not None:
        values |= {"rssi": gateway.rssi, "snr": gateway.snr}
        values |= {"servingGateway": gateway.id} if gateway.id else {}
    level = battery_level(profile.battery, uplink.decoded or {}) if profile.battery else None
    level = uplink.battery if level is None else level
    if level is not None:
        values["batteryLevel"] = level
    return told(values, observed_at)


def told(values: Mapping[str, object], observed_at: datetime) -> dict[str, Attribute]:
    """Attributes of the `Device`; `Refused` where a value cannot be."""
    time = {"observedAt": date_time_text(observed_at)}
    try:
        return {name: _attribute(name, value) | time for name, value in values.items()}
    except ValidationError as error:
        raise Refused("out_of_range", f"What the network tells of the device cannot be: {reasons(error)}") from None


def _attribute(name: str, value: object) -> Attribute:
    own = OF_OUR_OWN.get(name)
    return DeviceModel.attribute(name, value) if own is None else own | {"value": value}
