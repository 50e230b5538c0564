"""Streetlighting: Streetlight, StreetlightControlCabinet, StreetlightGroup.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

import re
from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, Located, MunicipalityInfo, PhysicalObject
from data_models.values import (
    Date,
    DateTime,
    Distinct,
    GeoProperty,
    NonNegative,
    Number,
    Relationship,
    Share,
    Structure,
    Unique,
)

# fmt: off
LocationCategory = Literal[
    "bridge", "centralIsland", "facade", "garden", "park", "parking", "pedestrianPath", "playground", "road",
    "sidewalk", "tunnel",
]
PoleEquipment = Literal[
    "airQuality", "camera", "charging", "display", "emergencyCall", "mobileNetwork", "motion", "noise", "wlan",
    "weather",
]
SwitchingMode = Literal["night-ON", "night-OFF", "night-LOW", "always-ON", "day-ON", "day-OFF", "day-LOW"]
# fmt: on


class DeviceInfoDeviceModel(Structure):
    brandName: str | None = None
    manufacturerName: str | None = None
    modelName: str | None = None
    modelURL: str | None = None


class DeviceInfo(Structure):
    RFId: str | None = None
    deviceBatteryStatus: str | None = None
    deviceName: str | None = None
    deviceId: str | None = None
    measurand: str | None = None
    deviceSimNumber: str | None = None
    deviceModel: DeviceInfoDeviceModel | None = None


class SwitchingOnHours(Structure):
    from_: (
        Date
        | Annotated[
            str, Field(pattern=re.compile(r"^--((0[13578]|1[02])-31|(0[1,3-9]|1[0-2])-30|(0\d|1[0-2])-([0-2]\d))$"))
        ]
    ) = Field(alias="from")
    to: (
        Date
        | Annotated[
            str, Field(pattern=re.compile(r"^--((0[13578]|1[02])-31|(0[1,3-9]|1[0-2])-30|(0\d|1[0-2])-([0-2]\d))$"))
        ]
    )
    hours: str
    description: str | None = None


class Streetlight(Commons, Located, PhysicalObject):
    """A Street light."""

    type: Literal["Streetlight"] = "Streetlight"
    location: GeoProperty
    circuit: str | None = None
    """The circuit to which this streetlight connects to and gets power from."""
    refStreetlightModel: Relationship | None = None
    """Streetlight's model."""
    refStreetlightControlCabinet: Relationship | None = None
    """If this streetlight is individually controlled, reference to the control cabinet in charge of."""
    status: Literal["brokenLantern", "columnIssue", "defectiveLamp", "ok"]
    """The overall status of this street light."""
    powerState: Literal["bootingUp", "low", "off", "on"] | None = None
    """Streetlight's power state."""
    refDevice: Distinct[Relationship] | None = None
    """Reference to the device(s) used to monitor this streetligth."""
    refStreetlightGroup: Relationship | None = None
    """Streetlight's group, if this streetlight belongs to any group."""
    dateLastLampChange: DateTime | None = None
    """Timestamp of the last change of lamp made."""
    dateLastSwitchingOn: DateTime | None = None
    """Timestamp of the last switching on."""
    dateLastSwitchingOff: DateTime | None = None
    """Timestamp of the last switching off."""
    controllingMethod: Literal["group", "individual"] | None = None
    """The method used to control this streetlight."""
    dateServiceStarted: DateTime | None = None
    """Date at which the streetlight started giving service."""
    locationCategory: LocationCategory | None = None
    """Category of the location where the streetlight is placed."""
    lanternHeight: NonNegative | None = None
    """Lantern's height."""
    lifetimeMotionDetected: Number | None = None
    """Accumulated count of motion detections."""
    lifetimePowerConsumption: Number | None = None
    """Total power consumed by the device over its entire operational lifespan."""
    illuminanceLevel: Share | None = None
    """Relative illuminance level setting."""
    powerConsumption: Number | None = None
    """Power consumed by the LED or the streetlight bulb corresponding to this observation."""
    current: Number | None = None
    """Current value of the streetlight corresponding to this observation."""
    powerRating: Number | None = None
    """Power rating of the LED or the streetlight bulb corresponding to this observation."""
    powerFactor: Number | None = None
    """Power factor or the ratio of working power of the streetlight corresponding to this observation."""
    voltage: Number | None = None
    """Voltage value of the streetlight corresponding to this observation."""
    feederPillarNum: str | None = None
    """Streetlight feeder pillar information associated with the streetlight corresponding to this observation."""
    streetPoleNum: str | None = None
    """Street pole information associated with the streetlight corresponding to this observation."""
    observationDateTime: DateTime | None = None
    """Last reported time of observation."""
    feederID: Relationship | None = None
    """Unique ID of the streetlight feeder panel associated with the streetlight corresponding to this observation."""
    municipalityInfo: MunicipalityInfo | None = None
    """Municipality information corresponding to this observation."""
    deviceInfo: DeviceInfo | None = None
    """Information about the device associated with the observations."""

    # Added by this project: the official type has no such attribute.
    poleEquipment: Unique[PoleEquipment] | None = None
    """What the pole carries beside its lamp (smart pole)."""
    refEVChargingStation: Relationship | None = None
    """The charging station at the pole (smart pole)."""


