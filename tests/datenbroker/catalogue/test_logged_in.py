"""The catalogue of somebody who has logged in: who they are, what they find more, and asking for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from datenbroker.gateway.login.code_flow import Client, CodeFlow
from datenbroker.gateway.login.routes import Login
from datenbroker.gateway.login.sealing import Seal
from datenbroker.gateway.login.sessions import BrowserSessions
from datenbroker.gateway.protection import Protection
from datenbroker.identities.oidc.provider import Provider
from datenbroker.identities.oidc.tokens import AccessTokens, Expected
from datenbroker.identities.organisations import Organisations
from datenbroker.products.grant import GrantState
from datenbroker.products.grants import Decision
from document_store.sqlite import SqliteDocumentStore
from tests.datenbroker.catalogue.test_pages import BROWSER
from tests.datenbroker.products.council import CONSUMER, PROVIDER, STEWARD
from tests.datenbroker.products.market import Market, market

pytestmark = pytest.mark.anyio

PUBLIC = "http://daten.example"
PAGE = "/catalog/charging"
ASKED = {"purpose": "Routen der Fahrzeuge planen", "until": "2027-06-30"}


@asynccontextmanager
async def town_with_login(folder: Path) -> AsyncIterator[tuple[Market, BrowserSessions]]:
    """Sessions are given out here; the provider's part is in the tests of the login."""
    made: list[BrowserSessions] = []
    store = SqliteDocumentStore.open(folder / "sessions.db")
    async with httpx.AsyncClient() as http:

        def with_login(usual: Protection, organisations: Organisations) -> Protection:
            provider, expected = Provider("https://id.example:8443/realms/herne", http), Expected()
            sessions = BrowserSessions(store, organisations, PUBLIC)
            made.append(sessions)
            tokens = AccessTokens([provider], organisations, expected)
            client = Client("gateway", None, f"{PUBLIC}/callback")
            flow = CodeFlow(provider, client, tokens, expected, Seal(sessions.secret, "login"), http)
            return replace(usual, sessions=sessions, login=Login(flow, sessions, usual.audit))

        async with market(folder, changed=with_login) as town:
            await town.desk.publish()
            yield town, made[0]
    await store.close()


def cookie(sessions: BrowserSessions, who: object = CONSUMER) -> dict[str, str]:
    return BROWSER | {"Cookie": sessions.begin(who).partition(";")[0]}  # type: ignore[arg-type]


async def test_a_page_leads_to_the_login_and_back_to_itself(tmp_path: Path) -> None:
    async with town_with_login(tmp_path) as (town, _):
        page = await town.http.get("/catalog?text=strom", headers=BROWSER)
        hidden = await town.http.get(PAGE, headers=BROWSER)
    assert '<a href="/login?next=%2Fcatalog%3Ftext%3Dstrom">Anmelden</a>' in page.text
    assert (hidden.status_code, f'href="/login?next={PAGE.replace("/", "%2F")}"' in hidden.text) == (404, True)


async def test_who_has_logged_in_sees_who_they_are_and_can_log_out(tmp_path: Path) -> None:
    async with town_with_login(tmp_path) as (town, sessions):
        page = await town.http.get("/catalog?lang=en", headers=cookie(sessions))
    assert f"Logged in as {CONSUMER.name}" in page.text
    assert '<form method="post" action="/logout">' in page.text and "/login?" not in page.text
    # a browser tells a form's origin only to where it may tell the referrer, and lets a form lead on only where named
    assert '<meta name="referrer" content="same-origin">' in page.text
    assert "form-action 'self' https://id.example:8443;" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "private, no-cache"


async def test_a_product_of_the_konzern_is_found_and_asked_for_on_its_page(tmp_path: Path) -> None:
    async with town_with_login(tmp_path) as (town, sessions):
        me = cookie(sessions)
        before = (await town.http.get(PAGE, headers=me)).text
        sent = await town.http.post(f"{PAGE}/grants", data=ASKED, headers=me | {"Origin": PUBLIC})
        asked = (await town.http.get(PAGE, headers=me)).text
        again = await town.http.post(f"{PAGE}/grants", data=ASKED, headers=me | {"Origin": PUBLIC})
        [grant] = town.desk.grants.listed(CONSUMER)
        refusal = Decision(decision=GrantState.REFUSED, reason="Bitte <b>Stundensummen</b> nehmen.")
        await town.desk.grants.decide(grant.id, refusal, STEWARD)
        refused = (await town.http.get(PAGE, headers=me)).text
    assert f'action="{PAGE}/grants"' in before and 'type="date"' in before
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PAGE}#ask")
    assert "hat bis 30.06.2027 angefragt" in asked and f'action="{PAGE}/grants"' not in asked
    assert (again.status_code, "Das geht jetzt nicht" in again.text) == (409, True)
    assert (grant.purpose, grant.asked_by) == (ASKED["purpose"], CONSUMER.name)
    assert "abgelehnt: Bitte &lt;b&gt;Stundensummen" in refused and f'action="{PAGE}/grants"' in refused


@pytest.mark.parametrize("said", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
async def test_no_other_sites_form_asks_in_their_name(tmp_path: Path, said: dict[str, str]) -> None:
    async with town_with_login(tmp_path) as (town, sessions):
        answer = await town.http.post(f"{PAGE}/grants", data=ASKED, headers=cookie(sessions) | said)
        assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")
        assert town.desk.grants.listed(CONSUMER) == []


@pytest.mark.parametrize(
    "form",
    [{"purpose": "x"}, ASKED | {"until": "morgen"}, ASKED | {"purpose": " "}, {}, ASKED | {"until": "1999-01-01"}],
)
async def test_a_form_that_is_not_complete_is_refused_with_what_is_missing(
    tmp_path: Path, form: dict[str, str]
) -> None:
    async with town_with_login(tmp_path) as (town, sessions):
        headers = cookie(sessions) | {"Origin": PUBLIC, "Content-Type": "application/x-www-form-urlencoded"}
        answer = await town.http.post(f"{PAGE}/grants", data=form, headers=headers)
        assert answer.status_code in (400, 409, 422), answer.text
        assert "<h1>" in answer.text
        assert town.desk.grants.listed(CONSUMER) == []


async def test_an_owner_is_not_told_to_ask(tmp_path: Path) -> None:
    async with town_with_login(tmp_path) as (town, sessions):
        page = await town.http.get(PAGE, headers=cookie(sessions, PROVIDER))
    assert page.status_code == 200 and 'id="ask"' not in page.text


async def test_stewards_find_the_inventory_and_others_do_not(tmp_path: Path) -> None:
    async with town_with_login(tmp_path) as (town, sessions):
        pages = [(await town.http.get("/catalog", headers=cookie(sessions, who))).text for who in (STEWARD, CONSUMER)]
    assert ['href="/inventory?lang=de"' in page for page in pages] == [True, False]
