// What the vendor's library itself makes of its frames, in Node: [[type of device, frame in hex], …] in, answers out.
"use strict";
const codec = require(process.argv[2]);
const cases = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const answers = cases.map(([type, frame]) => {
  const decoder = new codec.Decoder();
  decoder.setDeviceType(type);
  return decoder.decode(frame);
});
process.stdout.write(JSON.stringify(answers));
