"""The whole platform: a device registered by API, a reading by webhook and one by MQTT from a JSON source."""

import time
from pathlib import Path

import httpx
import orjson

from tests.datenbroker.program import invoke, program, run
from tests.iot_agents.messages import uplink
from tests.iot_agents.publisher import Publisher

SOURCES = "- {id: cistern, topic: 'cisterns/{device}/state', protocol: NB-IoT}\n"
LIST = "network;key;profile\nchirpstack;0000000000000001;bin-level\ncistern;c-1;bin-level\n"
ENTITY = "/ngsi-ld/v1/entities/urn:ngsi-ld:WasteContainer:hcr:{}?options=keyValues"


def test_a_device_reports_by_webhook_and_one_by_mqtt(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(SOURCES)
    invoke(tmp_path, "org", "create", "hcr")
    key = invoke(tmp_path, "key", "create", "hcr", "--role", "data-provider").stdout.strip()
    (tmp_path / "list.csv").write_text(LIST)
    command = ("devices", "import", "list.csv", "--organisation", "hcr")
    assert run(tmp_path, *command, json_sources="sources.yaml").returncode == 0
    event = orjson.loads(uplink({"fill": 57}))
    event["deviceInfo"]["applicationId"] = "abfall"
    with (
        program(tmp_path, "up", json_sources="sources.yaml", port="0", mqtt_port="0") as up,
        httpx.Client(base_url=up.ready["gateway"], headers={"X-API-Key": key}) as http,
    ):
        assert http.post("/webhooks/chirpstack?event=up", json=event).status_code == 204
        with Publisher(up.ready["mqtt"]) as publisher:
            publisher.publish(0, "cisterns/c-1/state", b'{"fill": 20}')
            assert publisher.wait_for(1)
        assert http.get(ENTITY.format("0000000000000001")).json()["fillingLevel"] == 0.57
        assert http.get(ENTITY.format("c-1")).json()["fillingLevel"] == 0.2
        frames = until_frames(http, "/devices/cistern:c-1/frames")
        assert frames[0]["decoded"] == {"fill": 20}
        assert 'datenbroker_devices_registered{tenant="hcr"} 2.0' in http.get("/metrics").text
    assert "never" not in invoke(tmp_path, "devices", "list").stdout
    assert '"fillingLevel": 0.57' in invoke(tmp_path, "devices", "show", "chirpstack:0000000000000001").stdout


def until_frames(http: httpx.Client, path: str) -> list[dict[str, object]]:
    """Frames are written every two seconds."""
    end = time.monotonic() + 5
    while not (frames := http.get(path).json()) and time.monotonic() < end:
        time.sleep(0.1)
    found: list[dict[str, object]] = frames
    return found
