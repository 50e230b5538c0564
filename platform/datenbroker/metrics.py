"""What Prometheus reads: the platform's plain counters, turned into its text format when it asks."""

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ngsi_client.rejected import Rejections

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds in seconds."""

ROUTES = (
    "ngsi-ld",
    "admin",
    "devices",
    "device-profiles",
    "deadletters",
    "sources",
    "webhooks",
    "health",
    "metrics",
    "docs",
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Counters = Callable[[], Mapping[str, int | float]]
Families = Callable[[], Awaitable[Iterable[Metric]]]


@dataclass(slots=True)
class _Series:
    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0


class RequestTimes:
    """A histogram of the gateway's answers by route class, method and status; a measurement takes a microsecond."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str, int], _Series] = {}

    def measure(self, path: str, method: str, status: int, seconds: float) -> None:
        # the first segment only and known methods only: a client must not be able to make label values
        first = path[1:].partition("/")[0]
        key = (first if first in ROUTES else "other", method if method in METHODS else "other", status)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = _Series()
        series.counts[bisect_left(BUCKETS, seconds)] += 1
        series.seconds += seconds

    def collect(self) -> Metric:
        family = HistogramMetricFamily(
            "datenbroker_http_request_duration_seconds",
            "Time until the gateway has answered",
            labels=["route", "method", "status"],
        )
        bounds = [*map(str, BUCKETS), "+Inf"]
        for (route, method, status), series in self._series.items():
            buckets = list(zip(bounds, map(float, accumulate(series.counts)), strict=True))
            family.add_metric([route, method, str(status)], buckets, series.seconds)
        return family


class Metrics:
    """Everything that is measured in this process; parts are added by the composition root."""

    def __init__(self, rejections: Rejections) -> None:
        self.requests = RequestTimes()
        self._rejections = rejections
        self._parts: list[Families] = []

    def add_counters(self, part: str, counters: Counters, gauges: Collection[str] = ()) -> None:
        """A part's figures by name: each becomes `datenbroker_<part>_<name>_total`, or a gauge without `_total`."""

        async def families() -> Iterator[Metric]:
            return (_figure(part, name, value, name in gauges) for name, value in counters().items())

        self._parts.append(families)

    def add_families(self, families: Families) -> None:
        """Ready-made metric families, computed at each scrape."""
        self._parts.append(families)

    async def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        collected = [self.requests.collect(), self._rejects()]
        for part in self._parts:
            collected.extend(await part())
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collected(collected))
        return generate_latest(registry)

    def _rejects(self) -> Metric:
        family = CounterMetricFamily(
            "datenbroker_rejects", "Records and readings that were refused", labels=["source", "kind"]
        )
        for (source, kind), count in self._rejections.counts.items():
            family.add_metric([source, kind], count)
        return family


class _Collected(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


def _figure(part: str, name: str, value: float, is_gauge: bool) -> Metric:
    description = f"{name} of the {part}".replace("_", " ")
    kind = GaugeMetricFamily if is_gauge else CounterMetricFamily
    return kind(f"datenbroker_{part}_{name}", description, value=value)


def labelled_gauge(name: str, description: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    """A gauge with one label and a value for each."""
    family = GaugeMetricFamily(name, description, labels=[label])
    for labelled, value in values.items():
        family.add_metric([labelled], value)
    return family
