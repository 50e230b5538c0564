"""`datenbroker codec` as a shell sees it: one JSON object on standard output, and an exit code."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CODEC = """
function decodeUplink(input) {
  console.log("port", input.fPort);
  if (input.bytes.length !== 3) return { errors: ["three bytes are expected"] };
  return { data: { temperature: Buffer.from(input.bytes).readInt16BE(1) / 10 }, warnings: ["battery low"] };
}
function encodeDownlink(input) { return { fPort: 85, bytes: [1, input.data.interval] }; }
function decodeDownlink(input) { return { data: { interval: input.bytes[1] } }; }
"""


@pytest.fixture
def codec(tmp_path: Path) -> Path:
    path = tmp_path / "sensor.js"
    path.write_text(CODEC, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("datenbroker")), "codec", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_decode_prints_one_json_object(codec: Path) -> None:
    done = run("decode", codec, "--fport", "10", "--hex", "03 00FF")
    assert done.returncode == 0
    data = {"temperature": 25.5}
    assert json.loads(done.stdout) == {"data": data, "fPort": 10, "warnings": ["battery low"], "errors": []}
    assert done.stderr == "port 10\n"


def test_decode_ends_with_1_where_the_codec_reports_errors(codec: Path) -> None:
    done = run("decode", codec, "--fport", "10", "--hex", "03")
    assert done.returncode == 1
    errors = ["three bytes are expected"]
    assert json.loads(done.stdout) == {"data": None, "fPort": 10, "warnings": [], "errors": errors}


def test_encode_prints_the_bytes_and_the_port_that_the_codec_names(codec: Path) -> None:
    done = run("encode", codec, "--fport", "3", "--json", '{"interval": 60}')
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"bytes": [1, 60], "fPort": 85, "warnings": [], "errors": []}


def test_a_command_is_decoded_too(codec: Path) -> None:
    assert json.loads(run("decode", codec, "--hex", "013C", "--downlink").stdout)["data"] == {"interval": 60}


def test_an_infinite_loop_ends_with_a_reason(codec: Path) -> None:
    codec.write_text("function decodeUplink() { for (;;) {} }")
    done = run("decode", codec, "--hex", "03")
    assert (done.returncode, "stopped after" in json.loads(done.stdout)["errors"][0]) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("decode", "none.js", "--hex", "00"), "none.js cannot be read"),
        (("decode", "CODEC", "--hex", "0g"), "is no hex"),
        (("encode", "CODEC", "--json", "{"), "is no JSON"),
        (("encode", "CODEC", "--json", "[1]"), "must be an object"),
        (("test", "CODEC", "CODEC"), "cannot be read"),
    ],
)
def test_what_cannot_be_used_is_said(codec: Path, arguments: tuple[str, ...], reason: str) -> None:
    done = run(*(codec if argument == "CODEC" else argument for argument in arguments))
    assert done.returncode == 1
    assert done.stdout == ""
    assert reason in done.stderr


def vector(name: str, given: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "input": given, "expected": expected}


def test_vectors_are_run_one_by_one(codec: Path, tmp_path: Path) -> None:
    vectors = [
        vector(
            "answer", {"bytes": [3, 0, 255], "fPort": 1}, {"data": {"temperature": 25.5}, "warnings": ["battery low"]}
        ),
        vector("data alone", {"bytes": "0300FF"}, {"temperature": 25.5}),
        vector("error", {"bytes": [3]}, {"errors": ["three bytes are expected"]}),
        vector("command", {"data": {"interval": 60}}, {"bytes": [1, 60], "fPort": 85}),
        vector("command read back", {"bytes": [1, 60]}, {"interval": 60}) | {"type": "decodeDownlink"},
    ]
    (tmp_path / "vectors.json").write_text(json.dumps(vectors))
    done = run("test", codec, tmp_path / "vectors.json")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "5 passed, 0 failed")
    vectors[1]["expected"] = {"temperature": True}
    (tmp_path / "vectors.json").write_text(json.dumps(vectors))
    done = run("test", codec, tmp_path / "vectors.json")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "4 passed, 1 failed")
    assert "FAILED  data alone" in done.stdout


EXAMPLES = """
uplinkDecoder:
  fileName: sensor.js
  examples:
    - {description: mild, input: {fPort: 1, bytes: [3, 0, 255]}, output: {data: {temperature: 25.5}}}
    - {description: short, input: {fPort: 1, bytes: [3]}, output: {errors: [three bytes are expected]}}
downlinkEncoder:
  fileName: sensor.js
  examples: [{description: hourly, input: {data: {interval: 60}}, output: {bytes: [1, 60], fPort: 85}}]
downlinkDecoder:
  fileName: another.js
  examples: [{description: not ours, input: {fPort: 1, bytes: [1]}, output: {data: {interval: 0}}}]
"""


def test_the_examples_of_the_device_repository_are_run(codec: Path, tmp_path: Path) -> None:
    examples = tmp_path / "sensor-codec.yaml"
    examples.write_text(EXAMPLES, encoding="utf-8")
    done = run("test", codec, examples)
    assert done.returncode == 0 and done.stdout.endswith("3 passed, 0 failed\n")
    examples.write_text(EXAMPLES.replace("25.5", "25.4"), encoding="utf-8")
    assert "FAILED  mild" in run("test", codec, examples).stdout


@pytest.mark.parametrize("text", ["- 1", "uplinkDecoder: {fileName: x.js, examples: []}", "a: [", "uplinkDecoder: 1"])
def test_examples_that_are_none_are_said_so(codec: Path, tmp_path: Path, text: str) -> None:
    examples = tmp_path / "sensor-codec.yaml"
    examples.write_text(text, encoding="utf-8")
    done = run("test", codec, examples)
    assert done.returncode == 1 and "Traceback" not in done.stderr and "sensor-codec.yaml" in done.stderr
