"""Environment: AirQualityObserved, FloodMonitoring, IndoorEnvironmentObserved, NoiseLevelObserved,
PhreaticObserved, WaterObserved.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, Located, PostalAddress
from data_models.values import Boolean, Count, DateTime, GeoProperty, NonNegative, Number, Relationship, Share

# fmt: off
SensorPlacement = Literal["northWall", "southWall", "eastWall", "westWall", "center", "floor", "roof", "ceiling"]
# fmt: on


class AirQualityObserved(Commons):
    """An observation of air quality conditions at a certain place and time."""

    type: Literal["AirQualityObserved"] = "AirQualityObserved"
    location: GeoProperty
    """Geojson reference to the item."""
    address: PostalAddress | None = None
    """The mailing address."""
    dateObserved: DateTime
    """The date and time of this observation in ISO8601 UTCformat."""
    areaServed: str | None = None
    """Higher level area to which this air quality measurement belongs to."""
    airQualityIndex: Count | None = None
    """Air quality index is a number used to report the quality of the air on any given day."""
    airQualityLevel: Annotated[str, Field(min_length=2)] | None = None
    """Air quality in a word, e.g. good, moderate."""
    reliability: Share | None = None
    """Reliability (percentage, expressed in parts per one) corresponding to the air quality observed."""
    as_: NonNegative | None = Field(default=None, alias="as")
    """Arsenic detected."""
    c6h6: NonNegative | None = None
    """Benzene detected."""
    cd: NonNegative | None = None
    """Cadmium detected."""
    co: NonNegative | None = None
    """Carbon Monoxide detected."""
    coLevel: str | None = None
    """Qualitative Carbon Monoxide presence."""
    co2: NonNegative | None = None
    """Carbon Dioxide detected."""
    ni: NonNegative | None = None
    """Nickel detected."""
    no: NonNegative | None = None
    """Nitrogen monoxide detected."""
    no2: NonNegative | None = None
    """Nitrogen dioxide detected."""
    nox: NonNegative | None = None
    """Other Nitrogen oxides detected."""
    o3: NonNegative | None = None
    """Ozone detected."""
    pm10: NonNegative | None = None
    """Particulate matter 10 micrometers or less in diameter."""
    pm25: NonNegative | None = None
    """Particulate matter 2.5 micrometers or less in diameter."""
    pb: NonNegative | None = None
    """Lead detected."""
    precipitation: NonNegative | None = None
    """Amount of water rain."""
    relativeHumidity: Share | None = None
    """Relative Humidity of the air (a number between 0 and 1 representing the range of 0% to 100%)."""
    sh2: NonNegative | None = None
    """Hydrogen sulfide detected."""
    so2: NonNegative | None = None
    """Sulfur dioxide detected."""
    typeofLocation: Literal["indoor", "outdoor"] | None = None
    """Type of location of the sampled item."""
    volatileOrganicCompoundsTotal: NonNegative | None = None
    """Alkanes <C10, ketones <C6, aldehydes <C10, carboxylic acids <C5, aspirits<C7, Alkenes <C8, Aromatics."""
    refDevice: Relationship | None = None
    """A reference to the device(s) which captured this observation."""
    refPointOfInterest: Relationship | None = None
    """A reference to a point of interest (usually an air quality station) associated to this observation."""
    refWeatherObserved: Relationship | None = None
    """Weather observed associated to the air quality conditions described by this entity."""
    temperature: Number | None = None
    """Temperature of the item."""
    windDirection: Annotated[Number, Field(ge=-180, le=360)] | None = None
    """Direction of the weather vane."""
    windSpeed: NonNegative | None = None
    """Intensity of the wind."""
    pm1: Number | None = None
    """Particulate matter 1 micrometers or less in diameter."""
    pm4: NonNegative | None = None
    """Particulate matter 4 micrometers or less in diameter."""
    tpc: Count | None = None
    """Total Particulate Counter (Total concentration of particles suspended in the air.)."""
    tsp: NonNegative | None = None
    """Total Suspended Particles (Concentration of all airborne particles regardless of their size or composition.)."""
    pressure: NonNegative | None = None
    """Atmospheric pressure (hPa) observed."""
    charge: NonNegative | None = None
    """Input charging voltage of the monitoring device."""


class FloodMonitoring(Commons, Located):
    """Flood Sensor Data Model intended to represent the level of flooding w.r.t water flow/level at a certain …."""

    type: Literal["FloodMonitoring"] = "FloodMonitoring"
    alertLevel: Number | None = None
    """Reference alert level threshold value set for the sensing station corresponding to this observation."""
    currentLevel: Number | None = None
    """Current flooding level indicated by the sensing station corresponding to this observation, computed using …."""
    dangerLevel: Number | None = None
    """Reference danger level threshold value set for the sensing station corresponding to this observation."""
    measuredDistance: Number | None = None
    """Describes the distance measured by the sensor, from the sensor tip to the upper surface of water."""
    referenceLevel: Number | None = None
    """Describes the vertical distance from river bed to sensor tip."""
    floodLevelStatus: str | None = None
    """Flood level status indication given by the flood sensing device."""
    stationID: str | None = None
    """A unique anonymous identifier assigned to the station corresponding to this observation."""
    observationDateTime: DateTime | None = None
    """Last reported time of observation."""


class IndoorEnvironmentObserved(Commons, Located):
    """An observation of air and climate conditions for indoor environments."""

    type: Literal["IndoorEnvironmentObserved"] = "IndoorEnvironmentObserved"
    location: GeoProperty
    dateObserved: str
    """Date and time of the observation in ISO8601."""
    refDevice: Relationship | None = None
    """A reference to the device(s) which captured this observation."""
    refPointOfInterest: Relationship | None = None
    """A reference to a point of interest associated to this observation."""
    sensorPlacement: SensorPlacement | None = None
    """Position of the sensor."""
    sensorHeight: NonNegative | None = None
    """Height of the sensor (distance from the floor)."""
    peopleCount: NonNegative | None = None
    """Number of people in the room."""
    temperature: Number | None = None
    """Measured temperature."""
    relativeHumidity: NonNegative | None = None
    """Measured humidity."""
    atmosphericPressure: NonNegative | None = None
    """Measured atmospheric pressure."""
    illuminance: NonNegative | None = None
    """Measured illuminance."""
    co2: Number | None = None
    """The measured interior C02 concentration nominally in mg/L."""


class NoiseLevelObserved(Commons, Located):
    """An observation of those acoustic parameters that estimate noise pressure levels at a certain place and time."""

    type: Literal["NoiseLevelObserved"] = "NoiseLevelObserved"
    location: GeoProperty
    dateObserved: str | None = None
    """The date and time of this observation represented by an ISO8601 interval."""
    dateObservedFrom: DateTime
    """Observation period start date and time."""
    dateObservedTo: DateTime
    """Observation period end date and time."""
    sonometerClass: Literal["0", "1", "2"] | None = None
    """Class of sonometer (0, 1, 2) according to ANSI used for taking this observation."""
    refDevice: Relationship | None = None
    """A reference to the device which captured this observation."""
    refPointOfInterest: Relationship | None = None
    """A reference to a point of interest associated to this observation."""
    refWeatherObserved: Relationship | None = None
    """Reference to the associated weather conditions."""
    LAS: Number | None = None
    """The frequency weighted sound level (A-weighting) for a slow sound, one second mor more up and down."""
    LAeq: Number | None = None
    """The frequency weighted Leq sound level (A-weighting)."""
    LAeq_d: Number | None = None
    """Acoustic Level frequency weigthed (A-weghting) equivalent for a day."""
    LAmax: Number | None = None
    """Acoustic level frequency weigthed (A-weghting) maximum sound level."""
    obstacles: str | None = None
    """Type of potential obstacles between the sensor and the noise source."""
    heightAverage: str | None = None
    """Type of potential obstacles between the sensor and the noise source."""
    distanceAverage: str | None = None
    """Average distance between sensor and potential noise sources."""


class PhreaticObserved(Commons, Located):
    """The Data Model is intended to measure, observe and control the level and quality of groundwater at a given …."""

    type: Literal["PhreaticObserved"] = "PhreaticObserved"
    location: GeoProperty
    refDevice: list[Relationship] | None = None
    """Reference to the devices providing data."""
    dateObserved: DateTime
    """The date and time of this observation in ISO8601 UTC format."""
    dateObservedFrom: DateTime | None = None
    """Observation period : Start date and time in an ISO8601 UTC format."""
    dateObservedTo: DateTime | None = None
    """Observation period : End date and time in an ISO8601 UTC format."""
    isMobile: Boolean | None = None
    """The device used is Fixed (False) or Mobile (True)."""
    measurementType: list[Literal["depth", "other", "quality", "volume"]]
    """Observation period : Type of measurement processed.'."""
    investigationDepth: Number | None = None
    """Maximum depth where the investigation was made."""
    waterTable: Number | None = None
    """Level at which water was found during this investigation."""
    pressure: NonNegative | None = None
    """Water Pressure."""
    depth: Number | None = None
    """Depth of drinking water, since its identification `waterTable`."""
    pollutionRate: Number | None = None
    """Rate of pollution."""
    residueLevel: Number | None = None
    """Residue level found."""


