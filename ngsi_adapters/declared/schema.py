"""What such a file may say, checked when it is loaded."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

import data_models
from data_models import SmartDataModel
from data_models.base import attribute_types
from data_models.units import unit_of

Text = Annotated[str, StringConstraints(min_length=1)]
Form = Literal["csv", "xlsx", "json", "geojson", "sql", "sensorthings"]
Read = (
    Literal["text", "number", "german_number", "whole", "boolean", "time", "german_time", "list"]
    | Literal["point", "german_point", "utm_point", "geometry"]
)
POSITIONS = ("point", "german_point", "utm_point")
FACTORS = {
    ("P1", "C62"): 0.01,
    ("C62", "P1"): 100.0,
    ("WTT", "KWT"): 0.001,
    ("KWT", "WTT"): 1000.0,
    ("WHR", "KWH"): 0.001,
    ("MWH", "KWH"): 1000.0,
    ("CMT", "MTR"): 0.01,
    ("MMT", "MTR"): 0.001,
    ("MTQ", "LTR"): 1000.0,
    ("LTR", "MTQ"): 0.001,
    ("GRM", "KGM"): 0.001,
    ("TNE", "KGM"): 1000.0,
}
"""(unit of the column, unit of the attribute) → factor; UN/CEFACT codes."""
ONE_SELECT = re.compile(r"\s*(SELECT|WITH)\b[^;]*;?\s*", re.IGNORECASE | re.DOTALL)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(Strict):
    """One attribute: which column or columns, how the text is read, its unit, its scale, its words."""

    column: Text | None = None
    columns: list[Text] = Field(default_factory=list)
    read: Read = "text"
    unit: str | None = None
    scale: float = Field(1.0, allow_inf_nan=False)
    values: dict[str, Any] = Field(default_factory=dict)
    needed: bool = False
    observed: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short(cls, told: Any) -> Any:
        return {"column": told} if isinstance(told, str) else told

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.column is None) == (not self.columns):
            raise ValueError("give either column or columns")
        if (self.read in POSITIONS) != (len(self.columns) == 2):
            raise ValueError(f"{', '.join(POSITIONS)} are read from two columns, all else from one")
        if self.values and (self.read != "text" or self.scale != 1 or self.unit):
            raise ValueError("values are words for words: without read, scale and unit")
        return self


class Declaration(Strict):
    """A whole file."""

    name: Text
    tenant: Text
    licence: str | None = None
    attribution: Text
    address: Text
    every: int = Field(900, ge=10, le=31 * 86400)
    format: Form
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ";"
    sheet: str | None = None
    rows: str = ""
    query: str | None = None
    folder: tuple[str, ...] = ()
    entity: str = Field(alias="type")
    id: Text
    observed_at: Column | None = None
    attributes: dict[str, Column] = Field(min_length=1)
    constants: dict[str, Any] = Field(default_factory=dict)

    @field_validator("entity")
    @classmethod
    def _known_type(cls, name: str) -> str:
        if name not in {model.__name__ for model in data_models.MODELS}:
            raise ValueError(f"there is no data model {name}; docs/data-models.md lists them")
        return name

    @field_validator("id")
    @classmethod
    def _has_a_column(cls, pattern: str) -> str:
        if not re.fullmatch(r"([\w.~-]|\{[^{}]+\})+", pattern) or "{" not in pattern:
            raise ValueError("an id names a column in braces, e.g. herne-{Nummer}")
        return pattern

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.query is not None) != (self.format == "sql"):
            raise ValueError("format sql needs a query, and no other format has one")
        if self.query is not None and not ONE_SELECT.fullmatch(self.query):
            raise ValueError("the query has to be one SELECT: sources only read")
        if self.observed_at is not None and self.observed_at.read not in ("time", "german_time"):
            raise ValueError("observed_at is read as time or german_time")
        known = attribute_types(self.model)
        for name in (*self.attributes, *self.constants):
            if name not in known:
                raise ValueError(f"{self.entity} has no attribute {name}")
        for name, column in self.attributes.items():
            self.factor_of(name, column)
        return self

    @property
    def observed(self) -> Column | None:
        """Where the time of observation is; SensorThings always tells it."""
        if self.observed_at is None and self.format == "sensorthings":
            return Column(column="time", read="time")
        return self.observed_at

    @property
    def columns(self) -> frozenset[str]:
        """All that an attribute is read from."""
        told = self.attributes.values()
        return frozenset(name for column in told for name in (*column.columns, *filter(None, [column.column])))

    @property
    def model(self) -> type[SmartDataModel]:
        found: type[SmartDataModel] = getattr(data_models, self.entity)
        return found

    def factor_of(self, name: str, column: Column) -> float:
        """By which the column's number is multiplied; `ValueError` where its unit is none of the attribute's."""
        unit = unit_of(self.entity, name)
        if column.unit in (None, unit):
            return column.scale
        factor = FACTORS.get((str(column.unit), str(unit)))
        if factor is None:
            raise ValueError(f"{name} is in {unit or 'no unit'}: nothing is known of how {column.unit} becomes that")
        return factor * column.scale
