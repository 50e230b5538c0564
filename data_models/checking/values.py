"""From what pydantic refuses of a value to findings: which part of it, what is allowed, and what was probably meant."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from data_models.base import AttributeType
from data_models.checking.finding import Finding
from data_models.checking.texts import TEXTS
from data_models.values import URI_PATTERN

CODES = {
    "bool_type": "no_boolean",
    "date_type": "no_date",
    "dict_type": "no_structure",
    "finite_number": "no_number",
    "float_type": "no_number",
    "int_type": "no_integer",
    "list_type": "no_list",
    "literal_error": "not_one_of",
    "missing": "member_missing",
    "model_attributes_type": "no_structure",
    "model_type": "no_structure",
    "string_pattern_mismatch": "pattern",
    "string_too_short": "too_short",
    "string_type": "no_text",
    "too_short": "too_few",
    "union_tag_invalid": "no_geometry",
    "union_tag_not_found": "no_geometry",
}
"""pydantic's kind of error → the finding."""
BOUNDS = {
    "greater_than_equal": ("too_small", "ge", "mindestens", "at least"),
    "greater_than": ("too_small", "gt", "mehr als", "more than"),
    "less_than_equal": ("too_large", "le", "höchstens", "at most"),
    "less_than": ("too_large", "lt", "weniger als", "less than"),
}
OF_A_VALUE_ERROR = (("position", "no_position"), ("once only", "twice"), ("offset", "no_date_time"))
NUMBER = re.compile(r"-?\d+([.,]\d+)?")
GERMANY = (5.8, 47.2, 15.1, 55.1)
"""West, south, east, north in degrees."""


def value_findings(name: str, known: AttributeType, value: Any) -> Iterator[Finding]:
    """What is wrong with the value of an attribute; the deepest parts, each once."""
    try:
        known.adapter.validate_python(value)
    except ValidationError as error:
        for path, detail in _deepest(value, error).items():
            yield _finding(name + path, detail)
    else:
        yield from _swapped(name, value)


def similar(name: str, known: Any) -> str | None:
    """The known name that was probably meant."""
    by_lower = {each.lower(): each for each in known}
    close = get_close_matches(name.lower(), by_lower, 1, 0.8)
    return by_lower[close[0]] if close else None


def _deepest(value: Any, error: ValidationError) -> dict[str, ErrorDetails]:
    """Path in the value → the error there. A union complains of all its branches: the one that came furthest counts."""
    found: dict[str, ErrorDetails] = {}
    for detail in error.errors(include_url=False):
        path = _path(value, detail)
        if path not in found or found[path]["type"].endswith("_type"):
            found[path] = detail
    return {path: detail for path, detail in found.items() if not any(_within(other, path) for other in found)}


def _within(path: str, whole: str) -> bool:
    return path != whole and path.startswith(whole) and path[len(whole)] in ".["


def _path(value: Any, detail: ErrorDetails) -> str:
    """The steps of pydantic's location that are in the value; the others name branches of unions."""
    path, here = "", value
    for step in detail["loc"]:
        if isinstance(step, int) and isinstance(here, list) and step < len(here):
            path, here = f"{path}[{step}]", here[step]
        elif isinstance(step, str) and isinstance(here, Mapping) and step in here:
            path, here = f"{path}.{step}", here[step]
    return f"{path}.{detail['loc'][-1]}" if detail["type"] == "missing" and detail["loc"] else path


def _finding(path: str, detail: ErrorDetails) -> Finding:
    kind, sent, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind in BOUNDS:
        return _out_of_bounds(path, sent, kind, context)
    if kind == "literal_error":
        return _not_one_of(path, sent, str(context["expected"]))
    code = CODES.get(kind) or _of_value_error(detail["msg"])
    if kind == "string_pattern_mismatch" and context.get("pattern") == URI_PATTERN:
        code = "no_uri"
    details: dict[str, Any] = {
        "pattern": context.get("pattern", ""),
        "actual": context.get("actual_length", ""),
        "least": context.get("min_length", ""),
        "reason": detail["msg"].removeprefix("Value error, "),
    }
    if code in ("no_number", "no_integer") and isinstance(sent, str) and NUMBER.fullmatch(sent.strip()):
        details["hint"] = hint("as_text", sent.strip().replace(",", "."))
    return Finding(code, "error", path, None if kind == "missing" else sent, details)


def _of_value_error(message: str) -> str:
    code = next((code for word, code in OF_A_VALUE_ERROR if word in message), None)
    if code is None and "isoformat" in message:
        return "no_date"
    return code or ("no_date_time" if "must be in" in message or "out of range" in message else "invalid")


def _out_of_bounds(path: str, sent: Any, kind: str, context: Mapping[str, Any]) -> Finding:
    code, argument, de, en = BOUNDS[kind]
    bound = f"{context[argument]:g}"
    details: dict[str, Any] = {"bound": {"de": f"{de} {bound}", "en": f"{en} {bound}"}}
    if context[argument] == 1 and code == "too_large" and 1 < sent <= 100:
        details["hint"] = hint("as_share", f"{sent / 100:g}")
    return Finding(code, "error", path, sent, details)


def _not_one_of(path: str, sent: Any, expected: str) -> Finding:
    allowed = re.findall(r"'([^']*)'", expected)
    details: dict[str, Any] = {"allowed": ", ".join(allowed)}
    meant = similar(sent, allowed) if isinstance(sent, str) else None
    if meant:
        details["hint"] = hint("perhaps", meant)
    return Finding("not_one_of", "error", path, sent, details)


def hint(code: str, value: str) -> dict[str, str]:
    return {language: text.format(value=value) for language, text in TEXTS[code].items()}


def _swapped(name: str, value: Any) -> Iterator[Finding]:
    """A position far from Germany whose numbers would lie in it the other way round."""
    if not isinstance(value, Mapping) or value.get("type") != "Point":
        return
    first, second = value["coordinates"][:2]
    if not _in_germany(first, second) and _in_germany(second, first):
        details = {"swapped": f"{second:g}, {first:g}"}
        yield Finding("swapped", "warning", f"{name}.coordinates", value["coordinates"], details)


def _in_germany(longitude: float, latitude: float) -> bool:
    west, south, east, north = GERMANY
    return west <= longitude <= east and south <= latitude <= north
