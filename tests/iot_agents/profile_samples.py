"""What a device of each profile sends, decoded or as bytes, and the values that its entity then has."""

from pathlib import Path
from typing import Any, NamedTuple

import orjson

AT = "2026-11-22T12:00:00.500Z"


class Sample(NamedTuple):
    """`decoded` is None where the profile's codec decodes `payload`; `values` without the time of the reading."""

    decoded: dict[str, Any] | None
    values: dict[str, Any]
    payload: str = ""
    f_port: int = 1


SUNSPEC = Path(__file__).parents[1] / "samples" / "sunspec_inverter" / "inverter.json"

SAMPLES: dict[str, Sample] = {
    "pv-inverter-sunspec": Sample(
        orjson.loads(SUNSPEC.read_bytes()),
        {"totalActivePower": 15342.0, "totalApparentPower": 15360.0, "frequency": 49.98}
        | {"totalActiveEnergyExport": 81234.567},
    ),
    "bin-level-ultrasonic": Sample(
        None, {"fillingLevel": 0.57, "temperature": -3.5, "status": "lidOpen"}, "39FFDD020E10"
    ),
    "underground-container": Sample(
        {"fill": 80, "weight": 740.5, "temperature": 12, "battery": 3.4},
        {"fillingLevel": 0.8, "cargoWeight": 740.5, "temperature": 12.0},
    ),
    "parking-bay-radar": Sample(None, {"status": "occupied"}, "010E10"),
    "soil-moisture-dragino-lse01": Sample(
        None, {"soilMoistureVwc": 0.234, "soilTemperature": 11.05, "soilMoistureEc": 0.042}, "0CE400000924045101A40000"
    ),
    "soil-moisture-milesight-em500-smtc": Sample(
        None,
        {"soilMoistureVwc": 0.234, "soilTemperature": -0.5, "soilMoistureEc": 0.042},
        "0175640367FBFF04CA2409057FA401",
    ),
    "soil-tension": Sample({"tension": 42.5, "temperature": 9}, {"soilMoisturePressure": 42.5, "soilTemperature": 9.0}),
    "air-quality-particulates": Sample(
        {"pm1": 3.1, "pm2_5": 9, "pm4": 11, "pm10": 18.2, "temperature": 8, "humidity": 81, "pressure": 1013},
        {"pm1": 3.1, "pm25": 9.0, "pm4": 11.0, "pm10": 18.2, "temperature": 8.0, "relativeHumidity": 0.81}
        | {"pressure": 1013.0},
    ),
    "weather-station": Sample(
        {
            "temperature": 8.5,
            "humidity": 81,
            "pressure": 1013.2,
            "wind_speed": 3.4,
            "wind_gust": 7.1,
            "wind_direction": 220,
        }
        | {"rain": 0.2, "radiation": 120, "illuminance": 9000},
        {
            "temperature": 8.5,
            "relativeHumidity": 0.81,
            "atmosphericPressure": 1013.2,
            "windSpeed": 3.4,
            "gustSpeed": 7.1,
        }
        | {"windDirection": 220.0, "precipitation": 0.2, "solarRadiation": 120.0, "illuminance": 9000.0},
    ),
    "weather-milesight-wts506": Sample(
        {"temperature": 8.5, "humidity": 81, "pressure": 1013.2, "wind_speed": 3.4, "wind_direction": 22.5}
        | {"rainfall_total": 12.4, "battery": 90},
        {"temperature": 8.5, "relativeHumidity": 0.81, "atmosphericPressure": 1013.2, "windSpeed": 3.4}
        | {"windDirection": 22.5, "precipitation": 12.4},
    ),
    "weather-cayenne": Sample(
        None,
        {"temperature": 27.2, "relativeHumidity": 0.4, "atmosphericPressure": 1000.0},
        "01670110026850037327100402014A",
    ),
    "road-condition": Sample(
        {"surface_temperature": -1.5, "film": 0.3, "condition": 5, "temperature": 0.5, "humidity": 96},
        {"surfaceTemperature": -1.5, "waterFilmHeight": 0.3, "surfaceCondition": "ice", "temperature": 0.5}
        | {"relativeHumidity": 0.96},
    ),
    "water-level-radar": Sample({"level": 1430, "flow": 12.5}, {"waterLevel": 1.43, "flow": 12.5}),
    "flood-distance-dragino-ldds75": Sample(None, {"measuredDistance": 1.43}, "0CE405960000000001"),
    "water-level-milesight-em500-swl": Sample(None, {"waterLevel": 1.43}, "01756403778F00"),
    "groundwater": Sample({"depth": 4.2, "table": 51.3}, {"depth": 4.2, "waterTable": 51.3}),
    "water-quality": Sample(
        {"temperature": 14.5, "ph": 7.8, "oxygen": 9.1, "conductivity": 640, "turbidity": 12},
        {"temperature": 14.5, "pH": 7.8, "O2": 9.1, "conductivity": 0.064, "turbidity": 12.0},
    ),
    "people-counter": Sample(
        {"total": 12, "in": 7, "out": 5, "period": 900},
        {"peopleCount": 12, "peopleCountTowards": 7, "peopleCountAway": 5},
    ),
    "people-counter-milesight-vs121": Sample(
        {"people_count_all": 4, "people_in": 9, "people_out": 5},
        {"peopleCount": 4, "peopleCountTowards": 9, "peopleCountAway": 5},
    ),
    "traffic-counter": Sample(
        {"vehicles": 240, "speed": 47.5, "occupancy": 12, "period": 900},
        {"intensity": 240, "averageVehicleSpeed": 47.5, "occupancy": 0.12},
    ),
    "water-meter": Sample(
        None, {"waterConsumption": 123456, "alarmStopsLeaks": 1, "alarmTamper": 0}, "40E20100012400"[:12]
    ),
    "gas-meter": Sample({"volume": 1234.56}, {"volume": 1234.56}),
    "electricity-meter-two-way": Sample(
        {"import": 4021.7, "export": 812.4, "power": -1200},
        {"totalConsumption": 4021.7, "totalExport": 812.4, "power": -1.2},
    ),
    "electricity-three-phase": Sample(
        {"energy_import": 4021.7, "energy_export": 0, "power": 12500, "frequency": 49.98},
        {
            "totalActiveEnergyImport": 4021.7,
            "totalActiveEnergyExport": 0,
            "totalActivePower": 12500,
            "frequency": 49.98,
        },
    ),
    "lighting-controller": Sample(
        None,
        {"powerState": "on", "illuminanceLevel": 0.7, "powerConsumption": 54.3, "voltage": 230.5, "status": "ok"},
        "0146021F0901",
    ),
    "lighting-cabinet": Sample(
        {"energy": 81234, "power": 12.5, "voltage_l1": 231, "voltage_l2": 229, "voltage_l3": 230},
        {"energyConsumed": 81234, "totalActivePower": 12.5, "voltageR": 231, "voltageS": 229, "voltageT": 230},
    ),
    "smart-pole": Sample(
        {"light": {"state": "low", "level": 30, "energy": 512.5, "current": 0.21}, "motion": {"total": 4711}},
        {"powerState": "low", "illuminanceLevel": 0.3, "lifetimeMotionDetected": 4711}
        | {"lifetimePowerConsumption": 512.5, "current": 0.21},
    ),
    "smart-bench": Sample(
        {"panel": {"power": 45, "energy": 31.2}, "temperature": 31, "storage": 12.6},
        {"activePower": 0.045, "totalEnergyGenerated": 31.2, "temperature": 31.0},
    ),
    "indoor-co2": Sample(
        {"co2": 812, "temperature": 21.5, "humidity": 45, "pressure": 1010, "people": 12, "battery": 3.4},
        {"co2": 812, "temperature": 21.5, "relativeHumidity": 0.45, "atmosphericPressure": 1010, "peopleCount": 12},
    ),
    "indoor-elsys-ers-co2": Sample(
        {"co2": 812, "temperature": 21.5, "humidity": 45, "light": 320, "motion": 2, "vdd": 3640},
        {"co2": 812, "temperature": 21.5, "relativeHumidity": 0.45, "illuminance": 320},
    ),
    "indoor-milesight-am103": Sample(
        None, {"co2": 812, "temperature": 21.5, "relativeHumidity": 0.45}, "0175640367D70004685A077D2C03"
    ),
}
