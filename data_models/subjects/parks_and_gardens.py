"""ParksAndGardens: FlowerBed, Garden, GreenspaceRecord.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, Located, PhysicalObject, PostalAddress
from data_models.values import (
    Boolean,
    DateTime,
    Distinct,
    GeoProperty,
    Integer,
    NonEmpty,
    NonNegative,
    Number,
    Relationship,
    Share,
)

# fmt: off
Category = Literal["botanical", "castle", "community", "fencedOff", "monastery", "private", "public", "residential"]
Style = Literal["chinese", "english", "french", "herb_garden", "japanese", "kitchen", "public", "rosarium", "zen"]
# fmt: on


class FlowerBed(Commons, Located, PhysicalObject):
    """A garden plot in which flowers (or other plants) are grown."""

    type: Literal["FlowerBed"] = "FlowerBed"
    taxon: NonEmpty[str] | None = None
    """Used to indicate the biological taxon to which the trees, or plants in the flower bed belong."""
    depth: NonNegative | None = None
    """Depth of this flower bed."""
    width: NonNegative | None = None
    """Width of this flower bed."""
    height: str | None = None
    """Heigth of this flower bed."""
    category: NonEmpty[Literal["hedge", "lawnArea", "portable", "urbanTreeSpot"]] | None = None
    """Category of this flower bed."""
    shape: Distinct[Literal["circular", "elliptic", "polygon", "rectangular", "square"]] | None = None
    """Shape of this flower bed."""
    dateLastWatering: DateTime | None = None
    """Timestamp which corresponds to the last watering of the flower bed."""
    nextWateringDeadline: DateTime | None = None
    """Deadline for next watering operation."""
    refGarden: Relationship | None = None
    """Flower bed's garden (if it belongs to any)."""

    # Added by this project: the official type has no such attribute.
    treeNumber: Annotated[str, Field(min_length=1)] | None = None
    """Number of the tree in the city's register (tree)."""
    treeSpecies: Annotated[str, Field(min_length=1)] | None = None
    """Name of the species as people call it; the botanical one is in taxon (tree)."""
    plantingYear: Annotated[Integer, Field(ge=1000, le=2200)] | None = None
    """Year in which it was planted (tree)."""
    treeHeight: Annotated[Number, Field(ge=0, le=130)] | None = None
    """Height of the tree, as a number; height is a text in the official schema (tree)."""
    crownDiameter: Annotated[Number, Field(ge=0, le=100)] | None = None
    """Diameter of the crown (tree)."""
    trunkCircumference: Annotated[Number, Field(ge=0, le=50)] | None = None
    """Circumference of the trunk one metre above the ground (tree)."""
    trunkCount: Annotated[Integer, Field(ge=1)] | None = None
    """Number of trunks (tree)."""
    vitality: Annotated[Integer, Field(ge=0, le=4)] | None = None
    """Vitality after Roloff, 0 exploration to 3 resignation, 4 dead (tree)."""
    protected: Boolean | None = None
    """Whether it is a natural monument or protected by statute (tree)."""
    refRecord: list[Relationship] | None = None
    """The GreenspaceRecords with the moisture of its soil (tree)."""


class Garden(Commons, PhysicalObject):
    """A garden is a distinguishable planned space, usually outdoors, set aside for the display, cultivation, and …."""

    type: Literal["Garden"] = "Garden"
    location: GeoProperty | None = None
    """Geojson reference to the item."""
    address: PostalAddress | None = None
    """The mailing address."""
    category: NonEmpty[Category] | None = None
    """Garden's category."""
    style: Style | None = None
    """Garden's style."""
    openingHours: str | None = None
    """Opening hours of this garden."""
    areaServed: str | None = None
    """Higher level area to which the garden belongs to."""
    dateLastWatering: DateTime | None = None
    """Timestamp which corresponds to the last watering of this garden."""
    nextWateringDeadline: DateTime | None = None
    """Deadline for next watering operation to be done on this garden."""
    refRecord: list[Relationship] | None = None
    """List of records which contain measurements related to this garden."""


class GreenspaceRecord(Commons, Located, PhysicalObject):
    """This entity contains a harmonised description of the conditions recorded on a particular area or point …."""

    type: Literal["GreenspaceRecord"] = "GreenspaceRecord"
    dateObserved: DateTime | None = None
    """The date and time of this observation in ISO8601 UTCformat."""
    soilTemperature: Number | None = None
    """The observed soil temperature in Celsius degrees."""
    soilMoistureVwc: Share | None = None
    """The observed soil moisture measured as Volumetric Water Content, VWC (percentage, expressed in parts per …."""
    soilMoistureEc: Number | None = None
    """The observed soild moisture measured as Electrical Conductivity, EC in units of Siemens per meter (S/m)."""
    soilMoisturePressure: Number | None = None
    """The observed soild moisture measured as Pressure, presure in units of kiloPascals (kPa)."""
    refGreenspace: Relationship | None = None
    """The garden or flower bed to which this record refers to."""
    refDevice: Relationship | None = None
    """The device or devices used to obtain the data expressed by this record."""
    refWeatherObserved: Relationship | None = None
    """Weather observed associated to the measurements described by this entity."""
    litterCoverage: Share | None = None
    """Percentage of the surface covered with litter or other waste materials."""
