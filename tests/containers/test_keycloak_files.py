"""The example realm gives tokens that the gateway understands with its default settings."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from datenbroker.identities.oidc.claims import ClaimNames, caller_of
from datenbroker.identities.organisations import Organisation, Organisations
from datenbroker.identities.roles import Role
from datenbroker.settings import Settings
from document_store.sqlite import SqliteDocumentStore

KEYCLOAK = Path(__file__).parents[2] / "deploy/keycloak"
REALM: dict[str, Any] = json.loads((KEYCLOAK / "realm.json").read_text(encoding="utf-8"))
CLIENTS = {client["clientId"]: client for client in REALM["clients"]}
MAPPERS = {mapper["name"]: mapper["config"] for mapper in CLIENTS["sensors"]["protocolMappers"]}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_the_realm_has_each_role_and_no_secrets() -> None:
    assert {role["name"] for role in REALM["roles"]["realm"]} == set(Role)
    text = (KEYCLOAK / "realm.json").read_text(encoding="utf-8")
    assert '"secret"' not in text and '"credentials"' not in text
    assert REALM["bruteForceProtected"] is True


def test_people_log_in_by_code_with_pkce_only() -> None:
    gateway = CLIENTS["gateway"]
    assert gateway["attributes"]["pkce.code.challenge.method"] == "S256"
    assert not gateway["implicitFlowEnabled"] and not gateway["directAccessGrantsEnabled"]
    environment = yaml.safe_load((KEYCLOAK / "compose.yaml").read_text())["services"]["platform"]["environment"]
    assert gateway["redirectUris"] == [environment["DATENBROKER_PUBLIC_URL"] + "/callback"]
    assert environment["DATENBROKER_OIDC_CLIENT_ID"] in CLIENTS
    assert [*json.loads(environment["DATENBROKER_OIDC_DISCOVERY"])] == [environment["DATENBROKER_OIDC_ISSUERS"]]


def test_keycloak_makes_its_own_scopes_of_which_the_login_asks_for_profile() -> None:
    # it makes basic (claim sub) and profile only where the file names no scopes, of the realm or of a client
    assert "clientScopes" not in REALM
    assert not [name for name, client in CLIENTS.items() if "defaultClientScopes" in client]


def test_nobody_may_choose_the_own_organisation() -> None:
    [provider] = REALM["components"]["org.keycloak.userprofile.UserProfileProvider"]
    profile = json.loads(provider["config"]["kc.user.profile.config"][0])
    [organisation] = [one for one in profile["attributes"] if one["name"] == "organisation"]
    assert organisation["permissions"] == {"view": ["admin"], "edit": ["admin"]}
    assert "unmanagedAttributePolicy" not in profile


@pytest.mark.anyio
async def test_the_services_token_is_understood_by_default(tmp_path: Path) -> None:
    [service] = REALM["users"]
    settings, claims = Settings.load(), {"preferred_username": service["username"]}
    assert MAPPERS["audience"]["included.custom.audience"] in settings.oidc_audience
    assert MAPPERS["roles"]["claim.name"] in settings.oidc_roles_claims
    tokens: dict[str, Any] = claims | {"realm_access": {"roles": service["realmRoles"]}}
    tokens[MAPPERS["organisation"]["claim.name"]] = service["attributes"]["organisation"][0]
    store = SqliteDocumentStore.open(tmp_path / "documents.db")
    organisations = Organisations(store)
    await organisations.put(Organisation(id="entsorgung-herne", tenant="entsorgung", name="x"))
    names = ClaimNames(settings.oidc_roles_claims, settings.oidc_organisation_claim)
    caller = await caller_of(tokens, names, organisations)
    await store.close()
    assert caller.roles == frozenset({Role.DEVICE_GATEWAY})
    assert (caller.tenant, caller.kind) == ("entsorgung", "service")
