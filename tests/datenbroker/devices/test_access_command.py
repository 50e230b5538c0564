"""`datenbroker devices credential | webhook | acl` as an operator runs them."""

from pathlib import Path

import pytest

from tests.datenbroker.program import invoke, program, run
from tests.iot_agents.messages import topic
from tests.iot_agents.publisher import Publisher


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    invoke(tmp_path, "org", "create", "hcr")
    (tmp_path / "list.csv").write_text("key;profile\n0000000000000001;bin-level\n")
    invoke(tmp_path, "devices", "import", "list.csv", "--organisation", "hcr")
    return tmp_path


def test_users_and_their_topics_are_written_for_mosquitto(folder: Path) -> None:
    user, password = invoke(folder, "devices", "credential", "create", "hcr", "--name", "Depot").stdout.split()
    assert invoke(folder, "devices", "credential", "list").stdout == f"{user}\thcr\tDepot\n"
    assert "1 users, 1 devices" in invoke(folder, "devices", "acl", "mosquitto").stdout
    passwords, acl = ((folder / "mosquitto" / name).read_text() for name in ("passwords", "acl"))
    assert passwords.startswith(f"{user}:$7$101$") and password not in passwords
    assert f"user {user}\ntopic readwrite application/+/device/0000000000000001/#\n" in acl
    assert invoke(folder, "devices", "credential", "remove", user).returncode == 0
    assert "There is no user" in invoke(folder, "devices", "credential", "remove", user).stderr


def test_webhooks_are_made_listed_and_removed(folder: Path) -> None:
    webhook, secret = invoke(folder, "devices", "webhook", "create", "hcr").stdout.split()
    listed = invoke(folder, "devices", "webhook", "list").stdout
    assert listed.startswith(f"{webhook}\thcr\t") and secret not in listed
    assert invoke(folder, "devices", "webhook", "remove", webhook).returncode == 0
    assert "There is no organisation" in invoke(folder, "devices", "webhook", "create", "nobody").stderr


def test_the_running_broker_asks_for_the_password(folder: Path) -> None:
    user, password = invoke(folder, "devices", "credential", "create", "hcr").stdout.split()
    with program(folder, "up", port="0", mqtt_port="0", mqtt_host="0.0.0.0") as up:
        address = f"127.0.0.1:{up.ready['mqtt'].rpartition(':')[2]}"
        with Publisher(f"mqtt://{user}:{password}@{address}") as publisher:
            publisher.publish(0, topic(), b"{}")
            assert publisher.wait_for(1)
        with Publisher(f"mqtt://{user}:wrong@{address}") as publisher:
            publisher.publish(0, topic(), b"{}")
            assert not publisher.wait_for(1, 1)


def test_a_broker_for_everybody_does_not_start(tmp_path: Path) -> None:
    stopped = run(tmp_path, "agents", mqtt_host="0.0.0.0", mqtt_port="0", port="0")
    assert stopped.returncode == 1 and "datenbroker devices credential create" in stopped.stderr
