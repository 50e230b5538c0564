"""Transportation: CrowdFlowObserved, ItemFlowObserved, RoadSegment, TrafficFlowObserved.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, Located, MunicipalityInfo, PhysicalObject
from data_models.values import (
    Boolean,
    Count,
    DateTime,
    GeoProperty,
    Integer,
    NonNegative,
    Number,
    Relationship,
    Share,
    Structure,
)

# fmt: off
AllowedVehicleType = Literal[
    "agriculturalVehicle", "bicycle", "bus", "car", "caravan", "carWithCaravan", "carWithTrailer",
    "constructionOrMaintenanceVehicle", "lorry", "moped", "motorcycle", "motorcycleWithSideCar", "motorscooter",
    "tanker", "trailer", "van", "anyVehicle",
]
RoadClass = Literal[
    "MAJOR_DISTRICT_ROAD", "MAJOR_CITY_ROAD", "MINOR_CITY_ROAD", "NATIONAL_HIGHWAY", "OTHER_DISTRICT_ROAD",
    "OTHER_PUBLIC_ROAD", "PORT_ROAD", "PRIVATE_ROAD", "SERVICE_ROAD", "STATE_HIGHWAY",
]
RoadWork = Literal[
    "COLLAPSE", "DERAILMENT", "FIRE", "FLOOD", "GASLEAK", "LANDSLIDE", "OTHER", "POWERCUT", "ROCKFALL", "SAGGING",
    "WATERLEAK",
]
VehicleType = Literal[
    "agriculturalVehicle", "bicycle", "bus", "minibus", "car", "caravan", "tram", "tanker", "carWithCaravan",
    "carWithTrailer", "lorry", "moped", "motorcycle", "motorcycleWithSideCar", "motorscooter", "trailer", "van",
    "constructionOrMaintenanceVehicle", "trolley", "binTrolley", "sweepingMachine", "cleaningTrolley",
]
# fmt: on


class LaneInfo(Structure):
    laneId: Number | None = None
    laneDirection: Literal["BACKWARD", "FORWARD", "INBOUND", "LEFT", "OUTBOUND", "RIGHT"] | None = None


class CrowdFlowObserved(Commons, Located):
    """CrowdFlowObserved."""

    type: Literal["CrowdFlowObserved"] = "CrowdFlowObserved"
    refRoadSegment: Relationship | None = None
    """Concerned road segment on which the observation has been made."""
    dateObserved: str
    """The date and time of this observation in ISO8601 UTC format."""
    dateObservedFrom: DateTime | None = None
    """Observation period start date and time."""
    dateObservedTo: DateTime | None = None
    """Observation period end date and time."""
    peopleCount: Count | None = None
    """Total number of people detected during this observation."""
    peopleCountTowards: Count | None = None
    """Total number of people detected during this observation towards direction."""
    peopleCountAway: Count | None = None
    """Total number of people detected during this observation away direction."""
    occupancy: Share | None = None
    """Fraction of the observation time where a person has been occupying the observed walkway."""
    averageCrowdSpeed: NonNegative | None = None
    """Average speed of the crowd transiting during the observation period."""
    congested: Boolean | None = None
    """Flags whether there was a crowd congestion during the observation period in the referred walkway."""
    averageHeadwayTime: NonNegative | None = None
    """Average headway time."""
    direction: Literal["inbound", "outbound"] | None = None
    """Usual direction of travel in the walkway referred by this observation with respect to the city center."""


class ItemFlowObserved(Commons, Located):
    """The data model intended to measure an observation linked to the movement of an item at a certain location …."""

    type: Literal["ItemFlowObserved"] = "ItemFlowObserved"
    location: GeoProperty
    refDevice: Relationship | None = None
    """The device or devices used to obtain the data expressed by this record."""
    refRoadSegment: Relationship | None = None
    """Concerned road segment on which the observation has been made."""
    dateObserved: DateTime
    """Date of the observed entity defined by the user."""
    dateObservedFrom: DateTime | None = None
    """Observation period : Start date and time in an ISO8601 UTC format."""
    dateObservedTo: DateTime | None = None
    """Observation period : End date and time in an ISO8601 UTC format."""
    itemType: Literal["people", "ship", "vehicle", "yacht"] | None = None
    """Reference to an identifier of an existing 'Type' attribute of an NGSI entity (Vehicle / BoatType / Person) …."""
    itemSubType: str | None = None
    """Reference to an identifier of an existing 'subType' attribute of an NGSI entity (Vehicle / BoatType / …."""
    laneId: Integer
    """Lane identifier."""
    laneDirection: Literal["forward", "backward", "inbound", "outbound", "right", "left"] | None = None
    """Usual direction of travel in the lane referred by this observation."""
    reverseLane: Boolean | None = None
    """Flags whether traffic in the lane was reversed during the observation period."""
    intensity: NonNegative | None = None
    """Total number of items detected during this observation period."""
    occupancy: Share | None = None
    """Fraction of the observation time where a item has been occupying the observed lane."""
    congested: Boolean | None = None
    """Flags whether there was a crowd congestion during the observation period in the referred walkway."""
    averageSpeed: NonNegative | None = None
    """Average speed of detected items transiting during the observation period."""
    averageLength: NonNegative | None = None
    """Average length of detected items transiting during the observation period."""
    averageHeadwayTime: NonNegative | None = None
    """Average headway time."""
    averageGapDistance: NonNegative | None = None
    """Average gap distance between consecutive 2 detected items."""
    minSpeed: NonNegative | None = None
    """Minimum speed detected during the observation period."""
    maxSpeed: NonNegative | None = None
    """Maximum speed detected during the observation period."""


class RoadSegment(Commons, Located, PhysicalObject):
    """This entity contains a harmonised geographic and contextual description of a road segment."""

    type: Literal["RoadSegment"] = "RoadSegment"
    name: str
    refRoad: Relationship
    """Road to which this road segment belongs to."""
    startPoint: GeoProperty
    """Geojson reference to the item."""
    endPoint: GeoProperty
    """Geojson reference to the item."""
    startKilometer: NonNegative | None = None
    """The kilometer number (measured from the road's start point) where this road segment starts."""
    endKilometer: NonNegative | None = None
    """The kilometer number (measured from the road's start point) where this road segment ends."""
    allowedVehicleType: list[AllowedVehicleType]
    """Vehicle type(s) allowed to transit through this road segment."""
    totalLaneNumber: Annotated[Number, Field(ge=1)] | None = None
    """Total number of lanes offered by this road segment."""
    length: NonNegative | None = None
    """Total length of this road segment in kilometers."""
    maximumAllowedSpeed: NonNegative | None = None
    """Maximum allowed speed plying the road segment."""
    minimumAllowedSpeed: NonNegative | None = None
    """Minimum allowed speed while transiting this road segment."""
    maximumAllowedHeight: NonNegative | None = None
    """Maximum allowed height for vehicles transiting this road segment."""
    maximumAllowedWeight: NonNegative | None = None
    """Maximum allowed weight for vehicles transiting this road segment."""
    width: NonNegative | None = None
    """Road's segment width."""
    laneUsage: list[Literal["forward", "backward"]] | None = None
    """This attribute can be used to convey specific parameters describing each lane."""
    category: list[Literal["oneway", "toll", "link"]] | None = None
    """Allows to convey extra characteristics of a road segment."""
    status: str | None = None
    """Specific driving conditions on the roadsegment."""
    statusDescription: str | None = None
    """Additional information to the status attribute."""
    dataDescriptor: Relationship | None = None
    """URI pointing to the data-descriptor entity."""
    cyclePathMaterial: str | None = None
    """Construction material used for laying the cycle path on the sides of the road corresponding to this …."""
    carriagewayLength: Number | None = None
    """Total length of the carriage way of the road segment corresponding to this observation."""
    bridgeCount: Number | None = None
    """Number of bridges in the road segment corresponding to this observation."""
    pedestrianPathLeftHeight: Number | None = None
    """Height of the walkway placed on the left edge of the road corresponding to this observation."""
    totalPedestrianPathLength: Number | None = None
    """Total length of the walkway present in the road corresponding to this observation."""
    totalPedestrianPathWidth: Number | None = None
    """Total width of the walkway present in the road corresponding to this observation."""
    culvertCount: Number | None = None
    """Number of culverts prevalent in the trace of the road corresponding to this observation."""
    roadName: str | None = None
    """The name of the road corresponding to this observation."""
    roadClass: RoadClass | None = None
    """The type of road corresponding to this observation."""
    medianHeight: Number | None = None
    """Height of the median or central reservation in the road corresponding to this observation."""
    roadWork: RoadWork | None = None
    """Reasons for the road work in case of urgent intervention."""
    roadId: str | None = None
    """Unique internal representation of the road corresponding to this observation."""
    cyclePathRightWidth: Number | None = None
    """Width of the cycle track on the right edge of the road corresponding to this observation."""
    roadMaterial: str | None = None
    """The construction material used for laying the carriageway corresponding to this observation."""
    medianWidth: Number | None = None
    """Width of the median or central reservation in the road corresponding to this observation."""
    carriagewayWidth: Number | None = None
    """Total width of the carriage way of the road segment corresponding to this observation."""
    cyclePathRightHeight: Number | None = None
    """Height of the cycle track on the right edge of the road corresponding to this observation."""
    roadDirection: str | None = None
    """Represents the direction the road is heading to.N, S, E, W'. The values N,S,E,W represent …."""
    medianLength: Number | None = None
    """Length of the median or central reservation in the road corresponding to this observation."""
    pedestrianPathMaterial: str | None = None
    """Construction material used for laying the walkway / footpath on the sides of the road corresponding to …."""
    cyclePathLeftWidth: Number | None = None
    """Width of the cycle track on the left edge of the road corresponding to this observation."""
    maximumAllowedWidth: Number | None = None
    """Maximum allowed width for vehicles using the entity corresponding to this observation."""
    rightOfWayWidth: Number | None = None
    """Right of Way (RoW) is the total land area available for the roadway."""
    cyclePathLeftHeight: Number | None = None
    """Height of the cycle track on the left edge of the road corresponding to this observation."""
    pedestrianPathRightWidth: Number | None = None
    """Width of the walkway placed on the right edge of the road corresponding to this observation."""
    pedestrianPathLeftWidth: Number | None = None
    """Width of the walkway placed on the left edge of the road corresponding to this observation."""
    laneInfo: LaneInfo | None = None
    """Describes the aspects of lanes of the road corresponding to this observation."""
    pedestrianPathPlacement: str | None = None
    """Describes the presence and placement of pedestrian along the road segment corresponding to this observation."""
    pedestrianPathRightHeight: Number | None = None
    """Height of the walkway placed on the right edge of the road corresponding to this observation."""
    cyclePathPlacement: Literal["BOTH", "LEFT", "NOT_AVAILABLE", "RIGHT"] | None = None
    """Describes the placement of cycle track along the road segment corresponding to this observation.RIGHT, …."""
    totalCyclePathWidth: Number | None = None
    """Total width of the cycle track present in the road corresponding to this observation."""
    agency_name: str | None = None
    """The agency_name field contains the full name of the agency or organisation responsible for maintenance of …."""
    municipalityInfo: MunicipalityInfo | None = None
    """Municipality information corresponding to this observation."""


class TrafficFlowObserved(Commons, Located):
    """An observation of traffic flow conditions at a certain place and time."""

    type: Literal["TrafficFlowObserved"] = "TrafficFlowObserved"
    laneId: Annotated[Integer, Field(ge=1)] | None = None
    """Lane identifier."""
    refRoadSegment: Relationship | None = None
    """Concerned road segment on which the observation has been made."""
    dateObserved: str
    """The date and time of this observation in ISO8601 UTC format."""
    dateObservedFrom: DateTime | None = None
    """Observation period start date and time."""
    dateObservedTo: DateTime | None = None
    """Observation period end date and time."""
    intensity: NonNegative | None = None
    """Total number of vehicles detected during this observation period."""
    occupancy: Share | None = None
    """Fraction of the observation time where a vehicle has been occupying the observed lane."""
    averageVehicleSpeed: NonNegative | None = None
    """Average speed of the vehicles transiting during the observation period."""
    averageVehicleLength: NonNegative | None = None
    """Average length of the vehicles transiting during the observation period."""
    averageGapDistance: NonNegative | None = None
    """Average gap distance between consecutive vehicles."""
    congested: Boolean | None = None
    """Flags whether there was a traffic congestion during the observation period in the referred lane."""
    averageHeadwayTime: NonNegative | None = None
    """Average headway time."""
    laneDirection: Literal["forward", "backward"] | None = None
    """Usual direction of travel in the lane referred by this observation."""
    reversedLane: Boolean | None = None
    """Flags whether traffic in the lane was reversed during the observation period."""
    vehicleType: VehicleType | None = None
    """Type of vehicle from the point of view of its structural characteristics."""
    vehicleSubType: str | None = None
    """It allows to specify a sub type of `vehicleType`, eg if the `vehicleType` is set to `Lorry` the …."""
