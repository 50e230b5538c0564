"""`datenbroker codec`: what a device's JavaScript codec makes of bytes, and what it makes of commands."""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from datenbroker.errors import CannotStart

if TYPE_CHECKING:
    from iot_agents.codecs.codecs import Codecs
    from iot_agents.codecs.javascript.codec import JavaScriptCodec

app = typer.Typer(
    help="Payload codecs of devices (JavaScript as in LoRa Alliance TS013): decode, encode, test.", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(metavar="FILE.js", help="The codec, as its vendor publishes it.")]
Port = Annotated[int, typer.Option("--fport", min=0, max=255, help="The LoRaWAN port.")]
Result = dict[str, Any]


@app.command()
def decode(
    file: File,
    hex_bytes: Annotated[str, typer.Option("--hex", help="The payload, e.g. 0367FF; blanks are ignored.")],
    f_port: Port = 1,
    downlink: Annotated[bool, typer.Option("--downlink", help="The bytes of a command: decodeDownlink.")] = False,
) -> None:
    """Print what the codec makes of a payload: {"data", "fPort", "warnings", "errors"}."""
    payload = _payload(hex_bytes)
    given = {"bytes": list(payload), "fPort": f_port}
    _finish(asyncio.run(_with(file, lambda codecs, codec: _run(codecs, codec, given, downlink))))


@app.command()
def encode(
    file: File,
    data: Annotated[str, typer.Option("--json", help="The command, e.g. '{\"interval\": 600}'.")],
    f_port: Port = 1,
) -> None:
    """Print what the codec makes of a command: {"bytes", "fPort", "warnings", "errors"}."""
    try:
        given: Result = {"data": json.loads(data), "fPort": f_port}
    except ValueError as error:
        raise CannotStart(f"--json is no JSON: {error}.") from None
    if not isinstance(given["data"], dict):
        raise CannotStart(f"--json must be an object, but is {data[:80]}.")
    _finish(asyncio.run(_with(file, lambda codecs, codec: _run(codecs, codec, given))))


@app.command()
def test(
    file: File,
    vectors: Annotated[Path, typer.Argument(metavar="VECTORS.json", help="A list of {name, input, expected}.")],
) -> None:
    """Run test vectors and say which the codec meets.

    `input` has bytes (a list, or hex) and fPort, or the data of a command; the bytes of a command are told by the type
    decodeDownlink. `expected` is the answer, or the data alone. A `*-codec.yaml` of The Things Network's device
    repository will do as well: its examples for FILE.
    """
    listed = _examples(vectors, file.name) if vectors.suffix in (".yaml", ".yml") else _vectors(vectors)
    failed = asyncio.run(_with(file, lambda codecs, codec: _test(codecs, codec, listed)))
    if failed:
        raise typer.Exit(1)


async def _with(file: Path, work: Callable[["Codecs", "JavaScriptCodec"], Awaitable[Any]]) -> Any:
    from iot_agents.codecs.codecs import Codecs
    from iot_agents.codecs.javascript.codec import JavaScriptCodec
    from iot_agents.codecs.result import Failed

    try:
        codec = JavaScriptCodec.load(file)
    except Failed as error:
        raise CannotStart(f"{error}.") from None
    codecs = Codecs()
    try:
        return await work(codecs, codec)
    finally:
        await codecs.stop()


async def _run(codecs: "Codecs", codec: "JavaScriptCodec", given: Result, downlink: bool = False) -> Result:
    """One call; prints what the codec wrote to its console on standard error."""
    from datetime import UTC, datetime

    f_port, now = given.get("fPort", 1), datetime.now(UTC)
    if "bytes" not in given:
        encoded = await codecs.encode(codec, given.get("data") or {}, f_port)
        made: Any = encoded
        result: Result = {"bytes": None if encoded.payload is None else list(encoded.payload), "fPort": encoded.f_port}
    else:
        ask = codecs.decode_downlink if downlink else codecs.decode
        made = await ask(codec, f_port, bytes(given["bytes"]), _time(given.get("recvTime")) or now)
        result = {"data": made.data, "fPort": f_port}
    for line in made.log:
        typer.echo(line, err=True)
    return result | {"warnings": list(made.warnings), "errors": list(made.errors)}


