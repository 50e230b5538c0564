"""Dead letters over HTTP: who sees, mends and replays what."""

import asyncio
import time
from typing import Any

import pytest

from datenbroker.identities.roles import Role
from tests.datenbroker.city_gateway import ENERGY, WASTE, CityGateway
from tests.iot_agents.messages import bin_device, topic, uplink

pytestmark = pytest.mark.anyio

BAD = uplink({"fill": 137, "temperature": 8})


async def letters(city: CityGateway, key: dict[str, str], **query: str) -> list[dict[str, Any]]:
    answer = await city.http.get("/deadletters", headers=key, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["letters"]
    return found


async def rejected(city: CityGateway) -> None:
    """A doubtful reading of a known device, a message that is none, and one of a device that nobody knows."""
    await city.agent.devices.register([bin_device(1)])
    await city.agent.accept(topic(), BAD)
    await city.agent.accept(topic(), b"{")
    await city.agent.accept(topic(77), uplink({"fill": 1}, number=77))


async def test_an_organisation_sees_its_own_letters_and_the_administrator_all(city: CityGateway) -> None:
    await rejected(city)
    own, other = await city.key(Role.DATA_PROVIDER), await city.key(Role.DATA_PROVIDER, ENERGY.id)
    admin = await city.key(Role.PLATFORM_ADMIN, None)
    assert {one["kind"] for one in await letters(city, own)} == {"malformed", "out_of_range"}
    assert {one["kind"] for one in await letters(city, admin)} == {"malformed", "out_of_range", "unknown_device"}
    assert await letters(city, other) == []
    (bad,) = await letters(city, own, kind="out_of_range")
    for method, path in (("GET", ""), ("POST", "/replay"), ("PATCH", ""), ("DELETE", "")):
        answer = await city.http.request(method, f"/deadletters/{bad['id']}{path}", headers=other, json={})
        assert answer.status_code == 404, (method, answer.text)


async def test_a_letter_is_shown_with_its_payload_and_reason(city: CityGateway) -> None:
    await rejected(city)
    key = await city.key(Role.DATA_PROVIDER)
    (bad,) = await letters(city, key, kind="out_of_range")
    shown = (await city.http.get(f"/deadletters/{bad['id']}", headers=key)).json()
    assert shown["payload"] == BAD.decode()
    assert (shown["device"], shown["topic"], shown["tenant"]) == ("0000000000000001", topic(), WASTE.tenant)
    assert "fill is 137 %" in shown["reason"]
    assert len((await city.http.get("/deadletters/export", headers=key)).text.splitlines()) == 2


async def test_a_letter_is_mended_and_replayed(city: CityGateway) -> None:
    await rejected(city)
    key = await city.key(Role.DATA_PROVIDER)
    (bad,) = await letters(city, key, kind="out_of_range")
    mended = {"payload": uplink({"fill": 37}).decode()}
    assert (await city.http.patch(f"/deadletters/{bad['id']}", headers=key, json=mended)).status_code == 200
    before = city.agent.counters()["readings"]
    assert (await city.http.post(f"/deadletters/{bad['id']}/replay", headers=key)).status_code == 202
    await gone(city, key, bad["id"])
    assert city.agent.counters()["readings"] == before + 1
    assert await letters(city, key, kind="out_of_range") == []


async def test_what_is_still_wrong_comes_back_as_a_new_letter(city: CityGateway) -> None:
    await rejected(city)
    key = await city.key(Role.DATA_PROVIDER)
    (bad,) = await letters(city, key, kind="malformed")
    assert (await city.http.post("/deadletters/replay?kind=malformed", headers=key)).json() == {"letters": 1}
    await gone(city, key, bad["id"])
    (again,) = await letters(city, key, kind="malformed")
    assert (again["reason"], again["at"]) == (bad["reason"], bad["at"])


async def test_only_who_reaches_all_changes_a_topic(city: CityGateway) -> None:
    await rejected(city)
    key, admin = await city.key(Role.DATA_PROVIDER), await city.key(Role.PLATFORM_ADMIN, None)
    (bad,) = await letters(city, key, kind="malformed")
    for headers, status in ((key, 400), (admin, 200)):
        change = {"topic": topic(2)}
        answer = await city.http.patch(f"/deadletters/{bad['id']}", headers=headers, json=change)
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("role", "looks", "changes"),
    [(Role.DATA_PROVIDER, 200, 204), (Role.AUDITOR, 200, 403), (Role.DATA_CONSUMER, 403, 403)],
)
async def test_roles(city: CityGateway, role: Role, looks: int, changes: int) -> None:
    await rejected(city)
    key = await city.key(role)
    assert (await city.http.get("/deadletters", headers=key)).status_code == looks
    (bad,) = await letters(city, await city.key(Role.PLATFORM_ADMIN, None), kind="malformed")
    assert (await city.http.delete(f"/deadletters/{bad['id']}", headers=key)).status_code == changes
    assert (await city.http.get("/deadletters")).status_code == 401


async def gone(city: CityGateway, key: dict[str, str], letter_id: str) -> None:
    end = time.monotonic() + 5
    while (await city.http.get(f"/deadletters/{letter_id}", headers=key)).status_code != 404:
        assert time.monotonic() < end, "it was not replayed"
        await asyncio.sleep(0.02)
