"""The query language q: text to tree (CIM 009, 4.9). `q_evaluation` and the broker's SQL both work on the tree."""

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal, cast
from urllib.parse import unquote

import orjson
from lark import Lark, ParseTree, Token, Transformer, Tree, UnexpectedInput
from lark.exceptions import VisitError

from ngsi_ld.bounds import Bounds, check_length, current, exceeded
from ngsi_ld.datetimes import DATE, TIME, parse_datetime
from ngsi_ld.errors import BadRequestData, NgsiLdError
from ngsi_ld.jsonld.context import Context
from ngsi_ld.names import is_uri
from ngsi_ld.query.patterns import compile_pattern

LiteralKind = Literal["number", "string", "bool", "datetime", "date", "time", "uri"]
Operator = Literal["==", "!=", ">=", "<=", ">", "<"]


@dataclass(frozen=True, slots=True)
class Value:
    """A literal of a query; a date is kept as its text."""

    kind: LiteralKind
    value: Any


@dataclass(frozen=True, slots=True)
class Path:
    """`names` as (written, IRI): attribute, then sub-attributes or members; `keys` within the value; or a link."""

    names: tuple[tuple[str, str], ...]
    keys: tuple[str, ...] = ()
    linked: "Path | None" = None
    types: tuple[str, ...] = ()

    @property
    def attribute(self) -> str:
        """The IRI of the attribute that the path begins with."""
        return self.names[0][1]

    @property
    def depth(self) -> int:
        """How many relationships the path follows."""
        return 1 + self.linked.depth if self.linked else 0


@dataclass(frozen=True, slots=True)
class Exists:
    path: Path
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """`values` has one value, or several for a list; a range has its two ends."""

    path: Path
    operator: Operator
    values: tuple[Value, ...]
    is_range: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    path: Path
    pattern: str
    negated: bool


@dataclass(frozen=True, slots=True)
class And:
    items: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Or:
    items: tuple["Query", ...]


Query = Exists | Compare | Match | And | Or


def parse_q(text: str, context: Context, expand_values: frozenset[str] = frozenset()) -> Query:
    """The tree of a query, its names expanded; `BadRequestData` with the place where it breaks the grammar.

    `expand_values` names (by IRI) the attributes whose values are vocabulary terms to be expanded (`expandValues`).
    """
    return _parse(text, context, expand_values, current())


@lru_cache(maxsize=512)
def _parse(text: str, context: Context, expand_values: frozenset[str], bounds: Bounds) -> Query:
    check_length(text, "q")
    if (terms := text.count(";") + text.count("|") + 1) > bounds.q_terms:
        raise exceeded("q_terms", f"q has {terms} terms")
    if (groups := text.count("(")) > bounds.q_terms:
        raise exceeded("q_terms", f"q has {groups} parentheses")
    try:
        written = _grammar().parse(text)
        _check_depth(written, bounds)
        tree: Query = _Builder(context, expand_values).transform(written)
    except UnexpectedInput as error:
        raise BadRequestData(f"q breaks the grammar at character {_place(error, text)}: {text[:200]}") from None
    except VisitError as error:
        if isinstance(error.orig_exc, NgsiLdError):
            raise error.orig_exc from None
        raise
    return tree


def _check_depth(tree: ParseTree, bounds: Bounds) -> None:
    """Level by level: what follows it, from building to evaluation, descends recursively."""
    level = [(tree, 0, 0)]
    while level:
        deeper = []
        for node, groups, links in level:
            groups += node.data in ("disjunction", "conjunction")
            links += node.data == "linked"
            if groups > bounds.expression_nesting:
                raise exceeded("expression_nesting", f"q has {groups} groups in one another")
            if links > bounds.q_links:
                raise exceeded("q_links", f"q follows {links} relationships one behind the other")
            deeper += [(child, groups, links) for child in node.children if isinstance(child, Tree)]
        level = deeper


def _place(error: UnexpectedInput, text: str) -> int:
    position = error.pos_in_stream
    return (position if position is not None and position >= 0 else len(text)) + 1


@cache
def _grammar() -> Lark:
    text = files("ngsi_ld").joinpath("query/q.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", maybe_placeholders=True)


