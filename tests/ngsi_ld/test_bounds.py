"""Bounds of the language: whose hold where, and that no other number in the code refuses anything."""

import ast
import asyncio
from pathlib import Path

import pytest

from ngsi_ld.bounds import Bounds, current, within
from ngsi_ld.errors import BadRequestData, TooComplexQuery
from ngsi_ld.jsonld.context import core_context
from ngsi_ld.names import check_name
from ngsi_ld.query.q import parse_q
from ngsi_ld.query.types import parse_type_selection
from tests.house.tree import modules, name_of, parsed

MATHEMATICS = {
    "platform/ngsi_ld/model/geometry.py": {"2", "4", "OVERFLOWING_DEGREES"},
    "platform/ngsi_ld/query/geo.py": {"3"},
    "platform/context_broker/http/request.py": {"18"},
    "platform/context_broker/storage/database.py": {"SCHEMA_VERSION"},
}
"""Numbers of GeoJSON, of arithmetic, of digits that a length can have, of the file's version: nothing to be set."""


def test_the_nearest_bounds_hold() -> None:
    outer, inner = Bounds(q_terms=5), Bounds(q_terms=2)
    with within(outer):
        with within(inner):
            assert current() is inner
        assert current() is outer
    assert current().q_terms == Bounds().q_terms


def test_tasks_keep_the_bounds_that_they_began_in() -> None:
    async def seen() -> int:
        await asyncio.sleep(0)
        return current().q_terms

    async def both() -> list[int]:
        with within(Bounds(q_terms=5)):
            first = asyncio.create_task(seen())
        return [await first, await seen()]

    assert asyncio.run(both()) == [5, Bounds().q_terms]


def test_cached_parses_do_not_answer_for_other_bounds() -> None:
    context = core_context()
    for _ in range(2):
        assert parse_q("a;b;c", context)
        assert parse_type_selection("((A))", context)
        with within(Bounds(q_terms=2, expression_nesting=1)):
            with pytest.raises(TooComplexQuery, match=r"q has 3 terms; at most 2 allowed \(limit q_terms\)"):
                parse_q("a;b;c", context)
            with pytest.raises(TooComplexQuery, match="limit expression_nesting"):
                parse_type_selection("((A))", context)


def test_a_long_name_is_judged_by_the_bounds_that_hold() -> None:
    for _ in range(2):
        assert check_name("temperature", "the attribute")
        with within(Bounds(uri_characters=5)), pytest.raises(BadRequestData, match="limit uri_characters"):
            check_name("temperature", "the attribute")


@pytest.mark.parametrize("start", ["", 'a~=x"y;', 'a=="}}}";'])
def test_links_that_would_exhaust_the_stack_are_refused(start: str) -> None:
    with pytest.raises(TooComplexQuery, match="limit q_links"):
        parse_q(start + "a{" * 2000 + "a" + "}" * 2000, core_context())


def test_parentheses_without_meaning_are_no_groups() -> None:
    assert parse_q("(" * 150 + "a" + ")" * 150, core_context()) == parse_q("a", core_context())


def numbers_that_refuse(path: Path) -> set[str]:
    """What an `if` that raises compares with: numbers above 1 and constants of the module."""
    found = set()
    for branch in ast.walk(parsed(path)):
        if not isinstance(branch, ast.If) or not any(isinstance(line, ast.Raise) for line in branch.body):
            continue
        for comparison in (node for node in ast.walk(branch.test) if isinstance(node, ast.Compare)):
            if isinstance(comparison.ops[0], ast.Gt | ast.GtE | ast.Lt | ast.LtE):
                found |= {ast.unparse(side) for side in (comparison.left, *comparison.comparators)}
    return {text for text in found if text.isupper() or (text.replace("_", "").isdigit() and int(text) > 1)}


def test_what_refuses_too_much_is_a_setting() -> None:
    rooms = ("platform/ngsi_ld/", "platform/context_broker/")
    found = {name_of(path): numbers_that_refuse(path) for path in modules() if name_of(path).startswith(rooms)}
    unlisted = {name: numbers - MATHEMATICS.get(name, set()) for name, numbers in found.items()}
    assert len(found) > 50
    assert {name: numbers for name, numbers in unlisted.items() if numbers} == {}
