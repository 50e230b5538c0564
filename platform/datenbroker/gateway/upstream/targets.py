"""What a context broker elsewhere is made to connect to: not the operator's network.

The embedded broker checks the address at each connection. Another broker may not, so that the gateway looks at what
it is asked: the endpoints of subscriptions and registrations, resolved, and the addresses of contexts.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from context_broker.targets import TargetGuard, TargetRefused
from datenbroker.gateway.doors import PREFIX
from datenbroker.gateway.problems import BadRequest

TARGETED = re.compile(
    re.escape(PREFIX) + r"(subscriptions|csourceSubscriptions|csourceRegistrations|jsonldContexts)(/|$)"
)
SCHEMES = {"http": 80, "https": 443, "mqtt": 1883, "mqtts": 8883, "ws": 80, "wss": 443}
LINKED = re.compile(rb"<([^>]*)>")


class GuardedTargets:
    """ASGI before the proxy: refuses what would make the broker connect to a private address."""

    def __init__(self, upstream: ASGIApp, guard: TargetGuard) -> None:
        self._upstream, self._guard = upstream, guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._guard.allow_private:
            await self._upstream(scope, receive, send)
            return
        for name, value in scope["headers"]:
            if name == b"link":
                for address in LINKED.findall(value):
                    self._check_name(address.decode("latin-1"))
        if scope["method"] in ("POST", "PUT", "PATCH") and TARGETED.match(scope["path"]):
            scope, receive = await self._checked_body(scope, receive)
        await self._upstream(scope, receive, send)

    async def _checked_body(self, scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
        """What was checked goes on, written anew: of two members of one name two programs may read another."""
        try:
            document = orjson.loads(await _whole(receive))
        except orjson.JSONDecodeError as error:
            raise BadRequest(f"The body is no JSON: {error}.") from None
        for text, is_endpoint in _texts(document):
            if is_endpoint:
                await self._check_address(text)
            else:
                self._check_name(text)
        body = orjson.dumps(document)
        kept = [header for header in scope["headers"] if header[0] not in (b"content-length", b"transfer-encoding")]
        headers = [*kept, (b"content-length", b"%d" % len(body))]

        async def written() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        return {**scope, "headers": headers}, written

    def _check_name(self, address: str) -> None:
        """An address whose host is already by its name none of the world's."""
        target = _target(address)
        if target is not None:
            try:
                self._guard.check_host(target[0])
            except TargetRefused as refused:
                raise BadRequest(f"{address:.200} is not to be connected to: {refused}.") from None

    async def _check_address(self, address: str) -> None:
        target = _target(address)
        if target is None:
            return
        self._check_name(address)
        try:
            await self._guard.resolve(*target)
        except OSError as error:
            raise BadRequest(f"The endpoint {address:.200} cannot be used: {error}.") from None


def _target(text: str) -> tuple[str, int] | None:
    """Host and port of an address; None for what is none, e.g. a URN."""
    try:
        parts = urlsplit(text.strip())
        if parts.scheme.lower() not in SCHEMES or not parts.hostname:
            return None
        return parts.hostname, parts.port or SCHEMES[parts.scheme.lower()]
    except ValueError:
        raise BadRequest(f"{text:.200} is no address that can be used.") from None


def _texts(value: Any, is_endpoint: bool = False) -> Iterator[tuple[str, bool]]:
    """Every text of a document, and whether it is (part of) an endpoint, by whatever name of it."""
    if isinstance(value, str):
        yield value, is_endpoint
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, is_endpoint or name.rpartition("/")[2].lower() == "endpoint")
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member, is_endpoint)


async def _whole(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body
