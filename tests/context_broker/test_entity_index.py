"""The indexes and counts after any sequence of operations are those of the documents that remain."""

import asyncio
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from context_broker.app import ContextBroker
from context_broker.broker import Broker
from context_broker.limits import Limits
from context_broker.storage.search import Page
from context_broker.storage.selection import Selection
from context_broker.storage.tenants import DEFAULT_TENANT
from context_broker.storage.transaction import Transaction
from tests.ngsi_ld.entities import NAMES, entities

IDS = [f"urn:x:{number}" for number in range(4)]
SCOPES = st.sampled_from([[], ["/A"], ["/A", "/B/C"]])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["upsert", "update", "merge", "patch", "put", "drop", "delete", "purge"]),
        st.sampled_from(IDS),
        entities(),
        st.sampled_from(["T", "U", ["T", "U"]]),
        SCOPES,
        st.sampled_from(NAMES),
    ),
    min_size=3,
    max_size=12,
)


async def perform(http: httpx.AsyncClient, step: tuple[str, str, dict[str, Any], Any, list[str], str]) -> None:
    operation, id_, entity, type_, scope, name = step
    body = {**entity, "id": id_, "type": type_, **({"scope": scope} if scope else {})}
    requests: dict[str, tuple[str, str, Any]] = {
        "upsert": ("POST", "/entityOperations/upsert", [body]),
        "update": ("POST", "/entityOperations/upsert?options=update", [body]),
        "merge": ("POST", "/entityOperations/merge", [body]),
        "patch": ("PATCH", f"/entities/{id_}/attrs", body),
        "put": ("PUT", f"/entities/{id_}", body),
        "drop": ("DELETE", f"/entities/{id_}/attrs/{name}?deleteAll=true", None),
        "delete": ("DELETE", f"/entities/{id_}", None),
        "purge": ("DELETE", f"/entities?attrs={name}&keep=p", None),
    }
    method, path, payload = requests[operation]
    assert (await http.request(method, path, json=payload)).status_code < 500


def rows(broker: Broker) -> dict[str, Counter[Any]]:
    """All index rows, by names instead of numbers."""
    run = broker.database.connection.execute
    tables = {
        "types": "SELECT n.iri, e.id FROM entity_type t JOIN name n ON n.id = t.type JOIN entity e USING (seq)",
        "values": "SELECT n.iri, v.value, e.id FROM attribute_value v JOIN name n ON n.id = v.attribute"
        " JOIN entity e USING (seq)",
        "scopes": "SELECT scope, e.id FROM entity_scope JOIN entity e USING (seq)",
        "places": "SELECT n.iri, west, east, south, north, e.id FROM place p JOIN name n ON n.id = p.attribute"
        " JOIN entity e ON e.seq = p.seq",
        "place ids": "SELECT count(*) FROM place_of",
        "counts": "SELECT n.iri, entities FROM type_count JOIN name n ON n.id = type WHERE entities",
        "uses": "SELECT t.iri, a.iri, kind, entities FROM type_attribute JOIN name t ON t.id = type"
        " JOIN name a ON a.id = attribute WHERE entities",
        "orphans": "SELECT count(*) FROM attribute_value WHERE seq NOT IN (SELECT seq FROM entity)",
    }
    return {name: Counter(run(sql).fetchall()) for name, sql in tables.items()}


async def compare(folder: Path, steps: list[Any]) -> None:
    app = ContextBroker(folder / "worked")
    await app.start()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://broker/ngsi-ld/v1") as http:
        for step in steps:
            await perform(http, step)
    fresh = Broker(folder / "fresh", Limits())
    everything = await app.broker.search.find(DEFAULT_TENANT, Selection(), Page())

    def fill(transaction: Transaction) -> None:
        for stored in everything.entities:
            transaction.create(DEFAULT_TENANT, stored.document)

    await fresh.writer.write(fill)
    assert rows(app.broker) == rows(fresh)
    await fresh.stop()
    await app.stop()


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_indexes_and_counts_are_those_of_the_documents(steps: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(compare(Path(folder), steps))
