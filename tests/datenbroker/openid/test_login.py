"""People log in with a browser at a real OpenID provider."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from datenbroker.audit.trail import Search
from datenbroker.gateway.login.code_flow import Client, CodeFlow
from datenbroker.gateway.login.routes import Login
from datenbroker.gateway.login.sealing import Seal
from datenbroker.gateway.login.sessions import BrowserSessions
from datenbroker.gateway.protection import Protection
from datenbroker.identities.oidc.provider import Provider
from datenbroker.identities.oidc.tokens import AccessTokens, Expected
from datenbroker.identities.organisations import Organisations
from document_store.sqlite import SqliteDocumentStore
from tests.datenbroker.city_gateway import CityGateway, city_gateway
from tests.datenbroker.openid.provider import SECRET, OpenIdProvider, openid_provider
from tests.datenbroker.recorder import Recorder

pytestmark = pytest.mark.anyio

PUBLIC = "http://datenbroker.test"
ENTITIES = "/ngsi-ld/v1/entities"


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenIdProvider]:
    with openid_provider(f"{PUBLIC}/callback") as provider:
        yield provider


@dataclass
class Browser:
    """Keeps the cookies of the gateway and of the provider apart, as a browser does."""

    city: CityGateway
    provider: httpx.AsyncClient

    async def log_in(self, user: str, after: str = "/docs") -> httpx.Response:
        """From the gateway's /login to its /callback, whose answer it is."""
        begun = await self.city.http.get("/login", params={"next": after})
        assert begun.status_code == 303, begun.text
        return await self.city.http.get(await self.at_provider(begun.headers["location"], user))

    async def at_provider(self, address: str, user: str) -> str:
        """Fills in the provider's forms; where it sends the browser in the end."""
        answer = await self.provider.get(address)
        while not answer.headers.get("location", "").startswith(PUBLIC):
            if answer.is_redirect:
                answer = await self.provider.get(answer.next_request.url)  # type: ignore[union-attr]
                continue
            [form] = re.findall(r'<form [^>]*action="([^"]+)"', answer.text)
            prompt = re.findall(r'name="prompt" value="(\w+)"', answer.text)[0]
            answer = await self.provider.post(form, data={"prompt": prompt, "login": user, "password": "any"})
        return str(answer.headers["location"]).removeprefix(PUBLIC)

    async def actions(self) -> list[tuple[str, str, str]]:
        records = await self.city.protection.trail.all(Search())
        return [(r.actor, r.action, r.decision) for r in records if r.action in ("login", "logout")]


@pytest.fixture
async def browser(openid: OpenIdProvider, broker: Recorder, tmp_path: Path) -> AsyncIterator[Browser]:
    store = SqliteDocumentStore.open(tmp_path / "sessions.db")
    async with httpx.AsyncClient() as http, httpx.AsyncClient() as provider_side:
        provider = Provider(openid.issuer, http)

        def with_login(usual: Protection, organisations: Organisations) -> Protection:
            tokens = AccessTokens([provider], organisations, Expected())
            sessions = BrowserSessions(store, organisations, PUBLIC)
            client = Client("gateway", SECRET, f"{PUBLIC}/callback")
            flow = CodeFlow(provider, client, tokens, Expected(), Seal(sessions.secret, "login"), http)
            login = Login(flow, sessions, usual.audit)
            return replace(usual, tokens=tokens, sessions=sessions, login=login)

        async with city_gateway(broker, tmp_path, with_login) as city:
            yield Browser(city, provider_side)
    await store.close()


async def test_who_logs_in_is_known_and_comes_to_the_page_wanted(browser: Browser, broker: Recorder) -> None:
    answer = await browser.log_in("erika", "/admin?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/admin?x=1")
    me = (await browser.city.http.get("/me")).json()
    assert (me["name"], me["organisation"], me["roles"], me["kind"]) == (
        "erika",
        "entsorgung-herne",
        ["data-provider"],
        "login",
    )
    assert (await browser.city.http.get(ENTITIES)).status_code == 200
    assert (broker.header(b"ngsild-tenant"), broker.header(b"cookie")) == ([b"entsorgung"], [])
    assert await browser.actions() == [("erika", "login", "allowed")]


async def test_the_sessions_cookie_is_hidden_from_scripts_and_other_sites(browser: Browser) -> None:
    answer = await browser.log_in("erika")
    [cookie] = [one for one in answer.headers.get_list("set-cookie") if one.startswith("datenbroker=")]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    secure = BrowserSessions(None, None, "https://daten.example")  # type: ignore[arg-type]
    assert secure.set_cookie(secure.cookie, "x", 1).startswith("__Host-datenbroker=x;")
    assert secure.set_cookie(secure.cookie, "x", 1).endswith("; Secure")


