"""A query by id, type, scope or place reads no document that the indexes exclude but the first few it tries."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from context_broker.broker import Broker
from context_broker.limits import Limits
from context_broker.storage import listing, search
from context_broker.storage.search import Page
from context_broker.storage.selection import Selection
from context_broker.storage.tenants import DEFAULT_TENANT
from context_broker.storage.transaction import Transaction
from ngsi_ld.errors import TooComplexQuery
from ngsi_ld.jsonld.context import core_context
from ngsi_ld.model.entity import read_entity, stamp
from ngsi_ld.query.geo import parse_geo_query
from ngsi_ld.query.patterns import compile_pattern
from ngsi_ld.query.q import parse_q
from ngsi_ld.query.scope import parse_scope_query
from ngsi_ld.query.types import parse_type_selection

CONTEXT, LIMITS = core_context(), Limits()
ENTITIES, MATCHING, TRIED = 300, 40, 10
NEAR = {"georel": "near;maxDistance==300", "geometry": "Point", "coordinates": [7.2, 51.5]}
LAST = tuple(f"urn:x:{number}" for number in range(ENTITIES - MATCHING, ENTITIES))
SELECTIONS = {
    "near": Selection(geo=parse_geo_query(NEAR, CONTEXT)),
    "near, of a type that all have": Selection(
        geo=parse_geo_query(NEAR, CONTEXT), types=parse_type_selection("M", CONTEXT)
    ),
    "scope": Selection(scopes=parse_scope_query("/A/One")),
    "scopes below": Selection(scopes=parse_scope_query("/A/#")),
    "scopes by a wildcard in between": Selection(scopes=parse_scope_query("/+/One")),
    "two scopes": Selection(scopes=parse_scope_query("(/All;/A/One)")),
    "very many scopes": Selection(
        scopes=parse_scope_query(",".join(["/A/One", *(f"/Z/z{number}" for number in range(250))]))
    ),
    "a pattern of ids": Selection(id_pattern=compile_pattern("2[6-9].$", "idPattern")),
    "a prefix of ids": Selection(id_pattern=compile_pattern("^urn:x:2[6-9].", "idPattern")),
    "selectors by id": Selection(alternatives=(Selection(ids=LAST[:30]), Selection(ids=LAST[30:]))),
    "very many selectors": Selection(
        alternatives=tuple(
            Selection(ids=(f"urn:x:{number}",), types=parse_type_selection("N", CONTEXT))
            for number in range(ENTITIES - MATCHING, ENTITIES + 200)
        )
    ),
    "type": Selection(types=parse_type_selection("N", CONTEXT), q=parse_q("!missing", CONTEXT)),
}


async def filled(folder: Path, limits: Limits) -> Broker:
    """A broker whose last entities are those that match."""
    broker = Broker(folder, limits)

    def fill(transaction: Transaction) -> None:
        for number in range(ENTITIES):
            late = number >= ENTITIES - MATCHING
            point = {"type": "Point", "coordinates": [7.2 if late else 50.0, 51.5]}
            scopes = ["/All", "/A/One" if late else "/B/Two"]
            sent = {"id": f"urn:x:{number}", "type": ["M", "N"] if late else "M", "scope": scopes, "location": point}
            transaction.create(DEFAULT_TENANT, stamp(read_entity(sent, CONTEXT), "2031-02-03T10:00:00.000Z"))

    await broker.writer.write(fill)
    broker.cache.clear()
    return broker


async def documents_read(folder: Path, selection: Selection, page: Page, limits: Limits = LIMITS) -> tuple[int, Any]:
    broker, read = await filled(folder, limits), 0

    def note(statement: str) -> None:
        nonlocal read
        read += statement.startswith("SELECT id, document FROM entity")

    broker.database.connection.set_trace_callback(note)
    found = await broker.search.find(DEFAULT_TENANT, selection, page)
    await broker.stop()
    return read, found


@pytest.mark.parametrize("name", SELECTIONS)
@pytest.mark.parametrize("count", [False, True])
def test_no_document_is_read_that_an_index_excludes(
    name: str, count: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for constant, value in (("SELECTIVE", 20), ("TRIED", TRIED), ("CHUNK", TRIED)):
        monkeypatch.setattr(search, constant, value)
    read, found = asyncio.run(documents_read(tmp_path, SELECTIONS[name], Page(limit=20, count=count)))
    assert [stored.id for stored in found.entities] == list(LAST[:20])
    assert found.total == (MATCHING if count else None)
    assert read <= MATCHING + (0 if count else TRIED)


def test_a_query_that_takes_too_long_is_too_complex(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SELECTIVE", 20)
    monkeypatch.setattr(listing, "STEPS", 1)
    with pytest.raises(TooComplexQuery, match="narrow it"):
        asyncio.run(documents_read(tmp_path, SELECTIONS["near"], Page(count=True), Limits(query_seconds=1e-9)))
