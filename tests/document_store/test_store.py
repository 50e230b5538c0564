"""One suite for every document store."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from document_store.store import DocumentStore

pytestmark = pytest.mark.anyio

LARGEST = 2**63 - 1
"""BSON integers have 64 bits."""

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
names = text.filter(lambda name: name != "" and not name.startswith("$") and "." not in name)
json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST, LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(body=st.dictionaries(names.filter(lambda name: name != "_id"), json, max_size=4), id=names)
async def test_what_is_put_is_got(store: DocumentStore, body: dict[str, object], id: str) -> None:  # noqa: A002
    document = {"_id": id, **body}
    await store.put("things", document)
    assert await store.get("things", id) == document


async def test_what_is_not_there_is_none(store: DocumentStore) -> None:
    assert await store.get("things", "1") is None
    assert await store.find("things") == []
    assert not await store.delete("things", "1")


async def test_putting_again_replaces_the_whole_document(store: DocumentStore) -> None:
    await store.put("things", {"_id": "1", "a": 1, "b": 2})
    await store.put("things", {"_id": "1", "a": 3})
    assert await store.get("things", "1") == {"_id": "1", "a": 3}


async def test_collections_do_not_know_each_other(store: DocumentStore) -> None:
    await store.put("things", {"_id": "1", "a": 1})
    await store.put("others", {"_id": "1", "a": 2})
    assert await store.delete("others", "1")
    assert await store.find("things") == [{"_id": "1", "a": 1}]
    assert await store.find("others") == []


async def test_many_are_put_at_once(store: DocumentStore) -> None:
    await store.put("things", {"_id": "2", "old": True})
    await store.put_many("things", [{"_id": str(number)} for number in range(5)])
    await store.put_many("things", [])
    assert [document["_id"] for document in await store.find("things")] == ["0", "1", "2", "3", "4"]
    assert await store.get("things", "2") == {"_id": "2"}


async def test_found_are_those_that_equal_in_the_order_of_their_ids(store: DocumentStore) -> None:
    documents = [
        {"_id": "c", "tenant": "x", "n": 1},
        {"_id": "a", "tenant": "x", "n": 2},
        {"_id": "b", "tenant": "y", "n": 1},
    ]
    await store.put_many("things", documents)
    assert [found["_id"] for found in await store.find("things", {"tenant": "x"})] == ["a", "c"]
    assert [found["_id"] for found in await store.find("things", {"tenant": "x", "n": 1})] == ["c"]
    assert await store.find("things", {"missing": 1}) == []


async def test_a_value_that_looks_like_an_operator_is_only_a_value(store: DocumentStore) -> None:
    await store.put("things", {"_id": "1", "name": "x"})
    assert await store.find("things", {"name": {"$ne": "y"}}) == []


async def test_a_swap_succeeds_only_where_what_is_there_is_as_expected(store: DocumentStore) -> None:
    assert not await store.swap("things", {"_id": "1", "n": 1}, {"n": 0}), "there is none yet"
    assert await store.swap("things", {"_id": "1", "n": 1}, None)
    assert not await store.swap("things", {"_id": "1", "n": 9}, None), "there is one"
    assert not await store.swap("things", {"_id": "1", "n": 9}, {"n": 0})
    assert not await store.swap("things", {"_id": "1", "n": 9}, {"missing": None})
    assert await store.swap("things", {"_id": "1", "n": 2}, {"n": 1})
    assert await store.get("things", "1") == {"_id": "1", "n": 2}


async def test_a_document_is_deleted_only_where_it_is_as_expected(store: DocumentStore) -> None:
    await store.put("things", {"_id": "1", "n": 1})
    assert not await store.delete("things", "1", {"n": 0})
    assert not await store.delete("things", "2", {})
    assert await store.delete("things", "1", {"n": 1})
    assert await store.get("things", "1") is None


async def test_of_many_that_swap_at_once_one_succeeds(store: DocumentStore) -> None:
    swaps = [store.swap("things", {"_id": "1", "by": number}, None) for number in range(10)]
    assert sorted(await asyncio.gather(*swaps)) == [False] * 9 + [True]
