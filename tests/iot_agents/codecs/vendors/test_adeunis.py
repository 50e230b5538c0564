"""The codecs of Adeunis (npm, MIT) with the frames of the vendor's own tests: as in Node, so in a worker."""

import asyncio
import functools
import json
import re
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from iot_agents.codecs.codecs import Codecs
from iot_agents.codecs.javascript.codec import JavaScriptCodec
from iot_agents.codecs.result import Decoded
from tests.clients.installed import clients
from tests.iot_agents.codecs.sources import NOON

PRODUCTS = {
    "analog": "analog",
    "breath": "breath",
    "comfort": "comfort",
    "comfort_co2": "comfortCo2",
    "comfort_v2": "comfort2",
    "deltap": "deltap",
    "drycontacts": "drycontacts",
    "drycontacts_v2": "drycontacts2",
    "motion": "motion",
    "pulse": "pulse",
    "pulse_v3": "pulse3",
    "pulse_v4": "pulse4",
    "pulse_v4_nbiot": "pulse4nbiot",
    "repeater": "repeater",
    "temp": "temp",
    "temp_v3": "temp3",
    "temp_v4": "temp4",
    "tic": "ticPmePmi",
}
"""The folders of the vendor's tests, and what its library calls the type of device."""

FRAME = re.compile(r"parseFrame\(|[pP]ayload(?:String)? = '([0-9A-Fa-f]+)'")

ENTRY = """
function decodeUplink(input) {
  var decoder = new codec.Decoder();
  decoder.setDeviceType("%s");
  return { data: decoder.decode(Buffer.from(input.bytes).toString("hex")) };
}
"""
"""The library asks for the type of device: TS013's function gives it, beneath the file as it is published."""


class Case(NamedTuple):
    type: str
    frame: str


@functools.cache
def package() -> Path:
    return clients(Path(__file__).parent) / "node_modules" / "@adeunis" / "codecs"


@functools.cache
def cases() -> list[Case]:
    found = dict[Case, None]()
    for folder, type_ in PRODUCTS.items():
        for path in sorted((package() / "src" / "products" / folder).glob("*.spec.ts")):
            for frame in FRAME.findall(path.read_text(encoding="utf-8")):
                if frame and len(frame) % 2 == 0:
                    found[Case(type_, frame.lower())] = None
    return list(found)


@functools.cache
def in_node() -> list[dict[str, Any]]:
    """The vendor's own answers."""
    command = ["node", str(Path(__file__).parent / "oracle.js"), str(package() / "dist" / "index.js")]
    done = subprocess.run(command, input=json.dumps(cases()), capture_output=True, text=True, timeout=60, check=True)
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


@functools.cache
def in_worker() -> list[Decoded]:
    source = (package() / "dist" / "index.js").read_text(encoding="utf-8")
    made = {type_: JavaScriptCodec(f"{type_}.js", source + ENTRY % type_) for type_ in PRODUCTS.values()}

    async def work() -> list[Decoded]:
        codecs = Codecs()
        calls = [codecs.decode(made[case.type], 1, bytes.fromhex(case.frame), NOON, case.type) for case in cases()]
        answers = await asyncio.gather(*calls)
        await codecs.stop()
        return answers

    return asyncio.run(work())


def test_the_vendor_tests_most_products() -> None:
    assert len({case.type for case in cases()}) >= 15 and len(cases()) > 50


@pytest.mark.parametrize("type_", PRODUCTS.values())
def test_a_product_is_decoded_as_by_its_vendor(type_: str) -> None:
    answers = zip(cases(), in_node(), in_worker(), strict=True)
    for case, expected, got in answers:
        if case.type == type_:
            assert (got.errors, got.data) == ((), expected), case


def test_the_values_are_those_that_the_vendor_tests() -> None:
    """`comfort/0x4c.parser.spec.ts` of the package."""
    index = cases().index(Case("comfort", "4c2000c51f00c72000c82100ca2200cc2300cd24"))
    data = in_worker()[index].data or {}
    assert data["type"] == "0x4c Comfort data"
    assert data["temperature"]["values"] == [19.7, 19.9, 20, 20.2, 20.4, 20.5]
    assert data["humidity"]["values"] == [31, 32, 33, 34, 35, 36]
