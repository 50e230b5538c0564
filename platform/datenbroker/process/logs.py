"""Structured logs: JSON objects line by line for machines, short lines for a terminal. No secrets in either."""

import asyncio
import logging
import sys
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered; part of every line logged meanwhile."""

client_address: ContextVar[str | None] = ContextVar("client_address", default=None)
"""The address of the client whose request is being answered."""

TOGETHER_SECONDS = 0.1
LINES_AT_ONCE = 500

QUIET = ("amqtt", "transitions", "asyncio", "httpx", "httpcore", "uvicorn", "pymongo", "aiohttp")
"""Libraries whose informational lines say nothing to an operator."""


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, request_id, then the fields of the line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if identifier := request_id.get():
            line["request_id"] = identifier
        line |= {name: value for name, value in getattr(record, "fields", {}).items() if value is not None}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class TextLines(logging.Formatter):
    """For people: time of day, level where it is not information, message."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        level = "" if record.levelno == logging.INFO else f" {record.levelname}"
        text = f"{time}{level} {record.getMessage()}"
        fields = getattr(record, "fields", {})
        if "ms" in fields:
            text += f" {fields['ms']} ms"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


class Together(logging.StreamHandler[TextIO]):
    """Writes the lines of a tenth of a second at once, for a write costs more than a line; warnings go out at once."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._lines: list[str] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.append(self.format(record))
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
                self.stream.write("\n".join(lines) + "\n")
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
