"""The context broker of a process: the embedded one, or the way to another by URL."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from context_broker.targets import TargetGuard
from data_models.contexts import by_path
from datenbroker.errors import CannotStart
from datenbroker.gateway.proxy import BrokerProxy
from datenbroker.gateway.upstream.targets import GuardedTargets
from datenbroker.process.data_folder import held, open_folder
from datenbroker.settings import Settings
from datenbroker.wiring.process import Process, started
from ngsi_client.client import NgsiClient
from ngsi_client.http import HttpWire
from ngsi_client.wire import AsgiWire, Wire, WireInContext

if TYPE_CHECKING:
    from context_broker.app import ContextBroker
    from context_broker.targets import Receiver


async def context_broker(process: Process) -> tuple[ASGIApp, NgsiClient]:
    """The gateway's way to the context broker, and the client of everything else."""
    upstream, wire = await (_remote(process) if process.settings.broker_url else _in_process(process))
    default = process.settings.default_context
    client = NgsiClient(WireInContext(wire, default) if default else wire)

    async def check() -> None:
        await client.query(type="Device", limit=1)

    process.checks["context broker"] = check
    return upstream, client


async def embedded_broker(
    settings: Settings, exits: AsyncExitStack, inner: "Mapping[str, Receiver] | None" = None
) -> "ContextBroker":
    """Running on the data folder of the settings, which it holds alone; `inner` are subscribers of this process."""
    from context_broker.app import ContextBroker
    from context_broker.limits import UnknownLimit, limits_with

    try:
        limits = limits_with(settings.broker_limits, allow_private_targets=settings.allow_private_targets)
    except UnknownLimit as unknown:
        raise CannotStart(f"--broker-limits: {unknown}") from None
    folder = open_folder(settings.data)
    exits.enter_context(held(folder, "context broker"))
    running = await started(ContextBroker(folder / "broker", limits, inner), exits)
    running.broker.contexts.local |= by_path()  # the city's @context and the official ones need no network
    return running


async def _in_process(process: Process) -> tuple[ASGIApp, Wire]:
    broker = await embedded_broker(process.settings, process.exits, process.inner)
    return broker, AsgiWire(broker)


async def _remote(process: Process) -> tuple[ASGIApp, Wire]:
    url, timeout = process.settings.broker_url or "", process.settings.broker_timeout
    proxy = await process.started(BrokerProxy(url, timeout, process.settings.temporal_url))
    return proxy, await process.started(HttpWire(url, timeout))


def for_clients(process: Process, upstream: ASGIApp) -> ASGIApp:
    """The broker as clients reach it: another's is not made to connect to the operator's network."""
    if process.settings.broker_url is None:
        return upstream  # the embedded one checks each connection itself
    return GuardedTargets(upstream, TargetGuard(allow_private=process.settings.allow_private_targets))
