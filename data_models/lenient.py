"""Reading what others have written: a fault is reported and its value kept as it came; writing stays strict."""

from collections.abc import Mapping
from typing import Any, Generic, NamedTuple, TypeVar, cast

from pydantic import ValidationError

from data_models.base import JsonMapping, SmartDataModel, attribute_types, plain_values

M = TypeVar("M", bound=SmartDataModel)
MISSPELT = {"Object": "object", "Value": "value"}
"""Members as some write them, e.g. two of the programme's own examples."""


class Fault(NamedTuple):
    """What is wrong with one attribute (or `id`), e.g. `windDirection`, 540, "Input should be less than …"."""

    attribute: str
    value: Any
    reason: str

    def __str__(self) -> str:
        return f"{self.attribute}: {self.reason}"


class Reading(NamedTuple, Generic[M]):
    """The entity, and what is wrong with it: a faulty value is as it was sent, a missing one None."""

    entity: M
    faults: tuple[Fault, ...]


def read(model: type[M], entity: JsonMapping) -> Reading[M]:
    """Any entity of the model's type; `pydantic.ValidationError` only where it is of another type or has no id."""
    mended, misspelt = _mended(entity)
    values = plain_values(model, mended)
    try:
        found, wrong = model.model_validate(values), []
    except ValidationError as error:
        wrong = _faults(error)
        if any(fault.attribute == "type" or (fault.attribute == "id" and "id" not in values) for fault in wrong):
            raise
        found = _constructed(model, values, {fault.attribute for fault in wrong})
    faults = (*misspelt, *wrong)
    found._faults = tuple(str(fault) for fault in wrong)  # what is mended can be written
    return Reading(found, faults)


def _faults(error: ValidationError) -> list[Fault]:
    """One for each attribute: the first thing that is wrong with it."""
    faults: dict[str, Fault] = {}
    for detail in error.errors(include_url=False):
        name = str(detail["loc"][0])
        value = None if detail["type"] == "missing" and len(detail["loc"]) == 1 else detail["input"]
        faults.setdefault(name, Fault(name, value, detail["msg"]))
    return list(faults.values())


def _constructed(model: type[M], values: dict[str, Any], wrong: set[str]) -> M:
    types, given = attribute_types(model), dict[str, Any]()
    for name, value in values.items():
        known = types.get(name)
        field = known.field if known else name
        as_it_came = known is None or name in wrong or value is None
        given[field] = value if as_it_came else types[name].adapter.validate_python(value)
    missing: dict[str, Any] = {
        known.field: None for name, known in types.items() if name in wrong and name not in values
    }
    return cast(M, model.model_construct(None, **missing, **given))


def _mended(entity: JsonMapping) -> tuple[dict[str, Any], list[Fault]]:
    mended, faults = dict[str, Any](), list[Fault]()
    for name, member in entity.items():
        mended[name] = member
        if not isinstance(member, Mapping):
            continue
        renamed = {MISSPELT.get(key, key): value for key, value in member.items()}
        value = renamed.get("value")
        if isinstance(value, Mapping) and value.get("type") == "DateTime" and "value" in value:
            renamed["value"] = value["value"]
        if renamed != member:
            mended[name] = renamed
            faults.append(Fault(name, member, "is written in another way than NGSI-LD does, and read as what it means"))
    return mended, faults
