"""Road works of DATEX II 3."""

import pytest

from ngsi_adapters.sources.mobility.datex2_road_works import SOURCE
from tests.ngsi_adapters.outcomes import entities, rejects, sample

XML = sample("datex2_road_works/situations.xml").decode()


def test_works_are_told_with_what_their_situation_says() -> None:
    works, _ = entities(SOURCE, XML.encode())
    assert works["description"]["value"] == "Deckensanierung zwischen Mont-Cenis-Straße und Brücke"
    assert works["roadName"]["value"] == ["L654", "Sodinger Straße"]
    assert (works["trafficRestriction"]["value"], works["speedLimit"]["value"]) == ("alternating", 30)
    assert (works["trafficDelay"]["value"], works["workNature"]["value"]) == (240, ["renewal"])
    assert works["location"]["value"]["coordinates"][0] == [7.2412, 51.5391]


def placed(location: str) -> list[list[float]]:
    """The line of the first works at another location."""
    start, end = XML.index("<loc:gmlLineString"), XML.index("</loc:gmlLineString>")
    works = entities(SOURCE, (XML[:start] + location + XML[end + len("</loc:gmlLineString>") :]).encode())[0]
    line: list[list[float]] = works["location"]["value"]["coordinates"]
    return line


def test_a_line_is_told_by_its_ends_too() -> None:
    to, begin = (
        f"<loc:{name}><loc:pointCoordinates><loc:latitude>{north}</loc:latitude><loc:longitude>{east}</loc:longitude>"
        f"</loc:pointCoordinates></loc:{name}>"
        for name, north, east in (("to", 51.54, 7.25), ("from", 51.53, 7.24))
    )
    assert placed(f"<loc:tpegLinearLocation>{to}{begin}</loc:tpegLinearLocation>") == [[7.24, 51.53], [7.25, 51.54]]


def test_a_line_in_metres_is_taken_as_etrs89_utm() -> None:
    metres = "<loc:posList>377800 5711500 377900 5711600</loc:posList>"
    longitude, latitude = placed(f'<loc:gmlLineString srsName="EPSG:25832">{metres}</loc:gmlLineString>')[0]
    assert (round(longitude, 2), round(latitude, 2)) == (7.24, 51.54)


def test_works_are_planned_open_or_completed() -> None:
    assert [each["workState"]["value"] for each in entities(SOURCE, XML.encode())] == ["open", "planned"]
    over = XML.replace("2026-12-18", "2026-11-20").encode()
    assert entities(SOURCE, over)[0]["workState"]["value"] == "completed"


def test_events_and_suspended_works_are_left_out() -> None:
    assert "0460" not in str(entities(SOURCE, XML.encode()))
    suspended = XML.replace("definedByValidityTimeSpec", "suspended", 1)
    assert len(entities(SOURCE, suspended.encode())) == 1


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("2026-12-18", "2026-10-18", "before they begin"),
        ("51.5391 7.2412 51.5398", "51.5391 7.2412", "is no line"),
        ("51.5391 7.2412", "51,5391 7,2412", "is not a number"),
        ("<com:overallStartTime>2026-11-16T06:00:00+01:00</com:overallStartTime>", "", "overallStartTime"),
        ("2026-11-16T06:00:00+01:00", "2026-03-29T02:30:00", "does not exist in Europe/Berlin"),
        (">30<", ">3000<", "speedLimit"),
    ],
)
def test_wrong_works_are_rejected_and_the_others_kept(old: str, new: str, reason: str) -> None:
    damaged = XML.replace(old, new, 1).encode()
    (rejected,) = rejects(SOURCE, damaged)
    assert rejected.record_id == "HER-2026-0412-1"
    assert reason in rejected.reason
    assert len(entities(SOURCE, damaged)) == 1


@pytest.mark.parametrize("payload", [XML[:900].encode(), b"<rss/>", b"<!DOCTYPE a [<!ENTITY b 'c'>]><payload/>"])
def test_what_is_no_publication_is_malformed(payload: bytes) -> None:
    assert rejects(SOURCE, payload)[0].kind == "malformed"
