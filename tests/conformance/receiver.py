"""A subscriber: a real HTTP server on loopback that keeps what it is sent."""

import asyncio
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web
from multidict import CIMultiDictProxy


@dataclass(frozen=True)
class Received:
    """One notification as it arrived."""

    path: str
    headers: CIMultiDictProxy[str]
    body: Any

    @property
    def data(self) -> Any:
        """The entities of the notification."""
        return self.body["data"]

    @property
    def entity(self) -> Any:
        """The only entity of the notification."""
        (entity,) = self.body["data"]
        return entity


class Receiver:
    """Answers 200, or what `answers` has for the path: a status, or seconds (a float) of silence."""

    def __init__(self) -> None:
        self.answers: dict[str, int | float] = {}
        self.received: asyncio.Queue[Received] = asyncio.Queue()
        self.attempts: list[str] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        self._stopping = asyncio.get_running_loop().create_future()
        app = web.Application()
        app.router.add_post("/{name:.*}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/notify"

    async def stop(self) -> None:
        if self._runner is not None:
            self._stopping.cancel()
            await self._runner.cleanup()

    async def next(self, seconds: float = 5) -> Received:
        """The next notification; `TimeoutError` where none comes."""
        return await asyncio.wait_for(self.received.get(), seconds)

    async def nothing(self, seconds: float = 0.15) -> bool:
        """Whether nothing arrives for a while."""
        await asyncio.sleep(seconds)
        return self.received.empty()

    async def _take(self, request: web.Request) -> web.Response:
        self.attempts.append(request.path)
        answer = self.answers.get(request.path, 200)
        if isinstance(answer, float):
            await asyncio.wait([self._stopping], timeout=answer)
            answer = 200
        if answer // 100 == 2:
            self.received.put_nowait(Received(request.path, request.headers, orjson.loads(await request.read())))
        return web.Response(status=answer)
