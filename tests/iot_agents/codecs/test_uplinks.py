"""The agent decodes what the network server left undecoded."""

import base64
from typing import Any

import orjson
import pytest

from iot_agents.agent import Agent
from iot_agents.codecs.layout import Field, Layout
from iot_agents.profile import DeviceProfile, bundled_profiles
from tests.iot_agents.conftest import Bench
from tests.iot_agents.messages import TENANT, topic, uplink

pytestmark = pytest.mark.anyio
FILL = Layout((Field(name="fill", offset=0), Field(name="temperature", offset=1, type="signed")))


def raw_uplink(payload: bytes, fields: dict[str, Any] | None = None) -> bytes:
    event = orjson.loads(uplink(fields))
    return orjson.dumps(event | {"data": base64.b64encode(payload).decode(), "fPort": 7})


def entity(bench: Bench, entity_id: str) -> dict[str, Any]:
    return bench.broker.entities[TENANT][f"urn:ngsi-ld:{entity_id}"]


def use(agent: Agent, **members: Any) -> None:
    """The bins' profile with these members."""
    profile = bundled_profiles()["bin-level"]
    fields = {name: getattr(profile, name) for name in profile.__struct_fields__}
    agent.profiles = {"bin-level": DeviceProfile(**(fields | members))}


async def test_raw_bytes_are_decoded_by_the_profile(bench: Bench) -> None:
    use(bench.agent, codec=FILL)
    await bench.agent.accept(topic(), raw_uplink(b"\x39\xfd"))
    container = entity(bench, "WasteContainer:1")
    assert (container["fillingLevel"]["value"], container["temperature"]["value"]) == (0.57, -3.0)
    assert bench.kinds == []


@pytest.mark.parametrize(("always", "level"), [(False, 0.2), (True, 0.57)])
async def test_what_the_network_decoded_counts_unless_the_profile_always_decodes(
    bench: Bench, always: bool, level: float
) -> None:
    use(bench.agent, codec=FILL, codec_always=always)
    await bench.agent.accept(topic(), raw_uplink(b"\x39\xfd", {"fill": 20}))
    assert entity(bench, "WasteContainer:1")["fillingLevel"]["value"] == level


@pytest.mark.parametrize(
    ("codec", "kind"),
    [(FILL, "codec_error"), (None, "not_decoded"), ("none.js", "no_codec"), ("cayenne-lpp", "codec_error")],
)
async def test_what_cannot_be_decoded_is_rejected_and_the_device_still_shown(
    bench: Bench, codec: Any, kind: str
) -> None:
    use(bench.agent, codec=codec)
    await bench.agent.accept(topic(), raw_uplink(b"\x39"))
    assert bench.kinds == [kind]
    assert entity(bench, "Device:chirpstack:0000000000000001")["rssi"]["value"] < 0
