"""Health, metrics and the API documentation."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from datenbroker.gateway.frame import Bounds
from datenbroker.gateway.limits.origins import Origins
from datenbroker.gateway.protection import Protection
from datenbroker.identities.organisations import Organisations
from datenbroker.identities.roles import Role
from ngsi_client.rejected import Rejected
from tests.datenbroker.city_gateway import CityGateway, city_gateway
from tests.datenbroker.recorder import Recorder

pytestmark = pytest.mark.anyio
CLOSED = ("/admin", "/commands", "/deadletters", "/device", "/ngsi-ld")


async def test_readiness_says_which_part_is_down_and_why(city: CityGateway) -> None:
    assert (await city.http.get("/health/ready")).json()["status"] == "ready"
    city.failing["broker"] = ConnectionError("refused")
    answer = await city.http.get("/health/ready")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.json()["parts"]["broker"]["error"] == "ConnectionError: refused"
    assert (await city.http.get("/health/live")).status_code == 200


async def test_metrics_count_requests_and_rejects(city: CityGateway) -> None:
    city.rejections.add(Rejected("chirpstack", None, "malformed", "why"))
    headers = await city.key(Role.DATA_CONSUMER)
    for path in ("/ngsi-ld/v1/entities", "/ngsi-ld/v1/entities", "/any/thing"):
        await city.http.get(path, headers=headers)
    await city.http.request("PROPFIND", "/ngsi-ld/v1/entities", headers=headers)
    families = text_string_to_metric_families((await city.http.get("/metrics")).text)
    samples = {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }
    count = "datenbroker_http_request_duration_seconds_count"
    assert samples[count, "GET", "ngsi-ld", "200"] == 2
    assert samples[count, "GET", "other", "404"] == 1
    assert not [key for key in samples if "PROPFIND" in key]
    assert samples["datenbroker_rejects_total", "malformed", "chirpstack"] == 1


async def test_metrics_are_read_from_the_operators_networks_or_by_a_key_that_inspects(tmp_path: Path) -> None:
    def changed(usual: Protection, _: Organisations) -> Protection:
        return replace(usual, bounds=Bounds(origins=Origins(["127.0.0.0/8"])))

    async with city_gateway(Recorder(), tmp_path, changed) as city:

        async def status(origin: str, key: dict[str, str]) -> int:
            answer = await city.http.get("/metrics", headers=key | {"X-Forwarded-For": origin})
            return answer.status_code

        assert await status("10.0.0.9", {}) == 200
        assert await status("203.0.113.7", {}) == 401
        assert await status("203.0.113.7", await city.key(Role.AUDITOR)) == 403
        assert await status("203.0.113.7", await city.key(Role.AUDITOR, None)) == 200
        assert await status("203.0.113.7", await city.key(Role.PLATFORM_ADMIN, None)) == 200


async def test_the_docs_load_nothing_from_outside(city: CityGateway) -> None:
    page = await city.http.get("/docs")
    assert "//" not in page.text.replace("<!DOCTYPE html>", "")
    files = re.findall(r'(?:href|src)="(docs/[^"]+)"', page.text)
    assert len(files) == 3
    for file in files:
        assert (await city.http.get(f"/{file}")).status_code == 200
    assert "'unsafe-inline'" not in page.headers["content-security-policy"].partition("style-src")[0]
    assert (await city.http.get("/")).headers["location"].endswith("docs")


async def test_the_openapi_document_describes_both_apis_and_their_keys(city: CityGateway) -> None:
    document = (await city.http.get("/openapi.json")).json()
    assert document == (await city.http.get("/openapi.json")).json()
    paths = document["paths"]
    assert {"/ngsi-ld/v1/entities", "/admin/keys", "/health/ready", "/metrics"} <= paths.keys()
    for path, operations in paths.items():
        for operation in operations.values():
            assert ("security" in operation) == path.startswith(CLOSED), path
    query = paths["/ngsi-ld/v1/entities"]["get"]
    assert query["summary"].startswith("Query Entities")
    assert {"type", "q", "limit"} <= {parameter["name"] for parameter in query["parameters"]}
    assert "/ngsi-ld/v1/entities/{entityId}" in paths
    assert document["components"]["securitySchemes"].keys() == {"bearerKey", "headerKey"}
