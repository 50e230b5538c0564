"""Nothing that a codec leaves behind is there at its next call: neither its own variables nor changed built-ins."""

import asyncio

import pytest

from iot_agents.codecs.codecs import Codecs
from iot_agents.codecs.result import Decoded
from tests.iot_agents.codecs.sources import GOOD, NOON, PAYLOAD, decoded, decoding, javascript, with_codecs

LEFT_BEHIND = {
    "a variable": "var n = 0; function decodeUplink() { n++; return {data: {n: n}} }",
    "a let": "let n = 0; const decodeUplink = () => { n++; return {data: {n}} }",
    "an undeclared variable": "function decodeUplink() { n = typeof n === 'number' ? n + 1 : 1; return {data: {n}} }",
    "a member of a built-in": "function decodeUplink() { Math.n = (Math.n || 0) + 1; return {data: {n: Math.n || 1}} }",
    "a prototype": "function decodeUplink() { var p = Array.prototype; p.n = (p.n || 0) + 1; return {data: {n: p.n}} }",
    "a hidden prototype": """function decodeUplink() {
        var p = Object.getPrototypeOf([]); try { p.n = (p.n || 0) + 1 } catch (e) {}; return {data: {n: p.n || 1}} }""",
    "a member of console": "function decodeUplink() { var n = (console.n || 0) + 1; console.n = n; return {data: {n}}}",
    "a property of the global object": """function decodeUplink() {
        var g = Function('return this')(); g.n = (g.n || 0) + 1; return {data: {n: g.n}} }""",
    "a fixed property of the global object": """function decodeUplink() {
        var g = (0, [].constructor.constructor)('return th' + 'is')();
        var n = (g.n || 0) + 1;
        Object['defineP' + 'roperty'](g, 'n', {value: n});
        return {data: {n: n}} }""",
    "the prototype of the global object": """function decodeUplink() {
        var g = (0, [].constructor.constructor)('return th' + 'is')();
        var n = (g.n || 0) + 1;
        Object['setP' + 'rototypeOf'](g, {n: n});
        return {data: {n: n}} }""",
}


@pytest.mark.parametrize("what", LEFT_BEHIND)
def test_the_same_bytes_give_the_same_answer_whatever_was_decoded_before(what: str) -> None:
    assert decoded(javascript(LEFT_BEHIND[what]), times=3) == Decoded({"n": 1})


TAMPERING = {
    "JSON": "JSON.stringify = function () { return '{}' }; JSON.parse = null;",
    "the prototypes": "for (var p of [Array, Object, Date]) { p.prototype.toString = null; p.prototype.toJSON = 1 }",
    "the global names": "Array = Object = Date = String = JSON = Math = null;",
    "indexes": "Object.defineProperty(Array.prototype, 0, {set() { throw 1 }, get() { return 'x' }});",
    "iteration": "Array.prototype[Symbol.iterator] = function* () { for (;;) yield 1 };",
    "Buffer": "Buffer.from = null; Buffer.prototype.toString = null; console.log = null;",
    "without naming a prototype": "var a = [], p = Object.getPrototypeOf(a); p.push = p.slice = p.map = null;",
}


@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_with_built_ins_is_not_seen_by_another_device(what: str) -> None:
    honest = "var a = []; a.push(Buffer.from(input.bytes).toString('hex')); console.log(1);"
    honest += "return {data: {a: a, d: new Date(0)}}"
    tampers = javascript(
        f"function decodeUplink(input) {{\nif (input.fPort === 1) {{ {TAMPERING[what]} }}\n{honest} }}"
    )

    async def work(codecs: Codecs) -> list[Decoded]:
        calls = ((tampers, 1), (tampers, 2), (decoding(honest), 2), (GOOD, 2), (tampers, 1), (tampers, 2))
        return await asyncio.gather(*(codecs.decode(codec, port, PAYLOAD, NOON) for codec, port in calls))

    _, same_codec, other_codec, good, _, again = with_codecs(work)
    assert same_codec.data == other_codec.data == again.data == {"a": ["0367ff02"], "d": "1970-01-01T00:00:00.000Z"}
    assert good.errors == same_codec.errors == ()


def test_members_may_be_named_like_those_of_a_prototype() -> None:
    body = "var d = {}; d.toString = 1; d.constructor = 2; var a = []; a.fill = 3; return {data: {d: d, f: a.fill}}"
    assert decoded(decoding(body)) == Decoded({"d": {"toString": 1, "constructor": 2}, "f": 3})


def test_a_codec_may_mend_built_ins_for_itself() -> None:
    source = "String.prototype.twice = function () { return this + this };"
    assert decoded(javascript(source + "function decodeUplink() { return {data: {a: 'x'.twice()}} }")).data == {
        "a": "xx"
    }


@pytest.mark.parametrize(
    "mends",
    [
        "if (!Object.assign) { Object.defineProperty(Object, 'assign', {value: 1}) }",
        "Array.prototype.slice = function () { return ['x'] };",
        "Object.defineProperty(Array.prototype, 'slice', {value: function () { return ['x'] }});",
        "'use strict'; Math.half = function (x) { return x / 2 };",
        "Math.half = function (x) { return x / 2 };",
        "var half = 2; this.twice = 4;",
    ],
)
def test_what_a_codec_changes_while_loading_is_there_at_each_of_its_calls(mends: str) -> None:
    body = "return {data: {s: [1].slice(0)[0], h: Math.half ? Math.half(4) : 2, t: typeof twice}}"
    data = decoded(javascript(f"{mends}\nfunction decodeUplink() {{ {body} }}"), times=3).data
    assert data == {"s": "x" if "slice" in mends else 1, "h": 2, "t": "number" if "twice" in mends else "undefined"}


def test_classes_and_undeclared_variables_work() -> None:
    source = """
        class Reader { constructor(bytes) { this.bytes = bytes } next() { return this.bytes.shift() } }
        function decodeUplink(input) { reader = new Reader(input.bytes); for (i = 0; i < 2; i++) last = reader.next();
            return {data: {last: last}} }"""
    assert decoded(javascript(source), times=2).data == {"last": 0x67}


def test_an_engine_lives_for_a_thousand_calls_and_is_then_made_anew() -> None:
    assert decoded(decoding("Promise.resolve().then(function () {}); return {data: {a: 1}}"), times=1_100).data == {
        "a": 1
    }


def test_more_codecs_than_engines_are_kept() -> None:
    async def work(codecs: Codecs) -> list[Decoded]:
        calls = [decoding(f"return {{data: {{a: {number}}}}}") for number in range(40)]
        return [await codecs.decode(codec, 1, b"", NOON) for codec in (*calls, *calls)]

    assert [one.data for one in with_codecs(work)] == [{"a": number} for number in range(40)] * 2
