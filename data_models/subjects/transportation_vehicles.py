"""Transportation: BikeHireDockingStation, EVChargingStation, FleetVehicle, FleetVehicleStatus, Vehicle.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, ContactPoint, Located, MunicipalityInfo, PhysicalObject
from data_models.values import (
    Boolean,
    Count,
    Date,
    DateTime,
    Distinct,
    GeoProperty,
    Integer,
    NonNegative,
    Number,
    Relationship,
    Share,
    Structure,
    Uri,
)

# fmt: off
Status = Literal["almostEmpty", "almostFull", "empty", "full", "outOfService", "withIncidence", "working"]
AllowedVehicleType = Literal["bicycle", "bus", "car", "caravan", "motorcycle", "motorscooter", "truck"]
SocketType = Literal[
    "Caravan_Mains_Socket", "CHAdeMO", "CCS/SAE", "Dual_CHAdeMO", "Dual_J-1772", "Dual_Mennekes", "J-1772",
    "Mennekes", "Other", "Tesla", "Type2", "Type3", "Wall_Euro",
]
AcceptedPaymentMethod = Literal[
    "ByBankTransferInAdvance", "ByInvoice", "Cash", "CheckInAdvance", "COD", "DirectDebit", "GoogleCheckout",
    "PayPal", "PaySwarm",
]
VehicleType = Literal[
    "agriculturalVehicle", "ambulance", "articulatedVehicle", "autorickshaw", "bicycle", "binTrolley", "BRT bus",
    "BRT minibus", "bus", "car", "caravan", "carOrLightVehicle", "carWithCaravan", "carWithTrailer",
    "cleaningTrolley", "compactor", "constructionOrMaintenanceVehicle", "dumper", "e-moped", "e-scooter",
    "e-motorcycle", "fire tender", "fourWheelDrive", "highSidedVehicle", "hopper", "lorry", "minibus", "moped",
    "motorcycle", "motorcycleWithSideCar", "motorscooter", "police van", "sweepingMachine", "tanker", "tempo",
    "threeWheeledVehicle", "tipper", "trailer", "tram", "twoWheeledVehicle", "trolley", "van",
]
VehicleVehicleType = Literal[
    "agriculturalVehicle", "ambulance", "anyVehicle", "articulatedVehicle", "autorickshaw", "bicycle",
    "binTrolley", "BRT mini bus", "BRT bus", "bus", "car", "caravan", "carOrLightVehicle", "carWithCaravan",
    "carWithTrailer", "cleaningTrolley", "compactor", "constructionOrMaintenanceVehicle", "dumper", "e-bike",
    "e-moped", "e-scooter", "e-motorcycle", "fireTender", "fourWheelDrive", "highSidedVehicle", "hopper", "lorry",
    "minibus", "moped", "motorcycle", "motorcycleWithSideCar", "motorscooter", "policeVan", "publicMotor",
    "sweepingMachine", "tanker", "tempo", "threeWheeledVehicle", "tipper", "trailer", "tram", "trolley",
    "twoWheeledVehicle", "van", "vehicleWithoutCatalyticConverter", "vehicleWithCaravan", "vehicleWithTrailer",
    "withEvenNumberedRegistrationPlates", "withOddNumberedRegistrationPlates", "pilotVessel", "passengerVessel",
    "cargoVessel", "tug", "militaryVessel", "sailingVessel", "vessel", "other",
]
Category = Literal["municipalServices", "nonTracked", "private", "public", "specialUsage", "tracked"]
Feature = Literal[
    "abs", "airbag", "alarm", "backCamera", "disabledRamp", "gps", "internetConnection", "overspeed",
    "proximitySensor", "wifi",
]
ServiceProvided = Literal[
    "auxiliaryServices", "cargoTransport", "construction", "fairground", "garbageCollection", "goodsSelling",
    "maintenance", "parksAndGardens", "roadSignalling", "specialTransport", "streetCleaning", "streetLighting",
    "urbanTransit", "wasteContainerCleaning",
]
VehicleSpecialUsage = Literal[
    "ambulance", "fireBrigade", "military", "police", "schoolTransportation", "taxi", "trashManagement",
]
EmergencyVehicleType = Literal[
    "policeCar", "policeMotorcycle", "policeVan", "policeSWAT", "fireEngine", "waterTender", "airAmbulance",
    "ambulance", "motorcycleAmbulance", "rescueVehicle", "hazardousMaterialsApparatus", "towTruck",
]
# fmt: on


class CurrentOperative(Structure):
    givenName: str | None = None
    jobTitle: str | None = None


class LeasingInfo(Structure):
    leasingType: str | None = None
    leasingStartDate: DateTime | None = None
    leasingEndDate: DateTime | None = None
    monthlyLeaseCost: NonNegative | None = None
    allowedAnnualDistance: NonNegative | None = None
    allowedDistanceUnit: Literal["kilometer", "mile"] | None = None
    excessDistanceCost: NonNegative | None = None
    leasingProvider: str | None = None


class BikeHireDockingStation(Commons, Located):
    """Bike Hire Docking Station."""

    type: Literal["BikeHireDockingStation"] = "BikeHireDockingStation"
    totalSlotNumber: Count | None = None
    """The total number of slots offered by this bike docking station."""
    freeSlotNumber: Count | None = None
    """The number of slots available for returning and parking bikes."""
    availableBikeNumber: Count | None = None
    """The number of bikes available in the bike hire docking station to be hired by users."""
    outOfServiceSlotNumber: Count | None = None
    """The number of slots that are out of order and cannot be used to hire or park a bike."""
    openingHours: str | None = None
    """Opening hours of the docking station."""
    status: Status | None = None
    """Status of the bike hire docking station."""
    provider: str | None = None
    """Bike hire service provider."""
    contactPoint: ContactPoint | None = None
    """The details to contact with the item."""
    stationName: str | None = None
    """The name of the bike hire docking station corresponding to this observation."""
    mediaURL: Uri | None = None
    """URL providing further information of any image(s) or media of the complaint or place."""
    agency_url: Uri | None = None
    """The agency_url field contains the URL of the transit agency."""
    agency_name: str | None = None
    """The agency_name field contains the full name of the transit agency."""
    stationCode: str | None = None
    """The station number or station code of the bike hire docking station corresponding to the observation."""
    observationDateTime: DateTime | None = None
    """Last reported time of observation."""
    agency_fare_url: str | None = None
    """URL of a web page that contains the details of the fares and also could allow to purchase tickets for that …."""


class EVChargingStation(Commons, Located):
    """EV Charging Station."""

    type: Literal["EVChargingStation"] = "EVChargingStation"
    capacity: Annotated[Integer, Field(ge=1)]
    """The total number of vehicles which can be charged at the same time."""
    socketNumber: Annotated[Integer, Field(ge=1)] | None = None
    """The total number of sockets offered by this charging station."""
    availableCapacity: Count | None = None
    """The number of vehicles which currently can be charged."""
    allowedVehicleType: Distinct[AllowedVehicleType]
    """Vehicle type(s) which can be charged."""
    socketType: Distinct[SocketType]
    """The type of sockets offered by this station."""
    openingHours: str | None = None
    """Opening hours of the charging station."""
    status: Status | None = None
    """Status of the charging station."""
    network: str | None = None
    """The name of the Network, with that the operator cooperates."""
    operator: str | None = None
    """Charging station's operator."""
    contactPoint: ContactPoint | None = None
    """The details to contact with the item."""
    amperage: NonNegative | None = None
    """The total amperage offered by the charging station."""
    voltage: NonNegative | None = None
    """The total voltage offered by the charging station."""
    chargeType: Distinct[Literal["annualPayment", "flat", "free", "monthlyPayment", "other"]] | None = None
    """Type(s) of charge when using this station."""
    acceptedPaymentMethod: Distinct[AcceptedPaymentMethod] | None = None
    """Type(s) of charge when using this station."""
    dataDescriptor: Relationship | None = None
    """URI pointing to the data-descriptor entity."""
    powerConsumption: Number | None = None
    """Power consumed by the entity corresponding to this observation."""
    chargingUnitId: str | None = None
    """The Id of the charging point in the EV charging station corresponding to this observation."""
    transactionId: str | None = None
    """Unique transaction Id of the entity corresponding to this observation."""
    transactionType: str | None = None
    """Type of the transaction based on the mode of payment (For eg."""
    stationName: str | None = None
    """The name station corresponding to this observation."""
    amountCollected: Number | None = None
    """Amount collected towards the service corresponding to this observation."""
    taxAmountCollected: Number | None = None
    """The amount of tax levied on the products, things and services which includes sales tax, value-added tax, …."""
    endDateTime: DateTime | None = None
    """Reported end time corresponding to this observation."""
    startDateTime: DateTime | None = None
    """Reported start time corresponding to this observation."""
    vehicleType: VehicleType | None = None
    """Type of vehicle from the point of view of its structural characteristics."""
    observationDateTime: DateTime | None = None
    """Last reported time of observation."""

    # Added by this project: the official type has no such attribute.
    sessionEnergy: NonNegative | None = None
    """Energy charged in the session of transactionId so far."""
    sessionStatus: Literal["active", "completed", "reservation"] | None = None
    """State of the session of transactionId, as OCPI 2.2.1 (SessionStatus) tells it."""


