"""4.17 Entity type selection."""

import pytest

from tests.conformance.client import DEFAULT, Client, is_problem

pytestmark = pytest.mark.anyio


@pytest.fixture
async def typed(broker: Client) -> Client:
    for name, types in (("a", ["A"]), ("b", ["B"]), ("ab", ["B", "A"]), ("abc", ["A", "B", "C"]), ("c", ["C"])):
        await broker.create(id=f"urn:x:{name}", type=types)
    return broker


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("A", "a ab abc"),
        ("A,C", "a ab abc c"),
        ("A|C", "a ab abc c"),
        ("(A;B)", "ab abc"),
        ("A;B", "ab abc"),
        ("(A;B;C)", "abc"),
        ("(A;B)|C", "ab abc c"),
        ("C,(B;A)", "ab abc c"),
        ("(A,B);C", "abc"),
        ("((A;B)|C);A", "ab abc"),
        ("(A)", "a ab abc"),
        (DEFAULT + "C", "abc c"),
        ("D", ""),
        ("(A;D)", ""),
        ("D,C", "abc c"),
    ],
)
async def test_an_expression_selects_entities(typed: Client, expression: str, found: str) -> None:
    assert " ".join(await typed.ids(type=expression)) == found
    body = {"type": "Query", "entities": [{"type": expression}]}
    answer = await typed.send("POST", "/entityOperations/query", body, 200)
    assert " ".join(entity["id"][6:] for entity in answer.json()) == found
    single = await typed.http.get("/entities/urn:x:ab", params={"type": expression})
    assert single.status_code == (200 if "ab" in found.split() else 404)


@pytest.mark.parametrize(
    "expression", ["(A", "A)", "A;;B", "A,,B", "(A;B", "()", ";A", "A|", "1A", "A B", "(A)(B)", "A;*"]
)
async def test_what_breaks_the_grammar_is_bad_request_data(broker: Client, expression: str) -> None:
    answer = await broker.http.get("/entities", params={"type": expression})
    assert is_problem(answer, 400, "BadRequestData")
    body = {"type": "Query", "entities": [{"type": expression}]}
    assert is_problem(await broker.http.post("/entityOperations/query", json=body), 400, "BadRequestData")
