"""The demo's sources: the real formats, Herne's places, and conditional requests."""

import csv
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sml import SmlBase

from datenbroker.demo import source_server, templates
from datenbroker.demo.clock import CityClock
from datenbroker.demo.places import CITY
from datenbroker.demo.sources import (
    bikes,
    collections_calendar,
    containers,
    floating_cars,
    heat_meters,
    inverters,
    ocpi,
    parkapi,
    sml,
)
from ngsi_adapters.reading import read
from ngsi_adapters.source import Record
from ngsi_adapters.sources.mobility import gbfs

NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)
LATER = NOON + timedelta(hours=5)


@pytest.fixture
async def server() -> AsyncIterator[httpx.AsyncClient]:
    clock = CityClock(start=NOON, monotonic=lambda: 0.0)
    transport = httpx.ASGITransport(app=source_server.app(clock=clock))
    async with httpx.AsyncClient(transport=transport, base_url="http://sources") as client:
        yield client


def registers(at: datetime) -> dict[str, Any]:
    """OBIS → value, as pysml reads it, which also checks the checksums."""
    _, messages = SmlBase.parse_frame(sml.telegram(at))
    values = messages[1]["messageBody"]["valList"]
    return {str(entry["objName"]): entry["value"] for entry in values}


@pytest.mark.anyio
@pytest.mark.parametrize("path", source_server.URLS.values())
async def test_a_document_is_answered_once_and_then_not_modified(server: httpx.AsyncClient, path: str) -> None:
    first = await server.get(path)
    assert first.status_code == 200
    assert (await server.get(path, headers={"If-None-Match": first.headers["ETag"]})).status_code == 304
    since = first.headers["Last-Modified"]
    assert (await server.get(path, headers={"If-Modified-Since": since})).status_code == 304


@pytest.mark.anyio
async def test_a_wrong_date_or_another_tag_is_answered_in_full(server: httpx.AsyncClient) -> None:
    path = source_server.URLS["ocpi"]
    for headers in ({"If-Modified-Since": "yesterday"}, {"If-None-Match": '"other"'}):
        assert (await server.get(path, headers=headers)).status_code == 200


@pytest.mark.anyio
async def test_the_bikes_discovery_file_leads_to_both_feeds(server: httpx.AsyncClient) -> None:
    named = gbfs.feeds((await server.get(source_server.URLS["gbfs"])).content)
    documents = {name: (await server.get(url)).content for name, url in named.items()}
    stations = [outcome for outcome in read(gbfs.SOURCE, documents, NOON) if isinstance(outcome, Record)]
    assert len(stations) == len(bikes.STATIONS)
    assert all(url.startswith("http://sources/") for url in named.values())


def test_bikes_and_docks_fill_each_station_and_it_stands_in_herne() -> None:
    status, information = (json.loads(feed(NOON))["data"]["stations"] for feed in (bikes.status, bikes.information))
    for now, station in zip(status, information, strict=True):
        taken = now["num_bikes_available"] + now["num_bikes_disabled"]
        assert taken + now["num_docks_available"] == station["capacity"]
        assert CITY.contains(station["lat"], station["lon"])


def test_an_inverter_sleeps_at_night_and_its_registers_fit_their_width() -> None:
    for at, state in ((NOON, 4), (NOON + timedelta(hours=12), 2)):
        for device in json.loads(inverters.document(at)):
            registers = device["models"][1]
            assert registers["St"] == state
            assert all(-32768 <= registers[name] <= 32767 for name in ("W", "VA", "VAR", "Hz", "TmpCab"))
            assert all(0 <= registers[name] <= 65535 for name in ("A", "AphA", "PhVphA"))


def test_a_register_of_heat_never_falls() -> None:
    first, second = ([json.loads(row) for row in heat_meters.document(at).splitlines()] for at in (NOON, LATER))
    for before, after in zip(first, second, strict=True):
        for name in ("total_energy_consumption_kwh", "total_kwh"):
            assert after.get(name, 0) >= before.get(name, 0)


