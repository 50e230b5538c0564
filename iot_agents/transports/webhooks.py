"""Readings by HTTP: `POST /webhooks/{network}` with an API key, `POST /webhooks/{network}/{webhook}` with a signature.

Answered 204 only once what the message says is committed, spooled, or kept as a dead letter.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from iot_agents.agent import Agent
from iot_agents.devices.webhook_secrets import Webhooks
from iot_agents.networks.network import Network
from iot_agents.refused import Refused

PREFIX = "/webhooks/"
SIGNATURES = ("x-signature-256", "x-hub-signature-256")
BODY_BYTES = 1024 * 1024
WAIT_SECONDS = 20.0
"""Network servers wait hardly longer, and send again after a 503."""

TENANT = "iot_agents.tenant"
"""In the ASGI scope: whose devices the sender may speak of, None for all; set by who has checked an API key."""


class WebhookProblem(Exception):
    """Why a webhook is not answered with 204."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


class WebhookApp:
    """ASGI: hands what webhooks bring to the agent, as if it had come by MQTT. Who has no key signs."""

    def __init__(self, agent: Agent, webhooks: Webhooks, *, wait: float = WAIT_SECONDS) -> None:
        self._agent, self._webhooks, self._wait = agent, webhooks, wait
        self._networks = {network.uid: network for network in agent.networks if network.webhook_topic}
        self._counts: Counter[str] = Counter()

    def counters(self) -> Mapping[str, int]:
        """`requests`, and `refused` of them."""
        return {name: self._counts[name] for name in ("requests", "refused")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._counts["requests"] += 1
        try:
            await self._take(Request(scope, receive))
            response = Response(status_code=HTTPStatus.NO_CONTENT)
        except WebhookProblem as problem:
            self._counts["refused"] += 1
            response = _problem(problem)
        await response(scope, receive, send)

    async def _take(self, request: Request) -> None:
        if request.method != "POST":
            raise WebhookProblem(HTTPStatus.METHOD_NOT_ALLOWED, "A webhook sends POST.")
        uid, _, webhook_id = request.url.path.removeprefix(PREFIX).strip("/").partition("/")
        network = self._networks.get(uid)
        if network is None:
            known = ", ".join(self._networks)
            raise WebhookProblem(HTTPStatus.NOT_FOUND, f"There is no webhook for {uid!r:.60}: known are {known}.")
        body = await _body(request)
        tenant = request.scope[TENANT] if TENANT in request.scope else await self._signer(request, webhook_id, body)
        topic = self._topic(network, request, body, tenant)
        await self._accept(topic, body, tenant)

    async def _signer(self, request: Request, webhook_id: str, body: bytes) -> str:
        """The tenant of a signed webhook."""
        webhook = await self._webhooks.get(webhook_id.partition("/")[0])
        signature = next((request.headers[name] for name in SIGNATURES if name in request.headers), "")
        if webhook is None or not webhook.signed(body, signature):
            raise WebhookProblem(
                HTTPStatus.UNAUTHORIZED,
                "Neither an API key nor a good signature: sign the body with HMAC-SHA256 and the webhook's secret, and "
                "send it as X-Signature-256: sha256=<hex>.",
            )
        return webhook.tenant

    def _topic(self, network: Network, request: Request, body: bytes, tenant: str | None) -> str:
        assert network.webhook_topic is not None
        try:
            return network.webhook_topic(body, request.query_params)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            kind = "wrong_type" if isinstance(error, msgspec.ValidationError) else "malformed"
            refused = Refused(kind, f"This is no message of {network.name}: {error}")
            self._agent.refuse(network.uid, refused, body, tenant)
            raise WebhookProblem(HTTPStatus.BAD_REQUEST, f"{refused.reason}.") from None

    async def _accept(self, topic: str, body: bytes, tenant: str | None) -> None:
        if self._agent.commits.is_full:
            raise WebhookProblem(HTTPStatus.SERVICE_UNAVAILABLE, "The context broker is away: send it again later.")
        task = asyncio.ensure_future(self._agent.accept(topic, body, tenant))
        done, _ = await asyncio.wait([task], timeout=self._wait)
        if not done or task.cancelled():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise WebhookProblem(HTTPStatus.SERVICE_UNAVAILABLE, "The reading could not be committed: send it again.")
        task.result()


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            message = f"A webhook's body may have {BODY_BYTES} bytes at most."
            raise WebhookProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message)
    return body


def _problem(problem: WebhookProblem) -> Response:
    status = problem.status
    content: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value}
    headers = {"Retry-After": "5"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    headers |= {"Allow": "POST"} if status == HTTPStatus.METHOD_NOT_ALLOWED else {}
    body = msgspec.json.encode(content | {"detail": problem.detail})
    return Response(body, status.value, headers, "application/problem+json")
