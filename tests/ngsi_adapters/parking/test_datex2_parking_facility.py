"""The parkingFacilityTable family of DATEX II: Stuttgart's own documents."""

import pytest

from ngsi_adapters.sources.parking.datex2_parking_facility_realtime import SOURCE as REALTIME
from ngsi_adapters.sources.parking.datex2_parking_facility_static import SOURCE as STATIC
from tests.ngsi_adapters.outcomes import entities, rejects, sample

TABLE = sample("datex2_parking_facility_static/facilities.xml")
STATUS = sample("datex2_parking_facility_realtime/status.xml")
SHOWN = TABLE[TABLE.index(b"<locationForDisplay>") : TABLE.index(b"</locationForDisplay>")]


def test_a_car_park_has_name_place_capacity_and_height() -> None:
    (park,) = entities(STATIC, TABLE)
    assert park["id"] == "urn:ngsi-ld:OffStreetParking:datex2:12717375"
    assert (park["name"]["value"], park["totalSpotNumber"]["value"]) == ("Kronprinzstraße", 564)
    assert park["location"]["value"]["coordinates"] == [9.1740553, 48.7753356]
    assert park["maximumAllowedHeight"] == {"type": "Property", "value": 2.0, "unitCode": "MTR"}


def test_a_place_in_degrees_is_taken_as_it_is() -> None:
    degrees = b"<locationForDisplay><latitude>51.53</latitude><longitude>7.21</longitude>"
    (park,) = entities(STATIC, TABLE.replace(SHOWN, degrees))
    assert park["location"]["value"]["coordinates"] == [7.21, 51.53]


def test_without_a_total_the_short_and_long_term_places_count() -> None:
    changed = TABLE.replace(b"<totalParkingCapacity>564</totalParkingCapacity>", b"")
    assert entities(STATIC, changed)[0]["totalSpotNumber"]["value"] == 564


def test_a_status_tells_free_occupied_and_share_at_its_time() -> None:
    (change,) = entities(REALTIME, STATUS)
    told = ("availableSpotNumber", "occupiedSpotNumber", "totalSpotNumber", "occupancy")
    assert [change[name]["value"] for name in told] == [245, 319, 564, 0.5656]
    assert change["occupancy"]["observedAt"] == "2022-02-11T13:16:01Z"


def test_a_closed_car_park_without_numbers_is_closed() -> None:
    numbers = STATUS[STATUS.index(b"<totalNumberOfOccupied") : STATUS.rindex(b"</parkingFacilityStatus>")]
    closed = STATUS.replace(numbers, b"<parkingFacilityStatus>closed</parkingFacilityStatus>")
    (change,) = entities(REALTIME, closed)
    assert (change["status"]["value"], "availableSpotNumber" in change) == (["closed"], False)
    (rejected,) = rejects(REALTIME, closed.replace(b">closed<", b">statusUnknown<"))
    assert rejected.reason == "neither places nor a status are told"


def test_a_time_without_an_offset_is_german() -> None:
    (change,) = entities(REALTIME, STATUS.replace(b"2022-02-11T14:16:01.000+01:00", b"2022-07-11T14:16:01"))
    assert change["occupancy"]["observedAt"] == "2022-07-11T12:16:01Z"


def test_a_known_status_is_taken_and_another_is_not() -> None:
    said = (
        b"<parkingFacilityStatus>open</parkingFacilityStatus><parkingFacilityStatus>statusUnknown"
        b"</parkingFacilityStatus>"
    )
    place = b"<totalNumberOfOccupiedParkingSpaces>"
    (change,) = entities(REALTIME, STATUS.replace(place, said + place))
    assert change["status"]["value"] == ["open"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b">245</totalNumberOfVacant", b">-1</totalNumberOfVacant", "a number of places is not negative"),
        (b">245</totalNumberOfVacant", b">viele</totalNumberOfVacant", "'viele' is not a whole number"),
        (
            b"<totalNumberOfOccupied",
            b"<totalParkingCapacityOverride>7</totalParkingCapacityOverride><totalNumberOfOccupied",
            "245 free places are more than the 7 there are",
        ),
        (b"parkingFacilityStatusTime", b"when", "'parkingFacilityStatusTime' is missing"),
    ],
)
def test_an_impossible_status_is_rejected_with_the_reason(old: bytes, new: bytes, reason: str) -> None:
    (rejected,) = rejects(REALTIME, STATUS.replace(old, new))
    assert rejected.record_id == "12717289"
    assert reason in rejected.reason


def test_a_car_park_off_the_map_is_rejected() -> None:
    (rejected,) = rejects(STATIC, TABLE.replace(b"5402496.0", b"99402496.0"))
    assert (rejected.record_id, "none of UTM" in rejected.reason) == ("12717375", True)


def test_the_publication_of_the_other_source_is_malformed() -> None:
    assert "no parkingFacilityTablePublication" in rejects(STATIC, STATUS)[0].reason
    assert "no parkingFacilityTableStatusPublication" in rejects(REALTIME, TABLE)[0].reason
