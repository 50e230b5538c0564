"""Parking: OffStreetParking, OnStreetParking, ParkingAccess, ParkingGroup, ParkingSpot.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, Located, MunicipalityInfo, PhysicalObject
from data_models.values import (
    Boolean,
    Count,
    DateTime,
    Distinct,
    GeoProperty,
    Integer,
    JsonObject,
    NonNegative,
    Number,
    Relationship,
    Share,
    Structure,
    Unique,
    Uri,
)

# fmt: off
Category = Literal[
    "barrierAccess", "feeCharged", "forCustomers", "forDisabled", "forElectricalCharging", "forEmployees",
    "forMembers", "forResidents", "forStudents", "forVisitors", "free", "freeAccess", "gateAccess", "guarded",
    "ground", "longTerm", "mediumTerm", "onlyResidents", "onlyWithPermit", "parkingGarage", "parkingLot",
    "private", "public", "publicPrivate", "shortTerm", "staffed", "underground", "urbanDeterrentParking", "other",
]
AllowedVehicleType = Literal[
    "agriculturalVehicle", "anyVehicle", "bicycle", "bus", "car", "caravan", "carWithCaravan", "carWithTrailer",
    "constructionOrMaintenanceVehicle", "lorry", "moped", "motorcycle", "motorcycleWithSideCar", "motorscooter",
    "tanker", "trailer", "van",
]
ChargeType = Literal[
    "additionalIntervalPrice", "annualPayment", "firstIntervalPrice", "flat", "free", "minimum", "maximum",
    "monthlyPayment", "other", "seasonTicket", "temporaryPrice",
]
RequiredPermit = Literal[
    "employeePermit", "fairPermit", "governmentPermit", "noPermitNeeded", "residentPermit",
    "specificIdentifiedVehiclePermit", "studentPermit", "visitorPermit",
]
AcceptedPaymentMethod = Literal[
    "ByBankTransferInAdvance", "ByInvoice", "Cash", "CheckInAdvance", "COD", "DirectDebit", "GoogleCheckout",
    "PayPal", "PaySwarm",
]
Layout = Literal[
    "automatedParkingGarage", "carports", "covered", "field", "garageBoxes", "multiLevel", "multiStorey",
    "nested", "openSpace", "rooftop", "sheds", "singleLevel", "surface", "other",
]
UsageScenario = Literal[
    "automaticParkingGuidance", "carSharing", "dropOffWithValet", "dropOffMechanical", "dropOff", "eventParking",
    "kissAndRide", "liftShare", "loadingBay", "overnightParking", "parkAndCycle", "parkAndRide", "parkAndWalk",
    "restArea", "serviceArea", "staffGuidesToSpace", "truckParking", "vehicleLift", "other",
]
Facilities = Literal[
    "bikeParking", "cashMachine", "copyMachineOrService", "defibrillator", "dumpingStation",
    "electricChargingStation", "elevator", "faxMachineOrService", "fireHose", "fireExtinguisher", "fireHydrant",
    "firstAidEquipment", "freshWater", "iceFreeScaffold", "informationPoint", "internetWireless", "luggageLocker",
    "payDesk", "paymentMachine", "playground", "publicPhone", "refuseBin", "safeDeposit", "shower", "toilet",
    "tollTerminal", "vendingMachine", "wasteDisposal",
]
Security = Literal[
    "areaSeparatedFromSurroundings", "cctv", "dog", "externalSecurity", "fences", "floodLight", "guard24hours",
    "lighting", "patrolled", "securityStaff",
]
SpecialLocation = Literal[
    "airportTerminal", "cableCarStation", "campground", "cinema", "coachStation", "conventionCentre",
    "exhibitionCentre", "ferryTerminal", "hotel", "market", "publicTransportStation", "religiousCentre",
    "shoppingCentre", "skilift", "specificFacility", "themePark", "trainStation", "vehicleOnRailTerminal", "other",
]
Status = Literal[
    "almostFull", "closed", "closedAbnormal", "full", "fullAtEntrance", "open", "openingTimesInForce",
    "spacesAvailable",
]
OnStreetParkingCategory = Literal[
    "barrierAccess", "blueZone", "feeCharged", "forDisabled", "forElectricalCharging", "forLoadUnload",
    "forResidents", "free", "greenZone", "mediumTerm", "onlyWithPermit", "public", "shortTerm", "taxiStop",
    "underground",
]
OnStreetParkingAllowedVehicleType = Literal[
    "agriculturalVehicle", "anyVehicle", "articulatedVehicle", "bicycle", "bus", "car", "caravan",
    "carOrLightVehicle", "carWithCaravan", "carWithTrailer", "constructionOrMaintenanceVehicle", "fourWheelDrive",
    "highSidedVehicle", "lorry", "moped", "motorcycle", "motorcycleWithSideCar", "motorscooter", "tanker",
    "threeWheeledVehicle", "trailer", "tram", "twoWheeledVehicle", "van", "vehicleWithCatalyticConverter",
    "vehicleWithoutCatalyticConverter", "vehicleWithCaravan", "vehicleWithTrailer",
    "withEvenNumberedRegistrationPlates", "withOddNumberedRegistrationPlates", "other",
]
OnStreetParkingChargeType = Literal[
    "additionalIntervalPrice", "annualPayment", "firstIntervalPrice", "flat", "free", "minimum", "maximum",
    "monthlyPayment", "seasonTicket", "temporaryFee", "temporaryPrice", "unknown", "other",
]
OnStreetParkingUsageScenario = Literal[
    "carSharing", "dropOff", "kissAndRide", "liftShare", "loadingBay", "overnightParking", "parkAndRide",
    "parkAndCycle", "parkAndWalk", "vehicleLift", "other",
]
ParkingGroupCategory = Literal[
    "adjacentSpaces", "blueZone", "completeFloor", "free", "feeCharged", "greenZone", "loadUnloadZone",
    "nonAdjacentSpaces", "offStreet", "onlyDisabled", "onlyElectricalCharging", "onlyResidents", "onlyWithPermit",
    "onStreet", "particularConditionsSpaces", "shortTermMediumTermLongTerm", "statisticsOnly", "vehicleTypeSpaces",
]
ParkingGroupAllowedVehicleType = Literal["bicycle", "bus", "car", "caravan", "motorcycle", "motorscooter", "truck"]
ParkingGroupRequiredPermit = Literal[
    "employeePermit", "studentPermit", "fairPermit", "governmentPermit", "residentPermit",
    "specificIdentifiedVehiclePermit", "disabledPermit", "visitorPermit", "blueZonePermit", "careTakingPermit",
    "carpoolingPermit", "carSharingPermit", "emergencyVehiclePermit", "maintenanceVehiclePermit",
    "roadWorksPermit", "taxiPermit", "transportationPermit", "noPermitNeeded",
]
# fmt: on


class FourWheelerSlots(Structure):
    availableSlotNumber: Number | None = None
    totalSlotNumber: Number | None = None
    occupiedSlotNumber: Number | None = None


class UnclassifiedSlots(Structure):
    availableSpotNumber: Number | None = None
    totalSpotNumber: Number | None = None
    occupiedSpotNumber: Number | None = None


class PermitActiveHours(Structure):
    blueZonePermit: str | None = None


class OffStreetParking(Commons, Located):
    """Off street parking."""

    type: Literal["OffStreetParking"] = "OffStreetParking"
    location: GeoProperty
    category: Distinct[Category] | None = None
    """Parking site's category(ies)."""
    extCategory: Distinct[str] | None = None
    """External category to complement category."""
    allowedVehicleType: Distinct[AllowedVehicleType] | None = None
    """Vehicle type(s) allowed."""
    chargeType: Distinct[ChargeType] | None = None
    """Type(s) of charge performed by the parking site."""
    requiredPermit: Unique[RequiredPermit] | None = None
    """This attribute captures what permit(s) might be needed to park at this site."""
    occupancyDetectionType: (
        Distinct[Literal["balancing", "manual", "modelBased", "none", "singleSpaceDetection"]] | None
    ) = None
    """Occupancy detection method(s)."""
    occupiedSpotNumber: Count | None = None
    """Number of total parking spots occupied in the smart parking site corresponding to this observation."""
    occupancyModified: DateTime | None = None
    """Last time the occupancy values were modified."""
    occupancy: Share | None = None
    """Relative value of occupied spots out of the total spots."""
    acceptedPaymentMethod: Distinct[AcceptedPaymentMethod] | None = None
    """Accepted payment method(s)."""
    priceRatePerMinute: Number | None = None
    """Price rate per minute."""
    priceCurrency: str | None = None
    """Price currency of price rate per minute."""
    layout: Distinct[Layout] | None = None
    """Parking layout."""
    usageScenario: Distinct[UsageScenario] | None = None
    """Usage scenario(s)."""
    parkingMode: Distinct[Literal["echelonParking", "parallelParking", "perpendicularParking"]] | None = None
    """Parking mode(s)."""
    facilities: Distinct[Facilities] | None = None
    """Allowed values: The following defined by the _EquipmentTypeEnum_ enumeration of DATEX II version 2.3."""
    security: Distinct[Security] | None = None
    """Security aspects provided by this parking site."""
    highestFloor: Integer | None = None
    """For parking sites with multiple floor levels, highest floor."""
    lowestFloor: Integer | None = None
    """For parking sites with multiple floor levels, lowest floor."""
    maximumParkingDuration: str | None = None
    """Maximum allowed stay at site, on a general basis, encoded as a ISO8601 duration or with any other string …."""
    totalSpotNumber: Annotated[Integer, Field(ge=1)] | None = None
    """The total number of spots offered by this parking site."""
    availableSpotNumber: Count | None = None
    """The number of spots available (_including_ all vehicle types or reserved spaces, such as those for …."""
    extraSpotNumber: Count | None = None
    """The number of extra spots _available_, i.e. free."""
    openingHours: str | None = None
    """Opening hours of the parking site."""
    firstAvailableFloor: Integer | None = None
    """Number of the floor closest to the ground which currently has available parking spots."""
    specialLocation: Distinct[SpecialLocation] | None = None
    """If the parking site is at a special location (airport, department store, etc.) it conveys what is such …."""
    status: Distinct[Status] | None = None
    """Status of the parking site."""
    reservationType: Distinct[Literal["mandatory", "notAvailable", "optional", "partly"]] | None = None
    """He following specified by _ReservationTypeEnum_ of DATEX II version 2.3."""
    provider: JsonObject | None = None
    """Parking site service provider."""
    measuresPeriod: Number | None = None
    """The measures period related to availableSpotNumber and priceRatePerMinute."""
    measuresPeriodUnit: str | None = None
    """The measures period unit related to availableSpotNumber and PriceRatePerMinute."""
    contactPoint: JsonObject | None = None
    """Parking site contact point."""
    averageSpotWidth: NonNegative | None = None
    """The average width of parking spots."""
    averageSpotLength: Annotated[Number, Field(gt=0)] | None = None
    """The average length of parking spots."""
    maximumAllowedHeight: Annotated[Number, Field(gt=0)] | None = None
    """Maximum allowed height for vehicles."""
    maximumAllowedWidth: Annotated[Number, Field(gt=0)] | None = None
    """Maximum allowed width for vehicles."""
    refParkingAccess: Relationship | None = None
    """Parking site's access point(s)."""
    refParkingGroup: Relationship | None = None
    """Parking site identified group(s)."""
    refParkingSpot: Relationship | None = None
    """Individual parking spots belonging to this offStreet parking site."""
    aggregateRating: JsonObject | None = None
    """Aggregated rating for this parking site."""
    vehicleEntranceCount: NonNegative | None = None
    """Aggregated number of vehicle that enter the parking site in a period of time."""
    vehicleExitCount: NonNegative | None = None
    """Aggregated number of vehicle that leave the parking site in a period of time."""
    accessModified: str | None = None
    """Timestamp when `vehicleEntranceCount` and `vehicleExitCount` was updated."""
    images: list[Uri] | None = None
    """A URL containing a photo of this parking site."""
    outOfServiceSlotNumber: Number | None = None
    """The number of bike racks/bike-docking slots or parking slots that are out of order and cannot be used to …."""
    parkingSiteId: str | None = None
    """The unique ID of the parking site or parking lot corresponding to this observation."""
    observationDateTime: DateTime | None = None
    """Last reported time of observation."""
    fourWheelerSlots: FourWheelerSlots | None = None
    """Four wheeler parking spot availability status in parking site corresponding to this observation."""
    unclassifiedSlots: UnclassifiedSlots | None = None
    """Unclassified vehicles or other vehicles parking spot availability status in parking site corresponding to …."""
    twoWheelerSlots: UnclassifiedSlots | None = None
    """Two wheeler parking spot availability status in parking site corresponding to this observation."""
    municipalityInfo: MunicipalityInfo | None = None
    """Municipality information corresponding to this observation."""


