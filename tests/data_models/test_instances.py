"""Several sources of one attribute, each with its time, are written and read back the same."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_models import AirQualityObserved
from data_models.instances import Instance, read, written

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
MOMENTS = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
DATASETS = st.none() | st.integers(0, 99).map("urn:ngsi-ld:Dataset:{}".format)
INSTANCES = st.builds(Instance, st.floats(0, 1000), MOMENTS, st.just("GQ"), DATASETS)


@given(st.lists(INSTANCES, min_size=1, max_size=4, unique_by=lambda instance: instance.dataset_id))
def test_instances_are_the_same_after_they_were_written_and_read(instances: list[Instance]) -> None:
    attribute = written(AirQualityObserved, "no2", instances)
    assert read(AirQualityObserved, {"no2": attribute}) == {"no2": tuple(instances)}


def test_an_instance_is_written_with_its_time_unit_and_dataset() -> None:
    assert written(AirQualityObserved, "no2", [Instance(31.5, AT, "GQ", "urn:ngsi-ld:Dataset:LANUV")]) == {
        "type": "Property",
        "value": 31.5,
        "observedAt": "2026-11-22T10:00:00Z",
        "unitCode": "GQ",
        "datasetId": "urn:ngsi-ld:Dataset:LANUV",
    }


def test_of_several_instances_the_default_one_is_the_model_s_value() -> None:
    attribute = written(AirQualityObserved, "no2", [Instance(1.0, dataset_id="urn:a:b"), Instance(2.0)])
    entity = {"id": "urn:a:1", "type": "AirQualityObserved", "dateObserved": "2026-11-22T10:00:00Z", "no2": attribute}
    entity["location"] = {"type": "Point", "coordinates": [7.22, 51.54]}
    assert AirQualityObserved.from_ngsi_ld(entity).no2 == 2.0


@pytest.mark.parametrize(
    "instances",
    [[], [Instance(1.0), Instance(2.0)], [Instance(1.0, unit="GP")], [Instance(-1)], [Instance(1.0, dataset_id="b")]],
)
def test_what_cannot_be_told_apart_or_is_wrong_is_refused(instances: list[Instance]) -> None:
    with pytest.raises(ValueError, match=r"no2|URI|pattern|greater"):
        written(AirQualityObserved, "no2", instances)


def test_values_without_anything_around_them_are_read_in_the_unit_of_the_model() -> None:
    assert read(AirQualityObserved, {"no2": 3.0}) == {"no2": (Instance(3.0, None, "GQ", None),)}
