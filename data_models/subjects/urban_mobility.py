"""UrbanMobility: ArrivalEstimation, GtfsRoute, GtfsStop, PublicTransportStop.

Written by `python -m data_models.generator` from the official schemas: change those or the generator.
"""

import re
from typing import Annotated, Literal

from pydantic import Field

from data_models.commons import Commons, Located, OpeningHours
from data_models.values import Count, Distinct, GeoProperty, NonNegative, Relationship, Unique, Uri


class ArrivalEstimation(Commons):
    """Arrival Estimation."""

    type: Literal["ArrivalEstimation"] = "ArrivalEstimation"
    hasTrip: Relationship
    """The trip."""
    remainingTime: Annotated[
        str,
        Field(
            pattern=re.compile(
                r"^P(?=\w*\d)(?:\d+Y|Y)?(?:\d+M|M)?(?:\d+W|W)?(?:\d+D|D)?(?:T(?:\d+H|H)?(?:\d+M|M)?(?:\d+(?:\?.\d{1,2})?S|S)?)?$"
            )
        ),
    ]
    """It shall contain the remaining time of arrival for the trip heading to the concerned stop."""
    remainingDistance: NonNegative | None = None
    """It shall contain the remaining distance (in meters) of arrival for the trip heading to the concerned stop."""
    headSign: str
    """It shall contain the text that appears on a sign that identifies the trip's destination to passengers."""
    hasStop: Relationship | list[Relationship]
    """The stop."""


class GtfsRoute(Commons):
    """GTFS Route."""

    type: Literal["GtfsRoute"] = "GtfsRoute"
    page: Uri | None = None
    """Web page."""
    routeColor: str | None = None
    """Same as GTFS `route_color`."""
    routeTextColor: str | None = None
    """Same as GTFS `route_text_color`."""
    routeType: Literal["0", "1", "2", "3", "4", "5", "6", "7"] | None = None
    """Same as GTFS `route_type`."""
    routeSortOrder: Count | None = None
    """Same as GTFS `route_sort_order`."""
    operatedBy: Relationship | None = None
    """Agency that operates this route."""
    shortName: str | None = None
    """Same as GTFS `route_short_name`."""


class GtfsStop(Commons, Located):
    """GTFS Stop."""

    type: Literal["GtfsStop"] = "GtfsStop"
    location: GeoProperty
    name: str
    code: str | None = None
    """The stop's code for passengers."""
    page: Uri | None = None
    """Web page."""
    description: str | None = None
    zoneCode: str | None = None
    """Fare zone."""
    wheelChairAccessible: Literal["0", "1", "2"] | None = None
    """Whether a wheelchair can board: 0 unknown, 1 yes, 2 no."""
    hasParentStation: Relationship | None = None
    """The station that the stop belongs to."""
    hasTrip: Relationship | None = None
    """The trip."""
    hasStop: Relationship | list[Relationship] | None = None
    """The stop."""
    operatedBy: Unique[Relationship] | None = None
    """Agency that operates this stop."""


class PublicTransportStop(Commons, Located):
    """A generic public transport stop data model."""

    type: Literal["PublicTransportStop"] = "PublicTransportStop"
    name: str
    stopCode: str | None = None
    """Identifier/code of the public transport stop."""
    shortStopCode: str | None = None
    """Shorter form of the identifier/code of the public transport stop."""
    wheelChairAccessible: Literal["0", "1", "2"] | None = None
    """Whether a wheelchair can board: 0 unknown, 1 yes, 2 no."""
    transportationType: list[Literal[0, 1, 2, 3, 4, 5, 6, 7]]
    """Types of public transport using this stop as defined in …."""
    refPublicTransportRoute: Distinct[Relationship] | None = None
    """Public transport routes using this stop."""
    peopleCount: Count | None = None
    """Estimation of people waiting in the stop."""
    refPeopleCountDevice: str | None = None
    """Reference to the Device providing people count estimate."""
    openingHoursSpecification: list[OpeningHours] | None = None
    """A structured value providing information about the opening hours of a place or a certain service inside a …."""
