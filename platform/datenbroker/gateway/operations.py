"""What machines ask of a running platform: is it alive, is it ready, how is it doing."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Literal

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, Field

Check = Callable[[], Awaitable[None]]
"""Asks a part whether it works; raises what is wrong."""

CHECK_SECONDS = 2.0


class Part(BaseModel):
    """One part's answer."""

    status: Literal["up", "down"]
    ms: float = Field(description="How long the part took to answer.")
    error: str | None = None


class Readiness(BaseModel):
    """Ready where every part is up."""

    status: Literal["ready", "not ready"]
    parts: dict[str, Part]


def router(checks: Mapping[str, Check], metrics: Callable[[], Awaitable[bytes]]) -> APIRouter:
    """The routes under /health, which need no key and tell no secret, and /metrics."""
    operations = APIRouter(tags=["Operations"])

    @operations.get("/health/live")
    async def live() -> dict[str, str]:
        """Answers as long as the process does."""
        return {"status": "live"}

    @operations.get("/health/ready", responses={503: {"model": Readiness}})
    async def ready(response: Response) -> Readiness:
        """Really asks the context broker, the document store and MQTT; 503 where one of them fails."""
        answer = await readiness(checks)
        if answer.status != "ready":
            response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
            response.headers["Retry-After"] = "5"
        return answer

    @operations.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def prometheus() -> Response:
        """For Prometheus, in its text format."""
        return Response(await metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return operations


async def readiness(checks: Mapping[str, Check]) -> Readiness:
    """Asks all parts at once."""
    answers = await asyncio.gather(*(_ask(check) for check in checks.values()))
    ready = all(part.status == "up" for part in answers)
    return Readiness(status="ready" if ready else "not ready", parts=dict(zip(checks, answers, strict=True)))


async def _ask(check: Check) -> Part:
    began = perf_counter()
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except TimeoutError:
        error: str | None = f"no answer within {CHECK_SECONDS:g} s"
    except Exception as raised:  # whatever a part raises means that it is down
        error = f"{type(raised).__name__}: {raised}"
    else:
        error = None
    return Part(status="down" if error else "up", ms=round((perf_counter() - began) * 1000, 1), error=error)
