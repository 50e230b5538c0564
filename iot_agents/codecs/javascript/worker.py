"""The program of a worker process: calls of codecs come in by standard input, their answers go out by standard output.

Nothing that a codec leaves behind is there at the next call. The worker imports little: it starts in 0.1 s.
"""

import contextlib
import re
import resource
import signal
import sys
from functools import cache
from importlib.resources import files
from typing import BinaryIO

import msgspec
import quickjs

from iot_agents.codecs.javascript.limits import Limits
from iot_agents.codecs.javascript.request import HEADER_BYTES, Request

FUNCTIONS = ("decodeUplink", "Decode", "Decoder", "decodeDownlink", "encodeDownlink", "Encode", "Encoder")
"""Those of TS013, of ChirpStack 3, and of The Things Network 2; the order is that of `surroundings.js`."""

FOUND = "[" + ",".join(f"typeof {name} === 'function' && {name}" for name in FUNCTIONS) + "]"
BUILT_IN = r"\b(?:Object|Array|String|Number|Date|Math|JSON|RegExp|Error|Buffer|Uint8Array)"
CHANGES_BUILT_INS = re.compile(
    rf"{BUILT_IN}\.\w+\s*=[^=]|{BUILT_IN}\.prototype\b(?!\.\w+\.(?:call|apply|bind)\b)|\bglobalThis\b"
)
"""Codecs that read like this get a fresh engine at each call from the beginning; others that need one are found out."""

KEPT_ENGINES = 32
CALLS_OF_AN_ENGINE = 1_000
"""Then a new one is made: a codec can pile up what is never freed."""


class Engine:
    """A JavaScript engine with one codec loaded, for one call, or for several that do not see each other.

    Where it is `kept`, the built-ins are frozen, the codec's own variables are made anew for each call, and undeclared
    ones are deleted.
    """

    def __init__(self, source: str, limits: Limits, kept: bool) -> None:
        self.calls, self._limits = 0, limits
        engine = quickjs.Context()
        engine.set_memory_limit(limits.memory_bytes)
        engine.set_max_stack_size(limits.stack_bytes)
        engine.set_time_limit(limits.cpu_seconds)
        prepare = engine.eval(_script("surroundings.js"))
        if any(name in source for name in ("Buffer", "TextDecoder", "TextEncoder")):
            engine.eval(_script("buffer.js") + "\n;0")
        if kept:
            load = engine.eval(f"(function () {{{source}\n;return {FOUND};}})")
        else:
            engine.eval(f"{source}\n;0")
            load = engine.eval(f"(function () {{return {FOUND};}})")
        self._engine, self._call = engine, prepare(load, kept)

    def call(self, operation: str, argument: str) -> str | None:
        """The answer as JSON; None where a kept engine cannot tell what a fresh one would answer.

        The codec wants to change built-ins, or an earlier call left behind what cannot be undone.
        """
        self.calls += 1
        answer = self._call(operation, argument, self._limits.answer_bytes)
        return answer if answer is None or isinstance(answer, str) else error_answer("The codec spoilt its answer")


class Engines:
    """Runs calls; keeps the sources of the codecs, and the engines of those last used."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._sources: dict[str, str] = {}
        self._kept: dict[str, Engine] = {}
        self._never_kept: set[str] = set()

    def answer(self, request: Request) -> str:
        """JSON: `data` or `bytes` and `fPort`, `warnings`, `errors`, `log`."""
        if request.source:
            self._sources[request.codec] = request.source.removeprefix("\ufeff")
        engine = self._kept.pop(request.codec, None)  # put back where the call went well
        try:
            return self._called(engine, request)
        except Exception as error:
            return error_answer(reason_of(error, self._limits), is_costly(error))

    def _called(self, engine: Engine | None, request: Request) -> str:
        source, key = self._sources[request.codec], request.codec
        answer = None
        if key not in self._never_kept and not CHANGES_BUILT_INS.search(source):
            engine = engine or Engine(source, self._limits, kept=True)
            answer = engine.call(request.operation, request.input)
            if engine.calls < CALLS_OF_AN_ENGINE:
                self._kept[key] = engine
            if len(self._kept) > KEPT_ENGINES:
                del self._kept[next(iter(self._kept))]
        if answer is None:
            answer = Engine(source, self._limits, kept=False).call(request.operation, request.input) or ""
            if '"errors":[],' in answer:  # a fresh engine is what it needs
                self._never_kept.add(key)
                self._kept.pop(key, None)
        return answer


@cache
def _script(name: str) -> str:
    """In one line, so that the line of an error is one of the codec's."""
    text = files("iot_agents.codecs.javascript").joinpath(name).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return " ".join(line for line in lines if not line.startswith("//"))


def error_answer(reason: str, costly: bool = False) -> str:
    return msgspec.json.encode({"errors": [reason], "costly": costly}).decode()


def is_costly(error: Exception) -> bool:
    """Whether a limit of computing or memory ended the call."""
    text = str(error)
    return "InternalError: interrupted" in text or "out of memory" in text or isinstance(error, MemoryError)


def reason_of(error: Exception, limits: Limits) -> str:
    """What an operator can do something with."""
    text = str(error)
    if isinstance(error, quickjs.StackOverflow) or "Maximum call stack" in text:
        return "The codec calls itself too deeply: it has no end, or needs more stack than a codec gets"
    if "InternalError: interrupted" in text:
        return f"The codec was stopped after {limits.cpu_seconds * 1000:g} ms of computing: it may have no end"
    if "out of memory" in text or isinstance(error, MemoryError):
        return f"The codec needs more memory than the {limits.memory_bytes // 1024**2} MiB that a codec gets"
    if isinstance(error, quickjs.JSException):
        first, _, place = text.partition("\n")
        line = place.rpartition("<input>:")[2].partition(":")[0]
        return f"The codec does not load: {first[:500]}" + (f" (line {line})" if line.isdigit() else "")
    return f"The codec failed: {type(error).__name__} {text[:500]}"


def serve(requests: BinaryIO, answers: BinaryIO, limits: Limits) -> None:
    """Until the requests end. A call that lasts longer than its time is ended by the kernel, with this process."""
    engines, decode = Engines(limits), msgspec.msgpack.Decoder(Request).decode
    while header := requests.read(HEADER_BYTES):
        request = decode(requests.read(int.from_bytes(header)))
        signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds)
        answer = engines.answer(request)
        signal.setitimer(signal.ITIMER_REAL, 0)
        send(answers, answer.encode("utf-8", "replace"))


def send(answers: BinaryIO, answer: bytes) -> None:
    answers.write(len(answer).to_bytes(HEADER_BYTES) + answer)
    answers.flush()


def confine(limits: Limits) -> None:
    """No file or socket beside the pipes can be opened, memory has an end: even if a codec broke out of its engine."""
    most = {resource.RLIMIT_NOFILE: 3, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CORE: 0}
    for what, value in (most | {resource.RLIMIT_AS: limits.process_bytes}).items():
        with contextlib.suppress(ValueError, OSError):  # not every system has each limit
            resource.setrlimit(what, (value, value))


def main(arguments: list[str], standard_input: BinaryIO, standard_output: BinaryIO) -> None:
    """The one argument is the limits as JSON. An empty answer says that the worker is ready."""
    limits = msgspec.json.decode(arguments[0], type=Limits)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for name in ("surroundings.js", "buffer.js"):
        _script(name)
    confine(limits)
    send(standard_output, b"")
    serve(standard_input, standard_output, limits)


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdin.buffer, sys.stdout.buffer)
