"""An expression, read once and evaluated for each measure."""

import ast
import math
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import LarkError

from iot_agents.fiware.jexl import transforms
from iot_agents.fiware.jexl.transforms import TRANSFORMS
from iot_agents.fiware.jexl.values import is_number, number, text, tidy, truth

Context = Mapping[str, Any]
Step = Callable[[Context], Any]
Node = Tree[Token]

LONGEST = 4_000
"""Characters of an expression."""


class BadExpression(ValueError):
    """It is no JEXL, or uses what is not offered here."""


class Expression:
    """`variables` are the names it looks up in the context."""

    def __init__(self, source: str, evaluate: Step, variables: frozenset[str]) -> None:
        self.source, self.variables, self._evaluate = source, variables, evaluate

    def __call__(self, context: Context) -> Any:
        """The value, None where nothing comes of it."""
        try:
            value = self._evaluate(context)
        except RecursionError:
            return None
        return tidy(value) if isinstance(value, float) else value


@lru_cache(maxsize=10_000)
def compiled(source: str) -> Expression:
    """`BadExpression` says what is wrong."""
    if len(source) > LONGEST:
        raise BadExpression(f"the expression has {len(source)} characters, allowed are {LONGEST}")
    try:
        tree = _parser().parse(source)
        step = _step(tree)
    except (LarkError, RecursionError) as error:
        raise BadExpression(f"{source!r:.200} is no JEXL: {str(error).splitlines()[0]}") from None
    names = frozenset(str(node.children[0]) for node in tree.find_data("variable"))
    return Expression(source, step, names)


@cache
def _parser() -> Lark:
    grammar = files("iot_agents.fiware.jexl").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", maybe_placeholders=False)


def _step(node: Any) -> Step:
    return _STEPS[node.data]([child for child in node.children])


def _number(children: list[Any]) -> Step:
    value = tidy(float(children[0]))
    return lambda _: value


def _string(children: list[Any]) -> Step:
    value = _unquoted(children[0])
    return lambda _: value


def _unquoted(token: str) -> str:
    try:
        return str(ast.literal_eval(token.replace("\n", "\\n")))
    except (ValueError, SyntaxError):
        return token[1:-1]


def _variable(children: list[Any]) -> Step:
    name = str(children[0])
    return lambda context: context.get(name)


def _array(children: list[Any]) -> Step:
    steps = [_step(child) for child in children]
    return lambda context: [step(context) for step in steps]


def _object(children: list[Any]) -> Step:
    pairs = [(_key(pair.children[0]), _step(pair.children[1])) for pair in children]
    return lambda context: {key: step(context) for key, step in pairs}


def _key(token: Token) -> str:
    return _unquoted(token) if token.type == "STRING" else str(token)


def _member(children: list[Any]) -> Step:
    whole, name = _step(children[0]), str(children[1])

    def step(context: Context) -> Any:
        value = whole(context)
        if isinstance(value, dict):
            return value.get(name)
        return len(value) if name == "length" and isinstance(value, list | str) else None

    return step


def _index(children: list[Any]) -> Step:
    whole, place = _step(children[0]), _step(children[1])

    def step(context: Context) -> Any:
        value, at = whole(context), place(context)
        if isinstance(value, dict):
            return value.get(text(at))
        if isinstance(value, list | str) and is_number(at) and at == int(at) and 0 <= at < len(value):
            return value[int(at)]
        return None

    return step


def _transform(children: list[Any]) -> Step:
    value, name = _step(children[0]), str(children[1])
    if name not in TRANSFORMS:
        raise BadExpression(f"there is no transform {name!r:.80}; there are {', '.join(TRANSFORMS)}")
    arguments = [_step(child) for child in children[2:]]
    return lambda context: transforms.apply(name, value(context), [argument(context) for argument in arguments])


def _choice(children: list[Any]) -> Step:
    condition, one, other = (_step(child) for child in children)
    return lambda context: one(context) if truth(condition(context)) else other(context)


def _otherwise(children: list[Any]) -> Step:
    one, other = (_step(child) for child in children)

    def step(context: Context) -> Any:
        value = one(context)
        return value if truth(value) else other(context)

    return step


def _negation(children: list[Any]) -> Step:
    value = _step(children[0])
    return lambda context: not truth(value(context))


def _negative(children: list[Any]) -> Step:
    value = _step(children[1])

    def step(context: Context) -> Any:
        known = number(value(context))
        return None if known is None else -known

    return step


def _binary(children: list[Any]) -> Step:
    left, operator, right = _step(children[0]), str(children[1]), _step(children[2])
    if operator in ("&&", "||"):
        stops_at = operator == "||"

        def step(context: Context) -> Any:
            value = left(context)
            return value if truth(value) is stops_at else right(context)

        return step
    work = _OPERATORS[operator]
    return lambda context: work(left(context), right(context))


def _plus(left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if isinstance(left, str | list | dict) or isinstance(right, str | list | dict):
        return text(left) + text(right)
    return _arithmetic(lambda one, other: one + other)(left, right)


def _arithmetic(work: Callable[[float, float], float]) -> Callable[[Any, Any], Any]:
    def operator(left: Any, right: Any) -> Any:
        one, other = number(left), number(right)
        if one is None or other is None:
            return None
        try:
            return tidy(work(float(one), float(other)))
        except (ZeroDivisionError, OverflowError, ValueError, TypeError):
            return None

    return operator


def _comparison(work: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def operator(left: Any, right: Any) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return work(left, right)
        one, other = number(left), number(right)
        return one is not None and other is not None and work(one, other)

    return operator


def _equal(left: Any, right: Any) -> bool:
    """JavaScript's `==`, under which "7" is 7."""
    if (is_number(left) and isinstance(right, str)) or (isinstance(left, str) and is_number(right)):
        return number(left) == number(right)
    return bool(left == right)


def _in(left: Any, right: Any) -> bool:
    if isinstance(right, str):
        return text(left) in right
    return isinstance(right, list) and left in right


_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": _plus,
    "-": _arithmetic(lambda one, other: one - other),
    "*": _arithmetic(lambda one, other: one * other),
    "/": _arithmetic(lambda one, other: one / other),
    "//": _arithmetic(lambda one, other: math.floor(one / other)),
    "%": _arithmetic(math.fmod),
    "^": _arithmetic(lambda one, other: one**other),
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    ">": _comparison(lambda one, other: one > other),
    ">=": _comparison(lambda one, other: one >= other),
    "<": _comparison(lambda one, other: one < other),
    "<=": _comparison(lambda one, other: one <= other),
    "in": _in,
}

_STEPS: Mapping[str, Callable[[list[Any]], Step]] = {
    "number": _number,
    "string": _string,
    "true": lambda _: lambda _: True,
    "false": lambda _: lambda _: False,
    "variable": _variable,
    "array": _array,
    "object": _object,
    "member": _member,
    "index": _index,
    "transform": _transform,
    "choice": _choice,
    "otherwise": _otherwise,
    "negation": _negation,
    "negative": _negative,
    "binary": _binary,
}
