"""`datenbroker deadletters` as an operator runs it, beside a running platform."""

from pathlib import Path

import pytest

from tests.datenbroker.program import program, run
from tests.iot_agents.messages import dev_eui, topic, uplink
from tests.iot_agents.publisher import Publisher


@pytest.mark.slow
def test_letters_are_listed_shown_mended_replayed_and_discarded(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_bytes(uplink({"fill": 9}, number=7))
    (tmp_path / "list.csv").write_text(f"dev_eui;profile;name\n{dev_eui(7)};bin-level;Glas 7\n")
    with program(tmp_path, "up", "--port", "0", "--mqtt-port", "0") as running:
        with Publisher(running.ready["mqtt"]) as gateway:
            gateway.publish(0, topic(7), uplink({"fill": 9}, number=7))
            gateway.publish(1, topic(7), b"{")
            assert gateway.wait_for(2)
        listed = run(tmp_path, "deadletters", "list").stdout.splitlines()
        assert [line.split("\t")[5] for line in listed] == ["unknown_device", "unknown_device"]
        bad, good = (line.split("\t")[0] for line in listed)
        shown = run(tmp_path, "deadletters", "show", bad).stdout
        assert '"payload_base64": "ew=="' in shown
        assert len(run(tmp_path, "deadletters", "export", "--kind", "unknown_device").stdout.splitlines()) == 2
        run(tmp_path, "org", "create", "hcr-bus")
        assert run(tmp_path, "devices", "import", "list.csv", "--organisation", "hcr-bus").returncode == 0
        assert "is mended" in run(tmp_path, "deadletters", "mend", bad, "--payload", "good.json").stdout
        assert "1 of 1 replayed" in run(tmp_path, "deadletters", "replay", bad).stdout
        assert run(tmp_path, "deadletters", "discard", good).stdout == "1 discarded\n"
        assert run(tmp_path, "deadletters", "list").stdout == ""
        assert "There is no dead letter" in run(tmp_path, "deadletters", "show", bad).stderr


def test_without_running_agents_a_replay_waits_and_says_so(tmp_path: Path) -> None:
    assert run(tmp_path, "deadletters", "replay").returncode == 1
    assert run(tmp_path, "deadletters", "replay", "--all").stdout == "0 of 0 replayed\n"
