"""How many requests a minute and a day."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datenbroker.gateway.frame import Bounds
from datenbroker.gateway.limits import buckets
from datenbroker.gateway.limits.buckets import Buckets
from datenbroker.gateway.limits.origins import PRIVATE, Networks, Origins
from datenbroker.gateway.limits.rates import Allowance, RateLimits, network_of
from datenbroker.gateway.protection import Protection
from datenbroker.identities.api_key import Limits
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import Role
from tests.datenbroker.city_gateway import BODY_LIMIT, WASTE, CityGateway, city_gateway
from tests.datenbroker.recorder import Recorder

pytestmark = pytest.mark.anyio

ENTITIES = "/ngsi-ld/v1/entities"
FORWARDED = "X-Forwarded-For"


@asynccontextmanager
async def limited(folder: Path, allowance: Allowance, origins: Origins | None = None) -> AsyncIterator[CityGateway]:
    def changed(usual: Protection, _: Organisations) -> Protection:
        bounds = Bounds(body=BODY_LIMIT, origins=origins or Origins())
        return replace(usual, limits=RateLimits(allowance, usual.usage), bounds=bounds)

    async with city_gateway(Recorder(), folder, changed) as city:
        yield city


@given(st.integers(1, 500), st.lists(st.floats(0, 5), max_size=200))
def test_a_bucket_gives_its_size_at_once_and_no_more_than_its_rate_after(limit: int, waits: list[float]) -> None:
    bucket, now, given_out = Buckets(limit), 1000.0, 0
    for wait in waits:
        now += wait
        level = bucket.take("key", now)
        assert level is not None and 0 <= level.remaining < limit
        given_out += level.wait == 0
        assert given_out <= limit + limit * (now - 1000.0) / 60 + 1


def test_a_bucket_tells_when_to_come_again_and_keeps_the_word() -> None:
    bucket = Buckets(2)
    levels = [bucket.take("key", 0.0) for _ in range(3)]
    assert [level.remaining for level in levels if level] == [1, 0, 0]
    last = levels[-1]
    assert last is not None and last.wait == pytest.approx(30.0)
    again = bucket.take("key", 30.01)
    assert again is not None and again.wait == 0
    assert Buckets(0).take("key", 0.0) is None


def test_a_million_addresses_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "BUCKETS_AT_MOST", 1_000)
    bucket = Buckets(5)
    for number in range(5_000):
        bucket.take(number, number / 1000)
    assert len(bucket._full_at) <= 1_000


async def test_a_key_beyond_its_rate_is_429_and_told_when(tmp_path: Path) -> None:
    async with limited(tmp_path, Allowance(caller=2)) as city:
        headers, other = await city.key(Role.DATA_CONSUMER), await city.key(Role.DATA_CONSUMER)
        answers = [await city.http.get(ENTITIES, headers=headers) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["1", "0", "0"]
        last = answers[-1]
        assert (last.headers["ratelimit-limit"], last.headers["retry-after"]) == ("2", "30")
        assert "No more than 2 requests a minute" in last.json()["detail"]
        assert (await city.http.get(ENTITIES, headers=other)).status_code == 200


async def test_a_keys_own_rate_and_quota_go_before_the_platforms(tmp_path: Path) -> None:
    async with limited(tmp_path, Allowance(caller=1)) as city:
        key, _ = await city.keys.create(WASTE.id, [Role.DATA_CONSUMER], "x", None, Limits(rate=100, quota=3))
        answers = [await city.http.get(ENTITIES, headers={"X-API-Key": key}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert "quota of 3 requests a day" in answers[-1].json()["detail"]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 86_400


async def test_requests_without_a_key_are_counted_by_address(tmp_path: Path) -> None:
    async with limited(tmp_path, Allowance(anonymous=2), Origins(["127.0.0.0/8"])) as city:
        codes = []
        for address in ("203.0.113.7", "203.0.113.7", "203.0.113.7", "203.0.113.8"):
            codes.append((await city.http.get("/docs", headers={FORWARDED: address})).status_code)
        assert codes == [200, 200, 429, 200]
        assert (await city.http.get("/health/live", headers={FORWARDED: "203.0.113.7"})).status_code == 200


async def test_who_guesses_keys_is_stopped_and_who_has_one_goes_on(tmp_path: Path) -> None:
    async with limited(tmp_path, Allowance(failures=3, anonymous=1_000)) as city:
        good = await city.key(Role.DATA_CONSUMER)
        assert (await city.http.get(ENTITIES, headers=good)).status_code == 200
        guess = {"X-API-Key": "hdb_00000000_" + "0" * 64}
        codes = [(await city.http.get(ENTITIES, headers=guess)).status_code for _ in range(5)]
        assert codes == [401, 401, 401, 429, 429]
        assert (await city.http.get(ENTITIES, headers=good)).status_code == 200


async def test_a_client_cannot_claim_another_address(tmp_path: Path) -> None:
    async with limited(tmp_path, Allowance(anonymous=1)) as city:
        first = await city.http.get("/docs", headers={FORWARDED: "203.0.113.7"})
        second = await city.http.get("/docs", headers={FORWARDED: "203.0.113.8", "Forwarded": "for=203.0.113.9"})
        assert (first.status_code, second.status_code) == (200, 429)


@pytest.mark.parametrize(
    ("client", "forwarded", "origin"),
    [
        ("198.51.100.1", "203.0.113.7", "198.51.100.1"),
        ("10.0.0.2", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.2", "1.2.3.4, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
        ("10.0.0.2", "nonsense", "10.0.0.2"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "203.0.113.7, x", "10.0.0.2"),
    ],
)
def test_only_trusted_proxies_are_believed(client: str, forwarded: str, origin: str) -> None:
    scope = {"client": (client, 1), "headers": [(b"x-forwarded-for", forwarded.encode())]}
    assert Origins(["10.0.0.0/8", "2001:db8::/32"]).of(scope) == origin


@pytest.mark.parametrize(
    ("address", "held"),
    [
        ("127.0.0.1", True),
        ("172.18.0.4", True),
        ("fd00::7", True),
        ("::ffff:10.1.2.3", True),
        ("203.0.113.7", False),
        ("::ffff:203.0.113.7", False),
        ("2001:db8::1", False),
        ("-", False),
    ],
)
def test_private_networks_hold_what_the_internet_does_not_reach(address: str, held: bool) -> None:
    assert (address in Networks(PRIVATE)) is held


def test_an_ipv6_customers_many_addresses_are_one() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:2") != network_of("2001:db8:0:1::1")
    assert network_of("::ffff:203.0.113.7") == network_of("203.0.113.7")


async def test_products_are_limited_whoever_asks() -> None:
    limits = RateLimits(Allowance(product=1), clock=lambda: 5.0)
    limits.product({}, "parken")
    limits.product({}, "laden")
    with pytest.raises(Exception, match="the product parken") as refused:
        limits.product({}, "parken")
    assert getattr(refused.value, "status", None) == httpx.codes.TOO_MANY_REQUESTS
