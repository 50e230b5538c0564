"""Which part of the past a request asks for, and how much of it a product lets see (CIM 009, 4.11, 4.5.19, 5.7.3)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from context_broker.http.request import listed_options
from context_broker.reading.plan import positive
from ngsi_ld.datetimes import check_datetime
from ngsi_ld.errors import BadRequestData, InvalidRequest

TEMPORAL_Q = frozenset({"timerel", "timeAt", "endTimeAt", "timeproperty", "lastN"})
AGGREGATES = frozenset({"aggrMethods", "aggrPeriodDuration"})
FORMS = frozenset({"normalized", "temporalValues", "aggregatedValues"})
TIME_PROPERTIES = frozenset({"observedAt", "createdAt", "modifiedAt", "deletedAt"})
METHODS = frozenset({"totalCount", "distinctCount", "sum", "avg", "min", "max", "stddev", "sumsq"})
_PERIOD = re.compile(
    r"P(?!$)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8}(?:\.\d{1,6})?)S)?)?"
)


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` on until before `high`; None where it is open."""

    low: datetime | None = None
    high: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        return (self.low is None or self.low <= moment) and (self.high is None or moment < self.high)


@dataclass(frozen=True, slots=True)
class Past:
    """A temporal query, and the form of its answer; without `interval`: all that is known."""

    interval: Interval | None = None
    time_property: str = "observedAt"
    last: int | None = None
    form: str = "normalized"
    methods: tuple[str, ...] = ()
    period: str | None = None


def past_of(params: Mapping[str, Any]) -> Past:
    """From `timerel`, `timeAt` … and `options` or `format`; `BadRequestData` says what is malformed."""
    form = _form(params)
    time_property = params.get("timeproperty") or "observedAt"
    if time_property not in TIME_PROPERTIES:
        raise BadRequestData(f"timeproperty {time_property!r:.40} is none of {', '.join(sorted(TIME_PROPERTIES))}")
    last = positive(params["lastN"], "lastN") if "lastN" in params else None
    past = Past(_interval(params), time_property, last, form)
    if form != "aggregatedValues":
        return past
    return replace(past, methods=_methods(params.get("aggrMethods")), period=_period(params.get("aggrPeriodDuration")))


def since(past: Past, start: datetime | None) -> Past | None:
    """The same of a history that begins with `start` and has no traces of deletions; None where nothing is left.

    With a start only the time of observation counts: what was entered or changed late is no younger for it.
    """
    if start is not None and past.time_property != "observedAt":
        raise BadRequestData("this product shows its history for a limited time, by observedAt: leave timeproperty out")
    if past.time_property == "deletedAt":
        return None
    if start is None:
        return past
    asked = past.interval or Interval()
    low = max(start, asked.low or start)
    if asked.low is not None and asked.low < start:
        low = _on_grid(asked.low, start, past.period)
    if asked.high is not None and low >= asked.high:
        return None
    return replace(past, interval=Interval(low, asked.high))


def _on_grid(anchor: datetime, start: datetime, period: str | None) -> datetime:
    """The first period that begins after `start`: one begun earlier would count what is not shown."""
    length = _length(period)
    if not length:
        return start
    return anchor + -((anchor - start) // length) * length


def _length(period: str | None) -> timedelta:
    years, months, weeks, days, hours, minutes, seconds = _parts(period)
    if years or months:
        raise BadRequestData("this product shows its history for a limited time: write aggrPeriodDuration in days")
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _parts(period: str | None) -> list[float]:
    found = _PERIOD.fullmatch(period or "PT0S")
    if found is None:
        raise BadRequestData(f"aggrPeriodDuration {period!r:.40} is no duration: write it like PT15M, PT1H or P1D")
    return [float(number or 0) for number in found.groups()]


def _period(period: Any) -> str | None:
    if period is None:
        return None
    return period if any(_parts(str(period))) else None


def _methods(named: Any) -> tuple[str, ...]:
    methods = tuple(dict.fromkeys(part.strip() for part in str(named or "").split(",")))
    if not METHODS.issuperset(methods):
        known = ", ".join(sorted(METHODS))
        raise BadRequestData(f"aggregatedValues needs aggrMethods, some of {known}; given: {named!r:.60}")
    return methods


def _form(params: Mapping[str, Any]) -> str:
    asked = [params["format"]] if params.get("format") else sorted(listed_options(params) & FORMS)
    if len(asked) > 1 or not FORMS.issuperset(asked):
        raise InvalidRequest(f"one representation of {', '.join(sorted(FORMS))} can be asked for")
    return str(asked[0]) if asked else "normalized"


def _interval(params: Mapping[str, Any]) -> Interval | None:
    relation = params.get("timerel")
    if relation is None:
        if "timeAt" in params or "endTimeAt" in params:
            raise BadRequestData("timeAt and endTimeAt need timerel: before, after or between")
        return None
    if relation not in ("before", "after", "between"):
        raise BadRequestData(f"timerel {relation!r:.40} is none of before, after, between")
    moment = _moment(params, "timeAt")
    if relation == "between":
        return Interval(moment, _moment(params, "endTimeAt"))
    if "endTimeAt" in params:
        raise BadRequestData(f"endTimeAt belongs to timerel=between, not to {relation}")
    return Interval(None, moment) if relation == "before" else Interval(moment)


def _moment(params: Mapping[str, Any], name: str) -> datetime:
    if name not in params:
        raise BadRequestData(f"timerel={params['timerel']} needs {name}")
    return datetime.fromisoformat(check_datetime(params[name], name))
