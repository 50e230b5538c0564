"""The transforms of iotagent-node-lib, by name. Each gives None where it can make nothing of its value."""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

import orjson
import re2

from iot_agents.fiware.jexl.values import is_number, iso_text, moment, number, text, tidy

Transform = Callable[..., Any]

URI_CHARACTERS = ";,/?:@&=+$-_.!~*'()#"
"""What JavaScript's encodeURI leaves as it is."""


def _integer(value: Any) -> int | None:
    found = re2.match(r"\s*([+-]?\d+)", text(value))
    return int(found.group(1)) if found else None


def _float(value: Any) -> float | int | None:
    found = re2.match(r"\s*([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)", text(value))
    return tidy(float(found.group(1))) if found else None


def _substr(value: Any, start: int, length: int | None = None) -> str:
    whole = text(value)
    begin = max(0, len(whole) + start) if start < 0 else start
    return whole[begin:] if length is None else whole[begin : begin + max(0, length)]


def _add(items: list[Any]) -> Any:
    if not items:
        return None
    if all(is_number(item) for item in items):
        return tidy(float(sum(items)))
    return "".join(text(item) for item in items)


def _type(value: Any) -> str:
    if value is None:
        return "undefined"
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "boolean"), ((int, float), "number"), (str, "string"),
    )  # fmt: skip
    return next((name for kind, name in names if isinstance(value, kind)), "object")


def _round(value: Any) -> int | None:
    known = number(value)
    return None if known is None else math.floor(known + 0.5)


def _fixed(value: Any, decimals: Any = 0) -> str | None:
    known, places = _float(value), _integer(decimals)
    return None if known is None or places is None or not 0 <= places <= 100 else f"{known:.{places}f}"


def _iso(value: Any) -> str | None:
    known = moment(value)
    return None if known is None else iso_text(known)


def _time(value: Any) -> int | None:
    known = moment(value)
    return None if known is None else round(known.timestamp() * 1000)


def _replace(value: str, pattern: str, by: str, count: int) -> str:
    return str(re2.sub(pattern, re2.sub(r"\$(\d)", r"\\\1", by), value, count=count))


def _mapper(value: Any, values: list[Any], choices: list[Any]) -> Any:
    place = values.index(value) if value in values else -1
    return choices[place] if 0 <= place < len(choices) else None


def _threshold(value: Any, limits: list[Any], choices: list[Any]) -> Any:
    place = next((index for index, limit in enumerate(limits) if value <= limit), len(limits))
    return choices[place] if place < len(limits) and place < len(choices) else None


def _mask(value: Any, mask: Any, operator: str, shift: Any) -> int | None:
    bits, by, places = _integer(value), _integer(mask), _integer(shift) or 0
    if bits is None or by is None or not 0 <= places < 32:
        return None
    masked = {"&": bits & by, "|": bits | by, "^": bits ^ by}.get(operator, bits)
    return masked >> places


def _set_with(items: list[Any], item: Any) -> list[Any]:
    return items if item in items else [*items, item]


def _hex_to_text(value: str) -> str:
    return bytes.fromhex(value).decode("utf-8", "replace")


def _hash(value: Any) -> str:
    total = 0
    for character in text(value):
        total = (total * 31 + ord(character)) & 0xFFFFFFFF
    return f"{abs(total - 2**32 if total >= 2**31 else total):08X}"


TRANSFORMS: Mapping[str, Transform] = {
    "jsonparse": lambda value: orjson.loads(value),
    "parsejson": lambda value: orjson.loads(value),
    "jsonstringify": lambda value: orjson.dumps(value).decode(),
    "indexOf": lambda value, part: text(value).find(text(part)),
    "length": lambda value: len(text(value)),
    "trim": lambda value: text(value).strip(),
    "substr": _substr,
    "addreduce": _add,
    "lengtharray": len,
    "typeof": _type,
    "isarray": lambda value: isinstance(value, list),
    "isnan": lambda value: number(value) is None,
    "parseint": _integer,
    "parsefloat": _float,
    "tonumber": number,
    "toisodate": _iso,
    "toisostring": _iso,
    "timeoffset": lambda value: 0 if moment(value) else None,
    "gettime": _time,
    "now": lambda *_: time.time_ns() // 1_000_000,
    "tostring": text,
    "urlencode": lambda value: quote(text(value), safe=URI_CHARACTERS),
    "urldecode": lambda value: unquote(text(value)),
    "replacestr": lambda value, part, by: value.replace(part, by, 1),
    "replaceallstr": lambda value, part, by: value.replace(part, by),
    "replaceregexp": lambda value, pattern, by: _replace(value, pattern, by, 1),
    "replaceallregexp": lambda value, pattern, by: _replace(value, pattern, by, 0),
    "split": lambda value, by: list(value) if by == "" else value.split(by),
    "joinarrtostr": lambda items, by=",": by.join(text(item) for item in items),
    "concatarr": lambda items, more: [*items, *(more if isinstance(more, list) else [more])],
    "mapper": _mapper,
    "thmapper": _threshold,
    "bitwisemask": _mask,
    "slice": lambda items, start=0, end=None: items[start:end],
    "addset": _set_with,
    "removeset": lambda items, item: [each for each in items if each != item],
    "touppercase": lambda value: text(value).upper(),
    "toupper": lambda value: text(value).upper(),
    "tolowercase": lambda value: text(value).lower(),
    "tolower": lambda value: text(value).lower(),
    "round": _round,
    "floor": lambda value: math.floor(value),
    "ceil": lambda value: math.ceil(value),
    "tofixed": _fixed,
    "hextostring": _hex_to_text,
    "valuePicker": lambda value, pick: [name for name, item in value.items() if item == pick],
    "valuePickerMulti": lambda value, pick: [name for name, item in value.items() if item in pick],
    "hash": _hash,
}
"""`parsejson`, `tonumber`, `toupper` and `tolower` are spellings that provisioners use beside FIWARE's."""

OF_NOTHING = frozenset({"typeof", "isarray", "isnan", "now"})
"""Transforms that have an answer where there is no value; of all others nothing comes of nothing."""


def apply(name: str, value: Any, arguments: list[Any]) -> Any:
    """None where the transform can make nothing of its values, as when JavaScript throws."""
    if value is None and name not in OF_NOTHING:
        return None
    try:
        return TRANSFORMS[name](value, *arguments)
    except (TypeError, ValueError, AttributeError, IndexError, OverflowError, re2.error):
        return None
