from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iot_agents.fiware.jexl.expression import BadExpression, compiled

CONTEXT = {
    "value": 6, "ts": 1637245214901, "name": "DevId629", "object": {"name": "John", "surname": "Doe"}, "array": [1, 3],
    "spaced": " hello world ", "place": "40.4165, -3.70256", "text": "7", "flag": True,
}  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("5 * value", 30),
        ("(6 + value) * 3", 36),
        ("value / 12 + 1", 1.5),
        ("(5 + 2) * (value + 7)", 91),
        ("value * 5.2", 31.200000000000003),
        ('"Pruebas " + "De Strings"', "Pruebas De Strings"),
        ('name + " value is " +value', "DevId629 value is 6"),
        ("{coordinates: [value,value], type: 'Point'}", {"coordinates": [6, 6], "type": "Point"}),
        ("ts|toisodate", "2021-11-18T14:20:14.901Z"),
        ('" a "| trim', "a"),
        ("name|length", 8),
        ('name|indexOf("e")', 1),
        ('name|substr(0,name|indexOf("e")+1)', "De"),
        ("spaced | trim | replacestr('hello','hi')", "hi world"),
        ("place | split(', ')[1] | parsefloat()", -3.70256),
    ],
)
def test_expressions_give_what_the_documentation_of_fiware_says(expression: str, expected: Any) -> None:
    assert compiled(expression)(CONTEXT) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("value > 5 && flag ? 'hot' : 'cold'", "hot"),
        ("missing ?: 'none'", "none"),
        ("!flag || value == '6'", True),
        ("value in [6, 7]", True),
        ("'ev' in name", True),
        ("object.name + object['surname']", "JohnDoe"),
        ("array[1] + array.length", 5),
        ("-value + 10 % 4 - 2 ^ 3", -12),
        ("7 // 2", 3),
        ("text * 2", 14),
        ("text + 2", "72"),
        ("missing * 2", None),
        ("name * 2", None),
        ("1 / 0", None),
        ("9 ^ 9999", None),
        ("trueish", None),
        ("'it\\'s'", "it's"),
    ],
)
def test_operators_convert_as_javascript_does(expression: str, expected: Any) -> None:
    assert compiled(expression)(CONTEXT) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'{\"a\": 1}'|jsonparse", {"a": 1}),
        ("'{'|jsonparse", None),
        ("object|jsonstringify", '{"name":"John","surname":"Doe"}'),
        ("array|addreduce", 4),
        ("array|lengtharray", 2),
        ("value|typeof", "number"),
        ("'12px'|parseint", 12),
        ("'1.5e1 m'|parsefloat", 15),
        ("text|tonumber", 7),
        ("ts|gettime", 1637245214901),
        ("'2021-11-18T14:20:14.901Z'|toisostring", "2021-11-18T14:20:14.901Z"),
        ("6.0|tostring", "6"),
        ("'a b'|urlencode|urldecode", "a b"),
        ("'a-b-c'|replaceallstr('-', '+')", "a+b+c"),
        ("'a1b22'|replaceallregexp('[0-9]+', '#')", "a#b#"),
        ("'2026-11'|replaceregexp('(\\\\d+)-(\\\\d+)', '$2/$1')", "11/2026"),
        ("array|joinarrtostr('-')", "1-3"),
        ("array|concatarr([5])", [1, 3, 5]),
        ("value|mapper([5, 6], ['five', 'six'])", "six"),
        ("value|thmapper([5, 10], ['low', 'high'])", "high"),
        ("value|bitwisemask(2, '&', 1)", 1),
        ("[1, 2, 3]|slice(0, 2)", [1, 2]),
        ("array|addset(3)|removeset(1)", [3]),
        ("name|touppercase|tolower", "devid629"),
        ("name|toupper", "DEVID629"),
        ("(2.5)|round", 3),
        ("(-2.5)|round", -2),
        ("(2.7)|floor + (2.2)|ceil", 5),
        ("(2.456)|tofixed(1)", "2.5"),
        ("'68656c6c6f'|hextostring", "hello"),
        ("object|valuePicker('Doe')", ["surname"]),
        ("missing|touppercase", None),
        ("missing|typeof", "undefined"),
    ],
)
def test_transforms_give_what_javascript_gives(expression: str, expected: Any) -> None:
    assert compiled(expression)(CONTEXT) == expected


@pytest.mark.parametrize(
    "expression", ["level *", "a b", "{a}", "array[.a > 1]", "d|localestring", "d|nothing", "(" * 500, "1+" * 3000, ""]
)
def test_what_is_not_offered_is_refused(expression: str) -> None:
    with pytest.raises(BadExpression):
        compiled(expression)


@given(st.text(max_size=40), st.dictionaries(st.sampled_from("abc"), st.integers() | st.text() | st.none()))
def test_no_text_brings_down_the_reader(source: str, context: dict[str, Any]) -> None:
    with suppress(BadExpression):
        compiled(source)(context)


def test_an_expression_that_is_too_deep_harms_nobody() -> None:
    with suppress(BadExpression):
        assert compiled("+".join(["a"] * 1900))({"a": 1}) in (None, 1900)


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_sums_and_products_are_those_of_python(one: int, other: int) -> None:
    context = {"a": one, "b": other}
    assert compiled("a + b * a")(context) == one + other * one
    assert compiled("a > b ? a - b : b - a")(context) == abs(one - other)
