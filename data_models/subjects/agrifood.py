"""Agrifood: AgriParcelRecord, AgriSoil.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, Located
from data_models.values import GeoProperty, Number, Relationship, Share, Structure


class RelatedSource(Structure):
    application: str | None = None
    applicationEntityId: str | None = None


class AgriParcelRecord(Commons, Located):
    """This entity contains a harmonised description of the conditions recorded on a parcel of land."""

    type: Literal["AgriParcelRecord"] = "AgriParcelRecord"
    location: GeoProperty
    relatedSource: list[RelatedSource] | None = None
    """The entity's identifiers in other applications."""
    hasAgriParcel: Relationship
    """Reference to the AgriParcel."""
    soilTemperature: Number | None = None
    """The observed soil temperature nominally in degrees centigrade."""
    soilMoistureVwc: Share | None = None
    """Measured as Volumetric Water Content, VWC as a percentage."""
    soilMoistureEc: Number | None = None
    """Measured as Electrical Conductivity, EC nominally in units of Siemens per meter."""
    solarRadiation: Number | None = None
    """Instantaneous solar radiation measured in kW/m2."""
    soilSalinity: Number | None = None
    """It is the salt content in the soil."""
    relativeHumidity: Annotated[Number, Field(ge=0.0, le=1.0)] | None = None
    """Relative Humidity a number between 0 and 1 representing the range of 0% to 100%."""
    leafWetness: Annotated[Number, Field(ge=0.0, le=1.0)] | None = None
    """It is a meteorological parameter that describes the amount of dew and precipitation left on surfaces."""
    leafRelativeHumidity: Annotated[Number, Field(ge=0.0, le=1.0)] | None = None
    """Relative humidity on the surface of the leaves."""
    leafTemperature: Number | None = None
    """The observed leaf temperature nominally in degrees centigrade."""
    atmosphericPressure: Number | None = None
    """Atmospheric Pressure nominally in units of hecto Pascals."""
    hasDevice: list[Relationship] | None = None
    """Reference to the IoT devices associated with this item i.e. sensors, controls."""
    depth: Annotated[Number, Field(ge=0.0)] | None = None
    """Metadata to indicate the associated depth where soil measurements are taken."""


class AgriSoil(Commons):
    """This entity contains a harmonised description of a generic soil."""

    type: Literal["AgriSoil"] = "AgriSoil"
    name: str
    relatedSource: list[RelatedSource] | None = None
    """The entity's identifiers in other applications."""
    agroVocConcept: Relationship | None = None
    """Reference to the agrovoc term associated with this item."""
    hasAgriProductType: list[Relationship] | None = None
    """Reference to the recommended types of product (such as fertiliser) that can be used to condition this soil …."""
