import pytest

from tests.iot_agents.fiware.conftest import KEY, Fleet

pytestmark = pytest.mark.anyio

DEV1 = "urn:ngsi-ld:Sensor:dev1"
QUERY = {"k": KEY, "i": "dev1"}
TIME = "2026-11-22T10:00:00.000Z"
TEXT = {"content-type": "text/plain"}


async def test_json_is_committed_when_it_is_answered(fleet: Fleet) -> None:
    await fleet.group()
    response = await fleet.http.post("/iot/json", params=QUERY | {"t": TIME}, json={"t": 21})
    assert (response.status_code, response.json()) == (200, {})
    assert fleet.entity(DEV1)["t"] == {"type": "Property", "value": 21, "observedAt": TIME}


async def test_json_comes_by_get(fleet: Fleet) -> None:
    await fleet.group()
    assert (await fleet.http.get("/iot/json", params=QUERY | {"d": '{"t": 21}'})).status_code == 200
    assert fleet.values(DEV1) == {"t": 21}


@pytest.mark.parametrize(
    ("content_type", "content", "value"),
    [
        ("application/json", b"7", 7),
        ("text/plain", b"7 degrees", "7 degrees"),
        ("application/octet-stream", b"hello", "68656c6c6f"),
    ],
)
async def test_one_attribute_has_a_path_of_its_own(
    fleet: Fleet, content_type: str, content: bytes, value: object
) -> None:
    await fleet.group()
    headers = {"content-type": content_type}
    response = await fleet.http.post("/iot/json/attrs/t", params=QUERY, content=content, headers=headers)
    assert (response.status_code, fleet.values(DEV1)) == (200, {"t": value})


async def test_ultralight_comes_by_get_and_by_post(fleet: Fleet) -> None:
    await fleet.group(resource="/iot/d")
    got = await fleet.http.get("/iot/d", params=QUERY | {"d": "t|15"})
    posted = await fleet.http.post("/iot/d", params=QUERY | {"t": TIME}, content=b"p|3#q|4", headers=TEXT)
    assert (got.status_code, posted.status_code, posted.text) == (200, 200, "")
    assert fleet.values(DEV1) == {"t": 15, "p": 3, "q": 4}
    assert fleet.entity(DEV1)["q"]["observedAt"] == TIME


@pytest.mark.parametrize(
    ("path", "query", "content", "content_type", "status", "name"),
    [
        ("/iot/json", {}, b"{}", "application/json", 400, "MANDATORY_PARAMS_NOT_FOUND"),
        ("/iot/json", {"k": KEY}, b"{}", "application/json", 400, "MANDATORY_PARAMS_NOT_FOUND"),
        ("/iot/json", QUERY, b"{", "application/json", 400, "BAD_PAYLOAD"),
        ("/iot/json", QUERY, b"<a/>", "text/xml", 400, "UNSUPPORTED_TYPE"),
        ("/iot/json", {"k": "none", "i": "dev1"}, b"{}", "application/json", 404, "DEVICE_NOT_FOUND"),
        ("/iot/json", QUERY, b'{"n": "warm"}', "application/json", 400, "BAD_PAYLOAD"),
        ("/iot/json", QUERY, b"x" * 200_000, "application/json", 413, "PAYLOAD_TOO_LARGE"),
        ("/iot/d", QUERY, b"t|", "text/plain", 400, "BAD_PAYLOAD"),
        ("/iot/d", QUERY, b"t|1", "application/json", 400, "UNSUPPORTED_TYPE"),
    ],
)
async def test_a_bad_request_is_told_to_the_device(
    fleet: Fleet, path: str, query: dict[str, str], content: bytes, content_type: str, status: int, name: str
) -> None:
    await fleet.group(attributes=[{"name": "n", "type": "Number"}])
    response = await fleet.http.post(path, params=query, content=content, headers={"content-type": content_type})
    assert (response.status_code, response.json()["name"]) == (status, name)


async def test_a_get_without_payload_is_told_what_it_lacks(fleet: Fleet) -> None:
    response = await fleet.http.get("/iot/d", params=QUERY)
    assert '"Payload"' in response.json()["message"]
