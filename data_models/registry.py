"""All types in one tuple.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from data_models.base import SmartDataModel
from data_models.subjects.agrifood import AgriParcelRecord, AgriSoil
from data_models.subjects.alert import Alert
from data_models.subjects.building import Building, BuildingOperation
from data_models.subjects.dcat_ap import Catalogue, DataService, Dataset, Distribution
from data_models.subjects.device import Device, DeviceMeasurement, DeviceModel, SmartMeteringObservation
from data_models.subjects.energy import ACMeasurement, ThreePhaseAcMeasurement
from data_models.subjects.environment import (
    AirQualityObserved,
    FloodMonitoring,
    IndoorEnvironmentObserved,
    NoiseLevelObserved,
    PhreaticObserved,
    WaterObserved,
)
from data_models.subjects.green_energy import (
    GreenEnergyGenerator,
    GreenEnergyMeasurement,
    PhotovoltaicDevice,
    PhotovoltaicMeasurement,
)
from data_models.subjects.key_performance_indicator import KeyPerformanceIndicator
from data_models.subjects.parking import OffStreetParking, OnStreetParking, ParkingAccess, ParkingGroup, ParkingSpot
from data_models.subjects.parks_and_gardens import FlowerBed, Garden, GreenspaceRecord
from data_models.subjects.streetlighting import Streetlight, StreetlightControlCabinet, StreetlightGroup
from data_models.subjects.transportation import CrowdFlowObserved, ItemFlowObserved, RoadSegment, TrafficFlowObserved
from data_models.subjects.transportation_vehicles import (
    BikeHireDockingStation,
    EVChargingStation,
    FleetVehicle,
    FleetVehicleStatus,
    Vehicle,
)
from data_models.subjects.transportation_works import CityWork
from data_models.subjects.urban_mobility import ArrivalEstimation, GtfsRoute, GtfsStop, PublicTransportStop
from data_models.subjects.waste_management import WasteContainer, WasteContainerIsle, WasteContainerModel, WasteObserved
from data_models.subjects.water_consumption import WaterConsumptionObserved
from data_models.subjects.water_quality import WaterQualityObserved
from data_models.subjects.weather import WeatherAlert, WeatherForecast, WeatherObserved

MODELS: tuple[type[SmartDataModel], ...] = (
    ACMeasurement,
    AgriParcelRecord,
    AgriSoil,
    AirQualityObserved,
    Alert,
    ArrivalEstimation,
    BikeHireDockingStation,
    Building,
    BuildingOperation,
    Catalogue,
    CityWork,
    CrowdFlowObserved,
    DataService,
    Dataset,
    Device,
    DeviceMeasurement,
    DeviceModel,
    Distribution,
    EVChargingStation,
    FleetVehicle,
    FleetVehicleStatus,
    FloodMonitoring,
    FlowerBed,
    Garden,
    GreenEnergyGenerator,
    GreenEnergyMeasurement,
    GreenspaceRecord,
    GtfsRoute,
    GtfsStop,
    IndoorEnvironmentObserved,
    ItemFlowObserved,
    KeyPerformanceIndicator,
    NoiseLevelObserved,
    OffStreetParking,
    OnStreetParking,
    ParkingAccess,
    ParkingGroup,
    ParkingSpot,
    PhotovoltaicDevice,
    PhotovoltaicMeasurement,
    PhreaticObserved,
    PublicTransportStop,
    RoadSegment,
    SmartMeteringObservation,
    Streetlight,
    StreetlightControlCabinet,
    StreetlightGroup,
    ThreePhaseAcMeasurement,
    TrafficFlowObserved,
    Vehicle,
    WasteContainer,
    WasteContainerIsle,
    WasteContainerModel,
    WasteObserved,
    WaterConsumptionObserved,
    WaterObserved,
    WaterQualityObserved,
    WeatherAlert,
    WeatherForecast,
    WeatherObserved,
)
_BY_NAME = {model.__name__: model for model in MODELS}


def model_of(type_name: str) -> type[SmartDataModel]:
    """The model of an entity type by its short name; `KeyError` where there is none."""
    return _BY_NAME[type_name]
