"""How a notification travels: HTTP POST (CIM 009, 6.3.8) or MQTT publish (7.2)."""

import aiohttp

from context_broker.http.links import link_to_context
from context_broker.http.request import JSON
from context_broker.notifications.failures import DeliveryFailed
from context_broker.notifications.mqtt_channel import MqttChannel
from context_broker.notifications.notification import media_type_of
from context_broker.notifications.subscription import Subscription
from context_broker.targets import TargetGuard

RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})


class Channels:
    """Open connections to subscribers."""

    def __init__(self, guard: TargetGuard) -> None:
        self._guard = guard
        self._http = aiohttp.ClientSession(connector=guard.connector(), auto_decompress=False, trust_env=False)
        self._mqtt = MqttChannel(guard)

    async def send(self, subscription: Subscription, tenant: str, body: bytes) -> None:
        """One attempt; `DeliveryFailed` where the subscriber did not take it."""
        if subscription.endpoint.mqtt is not None:
            await self._mqtt.send(subscription.endpoint, _metadata(subscription, tenant), body)
            return
        timeout = aiohttp.ClientTimeout(total=subscription.endpoint.timeout)
        headers = _metadata(subscription, tenant)
        try:
            async with self._http.post(
                subscription.endpoint.uri, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                if answer.status // 100 != 2:
                    raise DeliveryFailed(f"answered {answer.status}", is_final=answer.status not in RETRYABLE)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise DeliveryFailed(str(error) or type(error).__name__) from None

    async def close(self) -> None:
        await self._http.close()
        await self._mqtt.close()


def _metadata(subscription: Subscription, tenant: str) -> dict[str, str]:
    """The headers of a notification, or what stands for them in MQTT (6.3.8, 7.2)."""
    media_type = media_type_of(subscription)
    headers = {"Content-Type": media_type}
    wants_link = media_type == JSON or ("Prefer", "body=json") in subscription.endpoint.receiver_info
    if wants_link:
        headers["Link"] = link_to_context(subscription.context_url).decode("latin-1")
    if tenant:
        headers["NGSILD-Tenant"] = tenant
    return headers | dict(subscription.endpoint.receiver_info)
