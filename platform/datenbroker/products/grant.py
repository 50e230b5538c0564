"""A grant: that an organisation may use a product of another one, for a purpose and until a date."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from datenbroker.identities.organisations import OrganisationId
from datenbroker.products.product import Slug

CITY_TIME = ZoneInfo("Europe/Berlin")
"""A grant ends with its last day as people in the city count days."""

MAX_DAYS = 3 * 366


class GrantState(StrEnum):
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Grant(BaseModel):
    """As it is kept; `expired` is never written, it follows from the date."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(examples=["g-8c1f02ab77d1"])
    product: Slug
    organisation: OrganisationId = Field(description="Who may use the product.")
    purpose: str
    state: GrantState
    until: date = Field(description="The last day, in the city's time.")
    asked_by: str
    asked: datetime
    decided_by: str | None = None
    decided: datetime | None = None
    reason: str = Field("", description="Why it was refused, revoked or withdrawn, or on what condition granted.")

    revision: int = Field(0, exclude=True)
    """As in `Versions`."""

    @property
    def ends(self) -> float:
        """Seconds since 1970: the midnight after the last day."""
        return datetime.combine(self.until + timedelta(days=1), time(), CITY_TIME).timestamp()

    def at(self, moment: float) -> "Grant":
        """The grant as it stands at a moment: one whose date has passed is expired, asked for or granted."""
        if self.state in (GrantState.ASKED, GrantState.GRANTED) and moment >= self.ends:
            return self.model_copy(update={"state": GrantState.EXPIRED})
        return self
