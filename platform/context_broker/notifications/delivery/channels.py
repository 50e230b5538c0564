"""How a notification travels: HTTP POST (CIM 009, 6.3.8) or MQTT publish (7.2)."""

import aiohttp
from multidict import CIMultiDict

from context_broker.http.links import link_to_context
from context_broker.http.request import GEO_JSON, JSON
from context_broker.notifications.delivery.failures import DeliveryFailed
from context_broker.notifications.delivery.inner import send_inside
from context_broker.notifications.delivery.mqtt_channel import MqttChannel
from context_broker.notifications.endpoint import REQUEST_HEADER
from context_broker.notifications.subscription import Subscription
from context_broker.targets import TargetGuard, TargetRefused

RETRYABLE = frozenset({408, 425, 429, 500, 502, 503, 504})
Headers = list[tuple[str, str]]


class Channels:
    """Open connections to subscribers."""

    def __init__(self, guard: TargetGuard, mqtt_connections: int) -> None:
        self._inner = guard.inner
        self._http = aiohttp.ClientSession(
            connector=guard.connector(), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
        )
        self._mqtt = MqttChannel(guard, mqtt_connections)

    async def send(self, subscription: Subscription, headers: Headers, body: bytes) -> None:
        """One attempt; `DeliveryFailed` where the subscriber did not take it."""
        if subscription.endpoint.mqtt is not None:
            await self._mqtt.send(subscription.endpoint, headers, body)
            return
        receiver = self._inner.get(subscription.endpoint.host)
        if receiver is not None:
            await send_inside(receiver, subscription.endpoint, body, RETRYABLE)
            return
        timeout = aiohttp.ClientTimeout(total=subscription.endpoint.timeout)
        try:
            async with self._http.post(
                subscription.endpoint.uri,
                data=body,
                headers=CIMultiDict(headers),
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                if answer.status // 100 != 2:
                    raise DeliveryFailed(f"answered {answer.status}", is_final=answer.status not in RETRYABLE)
        except TimeoutError:
            raise DeliveryFailed(f"no answer within {subscription.endpoint.timeout:g} s") from None
        except aiohttp.ClientConnectorError as error:
            refused = isinstance(error.os_error, TargetRefused)
            raise DeliveryFailed(str(error.os_error if refused else error), is_final=refused) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise DeliveryFailed(str(error) or type(error).__name__) from None

    async def close(self) -> None:
        await self._http.close()
        await self._mqtt.close()


def headers_of(subscription: Subscription, tenant: str, copied: Headers) -> Headers:
    """The headers of a notification, or what stands for them in MQTT (6.3.8, 7.2). `copied`: of the request."""
    endpoint = subscription.endpoint
    headers = [("Content-Type", endpoint.accept)]
    if endpoint.accept == JSON or (endpoint.accept == GEO_JSON and endpoint.wants_plain_json):
        headers.append(("Link", link_to_context(subscription.context_url).decode("latin-1")))
    if tenant:
        headers.append(("NGSILD-Tenant", tenant))
    own = [pair for pair in endpoint.receiver_info if pair[1] != REQUEST_HEADER]
    return headers + own + copied
