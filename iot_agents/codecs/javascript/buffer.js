// Node's Buffer (the part that codecs use), TextDecoder and TextEncoder. Only codecs that name them get them, since
// compiling this costs more than most codecs.
(function (global) {
  "use strict";
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  function utf8Bytes(string) {
    const bytes = [];
    for (const character of string) {
      let code = character.codePointAt(0);
      if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
      else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
    return bytes;
  }

  function utf8Text(bytes, fatal) {
    let text = "";
    for (let i = 0; i < bytes.length; ) {
      const first = bytes[i++];
      if (first < 0x80) {
        text += String.fromCharCode(first);
        continue;
      }
      const more = first >= 0xf0 && first < 0xf5 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
      let code = more === 3 ? first & 7 : more === 2 ? first & 15 : first & 31;
      let seen = 0;
      while (seen < more && (bytes[i] & 0xc0) === 0x80) {
        code = (code << 6) | (bytes[i++] & 63);
        seen++;
      }
      const least = [0, 0x80, 0x800, 0x10000][more];
      const bad = more === 0 || first >= 0xf5 || seen < more || code < least || code > 0x10ffff;
      if (bad || (code >= 0xd800 && code <= 0xdfff)) {
        if (fatal) throw new TypeError("The encoded data is not valid UTF-8");
        text += "\ufffd";
      } else text += String.fromCodePoint(code);
    }
    return text;
  }

  function hexBytes(string) {
    const bytes = [];
    for (let i = 0; i + 1 < string.length; i += 2) {
      const pair = string.slice(i, i + 2);
      if (!/^[0-9a-fA-F]{2}$/.test(pair)) break;
      bytes.push(parseInt(pair, 16));
    }
    return bytes;
  }

  function base64Bytes(string) {
    const bytes = [];
    let held = 0;
    let bits = 0;
    for (const character of string.replace(/-/g, "+").replace(/_/g, "/")) {
      if (character === "=") break;
      const value = ALPHABET.indexOf(character);
      if (value < 0) continue;
      held = ((held << 6) | value) & 0xffff;
      bits += 6;
      if (bits >= 8) {
        bits -= 8;
        bytes.push((held >> bits) & 255);
      }
    }
    return bytes;
  }

  function base64Text(bytes) {
    let text = "";
    for (let i = 0; i < bytes.length; i += 3) {
      const triple = (bytes[i] << 16) | ((bytes[i + 1] || 0) << 8) | (bytes[i + 2] || 0);
      text += ALPHABET[triple >> 18] + ALPHABET[(triple >> 12) & 63];
      text += i + 1 < bytes.length ? ALPHABET[(triple >> 6) & 63] : "=";
      text += i + 2 < bytes.length ? ALPHABET[triple & 63] : "=";
    }
    return text;
  }

  const latin1Bytes = (string) => Array.from(string, (character) => character.charCodeAt(0) & 255);
  const latin1Text = (bytes) => bytes.reduce((text, byte) => text + String.fromCharCode(byte), "");
  const hexText = (bytes) => bytes.reduce((text, byte) => text + (byte < 16 ? "0" : "") + byte.toString(16), "");
  const urlText = (bytes) => base64Text(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const asciiText = (bytes) => latin1Text(bytes.map((byte) => byte & 127));

  function utf16Bytes(string) {
    const bytes = [];
    for (let i = 0; i < string.length; i++) bytes.push(string.charCodeAt(i) & 255, string.charCodeAt(i) >> 8);
    return bytes;
  }

  function utf16Text(bytes) {
    let text = "";
    for (let i = 0; i + 1 < bytes.length; i += 2) text += String.fromCharCode(bytes[i] | (bytes[i + 1] << 8));
    return text;
  }

  const ENCODINGS = {
    utf8: [utf8Bytes, utf8Text],
    hex: [hexBytes, hexText],
    base64: [base64Bytes, base64Text],
    base64url: [base64Bytes, urlText],
    ascii: [latin1Bytes, asciiText],
    latin1: [latin1Bytes, latin1Text],
    binary: [latin1Bytes, latin1Text],
    utf16le: [utf16Bytes, utf16Text],
    ucs2: [utf16Bytes, utf16Text],
  };

  function encodingOf(name) {
    const known = ENCODINGS[name === undefined || name === null ? "utf8" : String(name).toLowerCase().replace("-", "")];
    if (!known) throw new TypeError(`Unknown encoding: ${name}`);
    return known;
  }

  const bytesOf = (string, encoding) => encodingOf(encoding)[0](string);

  class Buffer extends Uint8Array {
    constructor(value, encoding, length) {
      if (typeof value === "string") super(bytesOf(value, encoding));
      else super(value, encoding, length);
    }

    static from(value, encoding, length) {
      if (typeof value === "string") return new Buffer(bytesOf(value, encoding));
      if (value instanceof ArrayBuffer) return new Buffer(value, encoding, length);
      if (value && value.type === "Buffer" && Array.isArray(value.data)) return new Buffer(value.data);
      if (value === null || typeof value !== "object") throw new TypeError("Buffer.from needs a string, an array or a buffer");
      return new Buffer(Array.from(value, (item) => item & 255));
    }

    static alloc(size, fill, encoding) {
      const buffer = new Buffer(size);
      return fill === undefined ? buffer : buffer.fill(fill, 0, size, encoding);
    }

    static allocUnsafe(size) {
      return new Buffer(size);
    }

    static isBuffer(value) {
      return value instanceof Buffer;
    }

    static byteLength(value, encoding) {
      return typeof value === "string" ? bytesOf(value, encoding).length : value.byteLength;
    }

    static concat(list, total) {
      const all = list.reduce((bytes, item) => bytes.concat(Array.from(item)), []);
      const buffer = new Buffer(total === undefined ? all.length : total);
      buffer.set(all.slice(0, buffer.length));
      return buffer;
    }

    static compare(one, other) {
      for (let i = 0; i < Math.min(one.length, other.length); i++)
        if (one[i] !== other[i]) return one[i] < other[i] ? -1 : 1;
      return Math.sign(one.length - other.length);
    }

    toString(encoding, start, end) {
      return encodingOf(encoding)[1](Array.from(this.subarray(start === undefined ? 0 : start, end)));
    }

    toJSON() {
      return { type: "Buffer", data: Array.from(this) };
    }

    slice(start, end) {
      return this.subarray(start, end);
    }

    equals(other) {
      return Buffer.compare(this, other) === 0;
    }

    compare(other) {
      return Buffer.compare(this, other);
    }

    copy(target, targetStart = 0, start = 0, end = this.length) {
      const part = this.subarray(start, Math.min(end, start + target.length - targetStart));
      target.set(part, targetStart);
      return part.length;
    }

    fill(value, start, end, encoding) {
      if (typeof value !== "string") return super.fill(value, start, end);
      const bytes = bytesOf(value, encoding);
      if (!bytes.length) return super.fill(0, start, end);
      for (let i = start || 0, n = 0; i < (end === undefined ? this.length : end); i++) this[i] = bytes[n++ % bytes.length];
      return this;
    }

    write(string, offset = 0, length, encoding) {
      if (typeof offset === "string") return this.write(string, 0, undefined, offset);
      if (typeof length === "string") return this.write(string, offset, undefined, length);
      const room = Math.min(this.length - offset, length === undefined ? Infinity : length);
      const bytes = bytesOf(string, encoding).slice(0, room);
      this.set(bytes, offset);
      return bytes.length;
    }

    readUIntBE(offset, size) {
      checkPlace(this, offset, size);
      let value = 0;
      for (let i = 0; i < size; i++) value = value * 256 + this.readUInt8(offset + i);
      return value;
    }

    readUIntLE(offset, size) {
      checkPlace(this, offset, size);
      let value = 0;
      for (let i = size - 1; i >= 0; i--) value = value * 256 + this.readUInt8(offset + i);
      return value;
    }

    readIntBE(offset, size) {
      const value = this.readUIntBE(offset, size);
      return value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value;
    }

    readIntLE(offset, size) {
      const value = this.readUIntLE(offset, size);
      return value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value;
    }

    writeUIntBE(value, offset, size) {
      for (let i = size - 1; i >= 0; i--, value = Math.floor(value / 256)) this[offset + i] = value & 255;
      return offset + size;
    }

    writeUIntLE(value, offset, size) {
      for (let i = 0; i < size; i++, value = Math.floor(value / 256)) this[offset + i] = value & 255;
      return offset + size;
    }
  }
  Buffer.prototype.writeIntBE = Buffer.prototype.writeUIntBE;
  Buffer.prototype.writeIntLE = Buffer.prototype.writeUIntLE;

  // Some codecs show what was thrown: it says what Node would say
  function outOfRange(code, message, kind = RangeError) {
    const error = new kind(message);
    const shown = `${error.name} [${code}]: ${message}`;
    Object.defineProperty(error, "code", { value: code });
    Object.defineProperty(error, "toString", { value: () => shown });
    return error;
  }

  function checkPlace(buffer, offset, size) {
    if (typeof offset !== "number") {
      const got = offset === undefined || offset === null ? `${offset}` : `type ${typeof offset}`;
      throw outOfRange("ERR_INVALID_ARG_TYPE", `The "offset" argument must be of type number. Received ${got}`, TypeError);
    }
    const last = buffer.length - size;
    if (last < 0) throw outOfRange("ERR_BUFFER_OUT_OF_BOUNDS", "Attempt to access memory outside buffer bounds");
    if (Number.isInteger(offset) && offset >= 0 && offset <= last) return;
    const range = Number.isInteger(offset) ? `>= 0 and <= ${last}` : "an integer";
    throw outOfRange(
      "ERR_OUT_OF_RANGE", `The value of "offset" is out of range. It must be ${range}. Received ${offset}`,
    );
  }

  const view = (buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  function addNumbers(name, type, size) {
    for (const order of size === 1 ? [""] : ["LE", "BE"]) {
      const little = order === "LE";
      const names = name.startsWith("UInt") ? [name, name.replace("UInt", "Uint")] : [name];
      for (const called of names) {
        Buffer.prototype[`read${called}${order}`] = function (offset = 0) {
          checkPlace(this, offset, size);
          return view(this)[`get${type}`](offset, little);
        };
        Buffer.prototype[`write${called}${order}`] = function (value, offset = 0) {
          checkPlace(this, offset, size);
          view(this)[`set${type}`](offset, value, little);
          return offset + size;
        };
      }
    }
  }
  addNumbers("UInt8", "Uint8", 1);
  addNumbers("Int8", "Int8", 1);
  addNumbers("UInt16", "Uint16", 2);
  addNumbers("Int16", "Int16", 2);
  addNumbers("UInt32", "Uint32", 4);
  addNumbers("Int32", "Int32", 4);
  addNumbers("Float", "Float32", 4);
  addNumbers("Double", "Float64", 8);
  addNumbers("BigInt64", "BigInt64", 8);
  addNumbers("BigUInt64", "BigUint64", 8);

  class TextDecoder {
    constructor(label = "utf-8", options = {}) {
      const name = String(label).trim().toLowerCase();
      const known = { "utf-8": utf8Text, utf8: utf8Text, ascii: latin1Text, "us-ascii": latin1Text, latin1: latin1Text };
      Object.assign(known, { "iso-8859-1": latin1Text, "windows-1252": latin1Text, "utf-16le": utf16Text });
      if (!known[name]) throw new RangeError(`TextDecoder knows no ${label}`);
      this.encoding = name;
      this.fatal = Boolean(options.fatal);
      this.ignoreBOM = Boolean(options.ignoreBOM);
      Object.defineProperty(this, "read", { value: known[name] });
    }

    decode(input = []) {
      const bytes = input instanceof ArrayBuffer ? new Uint8Array(input) : input;
      const seen = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes;
      const text = this.read(Array.from(seen), this.fatal);
      return !this.ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
  }

  class TextEncoder {
    get encoding() {
      return "utf-8";
    }

    encode(text = "") {
      return new Uint8Array(utf8Bytes(String(text)));
    }
  }

  global.Buffer = Buffer;
  global.TextDecoder = TextDecoder;
  global.TextEncoder = TextEncoder;
})(globalThis);