class _Builder(Transformer[Token, Query]):
    """Bottom-up: each method gets the already built parts of one rule."""

    def __init__(self, context: Context, expand_values: frozenset[str]) -> None:
        super().__init__()
        self._context = context
        self._expand_values = expand_values

    def disjunction(self, items: list[Query]) -> Query:
        return Or(tuple(items))

    def conjunction(self, items: list[Query]) -> Query:
        return And(tuple(items))

    def exists(self, parts: list[Path]) -> Query:
        return Exists(parts[0])

    def missing(self, parts: list[Path]) -> Query:
        return Exists(parts[0], negated=True)

    def compare(self, parts: list[Any]) -> Query:
        path, operator, operand = parts[0], str(parts[1]), parts[2]
        values = operand if isinstance(operand, tuple) else (operand,)
        is_range = isinstance(operand, _Range)
        if operator not in ("==", "!=") and (len(values) > 1 or values[0].kind in ("bool", "uri")):
            raise BadRequestData(f"q: {operator} takes one number, string or date")
        expands = path.attribute in self._expand_values
        resolved = tuple(self._resolved(value, expands) for value in values)
        return Compare(path, cast(Operator, operator), resolved, is_range)

    def match(self, parts: list[Any]) -> Query:
        path, token = parts
        negated = token.startswith("!")
        pattern = str(token)[3 if negated else 2 :]
        if len(pattern) > 1 and pattern[0] == pattern[-1] == '"':
            pattern = pattern[1:-1].replace('\\"', '"')
        compile_pattern(pattern, "q")
        return Match(path, pattern, negated)

    def path(self, parts: list[Any]) -> Path:
        names = tuple(self._name(part) for part in parts if isinstance(part, Token))
        return Path(names, parts[-1] or ())

    def linked(self, parts: list[Any]) -> Path:
        inner: Path = parts[-1]
        types = [str(part) for part in parts[1:-1]]
        written = inner.names[0][0]
        hint, colon, rest = written.partition(":")
        if colon and "://" not in written and self._context.expand_reference(written) == written:
            types.append(hint)
            inner = Path(((rest, self._context.expand(rest)), *inner.names[1:]), inner.keys, inner.linked, inner.types)
        return Path((self._name(parts[0]),), (), inner, tuple(self._context.expand(name) for name in types))

    def brackets(self, parts: list[Token]) -> tuple[str, ...]:
        return tuple(str(part).strip('"') for part in parts)

    def value_range(self, parts: list[Value]) -> "_Range":
        if parts[0].kind != parts[1].kind or parts[0].kind in ("bool", "uri"):
            raise BadRequestData("q: the ends of a range must both be numbers, strings, or dates of one kind")
        return _Range(parts)

    def value_list(self, parts: list[Value]) -> tuple[Value, ...]:
        return tuple(parts)

    def value(self, parts: list[Token]) -> Value:
        token = parts[0]
        if token.type == "STRING":
            return Value("string", _unquoted(token))
        return plain_value(token.strip())

    def _name(self, token: str) -> tuple[str, str]:
        written = unquote(token) if "%" in token else str(token)
        return written, self._context.expand(written)

    def _resolved(self, value: Value, expands: bool) -> Value:
        if expands and value.kind in ("string", "uri"):
            return Value("uri", self._context.expand(value.value))
        if value.kind == "uri":
            reference = self._context.expand_reference(value.value)
            if not is_uri(reference):
                raise BadRequestData(f"q: {value.value[:80]!r} is no number, date, boolean or URI: quote a string")
            return Value("uri", reference)
        return value


class _Range(tuple[Value, ...]):
    """The two ends of a range, to be told from a list."""

    __slots__ = ()


def _unquoted(token: str) -> str:
    try:
        text: str = orjson.loads(str(token))
    except orjson.JSONDecodeError:
        return token[1:-1]
    return text


def plain_value(text: str) -> Value:
    """An unquoted literal: boolean, number, DateTime, Date, Time, else a URI (or a term for `expandValues`)."""
    if text in ("true", "false"):
        return Value("bool", text == "true")
    try:
        number = orjson.loads(text)
    except orjson.JSONDecodeError:
        number = None
    if isinstance(number, int | float):
        return Value("number", number)
    if parse_datetime(text):
        return Value("datetime", text.replace(",", "."))
    if DATE.fullmatch(text):
        return Value("date", text)
    if TIME.fullmatch(text):
        return Value("time", text)
    return Value("uri", text)