class OnStreetParking(Commons, Located):
    """A site, open space zone, on street, (metered or not) with direct access from a road, intended to park …."""

    type: Literal["OnStreetParking"] = "OnStreetParking"
    location: GeoProperty
    category: list[OnStreetParkingCategory] | None = None
    """Street parking category."""
    allowedVehicleType: list[OnStreetParkingAllowedVehicleType] | None = None
    """Vehicle type(s) allowed."""
    requiredPermit: list[str] | None = None
    """This attribute captures what permit(s) might be needed to park at this site."""
    permitActiveHours: PermitActiveHours | None = None
    """This attribute allows to capture situations when a permit is only needed at specific hours or days of week."""
    maximumParkingDuration: str | None = None
    """Maximum allowed stay at site encoded as a ISO8601 duration."""
    occupiedSpotNumber: Number | None = None
    """Number of total parking spots occupied in the smart parking site corresponding to this observation."""
    occupancyModified: DateTime | None = None
    """Date last time the occupancy of the parking has being modified."""
    layout: list[str] | None = None
    """Generic classification of the layout of the parking."""
    chargeType: list[OnStreetParkingChargeType] | None = None
    """Type of charge(s) performed by the parking site."""
    acceptedPaymentMethod: AcceptedPaymentMethod | None = None
    """Type of charge(s) performed by the parking site."""
    usageScenario: OnStreetParkingUsageScenario | None = None
    """Type of charge(s) performed by the parking site."""
    totalSpotNumber: Count | None = None
    """The total number of spots offered by this parking site."""
    availableSpotNumber: Count | None = None
    """The number of spots available globally, including reserved spaces, such as those for disabled people, long …."""
    extraSpotNumber: Count | None = None
    """The number of extra spots available, i.e. free."""
    occupancyDetectionType: (
        list[Literal["balancing", "manual", "modelBased", "none", "singleSpaceDetection"]] | None
    ) = None
    """Occupancy detection method(s)."""
    parkingMode: Literal["echelonParking", "parallelParking", "perpendicularParking"] | None = None
    """Parking mode(s)."""
    areBordersMarked: Boolean | None = None
    """Denotes whether parking spots are delimited (with blank lines or similar) or not."""
    averageSpotWidth: NonNegative | None = None
    """The average width of parking spots."""
    averageSpotLength: NonNegative | None = None
    """The average length of parking spots."""
    refParkingSpot: list[Relationship] | None = None
    """Individual parking spots belonging to this on street parking site."""
    refParkingGroup: list[Relationship] | None = None
    """Reference to the parking group(s) (if any) belonging to this onstreet parking zone."""
    outOfServiceSlotNumber: Number | None = None
    """The number of bike racks/bike-docking slots or parking slots that are out of order and cannot be used to …."""
    parkingSiteId: str | None = None
    """The unique ID of the parking site or parking lot corresponding to this observation."""
    observationDateTime: DateTime | None = None
    """Last reported time of observation."""
    fourWheelerSlots: FourWheelerSlots | None = None
    """Four wheeler parking spot availability status in parking site corresponding to this observation."""
    unclassifiedSlots: UnclassifiedSlots | None = None
    """Unclassified vehicles or other vehicles parking spot availability status in parking site corresponding to …."""
    twoWheelerSlots: UnclassifiedSlots | None = None
    """Two wheeler parking spot availability status in parking site corresponding to this observation."""
    municipalityInfo: MunicipalityInfo | None = None
    """Municipality information corresponding to this observation."""


