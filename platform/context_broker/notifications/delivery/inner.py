"""Subscribers within this process: the platform's own, under a name that no network resolves."""

import asyncio
from urllib.parse import urlsplit

from context_broker.notifications.delivery.failures import DeliveryFailed
from context_broker.notifications.endpoint import Endpoint
from context_broker.targets import Receiver


async def send_inside(receiver: Receiver, endpoint: Endpoint, body: bytes, retryable: frozenset[int]) -> None:
    """One attempt; `DeliveryFailed` where the subscriber did not take it."""
    try:
        status = await asyncio.wait_for(receiver(urlsplit(endpoint.uri).path, body), endpoint.timeout)
    except TimeoutError:
        raise DeliveryFailed(f"no answer within {endpoint.timeout:g} s") from None
    if status // 100 != 2:
        raise DeliveryFailed(f"answered {status}", is_final=status not in retryable)
