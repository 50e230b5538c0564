"""The parts as processes of their own: broker, gateway before it, adapters and agents into it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.datenbroker.program import Program, program, run

CONTAINERS = Path(__file__).parents[1] / "samples" / "waste_containers"
ENTITY = {"id": "urn:ngsi-ld:Room:1", "type": "Room", "name": {"type": "Property", "value": "Council"}}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with program(tmp_path_factory.mktemp("broker"), "broker", "--port", "0", "--data", "kept") as running:
        yield running


def test_the_broker_alone_needs_no_key_and_keeps_tenants_apart(broker: Program) -> None:
    url = f"{broker.ready['broker']}/ngsi-ld/v1/entities"
    assert (broker.ready["gateway"], broker.ready["mqtt"]) == (None, None)
    assert httpx.post(url, json=ENTITY, headers={"NGSILD-Tenant": "one"}).status_code == 201
    assert httpx.get(f"{url}/{ENTITY['id']}", headers={"NGSILD-Tenant": "one"}).status_code == 200
    assert httpx.get(f"{url}/{ENTITY['id']}").status_code == 404


def test_a_gateway_before_a_broker_of_another_process(broker: Program, tmp_path: Path) -> None:
    run(tmp_path, "org", "create", "hcr")
    headers = {"X-API-Key": run(tmp_path, "key", "create", "hcr", "--role", "data-provider").stdout.strip()}
    with program(tmp_path, "gateway", "--port", "0", broker_url=broker.ready["broker"]) as gateway:
        url = f"{gateway.ready['gateway']}/ngsi-ld/v1/entities"
        assert gateway.ready["broker"] == broker.ready["broker"]
        posted = httpx.post(url, json=ENTITY, headers=headers)
        assert (posted.status_code, posted.headers["location"]) == (201, f"/ngsi-ld/v1/entities/{ENTITY['id']}")
        assert httpx.get(url, params={"type": "Room"}, headers=headers).json()[0]["id"] == ENTITY["id"]
        assert httpx.get(f"{gateway.ready['gateway']}/health/ready").status_code == 200


def test_a_gateway_starts_without_its_broker_and_says_so(tmp_path: Path) -> None:
    with program(tmp_path, "gateway", "--port", "0", broker_url="http://127.0.0.1:1") as gateway:
        ready = httpx.get(f"{gateway.ready['gateway']}/health/ready")
        assert ready.status_code == 503
        assert ready.json()["parts"]["context broker"]["status"] == "down"
        *_, output, _ = gateway.stop()
    assert "Not ready: context broker" in output


def test_a_source_is_run_once_into_the_broker(broker: Program, tmp_path: Path) -> None:
    [sample, *_] = sorted(CONTAINERS.glob("*.csv"))
    source = ("--source-urls", f"waste_containers={sample}", "--broker-url", broker.ready["broker"])
    done = run(tmp_path, "adapters", "run", "waste_containers", "--once", *source)
    assert done.returncode == 0, done.stderr
    assert "records" in done.stdout
    url = f"{broker.ready['broker']}/ngsi-ld/v1/entities?type=WasteContainer"
    assert httpx.get(url, headers={"NGSILD-Tenant": "entsorgung"}).json() != []


def test_a_source_that_cannot_be_read_is_a_failure(broker: Program, tmp_path: Path) -> None:
    source = ("--source-urls", "parkapi=nothing.json", "--broker-url", broker.ready["broker"])
    failed = run(tmp_path, "adapters", "run", "parkapi", "--once", *source)
    assert failed.returncode == 1
    assert "Not read: parkapi" in failed.stderr


def test_agents_wait_for_an_mqtt_broker_that_is_not_there(broker: Program, tmp_path: Path) -> None:
    urls = {"mqtt_url": "mqtt://user:secret@127.0.0.1:1", "broker_url": broker.ready["broker"]}
    with program(tmp_path, "agents", **urls) as agents:
        code, seconds, output, errors = agents.stop()
    assert code == 0 and seconds < 5
    assert "Not ready: MQTT" in output
    assert "secret" not in output + errors