def _finish(result: Result) -> NoReturn:
    typer.echo(json.dumps(result, ensure_ascii=False))
    raise typer.Exit(1 if result["errors"] else 0)


async def _test(codecs: "Codecs", codec: "JavaScriptCodec", vectors: list[Result]) -> int:
    """The number of vectors that failed."""
    failed = 0
    for number, vector in enumerate(vectors, 1):
        name = vector.get("name") or vector.get("description") or f"vector {number}"
        given = dict(vector["input"])
        written = given.get("bytes", given.get("hex"))
        if isinstance(written, str):
            given["bytes"] = _payload(written)
        kind = str(vector.get("type", ""))
        result = await _run(codecs, codec, given, downlink=kind in ("decodeDownlink", "downlink-decode"))
        wanted = _expected(vector["expected"], result)
        got = {member: result.get(member) for member in wanted}
        if _same(wanted, got):
            typer.echo(f"ok      {name}")
            continue
        failed += 1
        typer.echo(f"FAILED  {name}\n  expected {json.dumps(wanted)}\n  got      {json.dumps(got)}")
    typer.echo(f"{len(vectors) - failed} passed, {failed} failed")
    return failed


def _expected(expected: Result, result: Result) -> Result:
    """The members to compare: those given, and that there are no errors where none are."""
    answer = expected if expected.keys() <= {"data", "bytes", "fPort", "warnings", "errors"} else {"data": expected}
    return answer if "errors" in answer else answer | {"errors": []}


def _same(one: Any, other: Any) -> bool:
    """As JSON: 1 and 1.0 are the same, 1 and true are not."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12)  # engines differ in the last digit of a logarithm
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _vectors(path: Path) -> list[Result]:
    try:
        vectors = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CannotStart(f"The vectors {path} cannot be read: {error}.") from None
    good = isinstance(vectors, list) and all(
        isinstance(one, dict) and isinstance(one.get("input"), dict) and isinstance(one.get("expected"), dict)
        for one in vectors
    )
    if not good:
        raise CannotStart(f"The vectors {path} must be a list of objects {{name, input, expected}}.")
    return list(vectors)


SECTIONS = {"uplinkDecoder": "decodeUplink", "downlinkDecoder": "decodeDownlink", "downlinkEncoder": "encodeDownlink"}
"""What the device repository calls the functions of TS013."""


def _examples(path: Path, codec: str) -> list[Result]:
    """Those of the sections that name the codec's file."""
    import yaml

    try:
        sections = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = [
            {
                "name": example.get("description", ""),
                "type": kind,
                "input": example["input"],
                "expected": example["output"],
            }
            for section, kind in SECTIONS.items()
            for example in (sections.get(section) or {}).get("examples") or []
            if sections[section].get("fileName") == codec
        ]
    except (OSError, ValueError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise CannotStart(f"The examples {path} cannot be read: {error!r}.") from None
    if not found:
        raise CannotStart(f"{path} has no examples for {codec}: see its fileName.")
    return found


def _payload(text: str) -> bytes:
    try:
        return bytes.fromhex(text.strip().removeprefix("0x").replace(":", " "))
    except ValueError:
        raise CannotStart(f"{text[:80]!r} is no hex: two digits a byte, e.g. 0367FF.") from None


def _time(text: Any) -> Any:
    from datetime import UTC, datetime

    try:
        time = datetime.fromisoformat(text) if text else None
    except (TypeError, ValueError):
        raise CannotStart(f"The recvTime {text!r} is no time of ISO 8601.") from None
    return time.replace(tzinfo=time.tzinfo or UTC) if time else None
