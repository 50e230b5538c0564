"""What the Smart Data Models share (common-schema.json): base classes and structured values."""

from typing import Literal

from data_models.base import SmartDataModel
from data_models.values import DateTime, GeoProperty, NonEmpty, Number, Structure, Uri

# fmt: off
DayOfWeek = Literal[
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "PublicHolidays",
    "https://schema.org/Monday", "https://schema.org/Tuesday", "https://schema.org/Wednesday",
    "https://schema.org/Thursday", "https://schema.org/Friday", "https://schema.org/Saturday",
    "https://schema.org/Sunday", "https://schema.org/PublicHolidays",
]
# fmt: on


class PostalAddress(Structure):
    streetAddress: str | None = None
    streetNr: str | None = None
    postalCode: str | None = None
    addressLocality: str | None = None
    addressRegion: str | None = None
    addressCountry: str | None = None
    postOfficeBoxNumber: str | None = None
    district: str | None = None


class ContactPoint(Structure):
    contactType: str | None = None
    email: str | None = None
    telephone: str | None = None
    name: str | None = None
    url: Uri | None = None
    areaServed: str | None = None
    availableLanguage: str | list[str] | None = None
    contactOption: str | list[str] | None = None
    faxNumber: str | None = None
    productSupported: str | None = None
    availabilityRestriction: list[str] | None = None


class OpeningHours(Structure):
    opens: str | None = None
    closes: str | None = None
    dayOfWeek: DayOfWeek | None = None
    validFrom: str | None = None
    validThrough: str | None = None


class MunicipalityInfo(Structure):
    """Where something lies in the administration of an Indian city, as several official schemas have it."""

    stateName: str | None = None
    cityName: str | None = None
    cityId: str | None = None
    ulbName: str | None = None
    district: str | None = None
    zoneName: str | None = None
    zoneId: str | None = None
    wardName: str | None = None
    wardId: str | None = None
    wardNum: Number | None = None


class Commons(SmartDataModel):
    """GSMA-Commons: who says it and what it is called."""

    dateCreated: DateTime | None = None
    dateModified: DateTime | None = None
    source: str | None = None
    """Where the data are from, as a URL."""
    name: str | None = None
    alternateName: str | None = None
    description: str | None = None
    dataProvider: str | None = None
    owner: list[str] | None = None
    seeAlso: Uri | NonEmpty[Uri] | None = None


class Located(SmartDataModel):
    """Location-Commons: where it is."""

    location: GeoProperty | None = None
    address: PostalAddress | None = None
    areaServed: str | None = None


class PhysicalObject(SmartDataModel):
    """PhysicalObject-Commons: what it looks like."""

    color: str | None = None
    image: Uri | None = None
    annotations: list[str] | None = None
