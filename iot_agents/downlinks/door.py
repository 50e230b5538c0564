"""Where the context broker's notifications of commands come in: one secret address for each tenant."""

import hashlib
import hmac
import logging
import secrets
from http import HTTPStatus

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from document_store.store import DocumentStore
from iot_agents.downlinks.dispatcher import Dispatcher
from iot_agents.downlinks.notification import BadNotification, commands_in

logger = logging.getLogger(__name__)

COLLECTION, SECRET = "command_door", "secret"
PREFIX = "/commands/"
BODY_BYTES = 4 * 1024 * 1024


class CommandDoor:
    """`take` is the door without HTTP; called as an ASGI app, it is one with. `load` before the first use.

    The address proves who knocks: it holds the tenant and its HMAC under a secret of the document store. With it one
    can command the devices of that tenant, no others.
    """

    def __init__(self, dispatcher: Dispatcher, store: DocumentStore) -> None:
        self._dispatcher, self._store, self._secret = dispatcher, store, b""

    async def load(self) -> None:
        await self._store.swap(COLLECTION, {"_id": SECRET, "value": secrets.token_hex(32)}, None)
        found = await self._store.get(COLLECTION, SECRET)
        assert found is not None
        self._secret = bytes.fromhex(found["value"])

    def path(self, tenant: str) -> str:
        """`/commands/{tenant}/{proof}`."""
        return f"{PREFIX}{tenant}/{self._proof(tenant)}"

    async def take(self, path: str, body: bytes) -> int:
        """The HTTP status: 2xx says that each command in it is durable, or refused for good at its entity."""
        tenant, _, proof = path.removeprefix(PREFIX).partition("/")
        if not self._secret:
            return HTTPStatus.SERVICE_UNAVAILABLE
        if not path.startswith(PREFIX) or not hmac.compare_digest(proof.encode(), self._proof(tenant).encode()):
            return HTTPStatus.NOT_FOUND
        try:
            written = list(commands_in(orjson.loads(body)))
        except (orjson.JSONDecodeError, BadNotification) as error:
            logger.warning("A notification for %s is none: %s", tenant, error)
            return HTTPStatus.BAD_REQUEST
        for one in written:
            for carrier, to in self._dispatcher.addressees(tenant, one.entity):
                if one.name in to.commands:
                    await self._dispatcher.accept(carrier, to, one.name, one.value, one.cause)
        return HTTPStatus.NO_CONTENT

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        await Response(status_code=await self._answer(request))(scope, receive, send)

    async def _answer(self, request: Request) -> int:
        if request.method != "POST":
            return HTTPStatus.METHOD_NOT_ALLOWED
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES:
                return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        try:
            return await self.take(request.url.path, bytes(body))
        except Exception:
            logger.exception("A notification could not be taken")
            return HTTPStatus.SERVICE_UNAVAILABLE

    def _proof(self, tenant: str) -> str:
        return hmac.new(self._secret, tenant.encode(), hashlib.sha256).hexdigest()[:40]
