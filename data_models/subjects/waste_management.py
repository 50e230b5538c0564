"""WasteManagement: WasteContainer, WasteContainerIsle, WasteContainerModel, WasteObserved.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Literal

from data_models.commons import Commons, Located, PhysicalObject
from data_models.values import DateTime, Distinct, GeoProperty, NonNegative, Number, Relationship, Share, Unique

# fmt: off
StoredWasteKind = Literal[
    "organic", "inorganic", "glass", "oil", "plastic", "metal", "paper", "batteries", "electronics", "hazardous",
    "other",
]
StoredWasteOrigin = Literal[
    "household", "municipal", "industrial", "construction", "hostelry", "agriculture", "other",
]
# fmt: on


class WasteContainer(Commons, Located, PhysicalObject):
    """A waste container."""

    type: Literal["WasteContainer"] = "WasteContainer"
    location: GeoProperty
    fillingLevel: Share | None = None
    """Filling level of the container."""
    category: Distinct[Literal["fixed", "ground", "other", "portable", "underground"]] | None = None
    """Container's category."""
    cargoWeight: NonNegative | None = None
    """Weight of the container load."""
    temperature: Number | None = None
    """Temperature inside the container."""
    methaneConcentration: NonNegative | None = None
    """Methane (CH4) concentration inside the container."""
    storedWasteKind: StoredWasteKind | None = None
    """Kind/s of waste stored by the container."""
    storedWasteOrigin: StoredWasteOrigin | None = None
    """Origin of the waste stored."""
    storedWasteCode: str | None = None
    """As per the regulation, waste codes which precisely identifies waste origin and kind."""
    serialNumber: str | None = None
    """Serial number of the container."""
    regulation: str | None = None
    """Regulation under which the container is operating."""
    responsible: str | None = None
    """Responsible for the container, i.e. entity in charge of actuating (emptying, collecting, etc)."""
    dateServiceStarted: DateTime | None = None
    """Date at which the container started giving service."""
    dateLastEmptying: DateTime | None = None
    """Timestamp which represents when the container was emptied last time."""
    nextActuationDeadline: DateTime | None = None
    """Deadline for next actuation to be performed (emptying, picking up, etc.)."""
    actuationHours: str | None = None
    """Hours suitable for performing actuations over the container."""
    dateLastCleaning: DateTime | None = None
    """When the container was cleaned last time."""
    nextCleaningDeadline: DateTime | None = None
    """Deadline for next cleaning."""
    isleId: str | None = None
    """Identifier (or name) of the isle where the container is placed."""
    status: Literal["ok", "lidOpen", "dropped", "moved", "vandalized", "burning", "unknown"] | None = None
    """Container's status from the point of view of safety."""
    refWasteContainerModel: Relationship | None = None
    """Container's model."""
    refWasteContainerIsle: Relationship | None = None
    """Isle where the container is placed."""
    refDevice: Distinct[Relationship] | None = None
    """Reference to the device(s) used to monitor this container."""
    timeInstant: DateTime | None = None
    """Timestamp of the payload . There can be production environments where the attribute type is equal to the …."""
    binCapacity: Number | None = None
    """Total capacity in terms of the volume of waste the bin can hold."""
    binColor: str | None = None
    """Color of the bin."""
    wardId: str | None = None
    """Ward Id of the entity corresponding to this observation."""
    license_plate: str | None = None
    """License_plate' field from GTFS Realtime message-VehicleDescriptor …."""
    RFID: str | None = None
    """Gives the ID of the RFID reader."""
    binFullnessThreshold: Number | None = None
    """The fullness threshold level of the bin defined as the level (in terms of percentage) when the bin full …."""
    binRecommendedLoad: Number | None = None
    """Recommended load (weight) that the waste bin corresponding to this observation can hold."""
    binId: str | None = None
    """Id of the waste carrying bin."""
    binMaxLoad: Number | None = None
    """Maximum load (weight) that the waste bin can hold."""
    binLoggedTime: DateTime | None = None
    """Time when the bin's level was last logged."""


class WasteContainerIsle(Commons, Located):
    """A waste container isle."""

    type: Literal["WasteContainerIsle"] = "WasteContainerIsle"
    location: GeoProperty
    features: Distinct[Literal["containerFix", "underground", "fenced", "other"]] | None = None
    """A list of features provided by the isle."""
    insertHolesNumber: NonNegative | None = None
    """Number of insert holes the isle has."""
    refWasteContainer: Distinct[str] | None = None
    """List of containers present in the isle."""


class WasteContainerModel(Commons, PhysicalObject):
    """A model of waste container which captures the static properties of a class of containers."""

    type: Literal["WasteContainerModel"] = "WasteContainerModel"
    name: str
    width: NonNegative | None = None
    """Width of the container."""
    height: NonNegative | None = None
    """Height of the container."""
    depth: NonNegative | None = None
    """Depth of the container."""
    weight: NonNegative | None = None
    """Weight of the container."""
    cargoVolume: NonNegative | None = None
    """Total volume the container can hold."""
    maximumLoad: NonNegative | None = None
    """Maximum load the container can hold safely."""
    recommendedLoad: NonNegative | None = None
    """Manufacturer recommended load for the container."""
    category: Distinct[Literal["dumpster", "trashCan", "wheelieBin", "other"]] | None = None
    """Container’s category."""
    insertHolesNumber: NonNegative | None = None
    """Number of insert holes the container has."""
    madeOf: Literal["plastic", "wood", "metal", "other"] | None = None
    """Material the container is made of."""
    madeOfCode: str | None = None
    """Material Code as per standard tables."""
    brandName: str | None = None
    """Name of the brand."""
    modelName: str | None = None
    """Name of the model as given by the manufacturer."""
    manufacturerName: str | None = None
    """Name of the manufacturer."""
    compliantWith: Unique[str] | None = None
    """A list of standards to which the container is compliant with (ex."""
    features: Distinct[Literal["wheels", "lid", "roundedLid", "insertHoles", "lockable", "other"]] | None = None
    """A list of container features."""


class WasteObserved(Commons, Located, PhysicalObject):
    """This entity models a single collection of Waste."""

    type: Literal["WasteObserved"] = "WasteObserved"
    dateObserved: DateTime | None = None
    """Time of the wastecollection in ISO8601 UTCformat."""
    weight: Number | None = None
    """The net weight of the collected waste."""
    grossWeight: Number | None = None
    """The gross weight of the collected waste."""
    tareWeight: Number | None = None
    """The tare weight of the collected waste."""
    refGarbageTruck: Relationship | None = None
    """A reference to an Vehicle Smart model referencing the vehicle used during garbage collection."""
    refWeighingDevice: Relationship | None = None
    """A reference to the device used to measure the waste weight."""
    refServiceOrderId: Relationship | None = None
    """A reference to an external system containing workorders."""
