"""What every answer carries, and the limits that hold for every request."""

import json
import logging
from collections.abc import AsyncIterator

import pytest

from datenbroker.identities.roles import Role
from datenbroker.process.logs import JsonLines
from tests.datenbroker.city_gateway import BODY_LIMIT, CityGateway
from tests.datenbroker.recorder import Recorder

pytestmark = pytest.mark.anyio

UPSERT = "/ngsi-ld/v1/entityOperations/upsert"


async def test_every_answer_carries_an_id_and_security_headers(city: CityGateway) -> None:
    answers = [await city.http.get(path) for path in ("/health/live", "/nothing", "/ngsi-ld/v1/entities", "/docs")]
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


async def test_a_clients_own_request_id_is_kept_where_it_is_harmless(city: CityGateway) -> None:
    kept = await city.http.get("/health/live", headers={"X-Request-ID": "trace-0815-abc"})
    replaced = await city.http.get("/health/live", headers={"X-Request-ID": 'x" injected='})
    assert kept.headers["x-request-id"] == "trace-0815-abc"
    assert "injected" not in replaced.headers["x-request-id"]


async def test_a_large_body_is_413_whether_announced_or_not(city: CityGateway) -> None:
    headers = await city.key(Role.DATA_PROVIDER)
    body = b"x" * (BODY_LIMIT + 1)

    async def unannounced() -> AsyncIterator[bytes]:
        yield body

    announced = await city.http.post(UPSERT, headers=headers, content=body)
    chunked = await city.http.post(UPSERT, headers=headers, content=unannounced())
    assert announced.status_code == chunked.status_code == 413
    assert str(BODY_LIMIT) in chunked.json()["detail"]
    assert (await city.http.post(UPSERT, headers=headers, content=b"x" * BODY_LIMIT)).status_code == 200


async def test_the_size_is_the_reason_even_where_the_broker_swallows_it(city: CityGateway, broker: Recorder) -> None:
    headers = await city.key(Role.DATA_PROVIDER)
    broker.swallows = True

    async def unannounced() -> AsyncIterator[bytes]:
        yield b"x" * (BODY_LIMIT + 1)

    assert (await city.http.post(UPSERT, headers=headers, content=unannounced())).status_code == 413


async def test_a_failure_in_the_broker_is_500_with_the_id_to_report(
    city: CityGateway, broker: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    broker.failure = ValueError("secret detail")
    answer = await city.http.get("/ngsi-ld/v1/entities", headers=await city.key(Role.DATA_CONSUMER))
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert "secret detail" not in answer.text
    assert "The request failed" in caplog.messages


async def test_the_access_log_names_key_and_tenant_but_no_secret(
    city: CityGateway, caplog: pytest.LogCaptureFixture
) -> None:
    headers = await city.key(Role.DATA_CONSUMER)
    with caplog.at_level(logging.INFO, "datenbroker.access"):
        await city.http.get("/ngsi-ld/v1/entities/urn:x:%0Aforged?q=secret==1", headers=headers)
        await city.http.get("/health/live")  # before which all that was answered is told
    [record] = [record for record in caplog.records if record.name == "datenbroker.access"]
    line = json.loads(JsonLines().format(record))
    _, prefix, secret = headers["Authorization"].split("_")
    assert line["path"] == "/ngsi-ld/v1/entities/urn:x:%0Aforged"
    assert line["key"] == prefix
    assert line["tenant"] == "entsorgung"
    assert line["status"] == 400
    assert "secret" not in json.dumps(line) and secret not in json.dumps(line)
