"""The adapters' sources as an operator chooses and sees them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from difflib import get_close_matches

from prometheus_client.metrics_core import Metric

from datenbroker.adapter_settings import SourceAccess
from datenbroker.errors import CannotStart
from datenbroker.metrics import labelled_gauge
from datenbroker.settings import Settings
from ngsi_adapters.declared.declare import InvalidDeclaration
from ngsi_adapters.fetching.access import Access
from ngsi_adapters.loop.course import Terms
from ngsi_adapters.loop.sanity import Box
from ngsi_adapters.registry import SOURCES, sources_with_urls
from ngsi_adapters.run import Runner
from ngsi_adapters.source import Source

PREFIX = "datenbroker_source"


def chosen_sources(urls: Mapping[str, str], uids: Collection[str] = ()) -> tuple[Source, ...]:
    """The sources with their addresses, only those of `uids` if there are any; `CannotStart` for an unknown one."""
    try:
        sources = sources_with_urls(urls, uids)
    except KeyError as error:
        raise CannotStart(f"{error.args[0]}: see `datenbroker adapters list`.") from None
    except InvalidDeclaration as error:
        raise CannotStart(f"--source-urls: {error}.") from None
    unknown = set(uids) - {source.uid for source in sources}
    if unknown:
        near = [
            name for uid in sorted(unknown) for name in get_close_matches(uid, [source.uid for source in sources], 1)
        ]
        meant = f" Is {' and '.join(near)} meant?" if near else ""
        raise CannotStart(f"There is no source {', '.join(sorted(unknown))}: see `datenbroker adapters list`.{meant}")
    return tuple(source for source in sources if not uids or source.uid in uids)


def terms_of(settings: Settings) -> Terms:
    """How the settings let sources run; `CannotStart` where they give secrets to a source that there is not."""
    unknown = settings.source_access.keys() - {source.uid for source in SOURCES} - settings.source_urls.keys()
    if unknown:
        raise CannotStart(f"--source-access names no source: {', '.join(sorted(unknown))}.")
    return Terms(
        access={uid: _access(given) for uid, given in settings.source_access.items()},
        allow_private=settings.allow_private_targets,
        box=Box(*map(float, settings.source_region.split(","))),
        lease_seconds=settings.source_lease,
        refresh=timedelta(hours=settings.source_refresh),
    )


def _access(given: SourceAccess) -> Access:
    return Access(
        given.token.get_secret_value() if given.token else None,
        given.user,
        given.password.get_secret_value() if given.password else None,
        {name: value.get_secret_value() for name, value in given.headers.items()},
        given.certificate,
        given.key,
        given.key_password.get_secret_value() if given.key_password else None,
        given.authorities,
        given.known_hosts,
    )


async def source_metrics(runner: Runner) -> list[Metric]:
    """How each source with an address is doing."""
    running = {source.uid for source in runner.sources if source.url}
    states = [state for state in await runner.states() if state.uid in running]
    succeeded = {
        state.uid: datetime.fromisoformat(state.last_success).timestamp() for state in states if state.last_success
    }
    figures = (
        ("records", "Records of the last payload", {state.uid: float(state.records) for state in states}),
        ("rejected_records", "Rejects of the last payload", {state.uid: float(state.rejects) for state in states}),
        ("written_entities", "Entities that the last run wrote", {state.uid: float(state.written) for state in states}),
        ("stale_entities", "Entities that it names no more", {state.uid: float(state.stale) for state in states}),
        ("failures", "Failures in a row, 0 if it works", {state.uid: float(state.failures) for state in states}),
        ("circuit_open", "1 after several failures", {state.uid: float(state.circuit == "open") for state in states}),
        ("run_seconds", "How long the last run took", {state.uid: state.seconds for state in states}),
    )
    return [
        labelled_gauge(f"{PREFIX}_last_success_timestamp_seconds", "When it was last read", "source", succeeded),
        *(labelled_gauge(f"{PREFIX}_{name}", described, "source", values) for name, described, values in figures),
    ]