class FleetVehicle(Commons, Located):
    """This entity contains a harmonised description of a generic fleet vehicle such as a delivery vehicle, an …."""

    type: Literal["FleetVehicle"] = "FleetVehicle"
    vehicle: Relationship | None = None
    """Reference to the related Vehicle entity instance that describes the core attributes of this Fleet Vehicle."""
    fleetVehicleType: str | None = None
    """The type of the Vehicle for example (not limited to) these ones."""
    operatingCompany: str | None = None
    """Details of the organization that is operating this fleet vehicle."""
    operator: Relationship | None = None
    """The usual operator/driver/keeper of this fleet vehicle encoded as a Schema.org person."""


class FleetVehicleStatus(Commons, Located):
    """This entity contains a harmonised description of the status of a generic fleet vehicle."""

    type: Literal["FleetVehicleStatus"] = "FleetVehicleStatus"
    fleetVehicle: Relationship | None = None
    """Reference to the FleetVehicle entity to which this status entity relates."""
    fleetVehicleOperation: Relationship | None = None
    """Reference to the FleetVehicleOperation entity to which this status entity relates."""
    restFuelAmount: Number | None = None
    """The level of fuel recorded when the vehicle was last at rest (i.e. stopped)."""
    lastFuellingAmount: Number | None = None
    """The level of fuel added to the vehicle at the last fuelling."""
    currentStatus: Literal["deployed", "finished", "servicing", "starting", "terminated"] | None = None
    """A description of the current status of the vehicle e.g."""
    currentOperative: CurrentOperative | None = None
    """The current operative (e.g. driver) of the vehicle described as a Schema.org person."""
    speed: Number | None = None
    """The current speed of the fleet vehicle (km/h)."""
    battery: Share | None = None
    """The current percentage of battery left in case of an electric vehicle, or a device connected to the vehicle."""
    bearing: Number | None = None
    """The current bearing of the fleet vehicle in degrees relative to North."""
    lastKnownPosition: GeoProperty | None = None
    """Geojson reference to the item."""
    lastKnownPositionUpdatedAt: DateTime | None = None
    """The timestamp of the last known position update for the fleet vehicle."""
    inRestrictedArea: Boolean | None = None
    """Indicates if the vehicle is known to be in a restricted area at the time of the status update."""
    mileageFromOdometer: Number | None = None
    """The total distance the fleet vehicle has travelled according to the on-board odometer in kilometres …."""