async def test_other_sites_pages_change_nothing_in_the_users_name(browser: Browser, broker: Recorder) -> None:
    await browser.log_in("erika")
    upsert = "/ngsi-ld/v1/entityOperations/upsert"
    answers: dict[str, Any] = {
        "own page": {"Origin": PUBLIC},
        "own page, said otherwise": {"Sec-Fetch-Site": "same-origin"},
        "another site": {"Origin": "https://evil.example"},
        "another site, said otherwise": {"Sec-Fetch-Site": "cross-site"},
        "a frame": {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        "nobody knows": {},
    }
    codes = {
        name: (await browser.city.http.post(upsert, json=[], headers=said)).status_code
        for name, said in answers.items()
    }
    assert [*codes.values()] == [200, 200, 403, 403, 403, 403]
    assert len(broker.requests) == 2


async def test_logging_out_ends_the_session_also_where_its_cookie_was_copied(browser: Browser) -> None:
    await browser.log_in("erika")
    copied = dict(browser.city.http.cookies)
    answer = await browser.city.http.post("/logout", headers={"Origin": PUBLIC})
    assert answer.status_code == 303
    assert "/session/end?client_id=gateway" in answer.headers["location"]
    assert (await browser.city.http.get("/me")).status_code == 401
    copy = "; ".join(f"{name}={value}" for name, value in copied.items())
    assert (await browser.city.http.get("/me", headers={"Cookie": copy})).status_code == 401
    assert (await browser.actions())[-1] == ("erika", "logout", "allowed")


async def test_a_changed_cookie_is_nobody(browser: Browser) -> None:
    await browser.log_in("erika")
    [value] = [cookie.value or "" for cookie in browser.city.http.cookies.jar if cookie.name == "datenbroker"]
    body, _, mark = value.partition(".")
    browser.city.http.cookies.clear()
    for forged in (f"{body[:-2]}AA.{mark}", body, f"{body}.", f".{mark}", "x" * 5_000, f"{value}; datenbroker=2"):
        answer = await browser.city.http.get("/me", headers={"Cookie": f"datenbroker={forged}"})
        assert answer.status_code == 401, forged


async def test_an_answer_that_was_not_asked_for_is_refused(browser: Browser) -> None:
    begun = await browser.city.http.get("/login")
    back = await browser.at_provider(begun.headers["location"], "erika")
    stolen = parse_qs(urlsplit(back).query)
    browser.city.http.cookies.clear()
    assert (await browser.city.http.get(back)).status_code == 400  # another browser
    await browser.city.http.get("/login")
    assert (await browser.city.http.get(back)).status_code == 400  # another login's state
    state = parse_qs(urlsplit((await browser.city.http.get("/login")).headers["location"]).query)["state"][0]
    injected = {"code": stolen["code"][0], "state": state}
    answer = await browser.city.http.get("/callback", params=injected)  # a code stolen from another login
    assert (answer.status_code, "did not accept the login's code" in answer.text) == (400, True)
    assert {decision for _, _, decision in await browser.actions()} == {"denied"}


async def test_who_has_no_role_here_is_not_let_in(browser: Browser) -> None:
    answer = await browser.log_in("nobody")
    assert (answer.status_code, "has none of the roles" in answer.json()["detail"]) == (403, True)
    assert (await browser.city.http.get("/me")).status_code == 401


@pytest.mark.parametrize("after", ["//evil.example", "/\\evil.example", "https://evil.example", "x", "/a\nb"])
async def test_the_login_leads_to_no_other_site(browser: Browser, after: str) -> None:
    assert (await browser.city.http.get("/login", params={"next": after})).status_code == 400


@pytest.mark.parametrize(
    ("asked", "status", "german", "english"),
    [
        ("GET /callback?state=<b>", 400, "Die Anmeldung ist nicht gelungen", "You are not logged in"),
        ("GET /login?next=//evil.example", 400, "Diese Adresse führt nicht", "This address does not lead"),
        ("POST /logout", 404, "Sie sind nicht angemeldet", "You are not logged in"),
    ],
)
async def test_a_person_reads_what_went_wrong_in_german_or_english(
    browser: Browser, asked: str, status: int, german: str, english: str
) -> None:
    method, path = asked.split()
    for languages, heading in (("de-DE,de;q=0.9,en;q=0.8", german), ("en-GB,en;q=0.9", english), ("tr", german)):
        headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": languages}
        answer = await browser.city.http.request(method, path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
        assert f"<h1>{heading}" in answer.text
        assert "<b>" not in answer.text and answer.headers["x-request-id"] in answer.text
        assert "script-src" not in answer.headers["content-security-policy"]
    assert (await browser.city.http.request(method, path)).headers["content-type"] == "application/problem+json"


async def test_who_has_no_role_reads_whom_to_ask(browser: Browser) -> None:
    browser.city.http.headers["Accept"] = "text/html"
    answer = await browser.log_in("nobody")
    assert (answer.status_code, "Datenverantwortlichen Ihrer Organisation" in answer.text) == (403, True)
