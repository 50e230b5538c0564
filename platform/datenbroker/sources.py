"""The adapters' sources as an operator chooses and sees them."""

from collections.abc import Collection, Mapping
from datetime import datetime

from prometheus_client.metrics_core import Metric

from datenbroker.errors import CannotStart
from datenbroker.metrics import labelled_gauge
from ngsi_adapters.registry import sources_with_urls
from ngsi_adapters.run import Runner
from ngsi_adapters.source import Source


def chosen_sources(urls: Mapping[str, str], uids: Collection[str] = ()) -> tuple[Source, ...]:
    """The sources with their addresses, only those of `uids` if there are any; `CannotStart` for an unknown one."""
    try:
        sources = sources_with_urls(urls)
    except KeyError as error:
        raise CannotStart(f"{error.args[0]}: see `datenbroker adapters list`.") from None
    unknown = set(uids) - {source.uid for source in sources}
    if unknown:
        raise CannotStart(f"There is no source {', '.join(sorted(unknown))}: see `datenbroker adapters list`.")
    return tuple(source for source in sources if not uids or source.uid in uids)


async def source_metrics(runner: Runner) -> list[Metric]:
    """How each source with an address is doing."""
    running = {source.uid for source in runner.sources if source.url}
    states = [state for state in await runner.states() if state.uid in running]
    succeeded = {
        state.uid: datetime.fromisoformat(state.last_success).timestamp() for state in states if state.last_success
    }
    records = {state.uid: float(state.records) for state in states}
    failures = {state.uid: float(state.failures) for state in states}
    prefix = "datenbroker_source"
    return [
        labelled_gauge(f"{prefix}_last_success_timestamp_seconds", "When it was last read", "source", succeeded),
        labelled_gauge(f"{prefix}_records", "Records of the last payload", "source", records),
        labelled_gauge(f"{prefix}_failures", "Failures in a row, 0 if it works", "source", failures),
    ]
