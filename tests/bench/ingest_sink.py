"""What stands at the end of the ingest benchmark: answers like a broker, and notes when each reading came first.

A reading is known by a marker in one of its values. `python -m tests.bench.ingest_sink PORT`.
"""

import re
import sys
import time
from typing import Any

import orjson
import uvicorn

MARKER = re.compile(rb"mk(\w+)x(\d+)z")


class Sink:
    """ASGI. Controls: `/count`, `/arrivals` (number → first arrival; repeats), `/reset?<run>`, `/down`, `/up`."""

    def __init__(self) -> None:
        self.run, self.is_down = b"", False
        self.arrivals: dict[int, float] = {}
        self.repeated = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        status, answer = self._answer(scope["path"], scope["query_string"], body)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers if status != 204 else []})
        await send({"type": "http.response.body", "body": answer})

    def _answer(self, path: str, query: bytes, body: bytes) -> tuple[int, bytes]:
        match path:
            case "/count":
                return 200, str(len(self.arrivals)).encode()
            case "/arrivals":
                shown = {"arrivals": self.arrivals, "repeated": self.repeated}
                return 200, orjson.dumps(shown, option=orjson.OPT_NON_STR_KEYS)
            case "/reset":
                self.run, self.arrivals, self.repeated = query, {}, 0
                return 204, b""
            case "/down" | "/up":
                self.is_down = path == "/down"
                return 204, b""
        if self.is_down:
            return 503, b"{}"
        self._note(body)
        return (201, b"") if path.endswith("/temporal/entities") else (204, b"") if body else (200, b"[]")

    def _note(self, body: bytes) -> None:
        now = time.monotonic()
        for run, number in MARKER.findall(body):
            if run == self.run:
                self.repeated += int(number) in self.arrivals
                self.arrivals.setdefault(int(number), now)


if __name__ == "__main__":
    uvicorn.run(Sink(), port=int(sys.argv[1]), log_level="error", access_log=False, lifespan="off")
