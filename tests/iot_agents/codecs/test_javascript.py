"""Codecs in all forms that vendors publish, and what they expect around them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iot_agents.codecs.codecs import Codecs
from iot_agents.codecs.javascript.codec import JavaScriptCodec
from iot_agents.codecs.result import Decoded, Encoded, Failed
from tests.iot_agents.codecs.sources import GOOD, NOON, PAYLOAD, decoded, decoding, javascript, with_codecs

FORMS = {
    "TS013": "function decodeUplink(input) { return {data: {p: input.fPort, b: input.bytes}} }",
    "an arrow function": "const decodeUplink = (input) => ({data: {p: input.fPort, b: input.bytes}})",
    "strict": "'use strict';\nfunction decodeUplink({bytes, fPort}) { return {data: {p: fPort, b: bytes}} }",
    "ChirpStack 3": "function Decode(fPort, bytes, variables) { variables.x; return {p: fPort, b: bytes} }",
    "The Things Network 2": "function Decoder(bytes, port) { return {p: port, b: bytes} }",
    "all of them": "function decodeUplink(i) { return {data: Decode(i.fPort, i.bytes)} }\n"
    "function Decode(fPort, bytes) { return Decoder(bytes, fPort) }\n"
    "var Decoder = function (b, p) { return {p: p, b: b} }",
    "with a byte order mark": "\ufefffunction Decode(p, b) { return {p: p, b: b} } // end",
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_decoder_gets_port_and_bytes(form: str) -> None:
    assert decoded(javascript(FORMS[form])) == Decoded({"p": 10, "b": list(PAYLOAD)})


def test_ts013_gets_the_time_and_gives_warnings() -> None:
    assert decoded(GOOD) == Decoded({"first": 3, "port": 10, "at": "2026-11-22T12:00:00.000Z"}, ("low",))


@pytest.mark.parametrize(
    ("source", "f_port"),
    [
        ("function encodeDownlink(i) { return {fPort: 85, bytes: [i.data.s & 255, i.data.s >> 8]} }", 85),
        ("function encodeDownlink(i) { return {bytes: new Uint8Array([i.data.s & 255, i.data.s >> 8])} }", 3),
        ("function Encode(fPort, obj, variables) { return [obj.s & 255, obj.s >> 8] }", 3),
        ("function Encoder(object, port) { return Buffer.from([object.s & 255, object.s >> 8]) }", 3),
    ],
)
def test_each_form_of_an_encoder_makes_bytes(source: str, f_port: int) -> None:
    encoded = with_codecs(lambda codecs: codecs.encode(javascript(source), {"s": 600}, 3))
    assert encoded == Encoded(bytes([88, 2]), f_port)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("{bytes: [256]}", "bytes[0] is 256"),
        ("{bytes: [1, -1]}", "bytes[1] is -1"),
        ("{bytes: 'ff'}", "array of bytes"),
        ("{bytes: [1], fPort: 300}", "port 300"),
        ("{errors: ['no such command']}", "no such command"),
    ],
)
def test_what_is_no_command_is_not_sent(answer: str, reason: str) -> None:
    codec = javascript(f"function encodeDownlink(input) {{ return {answer} }}")
    encoded = with_codecs(lambda codecs: codecs.encode(codec, {}, 3))
    assert encoded.payload is None
    assert reason in encoded.errors[0]


def test_a_command_is_read_back() -> None:
    codec = javascript("function decodeDownlink(input) { return {data: {interval: input.bytes[0]}} }")
    assert with_codecs(lambda codecs: codecs.decode_downlink(codec, 1, b"\x0a", NOON)).data == {"interval": 10}


def test_a_codec_without_the_function_says_which_are_looked_for() -> None:
    async def work(codecs: Codecs) -> tuple[str, ...]:
        return (await codecs.encode(GOOD, {}, 1)).errors + (await codecs.decode(javascript("1"), 1, b"", NOON)).errors

    encoder, decoder = with_codecs(work)
    assert encoder == "The codec has no function encodeDownlink, Encode, Encoder"
    assert decoder == "The codec has no function decodeUplink, Decode, Decoder"


def test_what_a_codec_writes_to_its_console_is_kept_in_bounds() -> None:
    log = decoded(decoding("for (var i = 0; i < 1e4; i++) console.log('x'.repeat(1e3), {i}); return {data: {}}")).log
    assert len(log) == 100
    assert {len(line) for line in log} == {500}
    assert decoded(decoding("console.warn('a', 1, {b: [2]}); return {data: {}}")).log == ('a 1 {"b":[2]}',)


EXPRESSIONS: dict[str, Any] = {
    "Buffer.from(input.bytes).toString('hex')": "0367ff02",
    "Buffer.from('0367ff', 'hex').length": 3,
    "Buffer.from('A2f/', 'base64').toJSON().data": [3, 0x67, 255],
    "Buffer.from([3, 0x67, 255]).toString('base64')": "A2f/",
    "Buffer.from('Höhe €').toString()": "Höhe €",
    "Array.from(Buffer.from('ö€😀'))": list("ö€😀".encode()),
    "Buffer.from('68c3b6', 'hex').toString('utf-8')": "hö",
    "Buffer.from([72, 105]).toString('ascii')": "Hi",
    "Buffer.from(input.bytes).readUInt16BE(0)": 0x0367,
    "Buffer.from(input.bytes).readUInt16LE(1)": 0xFF67,
    "Buffer.from(input.bytes).readInt8(2)": -1,
    "Buffer.from(input.bytes).readUint32LE(0)": 0x02FF6703,
    "Buffer.from(input.bytes).readInt32BE()": 0x0367FF02,
    "Buffer.from(input.bytes).readIntBE(1, 3)": 0x67FF02,
    "Buffer.from(input.bytes).readUIntLE(0, 3)": 0xFF6703,
    "Buffer.from('41480000', 'hex').readFloatBE(0)": 12.5,
    "Buffer.from('0000000000002940', 'hex').readDoubleLE(0)": 12.5,
    "Buffer.from(input.bytes).slice(1, 3).toString('hex')": "67ff",
    "Buffer.from(input.bytes).subarray(-1).readUInt8(0)": 2,
    "Buffer.concat([Buffer.from([1]), Buffer.from([2, 3])]).length": 3,
    "Buffer.isBuffer(Buffer.alloc(2)) && Buffer.alloc(2, 1)[1]": 1,
    "(function () { var b = Buffer.alloc(4); b.writeInt16BE(-2, 1); return b.toString('hex') })()": "00fffe00",
    "(function () { var b = new Buffer(2); b.writeUInt8(7, 1); return b.equals(Buffer.from([0, 7])) })()": True,
    "new TextDecoder('utf-8').decode(new Uint8Array([0x68, 0xc3, 0xb6]))": "hö",
    "new TextDecoder().decode(new Uint8Array([0xff, 0x41, 0xe2, 0x82]))": "\ufffdA\ufffd",
    "Array.from(new TextEncoder().encode('ö'))": [0xC3, 0xB6],
    "btoa('Hi') + atob('SGk=')": "SGk=Hi",
    "new DataView(new Uint8Array(input.bytes).buffer).getInt16(0)": 0x0367,
    "'7'.padStart(2, '0') + parseInt('ff', 16) + (1.005).toFixed(1)": "072551.0",
}


def test_what_codecs_expect_is_there() -> None:
    names = {f"e{number}": expression for number, expression in enumerate(EXPRESSIONS)}
    members = ",\n".join(f"{name}: {expression}" for name, expression in names.items())
    result = decoded(decoding(f"return {{data: {{{members}}}}}"))
    assert result.errors == ()
    assert result.data is not None
    assert {names[name]: value for name, value in result.data.items()} == EXPRESSIONS


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(), max_size=20), st.lists(st.binary(max_size=30), max_size=20))
def test_texts_and_bytes_survive_the_buffer(texts: list[str], payloads: list[bytes]) -> None:
    source = """
        var BACK = ['hex', 'base64', 'base64url', 'latin1'];
        function encodeDownlink(input) {
          input.data.texts.forEach(function (t) { 
            if (new TextDecoder('utf-8', {ignoreBOM: true}).decode(Buffer.from(t)) !== t) throw t });
          input.data.payloads.forEach(function (p) { BACK.forEach(function (e) {
            if (Buffer.from(Buffer.from(p).toString(e), e).compare(Buffer.from(p))) throw e }) });
          return {bytes: []} }"""
    data = {"texts": texts, "payloads": [list(payload) for payload in payloads]}
    assert with_codecs(lambda codecs: codecs.encode(javascript(source), data, 1)).errors == ()


def test_a_codec_file_that_is_none_is_refused(tmp_path: Any) -> None:
    (tmp_path / "large.js").write_text(" " * 1_100_000)
    (tmp_path / "binary.js").write_bytes(b"\xff\xfe")
    for name, reason in {"none.js": "No such file", "large.js": "1100000 bytes", "binary.js": "UTF-8"}.items():
        with pytest.raises(Failed, match=reason):
            JavaScriptCodec.load(tmp_path / name)


def test_an_answer_is_as_json_has_it() -> None:
    body = "return {data: {n: NaN, u: undefined, d: new Date(0), f: function () {}, big: 9007199254740993, t: 'ä'}}"
    expected = json.loads('{"n": null, "d": "1970-01-01T00:00:00.000Z", "big": 9007199254740992, "t": "ä"}')
    assert decoded(decoding(body)).data == expected
