"""Data products in a process: who may use them, their endpoints, exports and streams."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from data_models.contexts import by_path
from datenbroker.audit.log import AuditLog
from datenbroker.errors import CannotStart
from datenbroker.following.start import start_following
from datenbroker.gateway.downloads import door as downloads
from datenbroker.gateway.downloads.door import DownloadsDoor
from datenbroker.gateway.downloads.pages import Pages
from datenbroker.gateway.downloads.stream import StreamBounds, Streams
from datenbroker.gateway.management.sharing import Sharing
from datenbroker.gateway.products import door as endpoints
from datenbroker.gateway.products.door import Broker, Endpoint, ProductDoor
from datenbroker.identities.organisations import Organisations
from datenbroker.products.aggregation.reading import NarrowedReading
from datenbroker.products.aggregation.snapshots import Snapshots
from datenbroker.products.grants import Grants
from datenbroker.products.products import Products
from datenbroker.wiring.process import Process
from document_store.store import DocumentStore
from ngsi_client.client import NgsiClient
from ngsi_ld.bounds import within

if TYPE_CHECKING:
    from context_broker.contexts import Contexts
    from context_broker.limits import Limits


@dataclass(frozen=True)
class DownloadBounds:
    """Exports at once, and what bounds the streams."""

    exports: int = 32
    streams: StreamBounds = field(default_factory=StreamBounds)


async def start_sharing(
    process: Process,
    store: DocumentStore,
    organisations: Organisations,
    audit: AuditLog,
    broker: tuple[ASGIApp, NgsiClient],
) -> tuple[Sharing, Streams]:
    """The area of products, and the streams: a part to be started after the gateway, so that it stops before it.

    `broker` are the gateway's way to the context broker, and the client of the job that aggregates.
    """
    settings, (upstream, client) = process.settings, broker
    products = await process.started(Products(store, organisations, audit, most=settings.product_limit))
    products.default_context = settings.default_context
    contexts, limits = _reading(process, upstream)
    reading = NarrowedReading(upstream, contexts, settings.product_aggregate_entities)
    with within(limits):  # also in the task that begins here
        await process.started(Snapshots(products, reading, client, store))
    streams = StreamBounds(settings.product_streams, settings.product_stream_entities, settings.product_stream_interval)
    endpoint = Endpoint(Broker(upstream, contexts, limits))
    following = await start_following(process, store, products, endpoint)
    sharing, opened = shared(products, endpoint, DownloadBounds(settings.product_exports, streams))
    return replace(sharing, inner=(following, *sharing.inner)), opened


def _reading(process: Process, upstream: ASGIApp) -> "tuple[Callable[[], Contexts], Limits]":
    """By whose @contexts products are read, within which limits: the embedded broker's, or this gateway's own."""
    from context_broker.app import ContextBroker
    from context_broker.contexts import Contexts
    from context_broker.limits import UnknownLimit, limits_with
    from context_broker.targets import TargetGuard

    if isinstance(upstream, ContextBroker):
        return lambda: upstream.broker.contexts, upstream.limits
    settings = process.settings
    try:
        limits = limits_with(settings.broker_limits, allow_private_targets=settings.allow_private_targets)
    except UnknownLimit as unknown:
        raise CannotStart(f"--broker-limits: {unknown}") from None
    own = Contexts(limits, TargetGuard(allow_private=limits.allow_private_targets))
    own.local |= by_path()
    process.exits.push_async_callback(own.close)
    return lambda: own, limits


def shared(products: Products, endpoint: Endpoint, bounds: DownloadBounds) -> tuple[Sharing, Streams]:
    """The area of products behind an endpoint, and the streams, which are to be stopped before the gateway is."""
    pages = Pages(products, endpoint)
    streams = Streams(pages, bounds.streams)
    inner = (
        (endpoints.is_for, lambda authenticator: ProductDoor(authenticator, products, endpoint)),
        (downloads.is_for, lambda authenticator: DownloadsDoor(authenticator, pages, streams, bounds.exports)),
    )
    return Sharing(products, Grants(products), inner, pages), streams
