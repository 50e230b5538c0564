"""The unit of each attribute as a UN/CEFACT common code (Recommendation 20), which the official schemas leave open.

This is the only place where units are written down. A value is always sent in the unit given here.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

CODES: Mapping[str, str] = MappingProxyType(
    {
        "2N": "decibel",
        "A97": "hectopascal",
        "AMP": "ampere",
        "C62": "one (a part of one, 0 to 1)",
        "CEL": "degree Celsius",
        "D10": "siemens per metre",
        "D54": "watt per square metre",
        "DBM": "decibel milliwatt",
        "DD": "degree of angle",
        "GP": "milligram per cubic metre",
        "GQ": "microgram per cubic metre",
        "KGM": "kilogram",
        "KPA": "kilopascal",
        "KMH": "kilometre per hour",
        "KWH": "kilowatt hour",
        "KWT": "kilowatt",
        "LTR": "litre",
        "LUX": "lux",
        "MMT": "millimetre",
        "MQH": "cubic metre per hour",
        "MTQ": "cubic metre",
        "MTR": "metre",
        "MTS": "metre per second",
        "P1": "percent",
        "SEC": "second",
        "VLT": "volt",
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
    "MTR": "alertLevel currentLevel dangerLevel measuredDistance referenceLevel waterLevel swellHeight",
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
        ("PhotovoltaicMeasurement", "activePower"): "KWT",
        ("WaterObserved", "height"): "MTR",
    }
)

_UNIT_OF = {name: code for code, names in _BY_ATTRIBUTE.items() for name in names.split()}


def assignments() -> Iterator[tuple[str | None, str, str]]:
    """(type or None for every type, attribute, code) of the whole table."""
    yield from ((None, name, code) for name, code in _UNIT_OF.items())
    yield from ((type_name, name, code) for (type_name, name), code in _BY_TYPE.items())


def unit_of(entity_type: str, attribute: str) -> str | None:
    """The UN/CEFACT code of an attribute of a type, or None where it has no unit or none is agreed."""
    return _BY_TYPE.get((entity_type, attribute), _UNIT_OF.get(attribute))
