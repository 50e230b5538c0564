"""Energy: ACMeasurement, ThreePhaseAcMeasurement.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, Located
from data_models.values import DateTime, Distinct, GeoProperty, NonNegative, Number, Relationship, Share, Structure


class Phases(Structure):
    L1: NonNegative | None = None
    L2: NonNegative | None = None
    L3: NonNegative | None = None


class ACMeasurementPhases(Structure):
    L1: Number | None = None
    L2: Number | None = None
    L3: Number | None = None


class ACMeasurementPhases2(Structure):
    L1: Annotated[Number, Field(ge=-1, le=1)] | None = None
    L2: Annotated[Number, Field(ge=-1, le=1)] | None = None
    L3: Annotated[Number, Field(ge=-1, le=1)] | None = None


class Current(Structure):
    L1: Number | None = None
    L2: Number | None = None
    L3: Number | None = None
    N: Number | None = None


class ACMeasurementPhases3(Structure):
    L1: Share | None = None
    L2: Share | None = None
    L3: Share | None = None


class PhaseToPhaseVoltage(Structure):
    L12: NonNegative | None = None
    L23: NonNegative | None = None
    L31: NonNegative | None = None


class ACMeasurement(Commons, Located):
    """The Data Model intended to measure the electrical energies consumed by an electrical system which uses an …."""

    type: Literal["ACMeasurement"] = "ACMeasurement"
    location: GeoProperty
    dateObserved: DateTime
    """Date and time of this observation represented by an ISO8601 UTC format."""
    dateObservedFrom: DateTime | None = None
    """Observation period: Start date and time in an ISO8601 UTC format."""
    dateObservedTo: DateTime | None = None
    """Observation period: End date and time in an ISO8601 UTC format."""
    refDevice: Distinct[str] | None = None
    """Reference to the devices which captured this observation."""
    refTargetDevice: Distinct[Relationship] | None = None
    """Reference to a list of the devices for which the measurement was taken."""
    phaseType: Literal["singlePhase", "threePhase"]
    """Type of Phase."""
    frequency: NonNegative | None = None
    """The frequency of the circuit."""
    dateEnergyMeteringStarted: DateTime | None = None
    """The starting date for metering energy in an ISO8601 UTC format."""
    activeEnergyImport: Phases | None = None
    """Active energy imported i.e. consumed per phase."""
    reactiveEnergyImport: Phases | None = None
    """Fundamental frequency reactive energy imported i.e. consumed per phase."""
    apparentEnergyImport: Phases | None = None
    """Apparent energy imported i.e. consumed per phase."""
    activeEnergyExport: Phases | None = None
    """Active energy exported per phase."""
    reactiveEnergyExport: Phases | None = None
    """Fundamental frequency reactive energy exported per phase."""
    apparentEnergyExport: Phases | None = None
    """Apparent energy exported per phase."""
    totalActiveEnergyImport: NonNegative | None = None
    """Total energy imported i.e. consumed."""
    totalReactiveEnergyImport: NonNegative | None = None
    """Total energy imported i.e. consumed (with regards to fundamental frequency reactive power)."""
    totalApparentEnergyImport: NonNegative | None = None
    """Total energy imported i.e. consumed (with regards to apparent power)."""
    totalActiveEnergyExport: NonNegative | None = None
    """Total energy imported i.e. consumed . The unit code (text) is given using the UN/CEFACT Common Codes."""
    totalReactiveEnergyExport: NonNegative | None = None
    """Total fundamental frequency reactive energy exported."""
    totalApparentEnergyExport: NonNegative | None = None
    """Total energy exported (with regards to apparent power)."""
    activePower: Phases | None = None
    """Active power consumed per phase."""
    reactivePower: ACMeasurementPhases | None = None
    """Fundamental frequency reactive power."""
    apparentPower: Phases | None = None
    """Apparent power consumed per phase."""
    totalActivePower: Number | None = None
    """Total Active Power consumed."""
    totalReactivePower: Number | None = None
    """Total Reactive Power consumed."""
    totalApparentPower: NonNegative | None = None
    """Total Apparent Power consumed."""
    powerFactor: ACMeasurementPhases2 | None = None
    """Power factor for each phase."""
    displacementPowerFactor: ACMeasurementPhases2 | None = None
    """Displacement power factor for each phase."""
    totalPowerFactor: Annotated[Number, Field(ge=-1, le=1)] | None = None
    """Sum of Power factor including all phases."""
    totalDisplacementPowerFactor: Annotated[Number, Field(ge=-1, le=1)] | None = None
    """Sum of Displacement power factor including all phases."""
    current: Current | None = None
    """Electrical current."""
    phaseVoltage: Phases | None = None
    """The voltage between each phase and neutral conductor."""
    thdVoltage: ACMeasurementPhases3 | None = None
    """Total harmonic distortion of voltage for each phase."""
    thdCurrent: ACMeasurementPhases3 | None = None
    """Total harmonic distortion of current for each phase."""
    phaseToPhaseVoltage: PhaseToPhaseVoltage | None = None
    """Voltage between phases."""


class ThreePhaseAcMeasurement(Commons, Located):
    """An electrical measurement from a system that uses three phase alternating current."""

    type: Literal["ThreePhaseAcMeasurement"] = "ThreePhaseAcMeasurement"
    refDevice: Distinct[Relationship] | None = None
    """Device(s) used to obtain the measurement."""
    refTargetDevice: Distinct[Relationship] | None = None
    """Device(s) for which the measurement was taken."""
    dateEnergyMeteringStarted: DateTime | None = None
    """The starting date for metering energy."""
    totalActiveEnergyImport: NonNegative | None = None
    """Total energy imported i.e. consumed since metering started (since `dateEnergyMeteringStarted`)."""
    totalReactiveEnergyImport: NonNegative | None = None
    """Total energy imported i.e. consumed (with regards to fundamental frequency reactive power) since the …."""
    totalApparentEnergyImport: NonNegative | None = None
    """Total energy imported i.e. consumed (with regards to apparent power) since the metering start date …."""
    totalActiveEnergyExport: NonNegative | None = None
    """Total energy exported since metering started (since `dateEnergyMeteringStarted`)."""
    totalReactiveEnergyExport: NonNegative | None = None
    """Total fundamental frequency reactive energy exported since metering started (since …."""
    totalApparentEnergyExport: NonNegative | None = None
    """Total energy exported (with regards to apparent power) since the metering start date …."""
    frequency: NonNegative | None = None
    """The frequency of the circuit."""
    totalActivePower: Number | None = None
    """Active power consumed (counting all phases)."""
    totalReactivePower: Number | None = None
    """Reactive power consumed (counting all phases)."""
    totalApparentPower: NonNegative | None = None
    """Apparent power consumed (counting all phases)."""
    activeEnergyImport: Phases | None = None
    """Active energy imported i.e. consumed per Line since the metering start date."""
    reactiveEnergyImport: Phases | None = None
    """Fundamental frequency reactive energy imported i.e. consumed per phase since the metering start date."""
    apparentEnergyImport: Phases | None = None
    """Apparent energy imported i.e. consumed per phase since the metering start date."""
    activeEnergyExport: Phases | None = None
    """Active energy exported per phase since the metering start date."""
    reactiveEnergyExport: Phases | None = None
    """Fundamental frequency reactive energy exported per phase since the metering start date."""
    apparentEnergyExport: Phases | None = None
    """Apparent energy exported per phase since the metering start date."""
    activePower: ACMeasurementPhases | None = None
    """Active power consumed per phase."""
    reactivePower: ACMeasurementPhases | None = None
    """Fundamental frequency reactive power."""
    apparentPower: Phases | None = None
    """Apparent power consumed per phase."""
    totalPowerFactor: Annotated[Number, Field(ge=-1, le=1)] | None = None
    """Power factor including all phases."""
    powerFactor: ACMeasurementPhases2 | None = None
    """Power factor for each phase."""
    totalDisplacementPowerFactor: Annotated[Number, Field(ge=-1, le=1)] | None = None
    """Displacement power factor including all phases."""
    displacementPowerFactor: ACMeasurementPhases2 | None = None
    """Displacement power factor for each phase."""
    current: Current | None = None
    """Electrical current."""
    phaseVoltage: Phases | None = None
    """The voltage between each phase and neutral conductor."""
    phaseToPhaseVoltage: PhaseToPhaseVoltage | None = None
    """Voltage between phases."""
    thdVoltage: ACMeasurementPhases3 | None = None
    """Total harmonic distortion of voltage for each phase."""
    thdCurrent: ACMeasurementPhases3 | None = None
    """Total harmonic distortion of electrical current."""
