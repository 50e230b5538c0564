"""Car parks in DATEX II: the table and the occupancy, which two sources write into the same entities."""

import pytest

from ngsi_adapters.registry import SOURCES
from ngsi_adapters.source import Source
from ngsi_adapters.sources.parking import datex2_parking_realtime, datex2_parking_static
from tests.ngsi_adapters.outcomes import entities, rejects, sample

STATIC, REALTIME = datex2_parking_static.SOURCE, datex2_parking_realtime.SOURCE
TABLE = sample("datex2_parking_static/parking.xml")
STATUS = sample("datex2_parking_realtime/occupancy.xml")
UNTIMED = sample("datex2_parking_realtime/vrs_kirchheim.xml")
BOMB = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
OUTSIDE = b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
BOTH = pytest.mark.parametrize("source", [source for source in SOURCES if source.uid.startswith("datex2_parking")])


def test_the_table_and_the_occupancy_are_of_the_same_entity() -> None:
    (car_park,) = entities(STATIC, TABLE)
    occupancy = entities(REALTIME, STATUS)
    assert car_park["id"] == occupancy[0]["id"] == "urn:ngsi-ld:OffStreetParking:datex2:P1"
    assert (car_park["name"]["value"], car_park["layout"]["value"]) == ("P01 Musterplatz", ["multiStorey"])
    assert car_park["totalSpotNumber"]["value"] == 430
    assert "location" not in occupancy[0], "the occupancy changes nothing else"


def test_the_occupancy_has_its_own_time() -> None:
    first = entities(REALTIME, STATUS)[0]
    assert first["availableSpotNumber"]["value"] == 281
    assert first["occupancy"]["observedAt"] == "2026-03-12T19:05:34.176Z"
    assert first["status"]["value"] == ["open", "spacesAvailable"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"VacantSpaces>281<", b"VacantSpaces>431<", "431 free places are more than the 430 there are"),
        (b"VacantSpaces>281<", b"VacantSpaces>-1<", "-1: a number of places is not negative"),
        (b"VacantSpaces>281<", b"VacantSpaces>viele<", "'viele' is not a whole number"),
        (b"2026-03-12T19:05:34.176Z", b"2026-03-12T19:05:34", "no offset"),
    ],
)
def test_a_wrong_status_is_rejected_and_the_other_kept(old: bytes, new: bytes, reason: str) -> None:
    (rejected,) = rejects(REALTIME, STATUS.replace(old, new))
    assert rejected.record_id == "P1"
    assert reason in rejected.reason
    assert "parkingRecordStatus" in rejected.excerpt
    assert len(entities(REALTIME, STATUS.replace(old, new))) == 1


def test_a_closed_car_park_that_tells_no_places_of_none_is_closed() -> None:
    closed = STATUS
    for old, new in ((b"281<", b"0<"), (b"149<", b"0<"), (b"430<", b"0<"), (b">open<", b">closed<")):
        closed = closed.replace(old, new, 1)
    told = entities(REALTIME, closed)[0]
    assert (told["availableSpotNumber"]["value"], told["status"]["value"][0]) == (0, "closed")
    assert not {"totalSpotNumber", "occupancy"} & told.keys()


def test_without_a_time_of_its_own_a_status_is_as_old_as_the_publication() -> None:
    first, second = entities(REALTIME, UNTIMED)
    assert (first["availableSpotNumber"]["value"], second["occupancy"]["value"]) == (12, 0.5625)
    assert first["occupancy"]["observedAt"] == "2025-05-09T19:50:02Z"


def test_free_places_follow_from_all_and_the_occupied_ones() -> None:
    changed = STATUS.replace(b"parkingNumberOfVacantSpaces", b"somethingElse")
    assert entities(REALTIME, changed)[0]["availableSpotNumber"]["value"] == 281


