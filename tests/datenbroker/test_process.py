"""What a server process needs: its data folder, sockets, and files that only its user reads."""

import socket
import stat
from pathlib import Path

import pytest

from datenbroker.errors import AddressInUse, CannotStart, DataInUse
from datenbroker.process.data_folder import held, open_folder, read_json, write_private
from datenbroker.process.mqtt_probe import ask_mqtt
from datenbroker.process.serving import HttpServer, listen, url_of
from tests.datenbroker.recorder import Recorder


def test_a_data_folder_belongs_to_one_process(tmp_path: Path) -> None:
    with held(tmp_path, "context broker"), pytest.raises(DataInUse, match=r"process \d+.*--data"):  # noqa: SIM117
        with held(tmp_path, "context broker"):
            pass
    with held(tmp_path, "context broker"):
        pass


def test_a_data_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match="Choose another: --data DIR or DATENBROKER_DATA"):
        open_folder(tmp_path / "file" / "below")


def test_a_private_file_is_whole_and_unreadable_for_others(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.touch(0o644)
    write_private(path, {"a": 1})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_json(path) == {"a": 1}
    path.write_text("{")
    assert read_json(path) is read_json(tmp_path / "missing") is None
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


def test_a_port_in_use_names_what_to_change() -> None:
    with listen("127.0.0.1", 0, "port") as taken, pytest.raises(AddressInUse) as refused:
        listen("127.0.0.1", taken.getsockname()[1], "mqtt_port")
    assert "--mqtt-port" in str(refused.value) and "DATENBROKER_MQTT_PORT" in str(refused.value)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1"])
def test_a_host_that_is_not_ours_is_said(host: str) -> None:
    with pytest.raises(CannotStart, match=f"Cannot listen on {host}.*--host"):
        listen(host, 0, "port")


def test_addresses_are_reachable_ones() -> None:
    with listen("0.0.0.0", 0, "port") as everywhere:
        assert url_of(everywhere).startswith("http://127.0.0.1:")
    if socket.has_ipv6:
        with listen("::1", 0, "port") as six:
            assert url_of(six).startswith("http://[::1]:")


@pytest.mark.anyio
async def test_a_server_that_is_no_mqtt_broker_is_told_from_one() -> None:
    server = HttpServer(Recorder(), listen("127.0.0.1", 0, "port"), stop_timeout=1)
    await server.start()
    with pytest.raises(ConnectionError, match="does not answer like an MQTT broker"):
        await ask_mqtt(server.url.replace("http", "mqtt"))
    await server.stop()
    with pytest.raises(OSError, match="Connect"):
        await ask_mqtt(server.url.replace("http", "mqtt"))
