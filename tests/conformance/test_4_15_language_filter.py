"""4.15 The natural language filter: `lang`."""

from typing import Any

import pytest

from tests.conformance.client import KIOSK, Client, prop

pytestmark = pytest.mark.anyio
MAP = {"de": "Stand", "en-GB": "stall", "en": "kiosk", "fr": ["Kiosque", "Stand"], "@none": "K"}


def label(languages: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"type": "LanguageProperty", "languageMap": languages, **members}


@pytest.mark.parametrize(
    ("lang", "value", "tag"),
    [
        ("de", "Stand", "de"),
        ("DE", "Stand", "de"),
        ("en", "kiosk", "en"),
        ("en-GB", "stall", "en-GB"),
        ("en-gb", "stall", "en-GB"),
        ("de-CH", "Stand", "de"),
        ("fr", ["Kiosque", "Stand"], "fr"),
        ("it,fr;q=0.5,de;q=0.7", "Stand", "de"),
        ("it, de;q=0.1, fr;q=0.9", ["Kiosque", "Stand"], "fr"),
    ],
)
async def test_the_best_language_becomes_a_property(broker: Client, lang: str, value: Any, tag: str) -> None:
    await broker.create(label=label(MAP, observedAt="2031-02-03T10:00:00Z"), name="K")
    entity = await broker.get(lang=lang)
    assert entity["label"] == prop(value, lang=tag, observedAt="2031-02-03T10:00:00Z")
    assert entity["name"] == prop("K")
    assert await broker.query(type="Kiosk", lang=lang) == [entity]


async def test_no_match_falls_back_to_none_and_then_to_any(broker: Client) -> None:
    await broker.create(label=label({"de": "Stand", "@none": "K"}), other=label({"de": "Stand"}))
    entity = await broker.get(lang="it")
    assert entity["label"]["value"] == "K"
    assert entity["other"] == prop("Stand", lang="de")


async def test_a_star_takes_any_language(broker: Client) -> None:
    await broker.create(label=label({"@none": "K", "fr": "Kiosque"}))
    assert (await broker.attribute("label", lang="*"))["value"] == "Kiosque"


async def test_sub_attributes_are_filtered_too(broker: Client) -> None:
    await broker.create(queue=prop(1, note=label({"de": "lang", "en": "long"})))
    assert (await broker.attribute("queue", lang="en"))["note"] == prop("long", lang="en")


async def test_all_instances_are_filtered(broker: Client) -> None:
    await broker.create(label=[label(MAP), label({"de": "Bude"}, datasetId="urn:d:1")])
    assert await broker.attribute("label", lang="de") == [
        prop("Stand", lang="de"),
        prop("Bude", lang="de", datasetId="urn:d:1"),
    ]


async def test_simplified_it_is_the_string_alone(broker: Client) -> None:
    await broker.create(label=label(MAP))
    assert await broker.get(lang="de", format="simplified") == {"id": KIOSK, "type": "Kiosk", "label": "Stand"}


async def test_concise_it_keeps_the_language(broker: Client) -> None:
    await broker.create(label=label(MAP))
    assert await broker.attribute("label", lang="de", format="concise") == {"value": "Stand", "lang": "de"}


async def test_the_member_lang_is_ignored_on_input(broker: Client) -> None:
    await broker.create(name=prop("K", lang="de"))
    assert await broker.attribute("name") == prop("K")
