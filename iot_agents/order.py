"""No older reading overwrites a newer value: readings may overtake each other in the network and at redelivery."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

AHEAD = timedelta(hours=1)
"""A time further in the future is that of a wrong clock, and must not lock out the readings that follow."""


class LatestTimes:
    """When each attribute of each entity was last observed, in memory: the memory is gone after a restart."""

    def __init__(self) -> None:
        self._times: dict[tuple[str, str], dict[str, datetime]] = {}

    def not_older(
        self, tenant: str, entity_id: str, attributes: Mapping[str, Any], observed_at: datetime
    ) -> dict[str, Any]:
        """The attributes of which nothing newer is known; the others are late."""
        times = self._times.setdefault((tenant, entity_id), {})
        timely = {
            name: attribute for name, attribute in attributes.items() if name not in times or times[name] <= observed_at
        }
        if observed_at <= datetime.now(UTC) + AHEAD:
            times.update(dict.fromkeys(timely, observed_at))
        return timely
