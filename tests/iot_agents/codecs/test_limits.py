"""What a codec does wrong is an error of its own call; the calls around it, in the same worker, go well."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from iot_agents.codecs.codecs import Codecs
from iot_agents.codecs.javascript.limits import Limits
from iot_agents.codecs.result import Decoded
from tests.iot_agents.codecs.sources import GOOD, NOON, PAYLOAD, decoding, javascript, with_codecs

HARMFUL = {
    "an infinite loop": ("for (;;) {}", "stopped after 100 ms"),
    "an infinite loop that catches": (
        "for (;;) { try { for (;;) {} } catch (e) {} finally { continue } }",
        "stopped after",
    ),
    "a loop while loading": ("} for (;;) {} {", "stopped after"),
    "a memory bomb": ("var a = []; for (;;) a.push(new Array(1000).fill(1))", "memory"),
    "a memory bomb that catches": (
        "var a = []; for (;;) try { a.push(new Array(1000).fill(1)) } catch (e) {}",
        "stopped",
    ),
    "one huge allocation": ("'x'.repeat(1e9)", "memory"),
    "endless recursion": ("return decodeUplink(input) + 1", "stack"),
    "a runaway regular expression": ("/(a+)+$/.test('a'.repeat(40) + 'b')", "stopped after"),
    "a throw": ("\nthrow new Error('wrong length')", "decodeUplink threw Error: wrong length (line 3)"),
    "a throw of anything": ("throw {code: 7}", '{"code":7}'),
    "a throw of what cannot be shown": ("throw new Proxy({}, {get() { throw 1 }})", "decodeUplink threw"),
    "a huge answer": ("return {data: {text: 'x'.repeat(1e6)}}", "1000"),
    "a huge number of members": (
        "var d = {}; for (var i = 0; i < 1e5; i++) d['k' + i] = i; return {data: d}",
        "allowed are",
    ),
    "a deep answer": ("var d = {}; for (var i = 0; i < 200; i++) d = {a: d}; return {data: d}", "nested more than 32"),
    "an answer without end": ("var d = {}; d.d = d; return {data: d}", "circular"),
    "an answer that is no JSON": ("return {data: {a: 10n}}", "BigInt"),
    "half a character": ("return {data: {a: '\\ud800'}}", "no good"),
    "no answer": ("", "must be an object, but is undefined"),
    "a number": ("return 5", "must be an object, but is 5"),
    "data that is no object": ("return {data: [1]}", "data must be an object"),
    "a promise": ("return Promise.resolve({data: {}})", "Promise"),
    "a toJSON that throws": ("return {data: {toJSON() { throw new Error('no') }}}", "no good: no"),
    "a toJSON that is endless": ("return {data: {toJSON() { for (;;) {} }}}", "stopped after"),
    "errors of its own": ("return {errors: ['unknown port', 3]}", "unknown port"),
    "a file": ("return {data: {a: require('fs')}}", "require"),
    "an import": ("return {data: {a: typeof std, b: os.open('/etc/passwd')}}", "os"),
}


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_codec_is_an_error_of_its_call_and_harms_no_other(name: str) -> None:
    body, reason = HARMFUL[name]

    async def work(codecs: Codecs) -> list[Decoded]:
        calls = (GOOD, decoding(body), GOOD, decoding(body), GOOD)
        return await asyncio.gather(*(codecs.decode(codec, 10, PAYLOAD, NOON) for codec in calls))

    before, harmful, between, again, after = with_codecs(work)
    assert before.data == between.data == after.data == {"first": 3, "port": 10, "at": "2026-11-22T12:00:00.000Z"}
    assert harmful.errors and harmful.data is None
    assert reason in harmful.errors[0]
    assert again.errors


@pytest.mark.parametrize("body", ["new Array(1e9).sort()", "return {data: {a: new Array(1e9).sort()}}"])
def test_what_the_engine_cannot_interrupt_is_ended_with_its_process(body: str) -> None:
    async def work(codecs: Codecs) -> tuple[list[Decoded], dict[str, int]]:
        calls = [codecs.decode(codec, 10, PAYLOAD, NOON) for codec in (GOOD, decoding(body), GOOD, GOOD)]
        return await asyncio.gather(*calls), codecs.counters()

    (before, harmful, *after), counters = with_codecs(work, Limits(wall_seconds=0.3))
    assert harmful.errors == ("The codec was ended after 0.3 s: it may have no end",)
    assert [one.errors for one in (before, *after)] == [(), (), ()]
    assert counters == {"starts": 2, "under_way": 0, "pauses": 0, "paused": 0}


def kill_children() -> int:
    """How many there were."""
    pids = [int(pid) for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return len(pids)


def test_a_worker_that_is_killed_is_replaced() -> None:
    async def work(codecs: Codecs) -> list[Decoded]:
        first = await codecs.decode(GOOD, 10, PAYLOAD, NOON)
        assert kill_children() == 1
        await asyncio.sleep(0.05)
        return [first, await codecs.decode(GOOD, 10, PAYLOAD, NOON)]

    assert [one.errors for one in with_codecs(work)] == [(), ()]


def test_calls_that_wait_when_the_codecs_stop_fail() -> None:
    async def work(codecs: Codecs) -> list[Decoded]:
        calls = [asyncio.create_task(codecs.decode(decoding("for (;;) {}"), 1, b"", NOON)) for _ in range(50)]
        await asyncio.sleep(0.2)
        await codecs.stop()
        return await asyncio.gather(*calls)

    assert all(one.errors for one in with_codecs(work))


def test_a_worker_can_open_no_file() -> None:
    program = """
import resource
from iot_agents.codecs.javascript.limits import Limits
from iot_agents.codecs.javascript.worker import confine
confine(Limits())
try:
    open("/etc/passwd")
except OSError as error:
    print(error.strerror)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "Too many open files\n"


def test_a_call_that_nobody_waits_for_any_more_harms_no_other() -> None:
    async def work(codecs: Codecs) -> Decoded:
        call = asyncio.create_task(codecs.decode(decoding("for (;;) {}"), 1, b"", NOON))
        await asyncio.sleep(0.15)
        call.cancel()
        return await codecs.decode(GOOD, 10, PAYLOAD, NOON)

    assert with_codecs(work).errors == ()


def test_a_codec_that_does_not_load_says_where() -> None:
    errors = with_codecs(lambda codecs: codecs.decode(javascript("var a = 1;\nfunctio n"), 1, b"", NOON)).errors
    assert errors == ("The codec does not load: SyntaxError: expecting ';' (line 2)",)
