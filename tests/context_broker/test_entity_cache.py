"""What is kept of hot entities in memory, and what is not."""

import orjson

from context_broker.limits import Limits
from context_broker.reading.plan import View, plan_of
from context_broker.storage.entity_cache import EntityCache, Stored
from ngsi_ld.jsonld.context import core_context

DOCUMENT = {"id": "urn:x:1", "type": ["https://x.example/T"], "createdAt": "2026-01-01T00:00:00.000Z"}


def stored(number: int = 1) -> Stored:
    return Stored(number, f"urn:x:{number}", orjson.dumps(DOCUMENT | {"id": f"urn:x:{number}"}))


def view(offset: int) -> View:
    return plan_of(b"type=T&offset=%d" % offset, core_context(), "application/json", Limits()).view


def test_the_cache_forgets_what_was_used_least_recently_beyond_its_memory() -> None:
    cache = EntityCache(10 * stored().size)
    for number in range(1, 10):
        cache.put(1, stored(number))
    assert cache.by_id(1, "urn:x:1") is not None
    for number in range(10, 18):
        cache.put(1, stored(number))
    kept = [number for number in range(1, 18) if cache.by_seq(number)]
    assert kept[0] == 1
    assert kept[1:] == list(range(18 - len(kept) + 1, 18))
    assert sum(stored(number).size for number in kept) <= 10 * stored().size


def test_a_document_counts_as_what_it_takes_as_objects() -> None:
    assert stored().size > 5 * len(orjson.dumps(DOCUMENT))


def test_a_view_that_does_not_come_again_is_not_kept() -> None:
    entity = stored()
    for offset in range(20):
        view(offset).render(entity)
    assert not any(entity.rendered.values())


def test_a_view_that_comes_again_is_rendered_twice_and_then_kept() -> None:
    entity, again = stored(), view(0)
    first, second, third = (again.render(entity) for _ in range(3))
    assert first == second
    assert first is not second
    assert second is third
