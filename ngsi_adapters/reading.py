"""From a payload to outcomes: the one place where a bad record becomes a `Rejected` and the others go on."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, TypeVar
from xml.etree.ElementTree import Element, tostring

import orjson
from pydantic import ValidationError

from data_models.base import reasons
from ngsi_adapters.source import Change, Documents, Malformed, Outcome, Payload, Record, Source, Unread, opened, whole
from ngsi_client.rejected import Rejected, excerpt_of

T = TypeVar("T")


class Same(NamedTuple):
    """An entity of which the source says what it said before."""

    entity_id: str


Seen = TypeVar("Seen", bound=Outcome | Same)
HTML = (b"<!doctype html", b"<html")
HEAD = 4000
MALFORMED = "malformed"
RANGE_ERRORS = ("greater_than", "less_than", "multiple_of", "finite_number")
TYPE_ERRORS = ("_type", "_parsing", "literal_error", "string_pattern_mismatch")


def read(source: Source, payload: Payload | Documents, fetched_at: datetime) -> Iterator[Outcome]:
    """Every outcome of a payload, or of the documents that a source joins; whatever is wrong is a `Rejected`."""
    yield from read_more(source, payload, fetched_at, set())


def read_more(source: Source, payload: Payload | Documents, fetched_at: datetime, seen: set[str]) -> Iterator[Outcome]:
    """The same for one of several documents of a run: `seen` are the ids of those before, and is added to."""
    return recognised(source, payload, fetched_at, seen, Unread.outcome)


def recognised(
    source: Source,
    payload: Payload | Documents,
    fetched_at: datetime,
    seen: set[str],
    recognise: Callable[[Unread], Seen],
) -> Iterator[Outcome | Seen]:
    """The same where rows that stand for themselves are read by `recognise`, which may know them already."""
    try:
        for outcome in _outcomes(source, payload, fetched_at):
            yield _placed(source, recognise(outcome) if isinstance(outcome, Unread) else outcome, seen)
    except Malformed as error:
        yield _placed(source, _whole(payload, MALFORMED, str(error)), seen)
    except Exception as error:  # a source must never stop the loop, whatever it was sent
        yield _placed(source, _whole(payload, MALFORMED, f"cannot be read: {type(error).__name__}: {error}"), seen)


def _outcomes(source: Source, payload: Payload | Documents, fetched_at: datetime) -> Iterable[Outcome | Unread]:
    if source.join is not None:
        if not isinstance(payload, Mapping):
            raise Malformed(f"the source {source.uid} joins several documents and was given one")
        return source.join(payload, fetched_at)
    if isinstance(payload, Mapping):
        raise Malformed(f"the source {source.uid} reads one document at a time")
    head = opened(payload).read(HEAD)
    if not source.fetching.html and head[:200].lstrip().lower().startswith(HTML):
        raise Malformed(f"an HTML page instead of data: {_title(head)}")
    if source.stream is not None:
        return source.stream(opened(payload), fetched_at)
    return source.parse(whole(payload), fetched_at) if source.parse is not None else ()


def _title(head: bytes) -> str:
    found = re.search(rb"<title[^>]*>(.{1,100})", head, re.IGNORECASE)
    return found.group(1).partition(b"<")[0].decode("utf-8", "replace").strip() if found else "without a title"


def each(
    rows: Iterable[T], build: Callable[[T], Record | Change], identify: Callable[[T], str | None]
) -> Iterator[Outcome]:
    """Build a record of each row; a row of which that is impossible is rejected with the reason."""
    return map(_guarded(build, identify), rows)


def each_alone(
    rows: Iterable[T], build: Callable[[T], Record | Change], identify: Callable[[T], str | None]
) -> Iterator[Unread]:
    """The same for rows of JSON or CSV that stand for themselves: an unchanged one is not built again.

    What `build` makes may depend on nothing but the row; on the time of the fetch only as the time of observation.
    """
    read = _guarded(build, identify)
    return (Unread(row, read) for row in rows)


def _guarded(build: Callable[[T], Record | Change], identify: Callable[[T], str | None]) -> Callable[[T], Outcome]:
    def read(row: T) -> Outcome:
        try:
            return build(row)
        except (ValueError, KeyError, TypeError, AttributeError, LookupError) as error:
            return refused(row, error, identify)

    return read


def refused(row: T, error: Exception, identify: Callable[[T], str | None]) -> Rejected:
    """The row as a reject: its id where it can be told, the reason and an excerpt."""
    try:
        record_id = identify(row)
    except (KeyError, TypeError, AttributeError, LookupError):
        record_id = None
    return Rejected("", record_id, _kind(error), _reason(error), excerpt_of(_text(row)))


def unmatched(row: T, reason: str, identify: Callable[[T], str | None]) -> Rejected:
    """A row that refers to another one which is not there."""
    return replace(refused(row, LookupError(reason), identify), kind="unmatched")


def _placed(source: Source, outcome: Seen, seen: set[str]) -> Seen | Rejected:
    if isinstance(outcome, Rejected):
        return replace(outcome, source=source.uid, tenant=source.tenant)
    if outcome.entity_id in seen:
        reason = f"{outcome.entity_id} is twice in one payload: the first is kept"
        return Rejected(source.uid, outcome.entity_id, "duplicate", reason, tenant=source.tenant)
    seen.add(outcome.entity_id)
    return outcome


def _whole(payload: Payload | Documents, kind: str, reason: str) -> Rejected:
    one = next(iter(payload.values()), b"") if isinstance(payload, Mapping) else payload
    return Rejected("", None, kind, reason, excerpt_of(opened(one).read(HEAD)))


def _kind(error: Exception) -> str:
    if isinstance(error, KeyError):
        return "missing"
    if not isinstance(error, ValidationError):
        return "wrong_type" if isinstance(error, TypeError | AttributeError) else "invalid"
    kind = error.errors(include_url=False)[0]["type"]
    if kind == "missing":
        return kind
    if kind.startswith(RANGE_ERRORS):
        return "out_of_range"
    return "wrong_type" if kind.endswith(TYPE_ERRORS) else "invalid"


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return reasons(error)
    if isinstance(error, KeyError):
        return f"{error.args[0]!r} is missing"
    return str(error) or type(error).__name__


def _text(row: object) -> str:
    if isinstance(row, Element):
        return tostring(row, encoding="unicode")
    try:
        return orjson.dumps(row).decode()
    except TypeError:
        return str(row)
