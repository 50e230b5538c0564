"""Structured logs: JSON objects line by line for machines, short lines for a terminal. No secrets in either."""

import asyncio
import logging
import sys
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

import orjson

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered; part of every line logged meanwhile."""

client_address: ContextVar[str | None] = ContextVar("client_address", default=None)
"""The address of the client whose request is being answered."""

TOGETHER_SECONDS = 0.1
LINES_AT_ONCE = 250

QUIET = ("amqtt", "transitions", "asyncio", "httpx", "httpcore", "uvicorn", "pymongo", "aiohttp")
"""Libraries whose informational lines say nothing to an operator."""


ACCESS = "datenbroker.access"
Facts = tuple[str, bytes, int, float, str, str | None, str | None, str | None]
_PLAIN = {level: logging.LogRecord(ACCESS, level, "", 0, "", None, None) for level in (logging.DEBUG, logging.INFO)}


class Answered(logging.LogRecord):
    """A line of the access log, put into words when it is written: many in a row cost a fraction of one alone.

    Of a record's members it has those of every record, without looking up who calls: an answer is no line of code.
    """

    def __init__(self, level: int, facts: Facts, request_id: str, at: float) -> None:
        """`facts`: method, path (bytes, escaped), status, seconds, address, key, tenant, product."""
        self.__dict__ = {**_PLAIN[level].__dict__, "created": at, "facts": facts, "request_id": request_id}

    @property
    def fields(self) -> dict[str, Any]:
        method, path, status, seconds, client, key, tenant, product = self.__dict__["facts"]
        said = {
            "method": method,
            "path": path.decode("latin-1"),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "client": client,
        }
        if key is not None:
            said["key"] = key
        if tenant is not None:
            said["tenant"] = tenant
        if product is not None:
            said["product"] = product
        return said

    def getMessage(self) -> str:
        method, path, status = self.__dict__["facts"][:3]
        return f"{method} {path.decode('latin-1')} {status}"


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, request_id, then the fields of the line."""

    def format(self, record: logging.LogRecord) -> str:
        second = int(record.created)
        line: dict[str, Any] = {
            "time": f"{_second(second)}.{int((record.created - second) * 1000):03}+00:00",
            "level": _lower(record.levelname),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if isinstance(record, Answered):  # without a look at each field: there are thousands a second
            return orjson.dumps(line | {"request_id": record.__dict__["request_id"]} | record.fields).decode()
        if identifier := getattr(record, "request_id", None) or request_id.get():
            line["request_id"] = identifier
        for name, value in getattr(record, "fields", {}).items():
            if value is not None:
                line[name] = value
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


_lower = lru_cache(maxsize=16)(str.lower)


@lru_cache(maxsize=4)
def _second(since_1970: int) -> str:
    return datetime.fromtimestamp(since_1970, UTC).strftime("%Y-%m-%dT%H:%M:%S")


class TextLines(logging.Formatter):
    """For people: time of day, level where it is not information, message."""

    def format(self, record: logging.LogRecord) -> str:
        clock = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        level = "" if record.levelno == logging.INFO else f" {record.levelname}"
        text = f"{clock}{level} {record.getMessage()}"
        fields = getattr(record, "fields", {})
        if "ms" in fields:
            text += f" {fields['ms']} ms"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


class Together(logging.StreamHandler[TextIO]):
    """Writes the lines of a tenth of a second at once, for a write costs more than a line; warnings go out at once."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._lines: list[str | Answered] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.append(record if isinstance(record, Answered) else self.format(record))
        except Exception:
            self.handleError(record)
            return
        if record.levelno >= logging.WARNING or len(self._lines) >= LINES_AT_ONCE:
            self.flush()
        elif self._loop is None or self._loop.is_closed():
            self._later()

    def _later(self) -> None:
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:  # a command without an event loop
            self.flush()
        else:
            self._loop.call_later(TOGETHER_SECONDS, self.flush)

    def flush(self) -> None:
        with self.lock or nullcontext():
            lines, self._lines, self._loop = self._lines, [], None
            if lines:
                worded = [self.format(line) if isinstance(line, Answered) else line for line in lines]
                self.stream.write("\n".join(worded) + "\n")
            super().flush()


def configure(level: str, line_format: str) -> None:
    """Write the platform's log to standard error; `line_format` is json, text, or auto (text on a terminal)."""
    as_text = line_format == "text" or (line_format == "auto" and sys.stderr.isatty())
    handler = Together()
    handler.setFormatter(TextLines() if as_text else JsonLines())
    # what the lines do not show is not asked for at each of them
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # people at a terminal read the audit log by its command
    for name in (*QUIET, *(["datenbroker.audit"] if as_text else [])):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
