"""`SmartDataModel`: a typed entity that writes itself as NGSI-LD and reads itself back."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import InitErrorDetails

from data_models.units import unit_of
from data_models.values import Kind, Uri, date_time_text

JsonMapping = Mapping[str, Any]
NOT_ATTRIBUTES = frozenset({"id", "type", "@context", "scope"})
VALUE_MEMBERS = ("value", "object", "languageMap", "json", "vocab")
ATTRIBUTE_TYPES = frozenset({"Property", "GeoProperty", "Relationship", "LanguageProperty", "JsonProperty"})


class AttributeType(NamedTuple):
    """How one attribute of a type is written: its field, NGSI-LD kind, unit, and whether its value is an array."""

    field: str
    kind: Kind
    unit: str | None
    is_list: bool
    adapter: TypeAdapter[Any]


class SmartDataModel(BaseModel):
    """An entity of a Smart Data Model; fields are named as in the official schema (a trailing `_` avoids keywords).

    Attributes that the schema does not name are kept and written as Properties: NGSI-LD entities are open.
    """

    model_config = ConfigDict(extra="allow", defer_build=True, validate_by_name=True, validate_by_alias=True)

    id: Uri
    type: str

    def to_ngsi_ld(self, observed_at: datetime | None = None, observed: Collection[str] = ()) -> dict[str, Any]:
        """The normalized entity (4.5.1); the attributes named in `observed` carry `observedAt`.

        `KeyError` where `observed` names an attribute that the type does not have.
        """
        types = attribute_types(type(self))
        unknown = next((name for name in observed if name not in types), None)
        if unknown is not None:
            raise KeyError(unknown)
        values = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        entity = {"id": values.pop("id"), "type": values.pop("type")}
        for name, value in values.items():
            entity[name] = _normalized(types.get(name), value, observed_at if name in observed else None)
        return entity

    @classmethod
    def attribute(cls, name: str, value: object, observed_at: datetime | None = None) -> dict[str, Any]:
        """One normalized attribute, e.g. `{"type": "Property", "value": 0.57, "unitCode": "C62"}`.

        `KeyError` where the type has no attribute of that name, `pydantic.ValidationError` where the value is wrong.
        """
        known = attribute_types(cls)[name]
        try:
            valid = known.adapter.validate_python(value)
        except ValidationError as error:
            raise _with_name(cls.__name__, name, error) from None
        written = known.adapter.dump_python(valid, mode="json", by_alias=True, exclude_none=True)
        return _normalized(known, written, observed_at)

    @classmethod
    def from_ngsi_ld(cls, entity: JsonMapping) -> Self:
        """Read a normalized or keyValues entity; `pydantic.ValidationError` where it breaks the schema.

        `unitCode`, `observedAt` and other sub-attributes are not kept.
        """
        types = attribute_types(cls)
        values = {name: _value(types.get(name), member) for name, member in entity.items() if name != "@context"}
        return cls.model_validate(values)


@cache
def attribute_types(model: type[SmartDataModel]) -> Mapping[str, AttributeType]:
    """Each attribute of the type by its name in NGSI-LD."""
    types = {}
    for field, info in model.model_fields.items():
        name = info.alias or field
        if name in NOT_ATTRIBUTES:
            continue
        annotation = _without_none(info.annotation)
        given: Any = Annotated[annotation, *info.metadata] if info.metadata else annotation
        kind, is_list = _kind(given), _is_list(given)
        types[name] = AttributeType(field, kind, unit_of(model.__name__, name), is_list, TypeAdapter(given))
    return MappingProxyType(types)


def reasons(error: ValidationError) -> str:
    """What is wrong with which value, in one line, e.g. `fillingLevel: Input should be less than … (is 57)`."""
    return "; ".join(
        f"{'.'.join(str(step) for step in detail['loc'])}: {detail['msg']} (is {_short(detail['input'])})"
        for detail in error.errors(include_url=False)
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _normalized(known: AttributeType | None, value: Any, observed_at: datetime | None) -> dict[str, Any]:
    kind = known.kind if known else Kind.PROPERTY
    attribute: dict[str, Any] = {"type": kind.ngsi_type, kind.member: value}
    if observed_at is not None:
        attribute["observedAt"] = date_time_text(observed_at)
    if known and known.unit:
        attribute["unitCode"] = known.unit
    return attribute


def _value(known: AttributeType | None, member: Any) -> Any:
    value = member
    if isinstance(member, Mapping) and (
        member.get("type") in ATTRIBUTE_TYPES or "value" in member or "object" in member
    ):
        value = next((member[name] for name in VALUE_MEMBERS if name in member), member)
    if isinstance(value, Mapping) and "@value" in value:
        value = value["@value"]
    if known and known.is_list and not isinstance(value, list):
        return [value]  # JSON-LD compaction writes an array of one item as that item
    return value


def _with_name(title: str, name: str, error: ValidationError) -> ValidationError:
    details = [
        InitErrorDetails(
            type=detail["type"], loc=(name, *detail["loc"]), input=detail["input"], ctx=detail.get("ctx", {})
        )
        for detail in error.errors(include_url=False)
    ]
    return ValidationError.from_exception_data(title, details)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    return Union[tuple(choice for choice in get_args(annotation) if choice is not NoneType)]  # noqa: UP007


def _kind(annotation: Any) -> Kind:
    """The kind that the annotation or its list items are marked with; a list of geometries is a Property."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        marked = [mark for mark in annotation.__metadata__ if isinstance(mark, Kind)]
        return marked[0] if marked else _kind(arguments[0])
    if get_origin(annotation) is list and _kind(arguments[0]) is Kind.RELATIONSHIP:
        return Kind.RELATIONSHIP
    return Kind.PROPERTY


def _is_list(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        return _is_list(get_args(annotation)[0])
    return get_origin(annotation) is list
