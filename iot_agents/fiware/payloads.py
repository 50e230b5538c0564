"""What devices send as measures, by protocol: a list of `{name: value}`, in the order of their times."""

from collections.abc import Collection
from typing import Any

import orjson

from iot_agents.fiware import ultralight
from iot_agents.fiware.mapping import time_of
from iot_agents.fiware.plan import TIME
from iot_agents.fiware.topics import Protocol
from iot_agents.refused import Refused

Measure = dict[str, Any]

MOST_MEASURES = 1_000
"""In one message."""


def measures_of(
    protocol: Protocol, payload: bytes, attribute: str | None = None, texts: Collection[str] = ()
) -> list[Measure]:
    """`attribute` names the value where the payload is one value; `texts` are the names whose values are text.

    `Refused` where the payload is no measure.
    """
    if protocol == "ul":
        found = [{attribute: ultralight.native(_text(payload))}] if attribute else ultralight.parse(_text(payload))
        found = [{name: str(value) if name in texts else value for name, value in each.items()} for each in found]
    elif attribute is None:
        found = _objects(_json(payload))
    else:
        found = single_value(attribute, payload)
    if len(found) > MOST_MEASURES:
        raise Refused("too_large", f"The message has {len(found)} measures, allowed are {MOST_MEASURES}: send less")
    return in_order(found)


def single_value(attribute: str, payload: bytes) -> list[Measure]:
    """JSON; a list of `{"timestamp": …, "value": …}` are several. What is no JSON stands as hexadecimal text."""
    try:
        value = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return [{attribute: payload.hex()}]
    if isinstance(value, list) and value and all(_is_timed(item) for item in value):
        return [{attribute: item["value"], TIME: item["timestamp"]} for item in value]
    return [{attribute: value}]


def in_order(measures: list[Measure]) -> list[Measure]:
    """The oldest first where all have a time."""
    if len(measures) < 2:
        return measures
    times = [time_of(measure.get(TIME)) for measure in measures]
    known = [moment for moment in times if moment is not None]
    if len(known) < len(measures):
        return measures
    return [measure for _, measure in sorted(zip(known, measures, strict=True), key=lambda pair: pair[0])]


def results_of(protocol: Protocol, payload: bytes) -> dict[str, Any]:
    """The results of commands by name, as the device sends them to `cmdexe`."""
    if protocol == "ul":
        done = ultralight.result(_text(payload))
        return {done.command: done.result}
    results = _json(payload)
    if not isinstance(results, dict):
        raise Refused("wrong_type", "Results of commands are a JSON object: {command: result}")
    return results


def sniffed(payload: bytes) -> Protocol:
    """Where neither topic nor provisioning tells: what looks like JSON is JSON."""
    return "json" if payload.lstrip()[:1] in (b"{", b"[") else "ul"


def _is_timed(item: Any) -> bool:
    return isinstance(item, dict) and set(item) == {"timestamp", "value"}


def _objects(value: Any) -> list[Measure]:
    items = value if isinstance(value, list) else [value]
    if not items or not all(isinstance(item, dict) for item in items):
        raise Refused("wrong_type", "Measures are a JSON object {name: value}, or an array of such objects")
    return items


def _json(payload: bytes) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise Refused("malformed", f"The message is no JSON: {error}") from None


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise Refused("malformed", "The message is no text in UTF-8") from None