class Vehicle(Commons, Located, PhysicalObject):
    """This entity models a particular vehicle model, including all properties which are common to multiple …."""

    type: Literal["Vehicle"] = "Vehicle"
    location: GeoProperty
    vehicleType: VehicleVehicleType
    """Type of vehicle from the point of view of its structural characteristics."""
    battery: Share | None = None
    """The current percentage of battery left in case of an electric vehicle, or a device connected to the vehicle."""
    category: list[Category]
    """Vehicle category(ies) from an external point of view."""
    previousLocation: GeoProperty | None = None
    """Geojson reference to the item."""
    speed: NonNegative | Annotated[Number, Field(ge=-1, le=-1)] | None = None
    """Denotes the magnitude of the horizontal component of the vehicle's current velocity and is specified in …."""
    heading: Annotated[Number, Field(ge=0, le=360, lt=360)] | Literal[-1] | None = None
    """Denotes the direction of travel of the vehicle and is specified in decimal degrees, where 0 <= `heading` < …."""
    cargoWeight: Annotated[Number, Field(gt=0)] | None = None
    """Current weight of the vehicle's cargo."""
    vehicleIdentificationNumber: str | None = None
    """The Vehicle Identification Number (VIN) is a unique serial number used by the automotive industry to …."""
    vehiclePlateIdentifier: str | None = None
    """An identifier or code displayed on a vehicle registration plate attached to the vehicle used for official …."""
    fleetVehicleId: str | None = None
    """The identifier of the vehicle in the context of the fleet of vehicles to which it belongs."""
    dateVehicleFirstRegistered: Date | None = None
    """The date of the first registration of the vehicle with the respective public authorities."""
    dateFirstUsed: Date | None = None
    """Timestamp which denotes when the vehicle was first used."""
    purchaseDate: DateTime | None = None
    """The date the item e.g. vehicle was purchased by the current owner."""
    mileageFromOdometer: Number | None = None
    """The total distance travelled by the particular vehicle since its initial production, as read from its …."""
    vehicleConfiguration: str | None = None
    """A short text indicating the configuration of the vehicle, e.g. '5dr hatchback ST 2.5 MT 225 hp' or …."""
    feature: list[Feature] | None = None
    """Feature(s) incorporated by the vehicle."""
    serviceProvided: list[ServiceProvided] | None = None
    """Service(s) the vehicle is capable of providing or it is assigned to."""
    vehicleSpecialUsage: VehicleSpecialUsage | None = None
    """Indicates whether the vehicle is been used for special purposes, like commercial rental, driving school, …."""
    refVehicleModel: Relationship | None = None
    """Reference to a VehicleModel."""
    serviceStatus: Literal["broken", "onRoute", "outOfService", "parked"] | None = None
    """Vehicle status (from the point of view of the service provided, so it could not apply to private vehicles)."""
    bearing: Number | None = None
    """Gives the vehicle GPS angle measured in a clockwise direction from the True North."""
    wardId: str | None = None
    """Ward ID of the entity corresponding to this observation."""
    tripNetWeightCollected: Number | None = None
    """The net weight collected by the vehicle corresponding to this observation at the end of the trip."""
    license_plate: str | None = None
    """Gives the License Plate number of the vehicle."""
    deviceBatteryStatus: Literal["connected", "disconnected"] | None = None
    """Gives the Battery charging status of the reporting device."""
    ignitionStatus: Boolean | None = None
    """Gives the ignition status of the vehicle."""
    vehicleRunningStatus: Literal["running", "stopped", "waiting"] | None = None
    """Gives the Battery charging status of the reporting device."""
    currentTripCount: Number | None = None
    """The current count of trips made by the vehicle corresponding to this observation on the given day of …."""
    zoneName: str | None = None
    """Zone name of the entity corresponding to this observation."""
    vehicleAltitude: str | None = None
    """Gives the current altitude of the vehicle using GPS."""
    observationDateTime: DateTime | None = None
    """Last reported time of observation."""
    deviceSimNumber: str | None = None
    """Gives the SIM number of the device in the vehicle."""
    wardName: str | None = None
    """Ward name of the entity corresponding to this observation."""
    reportId: str | None = None
    """Unique Id assigned for the issue or report or feedback or transaction corresponding to this observation."""
    vehicleTrackerDevice: str | None = None
    """Installation status of the GPS device or the tracking device fitted to the vehicle corresponding to this …."""
    fuelFilled: Number | None = None
    """Amount of fuel filled in liters to the vehicle corresponding to this observation."""
    fuelEfficiency: Number | None = None
    """The distance traveled per unit of fuel used, commonly in kilometers per liter (km/L)."""
    fuelType: str | None = None
    """The type of fuel suitable for the engine or engines of the vehicle corresponding to this observation."""
    serviceOnDuty: Boolean | None = None
    """Nature of service provided by emergency vehicle corresponding to this observation."""
    emergencyVehicleType: EmergencyVehicleType | None = None
    """Type of emergency vehicle corresponding to this observation.pip ins."""
    municipalityInfo: MunicipalityInfo | None = None
    """Municipality information corresponding to this observation."""
    leasingInfo: LeasingInfo | None = None
    """Leasing contract information for the vehicle."""
