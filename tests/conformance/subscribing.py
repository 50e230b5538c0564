"""How the tests subscribe, and what they ask of a subscription."""

import asyncio
from typing import Any

from tests.conformance.client import KIOSK, Client, prop
from tests.conformance.receiver import Receiver

SUBSCRIPTION = "urn:ngsi-ld:Subscription:9"


def subscription(uri: str, endpoint: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """A subscription to Kiosks; members of `notification` are given as `notification`."""
    notification = {"endpoint": {"uri": uri} | (endpoint or {})} | members.pop("notification", {})
    base = {"id": SUBSCRIPTION, "type": "Subscription", "entities": [{"type": "Kiosk"}], "notification": notification}
    return {name: value for name, value in (base | members).items() if value is not None}


async def subscribe(broker: Client, receiver: Receiver, **members: Any) -> str:
    """Create a subscription whose notifications the receiver gets; its id."""
    document = subscription(receiver.url, **members)
    await broker.send("POST", "/subscriptions", document, 201)
    return str(document["id"])


async def show(broker: Client, id_: str = SUBSCRIPTION, **options: Any) -> Any:
    """Retrieve a subscription."""
    answer = await broker.http.get(f"/subscriptions/{id_}", **options)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def counted(broker: Client, id_: str = SUBSCRIPTION, **members: Any) -> dict[str, Any]:
    """The output members of `notification`, once these have their values."""
    for _ in range(250):
        notification: dict[str, Any] = (await show(broker, id_))["notification"]
        if all(notification.get(name) == value for name, value in members.items()):
            return notification
        await asyncio.sleep(0.02)
    raise AssertionError(f"{notification} never had {members}")


async def change(broker: Client, value: Any = 6, id_: str = KIOSK, name: str = "queue") -> None:
    """Give an attribute a new value."""
    await broker.send("PATCH", f"/entities/{id_}/attrs", {name: prop(value)})
