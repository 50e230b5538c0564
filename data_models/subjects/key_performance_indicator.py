"""KeyPerformanceIndicator: KeyPerformanceIndicator.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

from typing import Any, Literal

from pydantic import Field

from data_models.commons import Commons, Located
from data_models.values import Boolean, Date, DateTime, JsonObject, NonEmpty, Number, Structure

# fmt: off
Category = Literal[
    "actionable", "directional", "financial", "input", "lagging", "leading", "output", "practical", "process",
    "qualitative", "quantitative",
]
CalculationFrequency = Literal["hourly", "daily", "weekly", "monthly", "yearly", "quarterly", "bimonthly", "biweekly"]
# fmt: on


class AggregatedData(Structure):
    entityType: str | None = None
    attrs: NonEmpty[str] | None = None


class CalculationPeriod(Structure):
    from_: Date | None = Field(default=None, alias="from")
    to: Date | None = None


class KeyPerformanceIndicator(Commons, Located):
    """A Key Performance Indicator (KPI) is a type of performance measurement."""

    type: Literal["KeyPerformanceIndicator"] = "KeyPerformanceIndicator"
    category: NonEmpty[Category] | None = None
    """Indicator category."""
    organization: str | None = None
    """Subject organization evaluated by the KPI."""
    process: str | None = None
    """Either process or product must be defined."""
    product: str | None = None
    """Either process or product must be defined."""
    provider: str | None = None
    """Provider of the product or service, if any, that this KPI evaluates."""
    businessTarget: str | None = None
    """For informative purposes, the business target to which this KPI is related to."""
    calculationFrequency: CalculationFrequency | None = None
    """How often the KPI is calculated."""
    calculatedBy: str | None = None
    """The organization in charge of calculating the KPI."""
    calculationMethod: Literal["manual", "automatic", "semiautomatic"] | None = None
    """The calculation method used."""
    calculationFormula: str | None = None
    """For informative purposes, the formula used for calculating the indicator."""
    aggregatedData: NonEmpty[AggregatedData] | None = None
    """Entity(ies) and attribute(s) aggregated by the KPI."""
    calculationPeriod: CalculationPeriod | None = None
    """KPI's period of time."""
    currentStanding: Literal["veryGood", "good", "fair", "bad", "veryBad"] | None = None
    """The KPI's current standing as per its kpiValue."""
    kpiValue: str | Number | Boolean | JsonObject | list[Any] | None = None
    """Value of the KPI. It can be of any type."""
    effectiveSince: DateTime | None = None
    """The date on which the organization created this KPI. This date might be different than the entity creation …."""
    dateNextCalculation: Date | None = None
    """Date on which a new calculation of the KPI should be available."""
    dateExpires: DateTime | None = None
    """The date on which the KPI will be no longer necessary or meaningful."""
    updatedAt: DateTime | None = None
    """Last update date of the KPI data."""
    area: str | None = None
    """For organizational purposes, it allows to add extra textual geographical information such as district, …."""