class ParkingAccess(Commons, Located):
    """Parking Access - TODO: Provide a complete Schema."""

    type: Literal["ParkingAccess"] = "ParkingAccess"
    location: GeoProperty
    category: list[str] | None = None
    """Category of the access point (entrance, exit, etc.)."""
    refOffStreetParking: Relationship | None = None
    """The offstreet parking site this access point gives access to."""
    features: list[str] | None = None
    """Those specified by the DATEX II _essEquipmentEnum_ and by _AccessibilityEnum_ or other values meaningful …."""
    width: Number | None = None
    """Width of the access point."""
    height: Number | None = None
    """Height of the access point."""
    slope: Number | None = None
    """Slope of the access point (in relative terms)."""


class ParkingGroup(Commons, Located):
    """Parking Group."""

    type: Literal["ParkingGroup"] = "ParkingGroup"
    category: list[ParkingGroupCategory] | None = None
    """Parking Group's category."""
    refParkingSite: Relationship
    """Parking site to which this zone belongs to."""
    allowedVehicleType: ParkingGroupAllowedVehicleType | None = None
    """Vehicle type allowed (a parking group only allows one vehicle type)."""
    maximumParkingDuration: DateTime | None = None
    """Maximum allowed stay encoded as a ISO8601 duration."""
    chargeType: list[OnStreetParkingChargeType] | None = None
    """Type of charge(s) performed by the parking site."""
    requiredPermit: list[ParkingGroupRequiredPermit] | None = None
    """This attribute captures what permit(s) might be needed to park at this site."""
    permitActiveHours: JsonObject | None = None
    """This attribute allows to capture situations when a permit is only needed at specific hours or days of week."""
    reservationType: Literal["mandatory", "notAvailable", "optional", "partly"] | None = None
    """Conditions for reservation."""
    areBordersMarked: Boolean | None = None
    """Denotes whether parking spots are delimited (with blank lines or similar) or not."""
    totalSpotNumber: Annotated[Integer, Field(ge=1)] | None = None
    """The total number of spots pertaining to this group."""
    availableSpotNumber: Count | None = None
    """The number of spots available in this group."""
    occupancyDetectionType: (
        Distinct[Literal["balancing", "manual", "modelBased", "none", "singleSpaceDetection"]] | None
    ) = None
    """Allowed values: The following from DATEX II version 2.3 _OccupancyDetectionTypeEnum_. Or any other …."""
    parkingMode: Distinct[Literal["echelonParking", "parallelParking", "perpendicularParking"]] | None = None
    """Parking mode(s)."""
    averageSpotWidth: Annotated[Number, Field(gt=0)] | None = None
    """The average width of parking spots."""
    averageSpotLength: Annotated[Number, Field(gt=0)] | None = None
    """The average length of parking spots."""
    maximumAllowedHeight: Annotated[Number, Field(gt=0)] | None = None
    """Maximum allowed height for vehicles."""
    maximumAllowedWidth: Annotated[Number, Field(gt=0)] | None = None
    """Maximum allowed width for vehicles."""
    refParkingSpot: Relationship | None = None
    """Individual parking spots belonging to this parking group."""


class ParkingSpot(Commons, Located, PhysicalObject):
    """A parking spot is an area well delimited where one vehicle can be parked."""

    type: Literal["ParkingSpot"] = "ParkingSpot"
    location: GeoProperty
    status: Literal["closed", "free", "occupied", "unknown"]
    """Status of the parking spot from the point of view of occupancy."""
    width: NonNegative | None = None
    """Width of the parking spot."""
    length: NonNegative | None = None
    """Length of the parking spot."""
    refParkingGroup: Relationship | None = None
    """Group to which the parking spot belongs to."""
    refParkingSite: Relationship
    """Parking site to which the parking spot belongs to."""
    category: Distinct[Literal["onStreet", "offStreet"]]
    """Category(ies) of the parking spot."""
    refDevice: Distinct[Relationship] | None = None
    """The device representing the physical sensor used to monitor this parking spot."""
    timeInstant: DateTime | None = None
    """Timestamp of the payload . There can be production environments where the attribute type is equal to the …."""
