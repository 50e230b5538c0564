"""What the broker was told is not told again."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from document_store.sqlite import SqliteDocumentStore
from ngsi_adapters.loop.known import BUCKETS, Known

pytestmark = pytest.mark.anyio
AT = "2026-11-23T01:00:00Z"
ID = "urn:ngsi-ld:Thing:1"


def entity(entity_id: str = ID, **values: Any) -> dict[str, Any]:
    return {"id": entity_id, "type": "Thing"} | {name: {"type": "Property", "value": v} for name, v in values.items()}


def told(known: Known, *entities: dict[str, Any]) -> list[dict[str, Any] | None]:
    news = [known.news(one, AT) for one in entities]
    for one, (_, digests) in zip(entities, news, strict=True):
        known.keep(one["id"], digests)
    return [new for new, _ in news]


def test_only_what_has_changed_is_news() -> None:
    known = Known("x")
    assert told(known, entity(a=1, b=2)) == [entity(a=1, b=2)]
    assert told(known, entity(a=1, b=2)) == [None]
    assert told(known, entity(a=1, b=3)) == [entity(b=3)]
    assert told(known, entity(b=3)) == [None], "an attribute that is not told any more stays in the broker"
    assert told(known, entity(a=1, b=3)) == [entity(a=1)]


def test_an_observation_is_news_unless_its_time_is_only_that_of_the_fetch() -> None:
    known, observed = Known("x"), entity(a=1)
    observed["a"]["observedAt"] = AT
    told(known, observed)
    assert known.news(observed | {"a": observed["a"] | {"observedAt": "2026-11-23T02:00:00Z"}}, "2026-11-23T02:00:00Z")[
        0
    ] is None  # fmt: skip
    later = observed | {"a": observed["a"] | {"observedAt": "2026-11-23T01:30:00Z"}}
    assert known.news(later, "2026-11-23T02:00:00Z")[0] == later


def test_what_was_not_written_is_news_again() -> None:
    known = Known("x")
    known.news(entity(a=1), AT)
    assert known.news(entity(a=1), AT)[0] == entity(a=1)


def test_what_the_broker_has_lost_is_news_again_and_still_known() -> None:
    known = Known("x")
    told(known, entity(a=1), entity("urn:ngsi-ld:Thing:2", a=1))
    known.forget([ID])
    assert told(known, entity(a=1)) == [entity(a=1)]
    known.doubt()
    assert told(known, entity(a=1)) == [entity(a=1)]
    assert len(known) == 2


def test_more_than_the_most_are_written_every_time() -> None:
    known = Known("x", most=1)
    other = entity("urn:ngsi-ld:Thing:2", a=1)
    assert told(known, entity(a=1), other) == [entity(a=1), other]
    assert told(known, entity(a=1), other) == [None, other]


async def test_it_is_known_after_a_restart(tmp_path: Path) -> None:
    store, known = SqliteDocumentStore.open(tmp_path / "s.sqlite"), Known("x")
    entities = [entity(f"urn:ngsi-ld:Thing:{number}", a=number) for number in range(500)]
    told(known, *entities)
    known.keep(ID, known.news(entities[1], AT)[1], b"twelve bytes")
    await known.save(store)
    again = await Known.load(store, "x")
    assert (known.row_of(ID), again.row_of(ID)) == (b"twelve bytes", b""), "another version may read rows otherwise"
    assert told(again, *entities) == [None] * 500
    assert again.type_of(ID) == "Thing"
    assert len(await store.find("source_known")) == BUCKETS
    again.forget()
    await again.save(store)
    assert len(await Known.load(store, "x")) == 0
    await store.close()


@given(
    before=st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2)),
    after=st.dictionaries(st.sampled_from("abcd"), st.integers(0, 2)),
)
def test_the_news_are_what_differs(before: dict[str, int], after: dict[str, int]) -> None:
    known = Known("x")
    told(known, entity(ID, **before))
    changed = {name: value for name, value in after.items() if before.get(name) != value}
    assert told(known, entity(ID, **after)) == [entity(ID, **changed) if changed else None]
