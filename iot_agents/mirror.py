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

_REPORTED: Attribute = {"type": "Property"}
_RSSI: Attribute = {"type": "Property", "unitCode": "DBM"}
_SNR: Attribute = {"type": "Property", "unitCode": "2N"}
_BATTERY: Attribute = {"type": "Property", "unitCode": "C62"}
_GATEWAY = OF_OUR_OWN["servingGateway"]
_USUAL = {"rssi": (-1000.0, 1000.0), "snr": (-1000.0, 1000.0), "batteryLevel": (0.0, 1.0)}
"""Values of these attributes that the data model takes without doubt."""


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


def heard(uplink: Uplink, profile: DeviceProfile, observed_at: str) -> dict[str, Attribute]:
    """What this uplink tells of the device: time, battery 0 to 1, RSSI in dBm and SNR in dB at the loudest gateway.

    `observed_at` as in NGSI-LD, in UTC.
    """
    attributes = {"dateLastValueReported": _REPORTED | {"value": observed_at, "observedAt": observed_at}}
    gateway = uplink.best_gateway
    if gateway is not None:
        attributes["rssi"] = _RSSI | {"value": _possible("rssi", gateway.rssi), "observedAt": observed_at}
        attributes["snr"] = _SNR | {"value": _possible("snr", gateway.snr), "observedAt": observed_at}
        if gateway.id:
            attributes["servingGateway"] = _GATEWAY | {"value": gateway.id, "observedAt": observed_at}
    level = battery_level(profile.battery, uplink.decoded or {}) if profile.battery else None
    level = uplink.battery if level is None else level
    if level is not None:
        attributes["batteryLevel"] = _BATTERY | {"value": _possible("batteryLevel", level), "observedAt": observed_at}
    return attributes


def _possible(name: str, value: float) -> float:
    """A look at each value costs a tenth of what the data model's own check does, which has the last word."""
    least, most = _USUAL[name]
    return float(value) if least <= value <= most else float(_checked(name, value)["value"])


def told(values: Mapping[str, object], observed_at: datetime) -> dict[str, Attribute]:
    """Attributes of the `Device`; `Refused` where a value cannot be."""
    time = {"observedAt": date_time_text(observed_at)}
    return {name: _checked(name, value) | time for name, value in values.items()}


def _checked(name: str, value: object) -> Attribute:
    own = OF_OUR_OWN.get(name)
    try:
        return DeviceModel.attribute(name, value) if own is None else own | {"value": value}
    except ValidationError as error:
        raise Refused("out_of_range", f"What the network tells of the device cannot be: {reasons(error)}") from None
