"""Doubtful values are kept, and said to be doubtful: out of the usual range, changing too fast, or stuck."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from iot_agents.profile import DeviceProfile, Quality

FLAG = "qualityFlag"
"""The sub-attribute, a Property with a list of `outOfRange`, `rateOfChange`, `stuck`; absent where nothing is wrong."""


class _Seen(NamedTuple):
    value: float
    at: datetime
    unchanged_since: datetime


class QualityRules:
    """Compares each value with the one before it; the memory for that is in the process, so it starts anew with it."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], _Seen] = {}

    def flagged(
        self, device_id: str, profile: DeviceProfile, attributes: Mapping[str, dict[str, Any]], at: datetime
    ) -> dict[str, dict[str, Any]]:
        """The attributes, the doubtful ones with their flag; what is late is not compared with what came before it."""
        marked = dict(attributes)
        for rule in profile.attributes:
            if rule.quality is None or rule.attribute not in attributes:
                continue
            value = attributes[rule.attribute].get("value")
            if isinstance(value, bool) or not isinstance(value, int | float):
                continue
            doubts = self._doubts((device_id, profile.id, rule.attribute), rule.quality, float(value), at)
            if doubts:
                marked[rule.attribute] = marked[rule.attribute] | {FLAG: {"type": "Property", "value": doubts}}
        return marked

    def _doubts(self, key: tuple[str, str, str], quality: Quality, value: float, at: datetime) -> list[str]:
        seen = self._seen.get(key)
        doubts = [] if _within(quality, value) else ["outOfRange"]
        if seen is not None and at <= seen.at:
            return doubts
        unchanged_since = seen.unchanged_since if seen is not None and seen.value == value else at
        self._seen[key] = _Seen(value, at, unchanged_since)
        if seen is not None and quality.most_change_per_hour is not None:
            hours = (at - seen.at) / timedelta(hours=1)
            if abs(value - seen.value) > quality.most_change_per_hour * max(hours, quality.shortest_hours):
                doubts.append("rateOfChange")
        if quality.stuck_after is not None and at - unchanged_since >= quality.stuck_after:
            doubts.append("stuck")
        return doubts


def _within(quality: Quality, value: float) -> bool:
    return (quality.minimum is None or value >= quality.minimum) and (
        quality.maximum is None or value <= quality.maximum
    )
