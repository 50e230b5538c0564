"""Subscriptions through data products in a process: their book, and the relay at which the context broker notifies."""

from typing import TYPE_CHECKING

from context_broker.notifications.delivery.channels import Channels
from context_broker.targets import TargetGuard
from datenbroker.following.book import Book
from datenbroker.following.door import PATH, RelayDoor
from datenbroker.following.makers import Makers
from datenbroker.following.relay import Relay
from datenbroker.gateway.products.door import Endpoint
from datenbroker.products.products import Products
from datenbroker.wiring.process import Process
from document_store.store import DocumentStore

if TYPE_CHECKING:
    from datenbroker.gateway.management.sharing import Inner

INNER_HOST = "products.datenbroker.internal"
"""Under which the embedded broker notifies this process: the same over restarts, so that no notification is lost."""


async def start_following(process: Process, store: DocumentStore, products: Products, endpoint: Endpoint) -> "Inner":
    """From now on products take subscriptions; the door is for the notifications of a broker in another process."""
    settings, broker = process.settings, endpoint.broker
    book = Book(store, products, broker.app, broker.contexts, endpoint.lenses.of)
    book.most, book.makers = settings.product_subscriptions, Makers(store)
    guard = TargetGuard(allow_private=broker.limits.allow_private_targets)
    channels = Channels(guard, broker.limits.mqtt_connections)
    process.exits.push_async_callback(channels.close)
    relay = Relay(book, channels, broker.limits)
    if settings.broker_url is None:
        process.inner[INNER_HOST] = relay.take
        book.relay = f"http://{INNER_HOST}"
    elif settings.product_notifications_url is not None:
        book.relay = settings.product_notifications_url.rstrip("/") + PATH.rstrip("/")
    endpoint.book = await process.started(book)
    door = RelayDoor(relay)
    return door.is_for, lambda _: door
