"""The program with an OpenID provider and limits, as the settings say."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.datenbroker.openid.provider import SECRET, OpenIdProvider, openid_provider
from tests.datenbroker.program import Program, program, run

PUBLIC = "https://datenbroker.test"


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenIdProvider]:
    with openid_provider(f"{PUBLIC}/callback") as provider:
        yield provider


@pytest.fixture(scope="module")
def gateway(openid: OpenIdProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("gateway")
    run(folder, "org", "create", "entsorgung-herne", "--data", "data")
    settings = {
        "oidc_issuers": openid.issuer,
        "oidc_clients": "sensors,gateway",
        "oidc_client_id": "gateway",
        "oidc_client_secret": SECRET,
        "oidc_roles": '{"device-gateway": "data-provider"}',
        "public_url": PUBLIC,
        "rate_anonymous": "3",
        "trusted_proxies": "127.0.0.0/8",
        "cors_origins": "https://map.example.org",
    }
    with program(folder, "gateway", "--port", "0", "--data", "data", **settings) as running:
        yield running
        running.stop()


def test_a_services_token_is_known_in_its_mapped_role(openid: OpenIdProvider, gateway: Program) -> None:
    headers = {"Authorization": f"Bearer {openid.token()}"}
    me = httpx.get(f"{gateway.ready['gateway']}/me", headers=headers).json()
    assert (me["name"], me["kind"], me["roles"]) == ("sensors", "service", ["data-provider"])
    entities = httpx.get(f"{gateway.ready['gateway']}/ngsi-ld/v1/entities?type=A", headers=headers)
    assert (entities.status_code, entities.json()) == (200, [])
    stranger = {"Authorization": f"Bearer {openid.token('strangers')}"}
    assert httpx.get(f"{gateway.ready['gateway']}/me", headers=stranger).status_code == 401


def test_browsers_are_sent_to_the_provider_and_back_to_the_public_address(
    openid: OpenIdProvider, gateway: Program
) -> None:
    answer = httpx.get(f"{gateway.ready['gateway']}/login?next=/docs", headers={"X-Forwarded-For": "192.0.2.1"})
    location = httpx.URL(answer.headers["location"])
    assert str(location).startswith(openid.issuer)
    assert location.params["redirect_uri"] == f"{PUBLIC}/callback"
    assert location.params["code_challenge_method"] == "S256"
    assert answer.headers["set-cookie"].startswith("__Host-datenbroker-login=")
    assert "Secure" in answer.headers["set-cookie"]


def test_limits_proxies_and_sites_are_as_set(gateway: Program) -> None:
    url, via = f"{gateway.ready['gateway']}/docs", {"X-Forwarded-For": "192.0.2.9"}
    assert [httpx.get(url, headers=via).status_code for _ in range(4)] == [200, 200, 200, 429]
    answer = httpx.get(url, headers={"X-Forwarded-For": "192.0.2.8", "Origin": "https://map.example.org"})
    assert answer.headers["access-control-allow-origin"] == "https://map.example.org"
    assert answer.headers["ratelimit-limit"] == "3"


@pytest.mark.parametrize(
    ("settings", "help_with"),
    [
        ({"oidc_issuers": "id.example"}, "--oidc-issuers"),
        ({"oidc_issuers": "https://id.example", "oidc_client_id": "x"}, "--public-url"),
        ({"oidc_issuers": "https://id.example", "oidc_roles": '{"boss": "king"}'}, "none of the roles"),
        ({"oidc_issuers": "https://id.example", "oidc_discovery": '{"https://x": "y"}'}, "none of --oidc-issuers"),
        ({"oidc_algorithms": "HS256"}, "--oidc-algorithms"),
        ({"oidc_algorithms": "none"}, "--oidc-algorithms"),
        ({"trusted_proxies": "everyone"}, "--trusted-proxies"),
        ({"session_secret": "short-and-secret"}, "--session-secret"),
    ],
)
def test_a_wrong_setting_is_named_and_no_secret_shown(tmp_path: Path, settings: dict[str, str], help_with: str) -> None:
    refused = run(tmp_path, "gateway", "--port", "0", "--data", str(tmp_path), **settings)
    assert (refused.returncode, help_with in refused.stderr) == (1, True), refused.stderr
    assert "Traceback" not in refused.stderr
    assert "short-and-secret" not in refused.stderr
