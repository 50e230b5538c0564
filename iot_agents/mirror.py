"""The device itself as a `Device` entity: battery, signal, last sign of life. Operators see silent devices there."""

from datetime import datetime

from data_models import Device as DeviceModel
from data_models.values import date_time_text
from iot_agents.profile import DeviceProfile
from iot_agents.reading import Attribute, battery_level
from iot_agents.registry import Device
from iot_agents.uplink import Uplink


def standing(device: Device, profile: DeviceProfile) -> dict[str, Attribute]:
    """What stays the same from reading to reading."""
    attribute = DeviceModel.attribute
    return {
        "name": attribute("name", device.name or device.key),
        "deviceCategory": attribute("deviceCategory", ["sensor"]),
        "controlledProperty": attribute("controlledProperty", list(profile.controlled_properties)),
        "controlledAsset": attribute("controlledAsset", [device.entity_id]),
        "supportedProtocol": attribute("supportedProtocol", ["LoRaWAN"]),
        "serialNumber": attribute("serialNumber", device.key),
    }


def heard(uplink: Uplink, profile: DeviceProfile, observed_at: datetime) -> dict[str, Attribute]:
    """What this uplink tells of the device: time, RSSI in dBm and SNR in dB at the loudest gateway, battery 0 to 1."""
    values: dict[str, object] = {"dateLastValueReported": observed_at}
    gateway = uplink.best_gateway
    if gateway is not None:
        values |= {"rssi": gateway.rssi, "snr": gateway.snr}
    level = battery_level(profile.battery, uplink.decoded or {}) if profile.battery else None
    if level is not None:
        values["batteryLevel"] = level
    time = {"observedAt": date_time_text(observed_at)}
    return {name: DeviceModel.attribute(name, value) | time for name, value in values.items()}
