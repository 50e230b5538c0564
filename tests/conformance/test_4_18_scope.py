"""4.18 Scopes and 4.19 scope queries."""

import pytest

from tests.conformance.client import Client, is_problem

pytestmark = pytest.mark.anyio


@pytest.fixture
async def scoped(broker: Client) -> Client:
    scopes = {"a": "/A", "ab": ["/A/B"], "abc": "A/B/C", "two": ["/A/B", "/C"], "c": "/C", "ax": "/AX", "none": None}
    for name, scope in scopes.items():
        await broker.create(id=f"urn:x:{name}", **({"scope": scope} if scope else {}))
    return broker


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("/A", "a"),
        ("A", "a"),
        ("/A/B", "ab two"),
        ("/A/#", "a ab abc two"),
        ("/#", "a ab abc two c ax"),
        ("/+", "a two c ax"),
        ("/A/+", "ab two"),
        ("/+/B", "ab two"),
        ("/A/+/C", "abc"),
        ("/+/B/#", "ab abc two"),
        ("/A,/C", "a two c"),
        ("/A|/C", "a two c"),
        ("(/A/B;/C)", "two"),
        ("(/A/B;/C),/AX", "two ax"),
        ("(/A/B;/C)|/A", "a two"),
        ("(/A/#;/C)", "two"),
        ("/B", ""),
        ("/a", ""),
    ],
)
async def test_a_scope_query_selects_entities(scoped: Client, query: str, found: str) -> None:
    assert " ".join(await scoped.ids(type="Kiosk", scopeQ=query)) == found
    assert " ".join(await scoped.ids(local="true", scopeQ=query)) == found
    body = {"type": "Query", "entities": [{"type": "Kiosk"}], "scopeQ": query}
    answer = await scoped.send("POST", "/entityOperations/query", body, 200)
    assert " ".join(entity["id"][6:] for entity in answer.json()) == found


@pytest.mark.parametrize(
    "query", ["", "//", "/A/", "/A//B", "#", "/A#", "/#/A", "/A;/B", "(/A;/B", "/A/*", "/1", "/A,", "(/A", "()"]
)
async def test_what_breaks_the_grammar_is_bad_request_data(broker: Client, query: str) -> None:
    answer = await broker.http.get("/entities", params={"type": "Kiosk", "scopeQ": query})
    assert is_problem(answer, 400, "BadRequestData")


async def test_scopes_have_a_leading_slash_and_one_is_a_string(broker: Client) -> None:
    await broker.create(scope=["Madrid/Park", "/Madrid/Park"])
    assert (await broker.get())["scope"] == "/Madrid/Park"
    assert (await broker.get(format="simplified"))["scope"] == "/Madrid/Park"
    await broker.create(id="urn:x:two", scope=["/A", "B"])
    assert (await broker.get("urn:x:two"))["scope"] == ["/A", "/B"]
