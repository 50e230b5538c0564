"""Ultralight 2.0: `t|15|k|abc#p|1015`, with a time in front of a group, and `device@command|result`."""

from typing import Any, NamedTuple

from iot_agents.fiware.jexl.values import number
from iot_agents.fiware.mapping import time_of
from iot_agents.fiware.plan import TIME
from iot_agents.refused import Refused


class Result(NamedTuple):
    """What became of a command."""

    command: str
    result: str


def parse(payload: str) -> list[dict[str, Any]]:
    """One measure for each group; `Refused` where names and values do not pair up.

    Numbers in their usual spelling are numbers, everything else is text: `015` and `1.50` stay as they are.
    """
    if not payload.strip():
        raise Refused("malformed", "The message is empty: send name|value pairs")
    return [_group(group) for group in payload.strip().split("#")]


def _group(group: str) -> dict[str, Any]:
    parts = group.removeprefix("|").split("|")
    measure: dict[str, Any] = {}
    if len(parts) % 2 and time_of(parts[0]):
        measure[TIME], parts = parts[0], parts[1:]
    if len(parts) % 2 or not parts or "" in parts:
        raise Refused("malformed", f"{group!r:.120} is no Ultralight 2.0: send name|value|name|value")
    return measure | {name: native(value) for name, value in zip(parts[::2], parts[1::2], strict=True)}


def native(value: str) -> Any:
    """A number only where it can be told from no other text."""
    known = number(value) if value else None
    return known if known is not None and str(known) == value else value


def result(payload: str) -> Result:
    """`device@command|result`; the result may hold anything."""
    head, _, rest = payload.partition("|")
    _, at, command = head.partition("@")
    if not at or not command:
        raise Refused("malformed", f"{payload!r:.120} is no result of a command: send device@command|result")
    return Result(command.strip(), rest)


def command(device_id: str, name: str, value: Any) -> str:
    """`device@command|value`, or `device@command|name=value|…` for an object."""
    if isinstance(value, dict):
        return "|".join([f"{device_id}@{name}", *(f"{key}={each}" for key, each in value.items())])
    return f"{device_id}@{name}|{value}"
