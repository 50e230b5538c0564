"""Transportation: CityWork.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, ContactPoint, Located, OpeningHours
from data_models.values import Boolean, DateTime, Geometry, GeoProperty, NonNegative, Number, Structure

# fmt: off
WorkState = Literal[
    "all", "approved", "authorized", "canceled", "completed", "decreeToBeSigned", "draft", "editedDecrees",
    "instructionInProgress", "investigated", "nonCompliantOccupation", "open", "other", "pendingAuthorization",
    "pendingCancellation", "planningCompleted", "pendingDocument", "pendingExtension", "pendingPlanning",
    "planned", "received", "reject", "supported", "validatedInPlanning",
]
WorkLevel = Literal["aerial", "ground", "mixed", "other", "roofing", "surface", "underground", "wall"]
WorkTarget = Literal[
    "bicyclePath", "busCorridor", "catainers", "cityMotorBike", "cityBike", "cityCar", "cityScooter",
    "coldAndAirCon", "coldGroup", "copperCable", "CoringPenetrometry", "drinkingWater", "electricityNetworks",
    "exploratoryWork", "fireHydrants", "frameRoof", "gasNetworks", "generator", "historicalMonuments",
    "infrastructure", "landscapedArea", "movingHoistNacelleTruck", "networks", "offStreetParking",
    "opticalFibers", "other", "overheadLine", "papersCollection", "pavement", "publicDecorativeLighting",
    "publicDomain", "publicTransport", "railway", "rainyWaters", "riprap", "rMTNetworks", "roads",
    "roadsAndPublicDomain", "sanitation", "scaffolding", "sideWalk", "speedReductionDevices", "streetParking",
    "surfaceOccupation", "supportStructures", "tagsAndPosters", "telecomNetworks", "telecom-RMT-VideoNetworks",
    "trafficSignalingRegulation", "tramway", "urbanFurniture", "urbanHeating", "variousWorks", "videoNetworks",
    "vrd",
]
WorkNature = Literal[
    "additionalInvestigations", "brushCutting", "cleaning", "collection", "connection", "consolidation",
    "construction", "control", "counting", "craneLifting", "creation", "demolition", "drivingSwitch",
    "experimentation", "extension", "filmShooting", "Installation-OR-layout", "investigation", "landFill",
    "maintenance", "manholeOpening", "ManholeOpeningToRestoreService", "miscellaneousInstallation",
    "miscellaneousWorks", "mowingDeburring", "other", "overheadLinesWorksIntervention", "pruning", "pulling",
    "refurbishment", "rehabilitation", "reinforcement", "renewal", "renovation", "repair", "replacement",
    "riprap", "roadSign", "safetyAndComplianceWork", "safetyRailsInstallation", "securingPerimeter",
    "siteInstallation", "staking", "supportImplantation", "surfaceOccupationAuthorization", "survey", "tarring",
    "tonnageExemption", "treeCutting", "trenchOpening", "upgrading",
]
WorkReason = Literal[
    "collapse", "derailment", "fire", "flood", "gasLeak", "landslide", "other", "powerCut", "rockfall", "sagging",
    "waterLeak",
]
WorkZone = Literal[
    "airport", "beach", "bicyclePath", "bridge", "busCorridor", "dock", "floodArea", "harbor", "heliport",
    "mountainousArea", "offRoad", "other", "parking", "parksGardens", "path", "protectArea", "railwayLine",
    "riskArea", "river", "road", "rockyArea", "sevesoArea", "sideWalk", "subwayLine", "tramwayLine", "tunnel",
]
WorkDispositionDisposition = Literal[
    "alternatingLights", "bicyclePathClosure", "bicyclePathDeviation", "bicyclePathReduction",
    "circulationManualControl", "laneClosure", "laneDeviation", "laneReduction", "noRestriction",
    "parkingForbidden", "parkingModification", "sidewalkClosure", "sidewalkClosureOrReduction",
    "sidewalkReduction", "speedReduction", "workOtherImpact",
]
WorkDispositionDayOfWeek = Literal[
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "PublicHolidays",
]
AllowedVehicle = Literal[
    "allVehicle", "bicycle", "bus", "car", "companiesTrucks", "emergencyVehicle", "firefighters", "lorry",
    "motorcycle", "police", "subway", "sweepingMachine", "trailer", "tramway", "trucks", "van",
]
StationImpactedStationType = Literal[
    "aerialLift", "bus", "cableTram", "ferry", "funicular", "monorail", "rail", "subway", "tram", "trolleybus",
]
TrafficRestriction = Literal["closed", "partlyClosed", "laneClosed", "narrowLanes", "alternating", "none"]
# fmt: on


class WorkDisposition(Structure):
    disposition: WorkDispositionDisposition | None = None
    startDate: DateTime | None = None
    endDate: DateTime | None = None
    dayOfWeek: list[WorkDispositionDayOfWeek] | None = None
    comment: str | None = None


class Derogation(Structure):
    derogationType: str | None = None
    startDate: DateTime | None = None
    endDate: DateTime | None = None
    dayOfWeek: list[WorkDispositionDayOfWeek] | None = None
    comment: str | None = None


class RoadImpacted(Structure):
    roadId: str | None = None
    roadName: str | None = None
    roadLocation: Geometry | None = None
    segmentId: list[Geometry] | None = None
    segmentLocation: list[Geometry] | None = None
    segmentName: list[str] | None = None


class MaxAuthorizedTonnage(Structure):
    roadImpacted: str | None = None
    maxTonnage: Number | None = None
    roadId: str | None = None
    roadName: str | None = None
    roadLocation: Geometry | None = None


class BusImpacted(Structure):
    lineId: str | None = None
    lineName: str | None = None
    lineLocation: Geometry | None = None
    segmentId: list[Geometry] | None = None
    segmentLocation: list[Geometry] | None = None
    segmentName: list[str] | None = None


class StationImpacted(Structure):
    stationType: StationImpactedStationType | None = None
    stationId: list[str] | None = None
    stationName: list[str] | None = None
    stationLocation: list[Geometry] | None = None


class CityWork(Commons, Located):
    """The Data Model is a contextual description of urban works carried out on a road axis and which can impact …."""

    type: Literal["CityWork"] = "CityWork"
    location: GeoProperty
    territorialArea: str | None = None
    """Territorial area."""
    dateLastReported: DateTime | None = None
    """A timestamp which denotes the last time when the device successfully reported data."""
    workNumber: str | None = None
    """Number assigned to the work."""
    workState: WorkState | None = None
    """Number assigned to the work."""
    workDate: str | None = None
    """Date and time (Day or period) of the works."""
    startDate: DateTime | None = None
    """Start date and time of the works in an ISO8601 UTC format."""
    endDate: DateTime | None = None
    """End date and time of the works in an ISO8601 UTC format."""
    openingHoursSpecification: list[OpeningHours] | None = None
    """A structured value providing information about the opening hours of a place or a certain service inside a …."""
    contractingAuthority: str | None = None
    """Name of the contracting authority."""
    contactPoint: ContactPoint | None = None
    """The details to contact with the item."""
    decrees: list[str] | None = None
    """A List of text where each element is a string with the URL to download or the name of the decree."""
    workLastDateUpdate: DateTime | None = None
    """Last date for updating a contractual element of the work."""
    mainContractingCompany: str | None = None
    """The Main Contracting Company responsible of the works."""
    othersContractingCompany: list[str] | None = None
    """A List of Text where each element is a string with the name of the contracting Companies under the …."""
    workLevel: list[WorkLevel] | None = None
    """Positioning of the works in relation to a ground reference system."""
    workTarget: list[WorkTarget] | None = None
    """Categories of works regarding the different profession."""
    workNature: list[WorkNature] | None = None
    """Nature of the works."""
    infrastructureFunction: list[Literal["collection", "distribution", "other", "transportation"]] | None = None
    """Function of the infrastructure impacted by the works."""
    encroachment: list[Literal["other", "private", "public"]] | None = None
    """Impact of the works on public, private area."""
    typeOfInterventionRequest: Literal["authorizationRequest", "interventionNotice", "other", "urgentWorks"] | None = (
        None
    )
    """Initial type of request to do the works."""
    workReason: list[WorkReason] | None = None
    """Reasons of the works in case of urgent intervention."""
    workZone: list[WorkZone] | None = None
    """Zone of Works."""
    workDisposition: list[WorkDisposition] | None = None
    """Specific rules taken for the works."""
    workOtherImpact: list[str] | None = None
    """Other impact."""
    isMobile: Boolean | None = None
    """Characteristic on the mobility of the works : false for Fixed (default) and true for Mobile."""
    countOfDerogation: Number | None = None
    """Count of derogations granted to the work Number."""
    derogation: list[Derogation] | None = None
    """Derogation granted for carrying out work on days and times."""
    isMainRoadImpactedHTR: Boolean | None = None
    """Value to indicate whether the main traffic road is impacted."""
    countOfRoadImpacted: Number | None = None
    """Count of roads impacted by the works."""
    roadImpacted: list[RoadImpacted] | None = None
    """Roads impacted by the works and the details of the roads concerned by the work."""
    roadImpactedMT: list[str] | None = None
    """A list of roads defined as Major Traffic, impacted by the works."""
    roadImpactedSA: list[str] | None = None
    """A list of roads defined as sensitive areas, impacted by the works."""
    allowedVehicle: list[AllowedVehicle] | None = None
    """Type of vehicle authorized to circulate."""
    maxAuthorizedTonnage: list[MaxAuthorizedTonnage] | None = None
    """Roads impacted by the works with Maximum tonnage authorized."""
    countOfBusLineImpacted: Number | None = None
    """Count of Bus Lines impacted by the works."""
    busImpacted: list[BusImpacted] | None = None
    """Bus lines impacted by the works."""
    countOfSchoolBusLineImpacted: Number | None = None
    """Count of School Bus Lines impacted by the works."""
    schoolBusImpacted: list[BusImpacted] | None = None
    """Scholl Bus lines impacted by the works."""
    countOfTramwayLineImpacted: Number | None = None
    """Count of tramway lines impacted by the works."""
    tramwayImpacted: list[BusImpacted] | None = None
    """Tramway Line impacted by the works."""
    countOfSubwayLineImpacted: Number | None = None
    """Count of Subway Lines impacted by the works."""
    subwayImpacted: list[BusImpacted] | None = None
    """Subway lines impacted by the works."""
    countOfRailwayLineImpacted: Number | None = None
    """Count of Railway Lines impacted by the works."""
    railwayImpacted: list[BusImpacted] | None = None
    """Rail lines impacted by the works."""
    countOfSchoolImpacted: Number | None = None
    """Count of University, School, or other educational resource impacted by the works."""
    schoolImpacted: list[str] | None = None
    """List of free text or a Reference to an entity [SCHOOL] if exist."""
    countOfStationImpacted: Number | None = None
    """Count of Railway stations impacted by the works."""
    stationImpacted: list[StationImpacted] | None = None
    """Station Impacted by the works."""
    countOfEventImpacted: Number | None = None
    """Count of Events impacted by the works."""
    eventsImpacted: list[str] | None = None
    """List of free text or to the entity Events if exist."""

    # Added by this project: the official type has no such attribute.
    situationRecord: Annotated[str, Field(min_length=1)] | None = None
    """Id of the situation record in DATEX II that this is made of (road works)."""
    roadName: list[str] | None = None
    """Names or numbers of the roads, e.g. A 42 (road works)."""
    trafficRestriction: TrafficRestriction | None = None
    """What the works mean for traffic (road works)."""
    trafficDelay: NonNegative | None = None
    """Expected delay in seconds (road works)."""
    speedLimit: Annotated[Number, Field(ge=0, le=130)] | None = None
    """Speed limit along the works (road works)."""
