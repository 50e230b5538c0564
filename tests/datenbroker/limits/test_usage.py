"""Who used what, by day."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from datenbroker.gateway.limits.usage import Usage
from datenbroker.identities.roles import Role
from document_store.sqlite import SqliteDocumentStore
from tests.datenbroker.city_gateway import ENERGY, WASTE, CityGateway

pytestmark = pytest.mark.anyio

DAY = date(2026, 11, 30)
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()


class Counted:
    """Two processes that count for one store, and a clock that a test moves."""

    def __init__(self, folder: Path) -> None:
        self.now = NOON
        self.store = SqliteDocumentStore.open(folder / "documents.db")
        self.usage, self.other = (Usage(self.store, lambda: self.now) for _ in range(2))


@pytest.fixture
async def counted(tmp_path: Path) -> AsyncIterator[Counted]:
    made = Counted(tmp_path)
    yield made
    await made.store.close()


async def test_two_processes_counts_are_added_up(counted: Counted) -> None:
    counted.usage.count("hcr", "", "GET", 200)
    counted.usage.count("hcr", "", "POST", 403)
    counted.other.count("hcr", "", "GET", 503)
    counted.other.count(None, "parken", "GET", 429)
    await counted.other.flush()
    await counted.other.flush()
    rows = await counted.usage.rows(DAY, DAY)
    assert [tuple(row.model_dump().values())[1:] for row in rows] == [
        ("anonymous", "parken", 1, 0, 1, 0),
        ("hcr", "", 3, 1, 1, 1),
    ]
    assert [row.organisation for row in await counted.usage.rows(DAY, DAY, "hcr")] == ["hcr"]


async def test_days_and_months_are_kept_apart(counted: Counted) -> None:
    counted.usage.count("hcr", "", "GET", 200)
    counted.now += 86_400
    counted.usage.count("hcr", "", "GET", 200)
    rows = await counted.usage.rows(DAY, date(2026, 12, 31))
    assert [(str(row.day), row.requests) for row in rows] == [("2026-11-30", 1), ("2026-12-01", 1)]
    assert await counted.usage.rows(date(2026, 12, 2), date(2027, 1, 2)) == []


async def test_a_quota_holds_over_processes_and_restarts_and_begins_anew_at_midnight(counted: Counted) -> None:
    assert [counted.usage.count_day("caller:a", 200) for _ in range(150)][-1] == 50
    await counted.usage.stop()
    await counted.other.start()
    assert counted.other.count_day("caller:a", 200) == 49
    assert counted.other.seconds_left_today() == 43_200
    counted.now += 43_200
    assert counted.other.count_day("caller:a", 200) == 199
    await counted.other.stop()
    assert await counted.store.find("quota_2026-11-30") == []


async def test_many_names_fill_no_memory(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datenbroker.gateway.limits.usage.KINDS_AT_MOST", 10)
    for number in range(100):
        counted.usage.count(f"org-{number}", "", "GET", 200)
        counted.usage.count_day(f"caller:{number}", 5)
    rows = await counted.usage.rows(DAY, DAY)
    assert (len(rows), sum(row.requests for row in rows)) == (11, 100)
    assert len(counted.usage._day_counts) == 10


async def test_usage_is_read_by_auditors_whole_and_by_stewards_their_own(city: CityGateway) -> None:
    for organisation in (WASTE.id, ENERGY.id):
        await city.http.get("/ngsi-ld/v1/entities", headers=await city.key(Role.DATA_CONSUMER, organisation))
    auditor, steward = await city.key(Role.AUDITOR, None), await city.key(Role.DATA_STEWARD)
    everyone = (await city.http.get("/admin/usage", headers=auditor)).json()
    assert {WASTE.id, ENERGY.id} <= {row["organisation"] for row in everyone}
    own = (await city.http.get("/admin/usage", headers=steward)).json()
    assert {row["organisation"] for row in own} == {WASTE.id}
    assert (await city.http.get(f"/admin/usage?organisation={ENERGY.id}", headers=steward)).status_code == 403
    text = await city.http.get("/admin/usage?format=csv", headers=auditor)
    assert text.headers["content-type"].startswith("text/csv")
    assert text.text.splitlines()[0] == "day,organisation,product,requests,writes,refused,failed"
    assert (await city.http.get("/admin/usage?first=2020-01-01", headers=auditor)).status_code == 400
