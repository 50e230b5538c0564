"""Where a context broker of another process brings its notifications for the relay: /products/-/notifications/…"""

from starlette.types import Receive, Scope, Send

from datenbroker.following.relay import GONE, Relay

PATH = "/products/-/notifications/"
"""No product has the name `-`."""


class RelayDoor:
    """ASGI: nobody is asked for a key here, the address itself is secret and one subscription's own."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay

    @staticmethod
    def is_for(scope: Scope) -> bool:
        return bool(scope["path"].startswith(PATH))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = GONE
        if scope["method"] == "POST":
            chunks, more = [], True
            while more:
                message = await receive()
                chunks.append(message.get("body", b""))
                more = message.get("more_body", False)
            status = await self.relay.take(scope["path"], b"".join(chunks))
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
