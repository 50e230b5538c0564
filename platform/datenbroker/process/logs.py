"""Structured logs: JSON objects line by line for machines, short lines for a terminal. No secrets in either."""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered; part of every line logged meanwhile."""

client_address: ContextVar[str | None] = ContextVar("client_address", default=None)
"""The address of the client whose request is being answered."""

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


def configure(level: str, line_format: str) -> None:
    """Write the platform's log to standard error; `line_format` is json, text, or auto (text on a terminal)."""
    as_text = line_format == "text" or (line_format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(TextLines() if as_text else JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))
