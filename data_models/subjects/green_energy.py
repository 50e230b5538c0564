"""GreenEnergy: GreenEnergyGenerator, GreenEnergyMeasurement, PhotovoltaicDevice, PhotovoltaicMeasurement.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, Located
from data_models.values import Boolean, DateTime, Distinct, GeoProperty, NonNegative, Number, Relationship, Structure

# fmt: off
CellType = Literal["amorphousSilicon", "CfTe", "CIS", "monocrystalline", "polycrystalline", "other"]
InstallationCondition = Literal[
    "desert", "dust", "extremeHeat", "extremeCold", "extremeClimate", "extremeHumidity", "marine", "none",
    "other", "saline", "sand", "seismic",
]
InverterStatus = Literal[
    "00-On sector", "01-Power failure / On battery", "02-Loss of communication", "03-Battery fault",
    "04-System shutdown", "05-Tension dip", "06-Overvoltage", "07-Voltage drop", "08-Voltage increase",
    "09-Line noise", "10-Frequency variation", "11-Transient distortion", "12-Harmonic distortion",
]
# fmt: on


class CellDimension(Structure):
    length: NonNegative | None = None
    width: NonNegative | None = None
    thickness: NonNegative | None = None


class PhotovoltaicDeviceMaxPressureLoad(Structure):
    hail: NonNegative | None = None
    snow: NonNegative | None = None
    wind: NonNegative | None = None


class ModuleSTC(Structure):
    Pmax: NonNegative | None = None
    Umpp: NonNegative | None = None
    Impp: NonNegative | None = None
    Uoc: NonNegative | None = None
    Isc: NonNegative | None = None


class PanelOperatingTemperature(Structure):
    min: Annotated[Number, Field(ge=-50)] | None = None
    max: NonNegative | None = None


class CellOperatingTemperature(Structure):
    min: NonNegative | None = None
    max: NonNegative | None = None


class TemperatureCoefficient(Structure):
    Pmax: Annotated[Number, Field(ge=-1)] | None = None
    Uoc: Annotated[Number, Field(ge=-1)] | None = None
    Isc: NonNegative | None = None


class GreenEnergyGenerator(Commons, Located):
    """A generic generator station which can generate energy from green energy."""

    type: Literal["GreenEnergyGenerator"] = "GreenEnergyGenerator"
    status: Literal["outOfService", "withIncidence", "working"] | None = None
    """Status of the green energy generator."""
    generationSources: Distinct[Literal["biomass", "eolic", "geothermal", "hydropower", "solar"]] | None = None
    """A list of sources used for power generation."""
    selfConsumption: Boolean | None = None
    """Indicate whether energy generated will use for self."""
    redistribution: Boolean | None = None
    """Indicates whether the generated energy will be dumped into the network."""
    maxSolarPowerGenerated: Number | None = None
    """A measure of maximum solar energy that can be generated."""
    maxEolicPowerGenerated: Number | None = None
    """A measure of maximum eolic energy that can be generated."""
    maxHydroPowerGenerated: Number | None = None
    """A measure of maximum hydropower energy that can be generated."""
    maxBiomassPowerGenerated: Number | None = None
    """A measure of maximum biomass energy that can be generated."""
    maxGeothermalPowerGenerated: Number | None = None
    """A measure of maximum geothermal energy that can be generated."""


class GreenEnergyMeasurement(Commons, Located):
    """A instantaneous measure of power generation using green energy sources."""

    type: Literal["GreenEnergyMeasurement"] = "GreenEnergyMeasurement"
    solarPowerGenerated: NonNegative | None = None
    """Specifies the amount of power generated using solar energy."""
    eolicPowerGenerated: NonNegative | None = None
    """Specifies the amount of power generated using eolic energy."""
    hydroPowerGenerated: NonNegative | None = None
    """Specifies the amount of power generated using hydropower energy."""
    biomassPowerGenerated: NonNegative | None = None
    """Specifies the amount of power generated using biomass energy."""
    geothermalPowerGenerated: NonNegative | None = None
    """Specifies the amount of power generated using geothermal energy."""
    refGreenEnergyGenerator: Relationship | None = None
    """A reference to the entity `GreenEnergyGenerator` which it belongs the measurement."""


class PhotovoltaicDevice(Commons, Located):
    """The Data Model is intended to describe the mechanical, electrical and thermal characteristics of photo- …."""

    type: Literal["PhotovoltaicDevice"] = "PhotovoltaicDevice"
    location: GeoProperty
    refDevice: str | None = None
    """Reference to the Main Entity Device if used as second link."""
    refPointOfInterest: Relationship | None = None
    """Reference to a PointOfInterest linked with the Repository."""
    dateLastReported: DateTime
    """A timestamps which denotes the last time when the device successfully reported data."""
    brandName: str | None = None
    """Brand Name of the item."""
    modelName: str | None = None
    """Model Name of the item."""
    manufacturerName: str | None = None
    """Manufacturer Name of the item."""
    serialNumber: list[str] | None = None
    """List of serial numbers of Photo-voltaic device supplied by the manufacturer and assembled in operating …."""
    application: list[Literal["electric", "thermal", "other"]] | None = None
    """Target application regarding the Type of Solar panel (In our case `electric`)."""
    cellType: list[CellType] | None = None
    """Type of cells used to built the photo-voltaic unit."""
    typeOfUse: list[Literal["indoor", "outdoor", "mixed", "other"]] | None = None
    """Accepted use regarding its positioning in an indoor / outdoor environment."""
    installationMode: list[Literal["ground", "other", "pole", "roofing", "wall"]] | None = None
    """Positioning of the device in relation to a ground reference system."""
    installationCondition: list[InstallationCondition] | None = None
    """Condition and possibility of use in the following environments."""
    possibilityOfUse: list[Literal["mixed", "mobile", "other", "stationary"]] | None = None
    """Possibility of use."""
    documentation: str | None = None
    """Technical Documentation (Installation / maintenance / used)."""
    cellDimension: CellDimension | None = None
    """External dimension of a cell."""
    moduleNbCells: Number | None = None
    """Number of 'cells' per 'module'."""
    moduleDimension: CellDimension | None = None
    """External dimension of a module."""
    PanelNbModules: Number | None = None
    """Number of 'Modules' per 'Panel'."""
    panelDimension: CellDimension | None = None
    """External dimension of a Panel."""
    panelWeight: NonNegative | None = None
    """Weight of a panel (Sometime the reference used is Kg / m²)."""
    areaWeight: Number | None = None
    """Area Weight measured in Kg/m². The unit code (text) is given using the UN/CEFACT Common Codes."""
    MaxPressureLoad: PhotovoltaicDeviceMaxPressureLoad | None = None
    """Aximum mechanics Pressure (shear, elasticity, compression) load on a Panel."""
    NominalPower: NonNegative | None = None
    """Nominal Power for the **panel**."""
    MaximumSystemVoltage: NonNegative | None = None
    """Maximum system voltage permitted for the **module**."""
    applicationClass: list[Literal["A", "B", "C"]] | None = None
    """Evaluation of the potential hazards associated with the module."""
    fireClass: list[Literal["A", "B", "C"]] | None = None
    """Evaluation to the fire (IEC 61730)."""
    protectionIP: str | None = None
    """IP 'Ingress Protection' for the Junction Box."""
    pTCClass: NonNegative | None = None
    """The Positive Temperature Coefficient of resistance - *PTC*, describes the relative change of a physical …."""
    nTCClass: NonNegative | None = None
    """The Negative Temperature Coefficient of resistance - *NTC*, describes the relative change of a physical …."""
    moduleSTC: ModuleSTC | None = None
    """Standard Test Condition measurements."""
    moduleNOCT: ModuleSTC | None = None
    """Normal Operating Cell Temperature measurements."""
    moduleYieldRate: NonNegative | None = None
    """Positioning of the device in relation to a ground reference system."""
    panelOperatingTemperature: PanelOperatingTemperature | None = None
    """Ambient operating temperature range."""
    cellOperatingTemperature: CellOperatingTemperature | None = None
    """This is the nominal operating temperature range of the cells in which it collects solar energy."""
    temperatureCoefficient: TemperatureCoefficient | None = None
    """Temperature influence coefficient on the panel."""
    performanceLowIrradiance: NonNegative | None = None
    """Average relative yield to Performance at Low Irradiance."""
    panelLifetime: NonNegative | None = None
    """Average lifetime of a panel."""
    panelYieldCurve: list[str] | None = None
    """Option 1."""


class PhotovoltaicMeasurement(Commons, Located):
    """The Data Model is intended to measure the continuous power transferred by the photo-voltaic panel to an …."""

    type: Literal["PhotovoltaicMeasurement"] = "PhotovoltaicMeasurement"
    location: GeoProperty
    dateObserved: DateTime
    """Date of the observed entity defined by the user."""
    refPhotovoltaicDevice: Relationship
    """Reference to a Photovoltaic Device which captured this observation, if the entity is used."""
    refPointOfInterest: Relationship | None = None
    """Reference to a PointOfInterest linked with the Repository."""
    dateObservedFrom: DateTime | None = None
    """Observation period: Start date and time in an ISO8601 UTC format."""
    dateObservedTo: DateTime | None = None
    """Observation period: End date and time in an ISO8601 UTC format."""
    temperature: Number
    """Temperature recorded at the time of Observation compared to the nominal reference temperature of the device."""
    dateEnergyMeteringStarted: DateTime
    """The starting date for metering energy in an ISO8601 UTC format."""
    nominalPeakPowerGeneration: Number | None = None
    """NominalPeakPowerGeneration is a number."""
    activePower: Number | None = None
    """Active Power,where phi is the phase shift of the current compared to the voltage."""
    reactivePower: NonNegative | None = None
    """Reactive Power used by circuits."""
    current: Number | None = None
    """Electrical intensity of the current."""
    inverterStatus: list[InverterStatus] | None = None
    """Active Power,where phi is the phase shift of the current compared to the voltage."""

    # Added by this project: the official type has no such attribute.
    totalEnergyGenerated: NonNegative | None = None
    """Energy generated since dateEnergyMeteringStarted."""
