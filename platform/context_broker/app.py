"""The ASGI application of the embedded context broker, and how to run it alone."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from context_broker.api import (
    administration,
    attributes,
    batch,
    discovery,
    entities,
    information,
    jsonld_contexts,
    subscriptions,
)
from context_broker.broker import Broker
from context_broker.http.request import HttpError, Receive, Request, Scope, Send, segments_of
from context_broker.http.response import Header, Response, http_problem, problem
from context_broker.http.routes import RouteTable
from context_broker.limits import Limits
from context_broker.targets import Receiver
from context_broker.tenancy import HEADER
from ngsi_ld.bounds import within
from ngsi_ld.errors import InternalError, NgsiLdError

API, ADMIN = b"/ngsi-ld/v1/", b"/admin/"
ROUTES = (
    *entities.ROUTES,
    *attributes.ROUTES,
    *batch.ROUTES,
    *discovery.ROUTES,
    *subscriptions.ROUTES,
    *jsonld_contexts.ROUTES,
    *information.ROUTES,
)
log = logging.getLogger(__name__)


class ContextBroker:
    """An ASGI application. `start` before the first request, `stop` after the last; lifespan does both too."""

    def __init__(self, folder: Path, limits: Limits | None = None, inner: Mapping[str, Receiver] | None = None) -> None:
        """`inner`: subscribers within this process, by the host of their address; looked up at each delivery."""
        self.limits = limits or Limits()
        self._folder, self._inner = folder, inner
        self._broker: Broker | None = None
        self._api = RouteTable(ROUTES)
        self._admin = RouteTable(administration.ROUTES)

    async def start(self) -> None:
        """Open the file and begin the background work."""
        self._broker = Broker(self._folder, self.limits, self._inner)
        with within(self.limits):  # also in the tasks that begin here
            await self._broker.start()

    async def stop(self) -> None:
        """Close the file; what was answered is in it."""
        if self._broker is not None:
            broker, self._broker = self._broker, None
            await broker.stop()

    @property
    def broker(self) -> Broker:
        """The running broker."""
        if self._broker is None:
            raise RuntimeError("the context broker is not started")
        return self._broker

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        with within(self.limits):
            response, tenant = await self._answer(scope, receive)
        await response.send(send, tenant, head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[Response, list[Header]]:
        echo: list[Header] = []
        try:
            request = Request(scope, receive, self.limits)
            tenant = request.header(HEADER)
            echo = [(HEADER, tenant.encode("latin-1"))] if tenant else []
            table, segments = self._resource(scope)
            route, request.path_values = table.find(request.method, segments)
            route.check(request)
            return await route.handler(self.broker, request), echo
        except NgsiLdError as error:
            return problem(error), echo
        except HttpError as error:
            return http_problem(error), echo
        except Exception:
            log.exception("%s %s failed", scope["method"], scope["path"])
            return problem(InternalError("an unexpected error; the broker's log has the details")), echo

    def _resource(self, scope: Scope) -> tuple[RouteTable[Broker], tuple[str, ...]]:
        raw: Any = scope.get("raw_path") or scope["path"].encode()
        raw = raw.partition(b"?")[0]
        if raw.startswith(API):
            return self._api, segments_of(raw[len(API) :])
        if raw.startswith(ADMIN):
            return self._admin, segments_of(raw[len(ADMIN) :])
        raise HttpError(404, "the NGSI-LD API is under /ngsi-ld/v1, the broker's own administration under /admin")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.start()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})
