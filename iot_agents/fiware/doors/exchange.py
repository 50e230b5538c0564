"""What all routes need: the body within bounds, the service, and errors as iotagent-node-lib shows them."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from iot_agents.fiware.errors import IotError, MissingHeaders, TooLarge, WrongSyntax
from iot_agents.fiware.provisioning import Scope
from iot_agents.refused import Refused

logger = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]

PATIENCE = 15.0
"""Seconds that a device waits for the commit of its measure before it is told to come again."""


class Unavailable(IotError):
    name = "CONTEXT_BROKER_UNAVAILABLE"
    status = 503

    def __init__(self) -> None:
        super().__init__("The measure is not committed, since the context broker is away: send it again later")


def answering(handler: Handler) -> Handler:
    """Errors become answers `{"name", "message"}`."""

    async def answer(request: Request) -> Response:
        try:
            async with asyncio.timeout(PATIENCE):
                return await handler(request)
        except Refused as refused:
            return JSONResponse({"name": "BAD_PAYLOAD", "message": refused.reason}, 400)
        except (TimeoutError, Unavailable):
            return JSONResponse(Unavailable().body(), Unavailable.status, {"Retry-After": "5"})
        except IotError as error:
            return JSONResponse(error.body(), error.status)
        except Exception:
            logger.exception("%s %s failed", request.method, request.url.path)
            return JSONResponse({"name": IotError.name, "message": "Something went wrong here: see the log"}, 500)

    return answer


def scope_of(request: Request) -> Scope:
    """`fiware-service` in lower case and `fiware-servicepath`; `MissingHeaders`."""
    names = ("fiware-service", "fiware-servicepath")
    missing = [name for name in names if not request.headers.get(name)]
    if missing:
        raise MissingHeaders(json.dumps(missing, separators=(",", ":")))
    return request.headers[names[0]].lower(), request.headers[names[1]]


async def body_of(request: Request) -> bytes:
    """`TooLarge` beyond the app's `body_limit`."""
    limit: int = request.app.state.body_limit
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge(limit)
    return bytes(body)


async def json_of(request: Request) -> Any:
    """`WrongSyntax` where it is none, or not said to be any."""
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip() not in ("application/json", "application/ld+json"):
        raise WrongSyntax(f"Errors found validating request: the content type {content_type!r:.60} is not JSON's")
    try:
        return orjson.loads(await body_of(request))
    except orjson.JSONDecodeError as error:
        raise WrongSyntax(f"the body is no JSON: {error}") from None
