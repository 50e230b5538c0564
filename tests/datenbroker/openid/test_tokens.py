"""Tokens of a real OpenID provider at the gateway."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from datenbroker.gateway.protection import Protection
from datenbroker.identities.oidc.provider import REFETCH_SECONDS, REFRESH_SECONDS, Provider
from datenbroker.identities.oidc.tokens import AccessTokens, Expected
from datenbroker.identities.organisations import Organisations
from tests.datenbroker.city_gateway import CityGateway, city_gateway
from tests.datenbroker.openid.provider import OpenIdProvider, openid_provider
from tests.datenbroker.recorder import Recorder

pytestmark = pytest.mark.anyio

ENTITIES = "/ngsi-ld/v1/entities"
UPSERT = "/ngsi-ld/v1/entityOperations/upsert"


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenIdProvider]:
    with openid_provider() as provider:
        yield provider


@dataclass
class Guarded:
    """A gateway that trusts the provider, and the clock of what it knows of it."""

    openid: OpenIdProvider
    now: float = 1_000.0
    city: CityGateway = field(init=False)

    async def upsert(self, token: str, **headers: str) -> httpx.Response:
        return await self.city.http.post(UPSERT, json=[], headers={"Authorization": f"Bearer {token}", **headers})

    async def refused(self, token: str) -> str:
        answer = await self.upsert(token)
        assert answer.status_code == 401, answer.text
        assert answer.headers["www-authenticate"].startswith("Bearer")
        return str(answer.json()["detail"])


@pytest.fixture
async def guarded(openid: OpenIdProvider, broker: Recorder, tmp_path: Path) -> AsyncIterator[Guarded]:
    async with httpx.AsyncClient() as http:
        made = Guarded(openid)
        provider = Provider(openid.issuer, http, clock=lambda: made.now)

        def with_tokens(usual: Protection, organisations: Organisations) -> Protection:
            expected = Expected(clients=("sensors", "gateway"), skew=0)
            return replace(usual, tokens=AccessTokens([provider], organisations, expected))

        async with city_gateway(broker, tmp_path, with_tokens) as city:
            made.city = city
            yield made
        await provider.stop()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "===")) for part in token.split(".")[:2])
    return header, claims


async def test_a_services_token_acts_in_its_organisations_tenant_and_roles(guarded: Guarded, broker: Recorder) -> None:
    token = guarded.openid.token()
    assert (await guarded.upsert(token)).status_code == 200
    assert broker.header(b"ngsild-tenant") == [b"entsorgung"]
    assert broker.header(b"authorization") == []
    reading = await guarded.city.http.get(ENTITIES, headers={"Authorization": f"Bearer {token}"})
    assert (reading.status_code, "service sensors (device-gateway)" in reading.text) == (403, True)
    assert (await guarded.upsert(token, **{"NGSILD-Tenant": "stadtwerke"})).status_code == 403


async def test_many_at_once_wait_for_the_keys_together(guarded: Guarded) -> None:
    token = guarded.openid.token()
    answers = await asyncio.gather(*(guarded.upsert(token) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}


async def test_a_token_for_another_audience_is_refused(guarded: Guarded) -> None:
    assert "another audience than datenbroker" in await guarded.refused(guarded.openid.token(resource="urn:other"))


async def test_a_token_made_for_another_client_is_refused(guarded: Guarded) -> None:
    assert "client strangers" in await guarded.refused(guarded.openid.token("strangers"))


async def test_an_expired_token_is_refused_also_where_it_was_good_before(guarded: Guarded) -> None:
    token = guarded.openid.token(resource="urn:short")
    assert (await guarded.upsert(token)).status_code == 200
    await asyncio.sleep(2)
    assert "has expired" in await guarded.refused(token)


async def test_forged_tokens_are_refused(guarded: Guarded) -> None:
    token = guarded.openid.token()
    header, claims = parts(token)
    own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = {
        "signed by another key": jwt.encode(claims, own, "RS256", {"kid": header["kid"]}),
        "signed by an unknown key": jwt.encode(claims, own, "RS256", {"kid": "mine"}),
        "not signed": f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded(claims)}.",
        "signed with a secret": jwt.encode(claims, b"x" * 64, "HS256", {"kid": header["kid"]}),
        "with other claims": ".".join([token.split(".")[0], encoded(claims | {"sub": "admin"}), token.split(".")[2]]),
        "cut off": token[:-5],
        "of another issuer": jwt.encode(claims | {"iss": "https://evil.example"}, own, "RS256"),
    }
    for name, one in forged.items():
        assert "Not accepted" in await guarded.refused(one), name


def encoded(claims: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


async def test_a_new_key_is_fetched_once_and_the_old_one_goes_on(guarded: Guarded) -> None:
    old = guarded.openid.token()
    assert (await guarded.upsert(old)).status_code == 200
    guarded.openid.rotate()
    fresh = guarded.openid.token()
    assert "a key that its issuer does not have" in await guarded.refused(fresh)  # asked some seconds ago
    guarded.now += REFETCH_SECONDS + 1
    assert (await guarded.upsert(fresh)).status_code == 200
    assert (await guarded.upsert(old)).status_code == 200


async def test_a_withdrawn_key_opens_nothing_any_more(guarded: Guarded) -> None:
    token = guarded.openid.token()
    assert (await guarded.upsert(token)).status_code == 200
    guarded.openid.withdraw()
    guarded.now += REFRESH_SECONDS + 1
    await guarded.upsert(guarded.openid.token())
    await asyncio.sleep(0.2)
    assert "a key that its issuer does not have" in await guarded.refused(token)


async def test_known_keys_go_on_without_the_provider_and_unknown_ones_are_503(broker: Recorder, tmp_path: Path) -> None:
    with openid_provider() as openid:
        http = httpx.AsyncClient()
        provider, away = Provider(openid.issuer, http), Provider("http://127.0.0.1:9", http)
        token, second = openid.token(), openid.token()
        _, claims = parts(token)

        def with_tokens(usual: Protection, organisations: Organisations) -> Protection:
            return replace(usual, tokens=AccessTokens([provider, away], organisations, Expected()))

        async with city_gateway(broker, tmp_path, with_tokens) as city:
            guarded = Guarded(openid)
            guarded.city = city
            assert (await guarded.upsert(token)).status_code == 200
            openid.stop()
            assert [(await guarded.upsert(one)).status_code for one in (token, second)] == [200, 200]
            unknown = jwt.encode(claims | {"iss": away.issuer}, rsa.generate_private_key(65537, 2048), "RS256")
            answer = await guarded.upsert(unknown)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        await http.aclose()
