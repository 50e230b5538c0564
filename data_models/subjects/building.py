"""Building: Building, BuildingOperation.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Literal

from data_models.commons import Commons, Located, PostalAddress
from data_models.values import DateTime, GeoProperty, Integer, NonNegative, Relationship, Share

# fmt: off
Category = Literal[
    "apartments", "bakehouse", "barn", "bridge", "bungalow", "bunker", "cathedral", "cabin", "carport",
    "cemetery", "chapel", "church", "civic", "commercial", "conservatory", "construction", "cowshed", "detached",
    "digester", "dormitory", "farm", "farm_auxiliary", "garage", "garages", "garbage_shed", "grandstand",
    "greenhouse", "hangar", "hospital", "hotel", "house", "houseboat", "hut", "industrial", "kindergarten",
    "kiosk", "mosque", "office", "parking", "pavilion", "public", "residential", "retail", "riding_hall", "roof",
    "ruins", "school", "service", "shed", "shrine", "stable", "stadium", "static_caravan", "sty", "synagogue",
    "temple", "terrace", "train_station", "transformer_tower", "transportation", "university", "warehouse",
    "water_tower",
]
# fmt: on


class Building(Commons, Located):
    """Information on a given Building."""

    type: Literal["Building"] = "Building"
    address: PostalAddress
    category: list[Category]
    """Category of the building."""
    containedInPlace: GeoProperty | None = None
    """Geojson reference to the item."""
    occupier: list[Relationship] | None = None
    """Person or entity using the building."""
    floorsAboveGround: Integer | None = None
    """Floors above the ground level."""
    floorsBelowGround: Integer | None = None
    """Floors below the ground level."""
    mapUrl: Relationship | None = None
    """Reference to the map containing the building."""
    openingHours: list[str] | None = None
    """Opening hours of this building."""
    collapseRisk: Share | None = None
    """Probability of total collapse of the building."""
    peopleCapacity: NonNegative | None = None
    """Allowed people present at the building."""
    peopleOccupancy: NonNegative | None = None
    """People present at the building."""


class BuildingOperation(Commons):
    """Information on a given Building Operation."""

    type: Literal["BuildingOperation"] = "BuildingOperation"
    refBuilding: Relationship
    """Building reference where the operation is performed."""
    refOperator: Relationship | None = None
    """Reference to the Operator doing the operation on the building."""
    operationType: str | None = None
    """Type of the operation on the building."""
    result: Literal["ok", "aborted"] | None = None
    """Result of the building operation."""
    startDate: DateTime
    """The planned start date for the operation."""
    endDate: DateTime
    """The planned end date for the operation."""
    dateStarted: DateTime | None = None
    """The actual start date for the operation."""
    dateFinished: DateTime | None = None
    """The actual end date for the operation."""
    status: Literal["cancelled", "finished", "ongoing", "planned", "scheduled"] | None = None
    """Status of the operation."""
    operationSequence: list[str] | None = None
    """Id of the sequence of the operation when available."""
    refRelatedBuildingOperation: list[Relationship] | None = None
    """Reference to other building operations when in sequence."""
    refRelatedDeviceOperation: list[Relationship] | None = None
    """Devices related to the current operation."""
