"""The load: wrk on the second core, with a script where requests differ."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.servers import LOAD_CORE, needed

PATCH = """
local n = 0
request = function()
  n = n + 1
  local path = "/ngsi-ld/v1/entities/urn:ngsi-ld:Vehicle:" .. (n % 100) .. "/attrs"
  local body = '{"speed": {"type": "Property", "value": ' .. n .. '}}'
  return wrk.format("PATCH", path, {["Content-Type"] = "application/json"}, body)
end
"""
UPSERT = """
local n = 0
request = function()
  n = n + 1
  local entities = {}
  for i = 1, 100 do
    entities[i] = '{"id": "urn:ngsi-ld:Bin:' .. ((n * 100 + i) % 20000) .. '", "type": "Bin",' ..
      '"fill": {"type": "Property", "value": ' .. n % 97 .. ', "observedAt": "2026-01-01T00:00:00Z"},' ..
      '"temperature": {"type": "Property", "value": ' .. i .. ', "unitCode": "CEL"},' ..
      '"status": {"type": "Property", "value": "ok"},' ..
      '"refSite": {"type": "Relationship", "object": "urn:ngsi-ld:Site:1"},' ..
      '"location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [7.2, 51.5]}}}'
  end
  local headers = {["Content-Type"] = "application/json"}
  local path = "/ngsi-ld/v1/entityOperations/upsert?options=update"
  return wrk.format("POST", path, headers, "[" .. table.concat(entities, ",") .. "]")
end
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests a second, and the median latency in ms."""

    per_second: float
    median_ms: float


def wrk(url: str, connections: int, seconds: float, script: Path | None = None, headers: Sequence[str] = ()) -> Rate:
    """One run; ends the benchmark where a request failed, since such a figure would mean nothing."""
    command = ["taskset", "-c", LOAD_CORE, needed("wrk"), "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency"]
    if script is not None:
        command += ["-s", str(script)]
    for header in headers:
        command += ["-H", header]
    output = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"requests failed:\n{output}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    median = re.search(r"50%\s+([\d.]+)(us|ms|s)", output)
    assert rate is not None
    assert median is not None
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}[median.group(2)]
    return Rate(float(rate.group(1)), float(median.group(1)) * scale)
