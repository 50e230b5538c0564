"""Device: Device, DeviceMeasurement, DeviceModel, SmartMeteringObservation.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, Located, PhysicalObject
from data_models.values import Boolean, DateTime, NonNegative, Number, Relationship, Share, Structure, Uri

# fmt: off
Category = Literal[
    "actuator", "beacon", "endgun", "HVAC", "implement", "irrSection", "irrSystem", "meter", "multimedia",
    "network", "sensor",
]
Function = Literal["levelControl", "sensing", "onOff", "openClose", "metering", "eventNotification"]
# fmt: on


class Configuration(Structure):
    parameter: str | None = None
    value: str | None = None


class Device(Commons, Located):
    """An apparatus (hardware + software + firmware) intended to accomplish a particular task (sensing the …."""

    type: Literal["Device"] = "Device"
    category: list[Category] | None = None
    """As deviceCategory, in earlier versions."""
    deviceCategory: list[Category] | None = None
    """What the device is."""
    controlledProperty: list[str]
    """What the device senses or controls, e.g. fillingLevel, temperature; published as a list of words, which …."""
    supportedProtocol: list[str] | None = None
    """Protocols or networks of the device, e.g. lora, mqtt; published as a list of words, which has none for …."""
    macAddress: list[str] | str | None = None
    """The device's MAC address, or in other versions several."""
    controlledAsset: list[str] | None = None
    """List of the asset(s) (building, object, etc.) controlled by the device."""
    mnc: str | None = None
    """This property identifies the Mobile Network Code (MNC) of the network the device is attached to."""
    mcc: str | None = None
    """This property identifies the Mobile Country Code."""
    ipAddress: list[str] | None = None
    """List of IP address of the device."""
    configuration: list[Configuration] | None = None
    """Device's technical configuration."""
    dateInstalled: DateTime | None = None
    """A timestamp which denotes when the device was installed (if it requires installation)."""
    dateFirstUsed: DateTime | None = None
    """A timestamp which denotes when the device was first used."""
    dateManufactured: DateTime | None = None
    """A timestamp which denotes when the device was manufactured."""
    hardwareVersion: str | None = None
    """The hardware version of this device."""
    softwareVersion: str | None = None
    """The software version of this device."""
    firmwareVersion: str | None = None
    """The firmware version of this device."""
    osVersion: str | None = None
    """The version of the host operating system device."""
    distance: Number | None = None
    """Location of this device represented by a distance from a starting point."""
    dstAware: Boolean | None = None
    """Indicates a device which is Daylight Savings Time Aware (True)."""
    depth: Number | None = None
    """Location of this device represented by a depth from a starting point."""
    relativePosition: str | None = None
    """Location of this device in a coordinate system according to its local emplacement."""
    direction: Literal["Inlet", "Outlet", "Entry", "Exit"] | None = None
    """A timestamp which denotes when the device was installed (if it requires installation)."""
    dateLastCalibration: DateTime | None = None
    """A timestamp which denotes when the last calibration of the device happened."""
    serialNumber: str | None = None
    """The serial number assigned by the manufacturer."""
    provider: str | None = None
    """The provider of the device."""
    refDeviceModel: Relationship | None = None
    """Model of the device."""
    batteryLevel: Share | Annotated[Number, Field(ge=-1, le=-1)] | None = None
    """Device battery level."""
    rssi: Number | None = None
    """Received signal strength indicator for a wireless enabled device."""
    deviceState: str | None = None
    """State of this device from an operational point of view."""
    dateLastValueReported: DateTime | None = None
    """A timestamp which denotes the last time when the device successfully reported data to the cloud."""
    value: str | None = None
    """A observed or reported value."""
    dateObserved: DateTime | None = None
    """Date of the observed entity defined by the user."""

    # Added by this project: the official type has no such attribute.
    snr: Number | None = None
    """Signal-to-noise ratio of the last uplink."""


class DeviceMeasurement(Commons, Located):
    """Description of a generic measurement entity coming from a device or other data source."""

    type: Literal["DeviceMeasurement"] = "DeviceMeasurement"
    numValue: Number | None = None
    """Numerical value of the measurement."""
    textValue: str | None = None
    """Textual value of the measurement."""
    controlledProperty: str | None = None
    """Property being measured by the device."""
    refDevice: Relationship | None = None
    """Device taking the measurement."""
    deviceType: str | None = None
    """Type of device taking the measurement."""
    measurementType: str | None = None
    """The type of measurement to be taken."""
    dateObserved: DateTime | None = None
    """The date and time of this observation in ISO8601 UTC format."""
    outlier: Boolean | None = None
    """Value for marking the measurement to be specially processed."""
    unit: str | None = None
    """Units of the measurement."""


class DeviceModel(Commons, PhysicalObject):
    """This entity captures the static properties of a Device."""

    type: Literal["DeviceModel"] = "DeviceModel"
    category: list[Category]
    """As deviceCategory, in earlier versions."""
    deviceCategory: list[Category] | None = None
    """What the device is."""
    controlledProperty: list[str]
    """What the device senses or controls, e.g. fillingLevel, temperature; published as a list of words, which …."""
    supportedProtocol: list[str] | None = None
    """Protocols or networks of the device, e.g. lora, mqtt; published as a list of words, which has none for …."""
    macAddress: list[str] | str | None = None
    """The device's MAC address, or in other versions several."""
    deviceClass: Literal["C0", "C1", "C2"] | None = None
    """Class of constrained device as specified by RFC 7228."""
    function: list[Function] | None = None
    """The functionality necessary to accomplish the task for which a Device is designed."""
    supportedUnits: list[str] | None = None
    """Units of measurement supported by the device."""
    energyLimitationClass: Literal["E0", "E1", "E2", "E9"] | None = None
    """Device's class of energy limitation as per RFC 7228."""
    documentation: Uri | None = None
    """A link to device's documentation."""
    brandName: str
    """Device's brand name."""
    modelName: str
    """S model name."""
    manufacturerName: str
    """Device's manufacturer name."""


class SmartMeteringObservation(Commons, Located):
    """This entity contains a harmonised description of a Smart Meter Observation, generally applicable for Smart …."""

    type: Literal["SmartMeteringObservation"] = "SmartMeteringObservation"
    entityVersion: Literal["2.0", "LD"] | None = None
    """The entity specification version."""
    meterType: str | None = None
    """The type of supply being metered e.g.: Electricity, Gasoline, Water, Methane, Diesel."""
    refDevice: Relationship | None = None
    """Unique identifier of the entity (Device) linked to the SmartMeteringObservation."""
    image: Uri | None = None
    """An image of the item."""
    totalConsumption: Number | None = None
    """The total amount of product supplied as recorded by the meter since installation."""
    peakConsumption: Number | None = None
    """The total amount of product supplied during 'peak' hours (particularly relevant to Electricity supply) as …."""
    offPeakConsumption: Number | None = None
    """The total amount of product supplied during 'off-peak' hours (particularly relevant to Electricity supply) …."""
    powerFactor: Number | None = None
    """Relevant to 3-Phase electricity supplies often used in industry - the power factor ranges from -1 to +1 …."""

    # Added by this project: the official type has no such attribute.
    dateObserved: DateTime | None = None
    """When the meter was read."""
    power: Number | None = None
    """Power drawn at the moment; negative where the customer feeds in."""
    totalExport: NonNegative | None = None
    """Energy fed in since installation."""
    volume: NonNegative | None = None
    """Volume of the heat carrier since installation (heat meter)."""
    flowRate: NonNegative | None = None
    """Flow of the heat carrier at the moment (heat meter)."""
    flowTemperature: Number | None = None
    """Temperature of the heat carrier flowing in (heat meter)."""
    returnTemperature: Number | None = None
    """Temperature of the heat carrier flowing back (heat meter)."""
