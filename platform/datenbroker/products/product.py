"""A data product as its owner describes it, and as it is kept."""

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from datenbroker.identities.organisations import AGGREGATES, OrganisationId
from datenbroker.products.selection import Name, Selection
from datenbroker.products.vocabulary import CLOSED_LICENCES, HVD_CATEGORIES, HVD_LICENCES, OPEN_LICENCES, THEME_NAMES

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
"""Short enough that `product_<slug>` is a tenant for every broker (50 characters)."""

AGGREGATE_ATTRIBUTES = ("group", "entities", "period")
"""What an aggregate says beside its figures: which group, over how many entities, how often."""

_DURATION = re.compile(r"P(?:(\d{1,4})W|(?:(\d{1,5})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?)")


def duration(text: str) -> timedelta:
    """Weeks, days, hours, minutes and seconds of ISO 8601, as P2W, P1DT12H, PT15M; `ValueError` otherwise."""
    found = _DURATION.fullmatch(text)
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups()) if found else (0,) * 5
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not length:
        raise ValueError(f"{text!r:.40} is no duration: write it like PT15M, PT1H or P1D")
    return length


def _check_duration(text: str) -> str:
    duration(text)
    return text


def _check_licence(code: str) -> str:
    if code not in OPEN_LICENCES | CLOSED_LICENCES:
        known = ", ".join(sorted(OPEN_LICENCES | CLOSED_LICENCES))
        raise ValueError(f"{code!r:.60} is no licence of DCAT-AP.de: choose one of {known}")
    return code


def _check_theme(code: str) -> str:
    if code not in THEME_NAMES:
        raise ValueError(f"{code!r:.20} is no data theme of the EU: choose one of {', '.join(THEME_NAMES)}")
    return code


def _check_hvd_category(code: str) -> str:
    if code not in HVD_CATEGORIES:
        known = ", ".join(f"{code} ({names['en']})" for code, names in HVD_CATEGORIES.items())
        raise ValueError(
            f"{code!r:.20} is no category of high-value datasets that is known here: choose one of {known}"
        )
    return code


Duration = Annotated[str, AfterValidator(_check_duration)]
Licence = Annotated[str, AfterValidator(_check_licence)]
Theme = Annotated[str, AfterValidator(_check_theme)]
HvdCategory = Annotated[str, AfterValidator(_check_hvd_category)]
Keyword = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=60)]


class Visibility(StrEnum):
    """Who may find a product: its owner, the Konzern (and use it once granted), everybody."""

    PRIVATE = "private"
    KONZERN = "konzern"
    OPEN = "open"


class State(StrEnum):
    DRAFT = "draft"
    READY = "ready"
    AVAILABLE = "available"
    RETIRED = "retired"


class Texts(BaseModel):
    """The same text in German and in English."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    de: str = Field(min_length=1, max_length=5000)
    en: str = Field(min_length=1, max_length=5000)


class Contact(BaseModel):
    """Whom users of the product may ask."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    email: str = Field(max_length=200, pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+$")


class Measure(BaseModel):
    """One figure of an aggregate: an attribute's sum or mean over a group, in an attribute of the same name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attribute: Name
    function: Literal["sum", "mean"] = "sum"


class Aggregation(BaseModel):
    """What is shown instead of the entities: figures over groups of at least `floor` of them, once a period.

    There is no minimum and no maximum: each would be the value of one single entity.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Name = Field("Aggregate", description="Type of the entities that are shown.")
    period: Literal["PT15M", "PT30M", "PT1H", "P1D"] = Field("PT1H", description="A snapshot at each full period, UTC.")
    floor: int = Field(5, ge=3, le=10_000, description="Groups of fewer entities are left out.")
    dominance: float = Field(
        0.8, gt=0, le=1, description="A group is left out in which one entity has a larger share of a sum."
    )
    group_by: Name | None = Field(
        None, description="`type`, `scope`, or an attribute whose text or relationship names the group; none: all."
    )
    measures: tuple[Measure, ...] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _has_each_name_once(self) -> Self:
        names = [measure.attribute for measure in self.measures] + [*AGGREGATE_ATTRIBUTES]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"{', '.join(sorted(twice))} would be there twice in an aggregate: measure it once")
        return self


class ProductWanted(BaseModel):
    """A data product as its owner describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: Slug = Field(description="Short name in addresses, lower case with hyphens; it never changes.")
    title: Texts
    description: Texts
    licence: Licence = Field(description="Code of DCAT-AP.de, as dl-by-de/2.0.", examples=["dl-by-de/2.0"])
    theme: Theme = Field(description="Code of the EU's data themes.", examples=["TRAN"])
    update_interval: Duration = Field(description="How often the data change, ISO 8601.", examples=["PT15M"])
    contact: Contact
    visibility: Visibility = Visibility.PRIVATE
    selection: Selection
    history: bool = Field(False, description="Whether the history may be read too.")
    subscriptions: bool = Field(True, description="Whether users may subscribe to changes.")
    retention: Duration | None = Field(None, description="History older than this is not shown.")
    aggregation: Aggregation | None = None
    keywords: tuple[Keyword, ...] = Field(
        (), max_length=20, description="What people call it who search for it, in German.", examples=[["Altglas"]]
    )
    hvd_category: HvdCategory | None = Field(
        None,
        description="Code of the EU's list where it is a high-value dataset (EU 2023/138).",
        examples=["c_38933a65"],
    )
    successor: Slug | None = Field(None, description="The product that takes its place when it is retired.")

    @model_validator(mode="after")
    def _may_be_of_high_value(self) -> Self:
        if self.hvd_category and (self.visibility is not Visibility.OPEN or self.licence not in HVD_LICENCES):
            licences = ", ".join(sorted(HVD_LICENCES))
            raise ValueError(f"a high-value dataset is open and has one of the licences {licences}")
        return self

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if self.visibility is Visibility.OPEN and self.licence not in OPEN_LICENCES:
            raise ValueError(f"an open product needs an open licence, not {self.licence}: {', '.join(OPEN_LICENCES)}")
        if self.aggregation and self.selection.attributes:
            hidden = {measure.attribute for measure in self.aggregation.measures} - set(self.selection.attributes)
            if hidden:
                raise ValueError(f"the aggregation measures {', '.join(sorted(hidden))}, which is not selected")
        return self


class Product(ProductWanted):
    """One version of a product, with who owns it and how far it has come."""

    organisation: OrganisationId
    version: int = Field(1, ge=1, description="Counts what was changed of it after a release.")
    state: State = State.DRAFT
    created: datetime
    modified: datetime
    by: str = Field(description="The identity that changed it last.")
    ready_by: str | None = Field(None, description="Who made this version ready: somebody else releases it.")
    released_by: str | None = None
    released: datetime | None = None

    @property
    def served(self) -> Selection:
        """What is selected of the tenant that the product is served from: aggregates have a tenant of their own."""
        if self.aggregation is None:
            return self.selection
        return Selection(types=(self.aggregation.type,), context=self.selection.context)

    def tenant(self, owners: str) -> str:
        """The tenant that the product is served from, given its owner's."""
        return owners if self.aggregation is None else AGGREGATES + self.slug.replace("-", "_")


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
