"""What Prometheus reads: the platform's plain counters, turned into its text format when it asks."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from ngsi_client.rejected import Rejections

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds in seconds."""

ROUTES = ("ngsi-ld", "admin", "health", "metrics", "docs")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Counters = Callable[[], Mapping[str, int | float]]


class RequestTimes:
    """A histogram of the gateway's answers by route class, method and status; a measurement takes a microsecond."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], list[int]] = {}
        self._seconds: dict[tuple[str, str, int], float] = {}

    def measure(self, path: str, method: str, status: int, seconds: float) -> None:
        # the first segment only and known methods only: a client must not be able to make label values
        first = path[1:].partition("/")[0]
        key = (first if first in ROUTES else "other", method if method in METHODS else "other", status)
        if key not in self._counts:
            self._counts[key], self._seconds[key] = [0] * (len(BUCKETS) + 1), 0.0
        self._counts[key][bisect_left(BUCKETS, seconds)] += 1
        self._seconds[key] += seconds

    def collect(self) -> Metric:
        family = HistogramMetricFamily(
            "datenbroker_http_request_duration_seconds",
            "Time until the gateway has answered",
            labels=["route", "method", "status"],
        )
        bounds = [*map(str, BUCKETS), "+Inf"]
        for (route, method, status), counts in self._counts.items():
            buckets = list(zip(bounds, map(float, accumulate(counts)), strict=True))
            family.add_metric([route, method, str(status)], buckets, self._seconds[route, method, status])
        return family


class Metrics:
    """Everything that is measured in this process; parts are added by the composition root."""

    def __init__(self, rejections: Rejections) -> None:
        self.requests = RequestTimes()
        self._rejections = rejections
        self._counters: dict[str, Counters] = {}
        self._families: list[Callable[[], Iterable[Metric]]] = []

    def add_counters(self, part: str, counters: Counters) -> None:
        """A part's counters by name; each becomes `datenbroker_<part>_<name>_total`."""
        self._counters[part] = counters

    def add_families(self, families: Callable[[], Iterable[Metric]]) -> None:
        """Ready-made metric families, computed at each scrape."""
        self._families.append(families)

    def text(self) -> bytes:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        yield self.requests.collect()
        yield self._rejects()
        for part, counters in self._counters.items():
            for name, value in counters().items():
                family = CounterMetricFamily(f"datenbroker_{part}_{name}", f"{name} of the {part}".replace("_", " "))
                family.add_metric([], value)
                yield family
        for families in self._families:
            yield from families()

    def _rejects(self) -> Metric:
        family = CounterMetricFamily(
            "datenbroker_rejects", "Records and readings that were refused", labels=["source", "kind"]
        )
        for (source, kind), count in self._rejections.counts.items():
            family.add_metric([source, kind], count)
        return family


def gauge(name: str, description: str, values: Mapping[str, float], label: str) -> GaugeMetricFamily:
    """A gauge with one label."""
    family = GaugeMetricFamily(name, description, labels=[label])
    for labelled, value in values.items():
        family.add_metric([labelled], value)
    return family
