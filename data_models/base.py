"""`SmartDataModel`: a typed entity that writes itself as NGSI-LD and reads itself back."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, NamedTuple, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, TypeAdapter, ValidationError
from pydantic_core import InitErrorDetails

from data_models.units import unit_of
from data_models.values import Kind, Uri, date_time_text

JsonMapping = Mapping[str, Any]
NOT_ATTRIBUTES = frozenset({"id", "type", "@context", "scope"})
VALUE_MEMBERS = ("value", "object", "languageMap", "json", "vocab")
ATTRIBUTE_TYPES = frozenset({"Property", "GeoProperty", "Relationship", "LanguageProperty", "JsonProperty"})
AS_IN_JSON = frozenset({bool, float, int, str})
"""The types whose values are written as they are; those that derive from them may be written otherwise."""
_URI: TypeAdapter[str] = TypeAdapter(Uri)


class AttributeType(NamedTuple):
    """How one attribute of a type is written: its field, NGSI-LD kind, unit, and whether its value is an array."""

    field: str
    kind: Kind
    unit: str | None
    is_list: bool
    adapter: TypeAdapter[Any]

    def plain(self, member: Any) -> Any:
        """The value of the attribute, in whatever representation it is; not validated."""
        return _value(self, member)


class SmartDataModel(BaseModel):
    """An entity of a Smart Data Model; fields are named as in the official schema (a trailing `_` avoids keywords).

    Attributes that the schema does not name are kept and written as Properties: NGSI-LD entities are open.
    """

    model_config = ConfigDict(extra="allow", defer_build=True, validate_by_name=True, validate_by_alias=True)

    id: Uri
    type: str
    _faults: tuple[str, ...] = PrivateAttr(())
    """What is wrong with an entity that `data_models.lenient` has read; it cannot be written."""

    def to_ngsi_ld(self, observed_at: datetime | None = None, observed: Collection[str] = ()) -> dict[str, Any]:
        """The normalized entity (4.5.1); the attributes named in `observed` carry `observedAt`.

        `KeyError` where `observed` names an attribute that the type does not have, `ValueError` where the entity was
        read leniently and has faults.
        """
        if self._faults:
            raise ValueError(f"{self.id} was read with faults and cannot be written: {'; '.join(self._faults)}")
        types = attribute_types(type(self))
        unknown = next((name for name in observed if name not in types), None)
        if unknown is not None:
            raise KeyError(unknown)
        values = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        moment = None if observed_at is None else date_time_text(observed_at)
        entity = {"id": values.pop("id"), "type": values.pop("type")}
        for name, value in values.items():
            entity[name] = _normalized(types.get(name), value, moment if name in observed else None)
        return entity

    @classmethod
    def attribute(
        cls, name: str, value: object, observed_at: datetime | None = None, dataset_id: str | None = None
    ) -> dict[str, Any]:
        """One normalized attribute, e.g. `{"type": "Property", "value": 0.57, "unitCode": "C62"}`.

        `dataset_id` (a URI) tells instances apart that several sources give (4.5.5). `KeyError` where the type has no
        attribute of that name, `pydantic.ValidationError` where the value is wrong.
        """
        known = attribute_types(cls)[name]
        try:
            valid = known.adapter.validate_python(value)
        except ValidationError as error:
            raise _with_name(cls.__name__, name, error) from None
        if type(valid) not in AS_IN_JSON:
            valid = known.adapter.dump_python(valid, mode="json", by_alias=True, exclude_none=True)
        attribute = _normalized(known, valid, None if observed_at is None else date_time_text(observed_at))
        return attribute if dataset_id is None else attribute | {"datasetId": _URI.validate_python(dataset_id)}

    @classmethod
    def from_ngsi_ld(cls, entity: JsonMapping) -> Self:
        """Read a normalized, concise or keyValues entity; `pydantic.ValidationError` where it breaks the schema.

        `unitCode`, `observedAt` and other sub-attributes are not kept: `data_models.instances` reads them. Of several
        instances of an attribute the one without `datasetId` counts, else the first.
        """
        return cls.model_validate(plain_values(cls, entity))


def attribute_names(model: type[SmartDataModel]) -> frozenset[str]:
    """The names of its attributes in NGSI-LD, without what `attribute_types` makes of each."""
    names = (info.alias or field for field, info in model.model_fields.items())
    return frozenset(name for name in names if name not in NOT_ATTRIBUTES)


@cache
def attribute_types(model: type[SmartDataModel]) -> Mapping[str, AttributeType]:
    """Each attribute of the type by its name in NGSI-LD."""
    types = {}
    for field, info in model.model_fields.items():
        name = info.alias or field
        if name in NOT_ATTRIBUTES:
            continue
        annotation = _without_none(info.annotation)
        marks = [Field(discriminator=info.discriminator)] if info.discriminator else []
        given: Any = Annotated[annotation, *marks, *info.metadata] if info.metadata or marks else annotation
        kind, is_list = _kind(given), _is_list(given)
        types[name] = AttributeType(field, kind, unit_of(model.__name__, name), is_list, TypeAdapter(given))
    return MappingProxyType(types)


def plain_values(model: type[SmartDataModel], entity: JsonMapping) -> dict[str, Any]:
    """The values of an entity in whatever representation, by their names in NGSI-LD."""
    types = attribute_types(model)
    return {name: _value(types.get(name), member) for name, member in entity.items() if name != "@context"}


def instances_of(member: Any) -> list[Any]:
    """The instances of an attribute (4.5.5): it alone, where it is no list of them."""
    several = isinstance(member, list) and member and all(_is_attribute(instance) for instance in member)
    return member if several else [member]


def reasons(error: ValidationError) -> str:
    """What is wrong with which value, in one line, e.g. `fillingLevel: Input should be less than … (is 57)`."""
    return "; ".join(
        f"{'.'.join(str(step) for step in detail['loc'])}: {detail['msg']} (is {_short(detail['input'])})"
        for detail in error.errors(include_url=False)
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _normalized(known: AttributeType | None, value: Any, observed_at: str | None) -> dict[str, Any]:
    kind = known.kind if known else Kind.PROPERTY
    attribute: dict[str, Any] = {"type": kind.ngsi_type, kind.member: value}
    if observed_at is not None:
        attribute["observedAt"] = observed_at
    if known and known.unit:
        attribute["unitCode"] = known.unit
    return attribute


def _is_attribute(member: Any) -> bool:
    if not isinstance(member, Mapping):
        return False
    kind = member.get("type")
    return (isinstance(kind, str) and kind in ATTRIBUTE_TYPES) or "value" in member or "object" in member


def _says_instance(member: JsonMapping) -> bool:
    return member.get("type") in ATTRIBUTE_TYPES or "datasetId" in member


def _value(known: AttributeType | None, member: Any) -> Any:
    if isinstance(member, list):
        # the items of a list may have a `value` of their own: only what says so is an instance
        instances = instances_of(member)
        if instances is member and (not (known and known.is_list) or all(map(_says_instance, member))):
            member = next((instance for instance in instances if "datasetId" not in instance), instances[0])
    value = member
    if _is_attribute(member):
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