class WaterObserved(Commons, Located):
    """Water observation data model is intended to represent the parameters of flow, level and volume of water …."""

    type: Literal["WaterObserved"] = "WaterObserved"
    location: GeoProperty
    refDevice: Relationship | None = None
    """A reference to a point of interest associated to this observation."""
    dateObserved: DateTime
    """Date and time of this observation represented by an ISO8601 UTC format."""
    dateObservedFrom: DateTime | None = None
    """Observation period : Start date and time in an ISO8601 UTC format."""
    dateObservedTo: DateTime | None = None
    """Observation period : End date and time in an ISO8601 UTC format."""
    flow: NonNegative | None = None
    """Water Flow observed."""
    height: NonNegative | None = None
    """Water height - Level reach on alert coasts."""
    swellHeight: NonNegative | None = None
    """Swell height observed."""
    swellPeriod: NonNegative | None = None
    """Swells period observed."""
    swellDirection: Annotated[Number, Field(ge=0, le=360)] | None = None
    """Swells Direction observed."""
    waveLength: NonNegative | None = None
    """Wave Length observed."""
    measuredArea: NonNegative | None = None
    """Reference of the surface measured."""
    objectArea: NonNegative | None = None
    """Percentage occupied by floating object in the area."""
    objectHeightAverage: NonNegative | None = None
    """Average height raised."""
    objectHeightMax: NonNegative | None = None
    """Maximum height raised."""
    objectVolume: NonNegative | None = None
    """Estimated volume raised."""
    waterLevel: Number | None = None
    """Current water level corresponding to this observation."""
    waterDischarge: NonNegative | None = None
    """Discharge into the water from stormwater and wastewater treatment plants."""
