"""Problems are pages for people who go to a page, and problem details for programs."""

from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from datenbroker.gateway.frame import Bounds, Frame, Witnesses
from datenbroker.gateway.pages.errors import ErrorPages, asked_by_person
from datenbroker.gateway.pages.layout import NAMELESS, Site
from datenbroker.gateway.problems import BrokerDown, TooManyRequests
from datenbroker.identities.roles import Role
from tests.datenbroker.catalogue.test_pages import BROWSER, Read
from tests.datenbroker.products.market import market

pytestmark = pytest.mark.anyio

LOGIN = Site(NAMELESS, "https://id.example")


def scope_of(path: str, accept: str = BROWSER["Accept"], **more: Any) -> Scope:
    headers = [(b"accept", accept.encode()), *more.pop("headers", [])]
    return {
        "type": "http", "path": path, "raw_path": path.encode(), "query_string": b"", "method": "GET",
        "headers": headers, "client": None,
    } | more  # fmt: skip


async def answered(problem: Exception, site: Site, scope: Scope) -> tuple[int, dict[str, str], str]:
    """What leaves the gateway when something inside fails."""
    sent: list[Any] = []

    async def fails(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise problem

    async def receive() -> Any:
        raise AssertionError("nobody reads a body here")

    async def send(message: Any) -> None:
        sent.append(message)

    framed = Frame(fails, Bounds(), Witnesses(lambda *_: None))
    await ErrorPages(framed, site)(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"].decode()


@pytest.mark.parametrize(
    ("path", "status", "german", "english"),
    [
        ("/nothing/here", 404, "Diese Seite gibt es nicht", "There is no such page"),
        ("/catalog/nothing", 404, "Diese Seite gibt es nicht", "There is no such page"),
        ("/catalog?limit=x", 400, "Diese Anfrage ist nicht richtig", "This request is not right"),
        ("/inventory", 401, "Dafür müssen Sie angemeldet sein", "You need to be logged in"),
        ("/products/charging/export.csv", 404, "Diese Seite gibt es nicht", "There is no such page"),
        ("/login", 404, "Eine Anmeldung ist hier nicht eingerichtet", "No login has been set up here"),
    ],
)
async def test_a_person_reads_what_happened_in_their_language(
    tmp_path: Path, path: str, status: int, german: str, english: str
) -> None:
    async with market(tmp_path) as town:
        for language, heading in (("de-DE,de;q=0.9", german), ("en-GB,en;q=0.9,de;q=0.4", english)):
            page = await town.http.get(path, headers=BROWSER | {"Accept-Language": language})
            assert page.status_code == status
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert f'<html lang="{language[:2]}">' in page.text and f"<h1>{heading}" in page.text
            assert page.headers["x-request-id"] in page.text
            assert page.headers["cache-control"] == "no-store"
            read = Read(page)
            assert read.open == [] and not {"script", "style"} & set(read.names)
            assert [read.names.count(name) for name in ("main", "header", "footer", "h1")] == [1, 1, 1, 1]
            assert page.headers.get_list("content-security-policy") == [LOGIN.policy.replace(" https://id.example", "")]
        assert (await town.http.get(path)).headers["content-type"] == "application/problem+json"


async def test_forbidden_is_a_page_too_and_programs_with_a_browsers_key_see_it(tmp_path: Path) -> None:
    async with market(tmp_path) as town:
        key = await town.key(Role.DATA_CONSUMER)
        page = await town.http.get("/inventory", headers=BROWSER | key)
        same = await town.http.get("/inventory", headers=key)
        wrong = await town.http.delete("/catalog", headers=BROWSER)
    assert (page.status_code, "Das ist Ihnen nicht erlaubt" in page.text) == (403, True)
    assert (same.status_code, same.json()["title"]) == (403, "Forbidden")
    assert (wrong.status_code, wrong.headers["content-type"]) == (405, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("problem", "status", "told"),
    [
        (ValueError("a secret of the inside"), 500, "Kennung unten"),
        (BrokerDown("The context broker cannot be reached.", [(b"retry-after", b"7")]), 503, "In 7 Sekunden"),
        (TooManyRequests("Slow down.", [(b"retry-after", b"31")]), 429, "In 31 Sekunden"),
    ],
)
async def test_faults_and_limits_are_pages_that_say_when_to_come_back(
    problem: Exception, status: int, told: str
) -> None:
    code, headers, text = await answered(problem, LOGIN, scope_of("/catalog"))
    assert (code, headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert told in text and "a secret" not in text
    assert headers["x-request-id"] in text
    code, headers, text = await answered(problem, LOGIN, scope_of("/ngsi-ld/v1/entities"))
    assert (code, headers["content-type"]) == (status, "application/json")


@pytest.mark.parametrize(
    ("path", "query", "to"),
    [
        ("/inventory", b"", "next=%2Finventory"),
        ("/catalog/über", b"lang=de&text=a%20b", "next=%2Fcatalog%2F%25C3%25BCber%3Flang%3Dde%26text%3Da%2520b"),
        ("/callback", b"state=x", "next=%2Fcatalog"),
        ("/catalog", b"text=" + b"x" * 5000, "next=%2Fcatalog"),
    ],
)
async def test_who_may_have_to_log_in_finds_the_way_and_back(path: str, query: bytes, to: str) -> None:
    scope = scope_of(path, query_string=query)
    scope["raw_path"] = b"/x"
    _, _, text = await answered(BrokerDown("x"), LOGIN, scope)
    assert f'href="/login?{to}"' in text
    _, _, text = await answered(BrokerDown("x"), Site(NAMELESS), scope)
    assert "/login" not in text


@pytest.mark.parametrize(
    ("path", "accept", "person"),
    [
        ("/catalog", BROWSER["Accept"], True),
        ("/", "text/html", True),
        ("/products/a/export.geojson", BROWSER["Accept"], True),
        ("/products/a/ngsi-ld/v1/entities", BROWSER["Accept"], False),
        ("/products/a", BROWSER["Accept"], False),
        ("/ngsi-ld/v1/types", BROWSER["Accept"], False),
        ("/admin/keys", BROWSER["Accept"], False),
        ("/catalog", "text/turtle, text/html;q=0.5", False),
        ("/catalog", "application/ld+json", False),
        ("/catalog", "*/*", False),
        ("/catalog", "", False),
        ("/catalog", "text/html;q=0", False),
    ],
)
async def test_only_browsers_that_go_to_a_page_are_people(path: str, accept: str, person: bool) -> None:
    assert asked_by_person(scope_of(path, accept)) is person


async def test_a_page_that_cannot_be_made_leaves_the_problem_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    broken: Any = None
    code, headers, text = await answered(BrokerDown("No broker."), Site(broken), scope_of("/catalog"))
    assert (code, headers["content-type"]) == (503, "application/problem+json")
    assert '"detail":"No broker."' in text
    assert "could not be made" in caplog.text
