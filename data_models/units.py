"""The unit of each attribute as a UN/CEFACT common code (Recommendation 20), which the official schemas leave open.

This is the only place where units are written down. A value is always sent in the unit given here.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

CODES: Mapping[str, str] = MappingProxyType(
    {
        "28": "kilogram per square metre",
        "2N": "decibel",
        "A97": "hectopascal",
        "AMP": "ampere",
        "ANN": "year",
        "BAR": "bar",
        "C62": "one (a part of one, 0 to 1)",
        "C79": "kilovolt ampere hour",
        "CEL": "degree Celsius",
        "CMT": "centimetre",
        "D10": "siemens per metre",
        "D44": "var",
        "D46": "volt ampere",
        "D54": "watt per square metre",
        "DBM": "decibel milliwatt",
        "DD": "degree of angle",
        "GP": "milligram per cubic metre",
        "GQ": "microgram per cubic metre",
        "HTZ": "hertz",
        "K3": "kilovolt ampere reactive hour",
        "KGM": "kilogram",
        "KMH": "kilometre per hour",
        "KMT": "kilometre",
        "KPA": "kilopascal",
        "KVR": "kilovar",
        "KWH": "kilowatt hour",
        "KWT": "kilowatt",
        "LTR": "litre",
        "LUX": "lux",
        "M1": "milligram per litre",
        "MMT": "millimetre",
        "MQH": "cubic metre per hour",
        "MQS": "cubic metre per second",
        "MTK": "square metre",
        "MTQ": "cubic metre",
        "MTR": "metre",
        "MTS": "metre per second",
        "P1": "percent",
        "SEC": "second",
        "VLT": "volt",
        "WTT": "watt",
    }
)
"""Code → what it means."""

_BY_ATTRIBUTE = {
    "2N": "LAS LAeq LAeq_d LAmax",
    "A97": "atmosphericPressure",
    "AMP": "amperage",
    "C62": "fillingLevel reliability relativeHumidity soilMoistureVwc occupancy litterCoverage",
    "CEL": "temperature soilTemperature flowTemperature returnTemperature feelsLikeTemperature dewPoint"
    " surfaceTemperature",
    "D10": "soilMoistureEc",
    "D54": "solarRadiation",
    "DBM": "rssi",
    "DD": "windDirection",
    "GQ": "as c6h6 cd ni no no2 nox o3 pb pm1 pm4 pm10 pm25 sh2 so2 tsp",
    "KGM": "cargoWeight binMaxLoad binRecommendedLoad",
    "KPA": "soilMoisturePressure",
    "KWH": "totalConsumption peakConsumption offPeakConsumption totalExport totalEnergyGenerated",
    "KWT": "power",
    "LUX": "illuminance",
    "MMT": "precipitation waterFilmHeight",
    "MQH": "flowRate",
    "MTQ": "volume",
    "KMH": "averageVehicleSpeed averageCrowdSpeed",
    "MTR": "alertLevel currentLevel dangerLevel measuredDistance referenceLevel waterLevel swellHeight averageSpotWidth"
    " averageSpotLength averageGapDistance averageVehicleLength remainingDistance",
    "SEC": "averageHeadwayTime",
    "MTS": "windSpeed gustSpeed",
    "VLT": "voltage",
}

_BY_TYPE: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("AirQualityObserved", "co"): "GP",
        ("AirQualityObserved", "pressure"): "A97",
        ("AirQualityObserved", "charge"): "VLT",
        ("Device", "snr"): "2N",
        ("Device", "distance"): "MTR",
        ("Device", "depth"): "MTR",
        ("Device", "batteryLevel"): "C62",
        ("OffStreetParking", "maximumAllowedHeight"): "MTR",
        ("OffStreetParking", "maximumAllowedWidth"): "MTR",
        ("CityWork", "speedLimit"): "KMH",
        ("CityWork", "trafficDelay"): "SEC",
        ("FlowerBed", "crownDiameter"): "MTR",
        ("FlowerBed", "treeHeight"): "MTR",
        ("FlowerBed", "trunkCircumference"): "MTR",
        ("ParkingSpot", "width"): "MTR",
        ("ParkingSpot", "length"): "MTR",
        ("WasteContainer", "methaneConcentration"): "GQ",
        ("WasteContainer", "binCapacity"): "LTR",
        ("WasteContainer", "binFullnessThreshold"): "P1",
        ("EVChargingStation", "powerConsumption"): "KWT",
        ("EVChargingStation", "sessionEnergy"): "KWH",
        ("PhotovoltaicMeasurement", "activePower"): "KWT",
        ("WaterObserved", "height"): "MTR",
        ("WaterObserved", "flow"): "MQS",
    }
)

_OF_TYPES = {
    "ACMeasurement ThreePhaseAcMeasurement": {
        "HTZ": "frequency",
        "KWH": "totalActiveEnergyImport totalActiveEnergyExport",
        "K3": "totalReactiveEnergyImport totalReactiveEnergyExport",
        "C79": "totalApparentEnergyImport totalApparentEnergyExport",
        "WTT": "totalActivePower",
        "D44": "totalReactivePower",
        "D46": "totalApparentPower",
        "C62": "totalPowerFactor totalDisplacementPowerFactor",
    },
    "StreetlightControlCabinet": {
        "HTZ": "frequency",
        "KWT": "maximumPowerAvailable totalActivePower activePowerR activePowerS activePowerT",
        "KVR": "totalReactivePower reactivePowerR reactivePowerS reactivePowerT",
        "KWH": "energyConsumed lastMeterReading",
        "K3": "reactiveEnergyConsumed",
        "AMP": "intensityR intensityS intensityT",
        "VLT": "voltageR voltageS voltageT",
    },
    "PhreaticObserved": {"MTR": "investigationDepth waterTable depth", "BAR": "pressure"},
    "WaterObserved": {"MTK": "measuredArea", "P1": "objectArea", "MTR": "objectHeightAverage objectHeightMax"}
    | {"MTQ": "objectVolume"},
    "GreenEnergyGenerator": {
        "KWT": "maxSolarPowerGenerated maxEolicPowerGenerated maxHydroPowerGenerated maxBiomassPowerGenerated"
        " maxGeothermalPowerGenerated"
    },
    "GreenEnergyMeasurement": {
        "KWT": "solarPowerGenerated eolicPowerGenerated hydroPowerGenerated biomassPowerGenerated"
        " geothermalPowerGenerated"
    },
    "PhotovoltaicDevice": {"KGM": "panelWeight", "28": "areaWeight", "WTT": "NominalPower"}
    | {"VLT": "MaximumSystemVoltage", "ANN": "panelLifetime"},
    "PhotovoltaicMeasurement": {"KWT": "nominalPeakPowerGeneration", "AMP": "current"},
    "ParkingGroup": {"MTR": "maximumAllowedHeight maximumAllowedWidth"},
    "ItemFlowObserved": {"KMH": "averageSpeed minSpeed maxSpeed", "MTR": "averageLength"},
    "FleetVehicleStatus": {"LTR": "restFuelAmount lastFuellingAmount", "KMH": "speed", "DD": "bearing"}
    | {"KMT": "mileageFromOdometer"},
    "Vehicle": {"KMH": "speed", "DD": "heading", "LTR": "fuelFilled"},
    "RoadSegment": {
        "KMT": "startKilometer endKilometer length",
        "KMH": "maximumAllowedSpeed minimumAllowedSpeed",
        "MTR": "maximumAllowedHeight width",
        "KGM": "maximumAllowedWeight",
    },
    "WasteContainerModel": {"MTR": "width height depth", "KGM": "weight maximumLoad recommendedLoad"},
    "WasteObserved": {"KGM": "weight grossWeight tareWeight"},
    "WaterQualityObserved": {
        "M1": "bod cod O2 alkalinity TKN NO2 N-TOT P-TOT P-PO4 Al As B Ba Cd Cr Cr-III Cr-VI Cu Fe fluoride Hg THC Ni"
        " TO Pb Se Sn Zn sulphate sulphite anionic-surfactants cationic-surfactants non-ionic-surfactants"
        " total-surfactants concentration",
        "MQH": "flow",
    },
    "WeatherObserved": {"D54": "directIrradiation diffuseIrradiation", "CMT": "streamGauge snowHeight"},
}
"""Types → code → attributes, as the official schemas say in words; other types may have other units."""

_UNIT_OF = {name: code for code, names in _BY_ATTRIBUTE.items() for name in names.split()}
_UNIT_OF_TYPE = dict(_BY_TYPE) | {
    (type_name, name): code
    for type_names, by_code in _OF_TYPES.items()
    for type_name in type_names.split()
    for code, names in by_code.items()
    for name in names.split()
}


def assignments() -> Iterator[tuple[str | None, str, str]]:
    """(type or None for every type, attribute, code) of the whole table."""
    yield from ((None, name, code) for name, code in _UNIT_OF.items())
    yield from ((type_name, name, code) for (type_name, name), code in _UNIT_OF_TYPE.items())


def unit_of(entity_type: str, attribute: str) -> str | None:
    """The UN/CEFACT code of an attribute of a type, or None where it has no unit or none is agreed."""
    return _UNIT_OF_TYPE.get((entity_type, attribute), _UNIT_OF.get(attribute))
