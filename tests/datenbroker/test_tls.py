"""The gateway over HTTPS, and what is said of certificates that cannot serve."""

import asyncio
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from datenbroker.errors import CannotStart
from datenbroker.process.serving import HttpServer, listen
from datenbroker.process.tls import ServerTls, TlsFiles
from tests.datenbroker.program import program, run
from tests.datenbroker.recorder import Recorder
from tests.iot_agents.certificates import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "certificates")


def refusal(files: TlsFiles) -> str:
    with pytest.raises(CannotStart) as caught:
        ServerTls(files, "tls_cert")
    return str(caught.value)


def test_a_good_pair_serves(authority: Authority) -> None:
    assert ServerTls(TlsFiles(*authority.of_server()), "tls_cert").context.cert_store_stats()["x509"] == 0


def test_what_cannot_serve_is_said_and_where_to_mend_it(authority: Authority, tmp_path: Path) -> None:
    good = authority.of_server()
    other, client = authority.of_server(name="other"), tmp_path / "nobody.pem"
    assert "the key belongs to another certificate" in refusal(TlsFiles(good.certificate, other.key))
    assert "No such file" in refusal(TlsFiles(tmp_path / "missing.pem", good.key))
    client.write_text("no certificate")
    assert "no PEM file" in refusal(TlsFiles(client, good.key))
    said = refusal(TlsFiles(*good, client))
    assert "nobody.pem holds no certificates" in said and "--tls-cert (DATENBROKER_TLS_CERT)" in said


def test_an_expired_certificate_is_refused(authority: Authority) -> None:
    assert "certificate has expired" in refusal(TlsFiles(*authority.of_server(days=-1)))


def test_an_encrypted_key_is_refused_and_nobody_is_asked_for_its_password(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.of_server()
    locked = tmp_path / "locked.key"
    command = ["openssl", "pkcs8", "-topk8", "-in", str(key), "-out", str(locked), "-passout", "pass:secret"]
    subprocess.run(command, check=True, capture_output=True)
    assert "the key is encrypted: store it without a password" in refusal(TlsFiles(certificate, locked))


@pytest.mark.anyio
async def test_renewed_files_that_cannot_serve_leave_the_old_ones_in_use(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    files = TlsFiles(*authority.of_server())
    tls = ServerTls(files, "tls_cert", look_seconds=0.02)
    await tls.start()
    server = HttpServer(Recorder(), listen("127.0.0.1", 0, "port"), 1, tls.context)
    await server.start()
    authority.of_server(days=-1)
    for _ in range(200):
        if "the old one stays in use" in caplog.text:
            break
        await asyncio.sleep(0.02)
    assert "certificate has expired" in caplog.text
    async with httpx.AsyncClient(verify=ssl.create_default_context(cafile=authority.ca)) as client:
        assert (await client.get(server.url)).status_code == 200
    await server.stop()
    await tls.stop()


def test_the_gateway_serves_https(authority: Authority, tmp_path: Path) -> None:
    certificate, key = (str(path) for path in authority.of_server())
    with program(tmp_path, "gateway", port="0", tls_cert=certificate, tls_key=key) as gateway:
        assert gateway.ready["gateway"].startswith("https://")
        with httpx.Client(
            verify=ssl.create_default_context(cafile=authority.ca), base_url=gateway.ready["gateway"]
        ) as client:
            assert client.get("/health/live").status_code == 200
        with pytest.raises(httpx.HTTPError):
            httpx.get(gateway.ready["gateway"].replace("https", "http"))


def test_the_iot_agent_serves_https(authority: Authority, tmp_path: Path) -> None:
    certificate, key = (str(path) for path in authority.of_server())
    settings = {"iota_port": "0", "iota_tls_cert": certificate, "iota_tls_key": key}
    with program(tmp_path, "agents", mqtt_port="0", **settings) as agents:
        assert agents.ready["iota"].startswith("https://")
        with httpx.Client(verify=ssl.create_default_context(cafile=authority.ca)) as client:
            assert client.get(f"{agents.ready['iota']}/iot/about").status_code == 200


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"tls_cert": "a.pem"}, "--tls-key"),
        ({"mqtt_tls_only": "true"}, "--mqtt-tls-cert"),
        ({"mqtt_client_certificates": "required"}, "--mqtt-client-ca"),
        ({"mqtt_tls_cert": "a.pem", "mqtt_tls_key": "a.key"}, "a.pem cannot be read"),
        ({"mqtt_url": "mqtts://127.0.0.1:1", "mqtt_ca_file": "ca.pem"}, "ca.pem cannot be used"),
        ({"mqtt_url": "mqtt://127.0.0.1:1", "mqtt_ca_file": "ca.pem"}, "mqtts://"),
        ({"mqtt_url": "mqtts://127.0.0.1:1", "mqtt_key": "a.key"}, "--mqtt-cert"),
    ],
)
def test_settings_that_do_not_fit_stop_the_start(tmp_path: Path, settings: dict[str, str], said: str) -> None:
    stopped = run(tmp_path, "up", port="0", mqtt_port="0", **settings)
    assert stopped.returncode == 1 and said in stopped.stderr
    assert "Traceback" not in stopped.stderr
