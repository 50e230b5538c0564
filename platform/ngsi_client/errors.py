"""What a broker's answer means to the one who asked: try again, or don't."""

from collections.abc import Mapping
from typing import Any, Self

import orjson


class BrokerError(Exception):
    """The broker did not do what was asked."""


class BrokerUnavailable(BrokerError):
    """No answer, or 429, 502, 503, 504: the same request may succeed later."""


class BrokerRefused(BrokerError):
    """The broker answered with a problem detail (RFC 7807): the same request will fail again."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(f"{status} {title}: {detail}" if detail else f"{status} {title}")
        self.status, self.title, self.detail = status, title, detail

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
            return cls(status, "no problem detail", body[:200].decode("utf-8", "backslashreplace"))
        return cls.from_problem(problem, status)
