"""All converters of parkapi-sources through one bridge. The library needs Python 3.12: .ci/run tests it there."""

import importlib.util
from dataclasses import replace

import pytest

from ngsi_adapters.fetching.access import Access
from ngsi_adapters.fetching.failures import FetchFailed
from ngsi_adapters.fetching.parkapi_bridge import bridged, offered
from ngsi_adapters.registry import source_of
from tests.ngsi_adapters.conftest import SAMPLES, Bench
from tests.ngsi_adapters.outcomes import entities, parsed, rejects

pytestmark = pytest.mark.anyio
PARKAPI = source_of("parkapi")
INSTALLED = importlib.util.find_spec("parkapi_sources") is not None
WITH_LIBRARY = pytest.mark.skipif(not INSTALLED, reason="parkapi-sources needs Python 3.12: .ci/run tests it there")
STUTTGART = SAMPLES / "datex2_parking_facility_static" / "facilities.xml"


@pytest.mark.skipif(INSTALLED, reason="the library is installed")
async def test_without_the_library_it_is_said_how_to_get_it() -> None:
    with pytest.raises(FetchFailed, match=r"pip install 'herne-datenbroker\[parkapi\]'"):
        await bridged("parkapi-sources:freiburg", 1000, Access())


def test_what_a_converter_could_not_read_is_rejected_with_its_reason() -> None:
    document = parsed("parkapi/parking_sites.json") | {"errors": [{"uid": "P9", "message": "invalid capacity"}]}
    (rejected,) = rejects(PARKAPI, document)
    assert (rejected.record_id, rejected.reason) == ("P9", "invalid capacity")
    assert len(entities(PARKAPI, document)) == 2


@WITH_LIBRARY
def test_all_converters_are_offered_with_their_terms() -> None:
    found = {offer.uid: offer for offer in offered()}
    assert len(found) >= 90
    assert found["stuttgart"].how == "reads xml"
    assert found["freiburg"].licence
    assert "PARK_API_MOBILITHEK_CERT" in found["dortmund"].settings


@WITH_LIBRARY
async def test_a_converter_reads_a_file_and_the_broker_has_the_car_park(bench: Bench) -> None:
    source = replace(PARKAPI, url=f"parkapi-sources:stuttgart:{STUTTGART}")
    state = await bench.runner([source]).run_once(source)
    assert (state.last_error, state.records, state.rejects) == (None, 1, 0)
    (site,) = await bench.client.for_tenant("stadt_herne").query(type="OffStreetParking")
    assert site["name"]["value"] == "Kronprinzstraße"


@WITH_LIBRARY
@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("parkapi-sources:atlantis", "has no converter 'atlantis'"),
        ("parkapi-sources:dortmund", "needs PARK_API_MOBILITHEK_CERT"),
        ("parkapi-sources:stuttgart:missing.xml", "cannot be read"),
        ("parkapi-sources:stuttgart", "needs a file"),
    ],
)
async def test_what_is_missing_is_said(address: str, reason: str) -> None:
    with pytest.raises(FetchFailed, match=reason):
        await bridged(address, 10**6, Access())
