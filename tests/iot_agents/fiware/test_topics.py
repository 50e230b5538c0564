import pytest

from iot_agents.fiware.topics import TOPICS, Address, address_of, is_ours


@pytest.mark.parametrize(
    ("topic", "address"),
    [
        ("/json/key/dev/attrs", Address("json", "key", "dev", "attrs")),
        ("ul/key/dev/attrs/t", Address("ul", "key", "dev", "attrs", "t")),
        ("/key/dev/attrs", Address(None, "key", "dev", "attrs")),
        ("key/dev/cmdexe", Address(None, "key", "dev", "cmdexe")),
        ("/json/key/dev/cmdexe", Address("json", "key", "dev", "cmdexe")),
        ("/json/dev/attrs", Address(None, "json", "dev", "attrs")),
        ("/json/dev/attrs/t", Address(None, "json", "dev", "attrs", "t")),
        ("application/a/device/b/event/up", None),
        ("/key/dev", None),
        ("//dev/attrs", None),
        ("/key/dev/attrs/a/b", None),
    ],
)
def test_a_topic_names_protocol_key_device_and_attribute(topic: str, address: Address | None) -> None:
    assert address_of(topic) == address


def test_every_form_of_a_topic_is_subscribed_once() -> None:
    for topic in ("/json/k/d/attrs", "json/k/d/attrs", "/k/d/attrs", "k/d/attrs/t", "/ul/k/d/cmdexe", "k/d/cmdexe"):
        assert len([each for each in TOPICS if _matches(each, topic)]) == 1


def test_what_is_misdirected_under_a_protocol_is_ours() -> None:
    assert is_ours("/json/key/dev/nothing")
    assert not is_ours("application/a/device/b/event/up")


def _matches(filter_: str, topic: str) -> bool:
    wanted, given = filter_.split("/"), topic.split("/")
    return len(wanted) == len(given) and all(one in ("+", other) for one, other in zip(wanted, given, strict=True))
