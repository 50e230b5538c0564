"""Attributes with what belongs to them: when observed, in which unit, and from which of several sources (4.5.5)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from data_models.base import JsonMapping, SmartDataModel, attribute_types, instances_of
from data_models.values import DateTime

_DATE_TIME: TypeAdapter[datetime] = TypeAdapter(DateTime)


class Instance(NamedTuple):
    """One instance of an attribute. `unit` is a UN/CEFACT code; the default instance has no `dataset_id`."""

    value: Any
    observed_at: datetime | None = None
    unit: str | None = None
    dataset_id: str | None = None


def written(model: type[SmartDataModel], name: str, instances: Iterable[Instance]) -> dict[str, Any] | list[Any]:
    """The normalized attribute: an object, or an array of them where there are several.

    `KeyError` for an unknown attribute; `ValueError` for a wrong value, for a unit that is not the model's, and where
    two instances have the same `dataset_id`.
    """
    all_of_them = list(instances)
    datasets = [instance.dataset_id for instance in all_of_them]
    if not datasets or len(set(datasets)) < len(datasets):
        raise ValueError(f"{name} needs at least one instance, and each datasetId once, but has {datasets}")
    attributes = [_written(model, name, instance) for instance in all_of_them]
    return attributes[0] if len(attributes) == 1 else attributes


def read(model: type[SmartDataModel], entity: JsonMapping) -> dict[str, tuple[Instance, ...]]:
    """Every instance of each attribute that the model knows; `ValueError` where one is wrong."""
    names = [name for name in attribute_types(model) if name in entity]
    return {name: tuple(_read(model, name, member) for member in instances_of(entity[name])) for name in names}


def _written(model: type[SmartDataModel], name: str, instance: Instance) -> dict[str, Any]:
    unit = attribute_types(model)[name].unit
    if instance.unit not in (None, unit):
        raise ValueError(f"{model.__name__}.{name} is written in {unit or 'no unit'}, but {instance.unit} is given")
    return model.attribute(name, instance.value, instance.observed_at, instance.dataset_id)


def _read(model: type[SmartDataModel], name: str, member: Any) -> Instance:
    known = attribute_types(model)[name]
    value = known.adapter.validate_python(known.plain(member))
    if not isinstance(member, dict):
        return Instance(value, unit=known.unit)
    observed_at = member.get("observedAt")
    moment = None if observed_at is None else _DATE_TIME.validate_python(observed_at)
    return Instance(value, moment, member.get("unitCode", known.unit), member.get("datasetId"))
