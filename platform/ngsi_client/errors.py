"""What a broker's answer means to the one who asked: try again, or don't."""

from collections.abc import Mapping
from typing import Any, Self

import orjson


class BrokerError(Exception):
    """The broker did not do what was asked."""


class BrokerUnavailable(BrokerError):
    """No answer, or 429, 502, 503, 504: the same request may succeed later.

    `pause`: for how many seconds the broker wants to be left alone (Retry-After); 0 where it does not say.
    """

    def __init__(self, message: str, pause: float = 0.0) -> None:
        super().__init__(message)
        self.pause = pause


class BrokerRefused(BrokerError):
    """The broker answered with a problem detail (RFC 7807): the same request will fail again.

    `is_problem` is False where the answer was something else: perhaps it is no broker that speaks, but a proxy.
    """

    def __init__(self, status: int, title: str, detail: str, *, is_problem: bool = True) -> None:
        super().__init__(f"{status} {title}: {detail}" if detail else f"{status} {title}")
        self.status, self.title, self.detail, self.is_problem = status, title, detail, is_problem

    @classmethod
    def from_problem(cls, problem: Mapping[str, Any], status: int = 400) -> Self:
        return cls(int(problem.get("status", status)), str(problem.get("title", "")), str(problem.get("detail", "")))

    @classmethod
    def from_response(cls, status: int, body: bytes) -> Self:
        try:
            problem = orjson.loads(body)
        except orjson.JSONDecodeError:
            problem = None
        if not isinstance(problem, dict):
            text = body[:200].decode("utf-8", "backslashreplace")
            return cls(status, "no problem detail", text, is_problem=False)
        return cls.from_problem(problem, status)
