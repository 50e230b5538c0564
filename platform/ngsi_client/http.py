"""A broker at a URL, over aiohttp: a tenth of what httpx costs a request."""

import aiohttp

from ngsi_client.wire import Answer, NoAnswer, Request, pause_in


class HttpWire:
    """Connections to `url` that are kept open; an answer must come within `timeout` seconds. `start` before use."""

    def __init__(self, url: str, timeout: float) -> None:
        self._url, self._timeout = url.rstrip("/"), timeout
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._timeout), auto_decompress=True, raise_for_status=False
        )

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, request: Request) -> Answer:
        assert self._session is not None
        try:
            async with self._session.request(
                request.method,
                self._url + request.path,
                params=request.params,
                data=request.content,
                headers=request.headers,
                allow_redirects=False,
            ) as response:
                return Answer(response.status, await response.read(), pause_in(response.headers.get("Retry-After")))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswer(repr(error)) from error
