"""The programme's own example payloads, in both forms, and what is wrong with those that the models refuse."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from data_models import MODELS, SmartDataModel, lenient
from data_models.base import reasons
from data_models.schemas import validate

EXAMPLES = Path(__file__).parent / "examples"
KEY_VALUES_REFUSED = {
    "AirQualityObserved": "dateObserved: Value error, a date and time with its offset",
    "Catalogue": "record.0: String should match pattern",  # a Relationship to something that is no URI
    "CityWork": "workDisposition.1.endDate: Value error, hour must be in 0..23",
    "Dataset": "spatial.0.Point.coordinates: Value error, a position is [longitude, latitude]",
    "Streetlight": "feederID: String should match pattern",  # a Relationship to something that is no URI
    "WeatherAlert": "id: String should match pattern",  # no URI
    "WeatherForecast": "id: String should match pattern",  # no URI
}
NORMALIZED_REFUSED = {
    "ACMeasurement": "dateObserved: Value error, a date and time",  # 2020-03-17TT08:45:00Z
    "AirQualityObserved": "dateObserved: Value error, a date and time with its offset",
    "Catalogue": "record.0: String should match pattern",
    "CityWork": "contactPoint: Input should be a valid dictionary",
    "Dataset": "page.0: String should match pattern",  # an empty string as URI
    "Distribution": "temporalResolution: Input should be a valid string",
    "ItemFlowObserved": "itemType: Input should be 'people'",
    "KeyPerformanceIndicator": "dateNextCalculation: Value error, Invalid isoformat string",  # a time as a date
    "ParkingGroup": "category.0: Input should be 'adjacentSpaces'",
    "PhotovoltaicDevice": "dateLastReported: Value error, a date and time",  # {"type": "DateTime"} for {"@type": …}
    "PhotovoltaicMeasurement": "refPhotovoltaicDevice: Input should be a valid string",  # "Object" for "object"
    "PhreaticObserved": "refDevice.0: Input should be a valid string",  # "Object" for "object"
    "Streetlight": "feederID: String should match pattern",
    "Vehicle": "deviceBatteryStatus: Input should be 'connected' or 'disconnected'",
    "WeatherForecast": "id: String should match pattern",
}


def example(form: str, model: type[SmartDataModel]) -> dict[str, Any]:
    entity: dict[str, Any] = json.loads((EXAMPLES / form / f"{model.__name__}.jsonld").read_text(encoding="utf-8"))
    return entity


def refusal(model: type[SmartDataModel], entity: dict[str, Any]) -> str | None:
    try:
        again = model.from_ngsi_ld(model.from_ngsi_ld(entity).to_ngsi_ld())
    except ValidationError as error:
        return reasons(error)
    assert again == model.from_ngsi_ld(entity)
    return None


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@pytest.mark.parametrize(("form", "refused"), [("keyvalues", KEY_VALUES_REFUSED), ("normalized", NORMALIZED_REFUSED)])
def test_official_examples_are_read_but_for_those_that_are_wrong(
    form: str, refused: dict[str, str], model: type[SmartDataModel]
) -> None:
    reason = refusal(model, example(form, model))
    if model.__name__ in refused:
        assert reason is not None
        assert refused[model.__name__] in reason
    else:
        assert reason is None


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@pytest.mark.parametrize(("form", "refused"), [("keyvalues", KEY_VALUES_REFUSED), ("normalized", NORMALIZED_REFUSED)])
def test_every_official_example_is_read_leniently_with_a_warning_where_it_is_wrong(
    form: str, refused: dict[str, str], model: type[SmartDataModel]
) -> None:
    entity = example(form, model)
    reading = lenient.read(model, entity)
    assert bool(reading.faults) is (model.__name__ in refused)
    assert reading.entity.id == entity["id"]
    if not reading.faults:
        assert reading.entity == model.from_ngsi_ld(entity)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_official_examples_are_valid_by_the_official_schemas(model: type[SmartDataModel]) -> None:
    entity = example("keyvalues", model)
    entity.pop("@context", None)
    assert validate(entity) == []