VERSION_3 = b"""<d2:payload xmlns:d2="http://datex2.eu/schema/3/d2Payload" xmlns:prk="http://datex2.eu/schema/3/parking"
 xmlns:com="http://datex2.eu/schema/3/common" xmlns:loc="http://datex2.eu/schema/3/locationReferencing"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="prk:%s" lang="de" modelBaseVersion="3">
<com:publicationTime>2026-11-22T09:15:00Z</com:publicationTime>%s</d2:payload>"""


def test_version_3_has_the_same_table() -> None:
    place = b"""<prk:parkingTable id="1"><prk:parkingRecord xsi:type="prk:UrbanParkingSite" id="12" version="1">
      <prk:parkingName><com:values><com:value lang="de">Parkhaus Markt</com:value></com:values></prk:parkingName>
      <prk:parkingNumberOfSpaces>300</prk:parkingNumberOfSpaces>
      <prk:parkingLocation xsi:type="loc:PointLocation"><loc:pointByCoordinates><loc:pointCoordinates>
      <loc:latitude>51.54</loc:latitude><loc:longitude>7.22</loc:longitude></loc:pointCoordinates></loc:pointByCoordinates>
      </prk:parkingLocation><prk:parkingLayout>multiStorey</prk:parkingLayout></prk:parkingRecord></prk:parkingTable>"""
    (car_park,) = entities(STATIC, VERSION_3 % (b"ParkingTablePublication", place))
    assert (car_park["name"]["value"], car_park["totalSpotNumber"]["value"]) == ("Parkhaus Markt", 300)


def test_of_version_3_what_holds_now_is_taken_and_no_forecast() -> None:
    status = b"""<prk:parkingRecordStatus xsi:type="prk:ParkingSiteStatus"><prk:parkingRecordReference id="12"/>
      <prk:parkingStatusOriginTime>2026-11-22T09:10:00Z</prk:parkingStatusOriginTime>%s<prk:parkingOccupancy>
      <prk:parkingNumberOfVacantSpaces>%d</prk:parkingNumberOfVacantSpaces></prk:parkingOccupancy>
      </prk:parkingRecordStatus>"""
    later = b"<prk:parkingStatusValidity>1800</prk:parkingStatusValidity>"
    both = status % (b"", 41) + status % (later, 12)
    (change,) = entities(REALTIME, VERSION_3 % (b"ParkingStatusPublication", both))
    assert change["id"] == "urn:ngsi-ld:OffStreetParking:datex2:12"
    assert change["availableSpotNumber"] == {"type": "Property", "value": 41, "observedAt": "2026-11-22T09:10:00Z"}


def test_a_record_that_tells_nothing_is_rejected() -> None:
    nothing = STATUS.replace(b"parkingOccupancy", b"somethingElse").replace(b"parkingSite", b"somethingElse")
    assert {each.reason for each in rejects(REALTIME, nothing)} == {"neither places nor a status are told"}


def test_a_car_park_without_a_place_is_rejected() -> None:
    (rejected,) = rejects(STATIC, TABLE.replace(b"longitude", b"laenge"))
    assert rejected.kind == "missing"
    assert "pointCoordinates/longitude" in rejected.reason


@BOTH
@pytest.mark.parametrize("payload", [BOMB, OUTSIDE])
def test_document_types_and_entities_are_not_read(source: Source, payload: bytes) -> None:
    (rejected,) = rejects(source, payload)
    assert "XML with a document type or entities is not read" in rejected.reason


@BOTH
@pytest.mark.parametrize(("payload", "reason"), [(b"<a/>", "not d2LogicalModel"), (STATUS[:500], "not well-formed")])
def test_what_is_no_datex_ii_is_malformed(source: Source, payload: bytes, reason: str) -> None:
    (rejected,) = rejects(source, payload)
    assert (rejected.kind, rejected.record_id) == ("malformed", None)
    assert reason in rejected.reason


def test_the_publication_of_the_other_source_is_malformed() -> None:
    assert "no parkingTablePublication" in rejects(STATIC, STATUS)[0].reason
    assert "no parkingStatusPublication" in rejects(REALTIME, TABLE)[0].reason
