"""A real HTTP server of @contexts on loopback, which remembers what was asked of it."""

import asyncio
from typing import Any

import orjson
from aiohttp import web


class ContextServer:
    """Serves `documents` by path, after a pause; a path that is not there is 404, a number is that status.

    `headers` come with each document.
    """

    def __init__(self, pause: float = 0) -> None:
        self._pause = pause
        self.documents: dict[str, Any] = {}
        self.headers: dict[str, str] = {}
        self.hits: list[str] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/{name:.*}", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def add(self, path: str, context: Any) -> str:
        """Serve an @context; its URL."""
        self.documents[path] = orjson.dumps({"@context": context})
        return f"{self.url}/{path}"

    async def _serve(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.hits.append(name)
        await asyncio.sleep(self._pause)
        body = self.documents.get(name, 404)
        if isinstance(body, int):
            return web.Response(status=body)
        return web.Response(body=body, content_type="application/ld+json", headers=self.headers)
