// Milesight's uplinks and commands: channel, type, little-endian value, and so on (user guides of EM500 and AM103).
// Written for the Herne Datenbroker; EUPL-1.2.
function decodeUplink(input) {
  var bytes = input.bytes;
  var data = {};
  function number(at, signed) {
    var value = bytes[at] | (bytes[at + 1] << 8);
    return signed && value > 0x7fff ? value - 0x10000 : value;
  }
  // type: [name, bytes, how to read]
  var TYPES = {
    0x75: ["battery", 1, function (at) { return bytes[at]; }],
    0x67: ["temperature", 2, function (at) { return number(at, true) / 10; }],
    0x68: ["humidity", 1, function (at) { return bytes[at] / 2; }],
    0x7d: ["co2", 2, function (at) { return number(at); }],
    0x7f: ["conductivity", 2, function (at) { return number(at); }],
    0x77: ["depth", 2, function (at) { return number(at); }],
    0x82: ["distance", 2, function (at) { return number(at); }],
    0xca: ["moisture", 2, function (at) { return number(at) / 100; }],
  };
  for (var i = 0; i + 1 < bytes.length; ) {
    var type = TYPES[bytes[i + 1]];
    i += 2;
    if (bytes[i - 2] === 0xff || bytes[i - 2] === 0xfe || !type) {
      // what a device tells of itself when it joins has no lengths: it ends the measurements
      return Object.keys(data).length ? { data: data } : { errors: ["no measurement, but channel " + bytes[i - 2]] };
    }
    if (i + type[1] > bytes.length) return { errors: ["the payload ends within " + type[0]] };
    data[type[0]] = type[2](i);
    i += type[1];
  }
  return { data: data };
}

// Commands (the same guides, "Downlink Commands"): {report_interval: seconds}, {reboot: true}.
function encodeDownlink(input) {
  var bytes = [];
  var seconds = input.data.report_interval;
  if (seconds !== undefined) {
    if (!(seconds >= 1 && seconds <= 65535)) return { errors: ["report_interval must be 1 to 65535 seconds"] };
    bytes = bytes.concat([0xff, 0x03, seconds & 255, seconds >> 8]);
  }
  if (input.data.reboot) bytes = bytes.concat([0xff, 0x10, 0xff]);
  return bytes.length ? { bytes: bytes, fPort: 85 } : { errors: ["there is no command in it"] };
}