class StreetlightControlCabinet(Commons, Located, PhysicalObject):
    """A Streetlight control cabinet."""

    type: Literal["StreetlightControlCabinet"] = "StreetlightControlCabinet"
    location: GeoProperty
    serialNumber: str | None = None
    """Serial number of the container."""
    refStreetlightGroup: Distinct[Relationship]
    """Streetlight group(s) controlled."""
    brandName: str | None = None
    """Name of the cabinet's brand."""
    modelName: str | None = None
    """Name of the cabinet's model."""
    manufacturerName: str | None = None
    """Name of the cabinet's manufacturer."""
    cupboardMadeOf: Literal["concrete", "metal", "other", "plastic"] | None = None
    """Material the cabinet's cupboard is made of."""
    features: Distinct[Literal["astronomicalClock", "individualControl"]] | None = None
    """A list of cabinet controller features."""
    compliantWith: Distinct[str] | None = None
    """A list of standards to which the cabinet controller is compliant with (ex."""
    refDevice: Distinct[Relationship] | None = None
    """Reference to the device(s) used to monitor this control cabinet."""
    dateServiceStarted: DateTime | None = None
    """Date at which the cabinet controller started giving service."""
    dateLastProgramming: DateTime | None = None
    """Date at which there was a programming operation over the cabinet."""
    nextActuationDeadline: DateTime | None = None
    """Deadline for next actuation to be performed (programming, testing, etc.)."""
    responsible: str | None = None
    """Responsible for the cabinet controller, i.e. entity in charge of actuating (programming, etc.)."""
    workingMode: Literal["automatic", "manual", "semiautomatic"]
    """Working mode for this cabinet controller."""
    maximumPowerAvailable: NonNegative | None = None
    """The maximum power available (by contract) for the circuits controlled by this cabinet."""
    energyConsumed: NonNegative | None = None
    """Energy consumed by the circuits controlled since metering started (since dateMeteringStarted)."""
    energyCost: NonNegative | None = None
    """Cost of the energy consumed by the circuits controlled since the metering start date."""
    reactiveEnergyConsumed: NonNegative | None = None
    """Energy consumed (with regards to reactive power) by circuits since the metering start date."""
    dateMeteringStarted: DateTime | None = None
    """The starting date for metering energy consumed."""
    lastMeterReading: NonNegative | None = None
    """Value of the last reading obtained from the energy consumed metering system."""
    meterReadingPeriod: NonNegative | None = None
    """The periodicity of energy consumed meter readings in days."""
    frequency: NonNegative | None = None
    """The working frequency of the circuit."""
    totalActivePower: NonNegative | None = None
    """Active power currently consumed (counting all phases)."""
    totalReactivePower: NonNegative | None = None
    """Reactive power currently consumed (counting all phases)."""
    activePowerR: NonNegative | None = None
    """Active power consumed in R phase."""
    activePowerS: NonNegative | None = None
    """Active power consumed in S phase."""
    activePowerT: NonNegative | None = None
    """Active power consumed in T phase."""
    reactivePowerR: NonNegative | None = None
    """Reactive power in R phase."""
    reactivePowerS: NonNegative | None = None
    """Reactive power in S phase."""
    reactivePowerT: NonNegative | None = None
    """Reactive power in T phase."""
    powerFactorR: Annotated[Number, Field(ge=-1, le=1)] | None = None
    """Power factor for phase R. Allowed values: A number between -1 and 1."""
    powerFactorS: Annotated[Number, Field(ge=-1, le=1)] | None = None
    """Power factor for phase S. Allowed values: A number between -1 and 1."""
    powerFactorT: Annotated[Number, Field(ge=-1, le=1)] | None = None
    """Power factor for phase T. Allowed values: A number between -1 and 1."""
    cosPhi: Annotated[Number, Field(ge=-1, le=1)] | None = None
    """Cosine of phi parameter."""
    intensityR: NonNegative | None = None
    """Electric intensity in R phase."""
    intensityS: NonNegative | None = None
    """Electric intensity in S phase."""
    intensityT: NonNegative | None = None
    """Electric intensity in T phase."""
    voltageR: NonNegative | None = None
    """Electric tension in phase R."""
    voltageS: NonNegative | None = None
    """Electric tension in phase S."""
    voltageT: NonNegative | None = None
    """Electric tension in phase T."""
    thdrVoltageR: Share | None = None
    """Total harmonic distortion (R) of voltage in phase R. Allowed values: A number between 0 and 1."""
    thdrVoltageS: Share | None = None
    """Total harmonic distortion (S) of voltage in phase S. Allowed values: A number between 0 and 1."""
    thdrVoltageT: Share | None = None
    """Total harmonic distortion (T) of voltage in phase T. Allowed values: A number between 0 and 1."""
    thdrIntensityR: Share | None = None
    """Total harmonic distortion (R) of intensity in phase R. Allowed values: A number between 0 and 1."""
    thdrIntensityS: Share | None = None
    """Total harmonic distortion (S) of intensity in phase S. Allowed values: A number between 0 and 1."""
    thdrIntensityT: Share | None = None
    """Total harmonic distortion (T) of intensity in phase T. Allowed values: A number between 0 and 1."""


class StreetlightGroup(Commons, Located, PhysicalObject):
    """A Street light group."""

    type: Literal["StreetlightGroup"] = "StreetlightGroup"
    location: GeoProperty
    powerState: Literal["bootingUp", "low", "off", "on"] | None = None
    """Streetlight group's power state."""
    refStreetlightControlCabinet: Relationship | None = None
    """Streetlight group's control cabinet."""
    dateLastSwitchingOn: DateTime | None = None
    """Timestamp of the last switching on."""
    dateLastSwitchingOff: DateTime | None = None
    """Timestamp of the last switching off."""
    switchingOnHours: list[SwitchingOnHours] | None = None
    """Switching on hours."""
    switchingMode: list[SwitchingMode] | None = None
    """Timestamp of the last change of lamp made."""
    illuminanceLevel: Share | None = None
    """Relative illuminance level setting for the group."""
    activeProgramId: str | None = None
    """Identifier of the active program for this streetlight group."""
    refStreetlight: Distinct[Relationship] | None = None
    """List of streetlight entities belonging to this group."""
    circuitId: str | None = None
    """Identifier of the circuit the group is connected to."""
