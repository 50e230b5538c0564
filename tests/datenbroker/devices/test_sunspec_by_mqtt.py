"""The whole platform: an inverter publishes SunSpec's JSON over real MQTT, and its power is in the broker."""

from pathlib import Path

import httpx
import orjson
import pytest

from iot_agents.networks.json_source import networks_in
from iot_agents.profile import bundled_profiles
from iot_agents.reading import reading_of
from tests.datenbroker.program import invoke, program, run
from tests.iot_agents.publisher import Publisher

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "docs" / "sources" / "sunspec_mqtt.yaml"
SAMPLE = (ROOT / "tests" / "samples" / "sunspec_inverter" / "inverter.json").read_bytes()
ENTITY = "/ngsi-ld/v1/entities/urn:ngsi-ld:ThreePhaseAcMeasurement:hcr:34119102?options=keyValues"


def values(changes: dict[str, object]) -> dict[str, object]:
    document = orjson.loads(SAMPLE)
    document["models"][1] |= changes
    (network,) = networks_in(EXAMPLE)
    uplink = network.parse("34119102", orjson.dumps(document))
    reading = reading_of(uplink, bundled_profiles()["pv-inverter-sunspec"])
    return {name: attribute["value"] for name, attribute in reading.attributes.items()}


def test_points_are_scaled_by_their_factors() -> None:
    expected = {"totalActivePower": 15342, "totalApparentPower": 15360, "frequency": 49.98}
    assert values({}) == expected | {"totalActiveEnergyExport": 81234.567}
    assert values({"W_SF": 1})["totalActivePower"] == 153420
    assert values({"W_SF": -32768})["totalActivePower"] == 15342


@pytest.mark.parametrize(
    ("changes", "attribute"),
    [
        ({"W": -32768}, "totalActivePower"),
        ({"Hz": 65535}, "frequency"),
        ({"WH": 4294967295}, "totalActiveEnergyExport"),
        ({"VA": None}, "totalApparentPower"),
    ],
)
def test_of_a_point_that_is_not_implemented_nothing_comes(changes: dict[str, object], attribute: str) -> None:
    assert values({}).keys() - values(changes).keys() == {attribute}


def test_an_inverter_publishes_its_sample(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_bytes(EXAMPLE.read_bytes())
    invoke(tmp_path, "org", "create", "hcr")
    key = invoke(tmp_path, "key", "create", "hcr", "--role", "data-provider").stdout.strip()
    (tmp_path / "list.csv").write_text("network;key;profile\nsunspec;34119102;pv-inverter-sunspec\n")
    command = ("devices", "import", "list.csv", "--organisation", "hcr")
    assert run(tmp_path, *command, json_sources="sources.yaml").returncode == 0
    with (
        program(tmp_path, "up", json_sources="sources.yaml", port="0", mqtt_port="0") as up,
        httpx.Client(base_url=up.ready["gateway"], headers={"X-API-Key": key}) as http,
    ):
        with Publisher(up.ready["mqtt"]) as publisher:
            publisher.publish(0, "sunspec/34119102/models", SAMPLE)
            assert publisher.wait_for(1)
        found = http.get(ENTITY).json()
    assert (found["totalActivePower"], found["frequency"]) == (15342, 49.98)