def test_no_collection_is_on_a_holiday_and_the_moved_ones_are_the_next_day() -> None:
    lines = collections_calendar.document(NOON).decode().splitlines()
    dropped, moved = ([line for line in lines if line.startswith(name)] for name in ("EXDATE", "RDATE"))
    assert len(dropped) == len(moved) > 0
    assert not [line for line in moved if line[-4:] in ("0101", "0501", "1003", "1101", "1225", "1226")]


def test_the_last_whole_quarter_of_an_hour_of_traffic_is_told_in_both_directions() -> None:
    rows = list(
        csv.DictReader(floating_cars.document(NOON + timedelta(minutes=7)).decode().splitlines(), delimiter=";")
    )
    assert {row["ende"] for row in rows} == {"2026-11-23T12:00+01:00"}
    assert {row["richtung"] for row in rows} == {"hin", "zurück"}
    assert all(0 < float(row["geschwindigkeit_kmh"].replace(",", ".")) <= 50 for row in rows)


def test_car_parks_have_the_members_of_parkapi_and_lie_in_herne() -> None:
    document = json.loads(parkapi.document(NOON))
    template = json.loads(templates.text("parkapi_site.json"))
    assert len(document["static"]) == len(document["realtime"]) == 24
    for site, now in zip(document["static"], document["realtime"], strict=True):
        assert list(site) == list(template)
        assert CITY.contains(site["lat"], site["lon"])
        assert 0 <= now["realtime_free_capacity"] <= now["realtime_capacity"] == site["capacity"]


def test_car_parks_fill_at_noon_and_empty_at_night() -> None:
    noon, night = (json.loads(parkapi.document(at))["realtime"] for at in (NOON, NOON - timedelta(hours=9)))
    assert sum(site["realtime_free_capacity"] for site in noon) < sum(site["realtime_free_capacity"] for site in night)


def test_charging_points_are_25_locations_some_of_them_charging() -> None:
    locations = json.loads(ocpi.document(NOON))["data"]
    states = Counter(evse["status"] for location in locations for evse in location["evses"])
    assert len({location["id"] for location in locations}) == 25
    assert states["CHARGING"] > 5 and states["AVAILABLE"] > 5
    for location in locations:
        assert CITY.contains(*(float(location["coordinates"][axis]) for axis in ("latitude", "longitude")))


def test_the_telegram_has_the_meters_figures_and_right_checksums() -> None:
    now, later = registers(NOON), registers(NOON + timedelta(hours=1))
    assert 0 < later["1-0:1.8.0*255"] - now["1-0:1.8.0*255"] < 3000
    assert 50 < now["1-0:16.7.0*255"] < 3000
    assert sum(now[f"1-0:{phase}.7.0*255"] for phase in (31, 51, 71)) * 234 == pytest.approx(
        now["1-0:16.7.0*255"], rel=0.1
    )


def test_new_checksums_over_the_real_telegram_are_the_meters_own() -> None:
    real = bytes.fromhex(templates.text("sml_telegram.hex"))
    assert sml._with_checksums(real) == real


def test_the_container_register_is_german_csv() -> None:
    rows = list(csv.DictReader(containers.document(NOON).decode().splitlines(), delimiter=";"))
    assert len({row["Behälternummer"] for row in rows}) == containers.ROWS
    for row in rows:
        level, latitude = (float(row[name].replace(",", ".")) for name in ("Füllstand_Prozent", "Breitengrad"))
        assert 0 <= level <= 100
        assert CITY.south < latitude < CITY.north
        emptied = datetime.strptime(row["Letzte_Leerung"], "%d.%m.%Y %H:%M").replace(tzinfo=UTC)
        assert emptied <= NOON + timedelta(hours=1)


def test_the_templates_are_in_the_package() -> None:
    assert {path.name for path in Path(templates.__path__[0]).iterdir()} >= {"car_parks.csv", "sml_telegram.hex"}
