"""Log lines, for machines and for people."""

import asyncio
import io
import json
import logging
import sys

from datenbroker.process.logs import TOGETHER_SECONDS, JsonLines, TextLines, Together, request_id


def record(level: int = logging.INFO, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("datenbroker.access", level, __file__, 1, "%s %s", ("GET", "/x"), None)
    made.fields = fields
    return made


def test_a_line_for_machines_is_one_json_object_with_the_request_it_belongs_to() -> None:
    token = request_id.set("abc")
    line = json.loads(JsonLines().format(record(status=200, key=None)))
    request_id.reset(token)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "datenbroker.access",
        "message": "GET /x",
        "request_id": "abc",
        "status": 200,
    }
    assert "request_id" not in json.loads(JsonLines().format(record()))


def test_an_exception_stays_within_its_line() -> None:
    failed = record(logging.ERROR)
    try:
        raise ValueError("two\nlines")
    except ValueError:
        failed.exc_info = sys.exc_info()
    assert JsonLines().format(failed).count("\n") == 0
    assert "ValueError" in json.loads(JsonLines().format(failed))["exception"]
    assert TextLines().format(failed).endswith("lines")


def test_a_line_for_people_is_short() -> None:
    assert TextLines().format(record(ms=1.5))[9:] == "GET /x 1.5 ms"
    assert TextLines().format(record(logging.WARNING))[9:] == "WARNING GET /x"


def test_lines_are_written_together_and_warnings_at_once() -> None:
    stream, log = io.StringIO(), logging.Logger("test")
    handler = Together(stream)
    log.addHandler(handler)

    async def serve() -> None:
        for number in range(3):
            log.info("line %s", number)
        assert stream.getvalue() == ""
        await asyncio.sleep(TOGETHER_SECONDS * 2)
        assert stream.getvalue() == "line 0\nline 1\nline 2\n"
        log.info("before")
        log.warning("now")
        assert stream.getvalue().endswith("before\nnow\n")
        log.info("last")

    asyncio.run(serve())
    log.info("in another loop, or none")
    handler.close()
    assert stream.getvalue().endswith("last\nin another loop, or none\n")
