"""Uplinks as the network servers publish them, and the devices that send them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

SAMPLES = Path(__file__).parent.parent / "samples"
TENANT = "entsorgung"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def sample(network: str, name: str = "uplink") -> bytes:
    return (SAMPLES / network / f"{name}.json").read_bytes()


def dev_eui(number: int) -> str:
    return f"{number:016x}"


def bin_device(number: int = 1) -> dict[str, Any]:
    key, entity_id = dev_eui(number), f"urn:ngsi-ld:WasteContainer:{number}"
    entity = {
        "id": entity_id,
        "type": "WasteContainer",
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [7.22, 51.54]}},
    }
    record = {"_id": f"chirpstack:{key}", "network": "chirpstack", "key": key, "tenant": TENANT}
    return record | {"profile": "bin-level", "name": f"Glas {number}", "entity": entity}


def topic(number: int = 1) -> str:
    return f"application/abfall/device/{dev_eui(number)}/event/up"


def uplink(fields: dict[str, Any] | None, number: int = 1, time: datetime = NOON) -> bytes:
    """A ChirpStack uplink with these decoded fields, made from the sample."""
    event = orjson.loads(sample("chirpstack"))
    event["deviceInfo"]["devEui"] = dev_eui(number)
    event["time"] = time.isoformat()
    if fields is None:
        del event["object"]
    else:
        event["object"] = fields
    return orjson.dumps(event)
