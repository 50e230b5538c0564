"""Any JSON, by configured paths."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from iot_agents.networks.json_source import BadJsonSource, JsonSource, network_of, networks_in
from tests.iot_agents.messages import NOON

IN_TOPIC = JsonSource("cistern", "cisterns/{device}/state", time="at", values="measured.now")
IN_MESSAGE = JsonSource("shed", "shed/+/data", device="meta.id")


@pytest.mark.parametrize("at", ['"2026-11-22T13:00:00+01:00"', '"2026-11-22T12:00:00Z"', "1795348800", "1795348800000"])
def test_device_time_and_values_are_found_by_their_paths(at: str) -> None:
    network = network_of(IN_TOPIC)
    assert network.device_of("cisterns/c-1/state") == "c-1"
    read = network.parse("c-1", f'{{"at": {at}, "measured": {{"now": {{"fill": 3}}}}}}'.encode())
    assert (read.time, read.decoded, read.device_key) == (NOON, {"fill": 3}, "c-1")


def test_the_device_may_be_named_by_the_message() -> None:
    network = network_of(IN_MESSAGE)
    assert network.device_of("shed/7/data") == "" and network.device_of("shed/7") is None
    assert network.key_in is not None
    assert network.key_in(b'{"meta": {"id": 17}}') == "17"
    assert network.parse("17", b'{"meta": {"id": 17}, "fill": 3}').time.tzinfo is not None


@pytest.mark.parametrize(
    "payload",
    [b"[]", b"{}", b'{"at": "yesterday", "measured": {"now": {}}}', b'{"at": "2026-11-22T12:00:00"}',
     b'{"at": true, "measured": {"now": {}}}', b'{"at": 1e300, "measured": {"now": {}}}', b'{"at": 1, "measured": 2}'],
)  # fmt: skip
def test_a_message_without_them_is_wrong(payload: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        network_of(IN_TOPIC).parse("c-1", payload)


@pytest.mark.parametrize(
    "change",
    [{"id": "No Id"}, {"topic": "#"}, {"topic": "{device}/x"}, {"topic": "a/{device}/#"}, {"topic": "a/b"},
     {"device": "also.here"}, {"topic": "a/{device}/x+"}],
)  # fmt: skip
def test_a_source_that_cannot_work_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadJsonSource):
        network_of(msgspec.structs.replace(IN_TOPIC, **change))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- {id: a1, topic: 'application/{device}/x'}", "overlap"),
        ("- {id: a1, topic: 'a/{device}'}\n- {id: a1, topic: 'b/{device}'}", "overlap"),
        ("- {id: a1}", "topic"),
        ("{", "flow"),
    ],
)
def test_a_file_of_sources_that_get_in_each_others_way_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "sources.yaml").write_text(text)
    with pytest.raises(BadJsonSource, match=reason):
        networks_in(tmp_path / "sources.yaml")


def test_a_file_of_sources(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text("- {id: cistern, topic: 'cisterns/{device}/state', protocol: NB-IoT}")
    (network,) = networks_in(tmp_path / "sources.yaml")
    assert (network.topic_filter, network.protocol) == ("cisterns/#", "NB-IoT")
