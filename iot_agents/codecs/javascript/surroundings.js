// What a codec finds around it beside ECMAScript, and how its functions are called. Evaluates to `prepare(load, kept)`,
// which makes the function that the worker calls; it keeps the built-ins that it needs, since a codec may replace them.
(function (global) {
  "use strict";
  const { stringify, parse } = JSON;
  const { isArray } = Array;
  const { defineProperty, freeze, getOwnPropertyDescriptor, getPrototypeOf, isExtensible } = Object;
  const { ownKeys, apply } = Reflect;
  const isView = ArrayBuffer.isView;
  const DateOf = Date;
  const text = String;
  const isInteger = Number.isInteger;
  const MOST_LINES = 100;
  const LONGEST_LINE = 500;

  function shown(value) {
    try {
      if (typeof value === "string") return value.slice(0, LONGEST_LINE);
      if (value instanceof Error) return described(value);
      const json = typeof value === "object" && value !== null ? stringify(value) : undefined;
      return (json === undefined ? text(value) : json).slice(0, LONGEST_LINE);
    } catch {
      return "(not printable)";
    }
  }

  function described(thrown) {
    try {
      if (thrown === null) return "null, as the engine does where memory runs out";
      if (!(thrown instanceof Error)) return shown(thrown);
      // what surrounds the codec is loaded as one line: line 1 says nothing
      const place = /<input>:(?!1:)(\d+)/.exec(thrown.stack);
      return `${thrown.name}: ${thrown.message}`.slice(0, LONGEST_LINE) + (place ? ` (line ${place[1]})` : "");
    } catch {
      return "something that is not printable";
    }
  }

  function lines(value) {
    if (value === undefined || value === null) return [];
    const list = [];
    const items = isArray(value) ? value : [value];
    for (let i = 0; i < items.length && i < MOST_LINES; i++) list[i] = shown(items[i]);
    return list;
  }

  let log = [];
  function write(...values) {
    if (log.length >= MOST_LINES) return;
    let line = "";
    for (let i = 0; i < values.length; i++) line += (i ? " " : "") + shown(values[i]);
    log[log.length] = line.slice(0, LONGEST_LINE);
  }
  const console = {};
  for (const name of ["log", "info", "warn", "error", "debug", "trace"]) console[name] = write;
  global.console = console;

  function called(name, codec, input) {
    const variables = {};
    switch (name) {
      case "Decode":
        return { data: codec(input.fPort, input.bytes, variables) };
      case "Decoder":
        return { data: codec(input.bytes, input.fPort) };
      case "Encode":
        return { bytes: codec(input.fPort, input.data, variables) };
      case "Encoder":
        return { bytes: codec(input.data, input.fPort) };
      default:
        input.recvTime = new DateOf(input.recvTime);
        input.variables = variables;
        return codec(input);
    }
  }

  function byteList(value) {
    if (!isArray(value) && !isView(value)) throw new TypeError("it must have an array of bytes");
    const list = [];
    for (let i = 0; i < value.length; i++) {
      if (!isInteger(value[i]) || value[i] < 0 || value[i] > 255)
        throw new TypeError(`bytes[${i}] is ${shown(value[i])}, and no byte`);
      list[i] = value[i];
    }
    return list;
  }

  function checked(name, encodes, answer) {
    if (typeof answer !== "object" || answer === null) throw new TypeError(`it must be an object, but is ${shown(answer)}`);
    if (typeof answer.then === "function") throw new TypeError("it is a Promise: codecs answer at once");
    const result = { warnings: lines(answer.warnings), errors: lines(answer.errors) };
    if (result.errors.length) return result;
    if (encodes) {
      result.bytes = byteList(answer.bytes);
      if (isInteger(answer.fPort)) result.fPort = answer.fPort;
      return result;
    }
    const data = answer.data;
    if (typeof data !== "object" || data === null || isArray(data) || isView(data))
      throw new TypeError(`its data must be an object, but is ${shown(data)}`);
    result.data = data;
    return result;
  }

  // Of a kept engine: whether the codec wanted to change a built-in, or failed as one does that could not.
  let changed = false;
  const { TypeError: WrongType, ReferenceError: Unknown } = global;
  const missesChange = (thrown) => thrown instanceof WrongType || thrown instanceof Unknown;

  function answered(name, codec, json, longest) {
    let answer;
    try {
      answer = called(name, codec, parse(json));
    } catch (thrown) {
      changed = changed || missesChange(thrown);
      return stringify({ errors: [`${name} threw ${described(thrown)}`], log });
    }
    try {
      const result = checked(name, name[0] === "e" || name[0] === "E", answer);
      result.log = log;
      const written = stringify(result);
      if (written.length <= longest) return written;
      return stringify({ errors: [`The answer of ${name} has ${written.length} characters, allowed are ${longest}`] });
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : shown(thrown);
      return stringify({ errors: [`The answer of ${name} is no good: ${reason}`], log });
    }
  }

  // No built-in can be changed any more, so that an engine can be kept for the next call. Objects may still have members
  // of their own that are named as one of their prototype: an assignment would fail where that one is read-only.
  function harden() {
    const seen = new Set();
    const next = [global, function* () {}, async function () {}, async function* () {}, [][Symbol.iterator]()];
    next.push(new Map().entries(), new Set().values(), ""[Symbol.iterator](), "".matchAll(/x/g), (function* () {})());
    for (let i = 0; i < next.length; i++) {
      const object = next[i];
      if ((typeof object !== "object" && typeof object !== "function") || object === null || seen.has(object)) continue;
      seen.add(object);
      next.push(getPrototypeOf(object));
      for (const key of ownKeys(object)) {
        const { value, get, set } = getOwnPropertyDescriptor(object, key);
        next.push(value, get, set);
      }
    }
    for (const object of seen) {
      if (object === global) continue;
      if (typeof object === "object" && getOwnPropertyDescriptor(object, "constructor")) allowOverriding(object);
      freeze(object);
    }
    for (const key of ownKeys(global)) {
      const fixed = "value" in getOwnPropertyDescriptor(global, key) ? { writable: false } : {};
      defineProperty(global, key, { configurable: false, ...fixed });
    }
  }

  function allowOverriding(prototype) {
    for (const key of ownKeys(prototype)) {
      const { value, writable, configurable } = getOwnPropertyDescriptor(prototype, key);
      if (typeof key !== "string" || !writable || !configurable) continue;
      const get = () => value;
      const set = function (own) {
        changed = changed || this === prototype;
        if (this === prototype || typeof this !== "object" || this === null) return;
        defineProperty(this, key, { value: own, writable: true, enumerable: true, configurable: true });
      };
      defineProperty(prototype, key, { get: freeze(get), set: freeze(set), enumerable: false });
    }
  }

  const NAMES = ["decodeUplink", "Decode", "Decoder", "decodeDownlink", "encodeDownlink", "Encode", "Encoder"];
  const FUNCTIONS = { decodeUplink: [0, 1, 2], decodeDownlink: [3], encodeDownlink: [4, 5, 6] };
  freeze(FUNCTIONS);

  return function (load, kept) {
    if (kept) harden();
    const keys = new Set(ownKeys(global));
    const prototype = getPrototypeOf(global);
    const { has } = Set.prototype;

    // Undeclared variables, which many codecs have, are gone at the next call; false where something cannot be undone.
    function cleaned() {
      if (!isExtensible(global) || getPrototypeOf(global) !== prototype) return false;
      const now = ownKeys(global);
      if (now.length === keys.size) return true;
      for (let i = 0; i < now.length; i++)
        if (!apply(has, keys, [now[i]]) && !Reflect.deleteProperty(global, now[i])) return false;
      return true;
    }

    function answer(operation, json, longest) {
      let functions;
      try {
        functions = load();
      } catch (thrown) {
        changed = changed || missesChange(thrown);
        return stringify({ errors: [`The codec does not load: ${described(thrown)}`], log });
      }
      const wanted = FUNCTIONS[operation];
      let names = "";
      for (let i = 0; i < wanted.length; i++) {
        const name = NAMES[wanted[i]];
        if (functions[wanted[i]]) return answered(name, functions[wanted[i]], json, longest);
        names += (i ? ", " : "") + name;
      }
      return stringify({ errors: [`The codec has no function ${names}`], log });
    }

    // null: only a fresh engine can tell
    return function (operation, json, longest) {
      if (kept && !cleaned()) return null;
      log = [];
      changed = false;
      const written = answer(operation, json, longest);
      return kept && changed ? null : written;
    };
  };
})(globalThis);
