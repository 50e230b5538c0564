"""A product as one file: CSV, GeoJSON, JSON or Parquet, written while it is read, with a page in memory at a time."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import orjson

from context_broker.http.response import Response
from datenbroker.gateway.downloads import csv
from datenbroker.gateway.downloads.pages import Asked, Pages
from datenbroker.gateway.downloads.parquet import parquet, require_parquet
from datenbroker.gateway.downloads.spool import Spool
from datenbroker.gateway.downloads.table import Row, columns_of, entities_of, row_of
from datenbroker.gateway.problems import BadRequest
from datenbroker.products.product import Product
from datenbroker.products.vocabulary import LICENCES

NORMALIZED_ONLY = frozenset({"options", "format", "join", "joinLevel", "containedBy"})
"""Parameters that would make other things than entities with normalized attributes."""

CHOOSING = frozenset({"attrs", "pick", "omit"})

READ_AHEAD = 20_000
"""Entities that are read before the first line of a table is written."""

Written = AsyncIterator[bytes]


@dataclass(frozen=True)
class Wanted:
    """An export: what is asked for, of which product, for readers of which country."""

    pages: Pages
    asked: Asked
    product: Product
    locale: str

    def of(self, accept: bytes) -> AsyncIterator[Response]:
        return self.pages.of(self.asked.having(accept=accept))


@dataclass(frozen=True)
class Format:
    """What the ending of an export says."""

    media_type: str
    write: Callable[[Wanted], Written]
    check: Callable[[Wanted], None] = lambda wanted: None


async def _json(wanted: Wanted) -> Written:
    """One array of all entities, in the representation that `options` asks for."""
    before = b"["
    async for page in wanted.of(b"application/json"):
        inner = page.body.strip()[1:-1]
        if inner:
            yield before + inner
            before = b",\n"
    yield b"[]" if before == b"[" else b"]"


async def _geojson(wanted: Wanted) -> Written:
    """One FeatureCollection (RFC 7946)."""
    before = b'{"type":"FeatureCollection","features":['
    async for page in wanted.of(b"application/geo+json"):
        features = orjson.loads(page.body)["features"]
        if features:
            yield before + b",\n".join(orjson.dumps(feature) for feature in features)
            before = b",\n"
    yield (b"" if before == b",\n" else before) + b"]}"


async def _csv(wanted: Wanted) -> Written:
    """The columns are what the first `READ_AHEAD` entities have, and every attribute that is named by the selection."""
    dialect, rows = csv.dialect_of(wanted.locale), _rows(wanted)
    with Spool() as spool:
        async for page in rows:
            await spool.add(page)
            if spool.count >= READ_AHEAD:
                break
        columns = columns_of([dict.fromkeys(spool.kinds)], _named(wanted))
        yield csv.head(columns, dialect)
        for batch in spool.batches():
            yield csv.body(columns, batch, dialect)
    async for page in rows:
        yield csv.body(columns, page, dialect)


def _named(wanted: Wanted) -> tuple[str, ...]:
    """The attributes of the selection, unless the client has chosen other ones, or names them otherwise."""
    chosen = wanted.asked.link is not None or any(name in CHOOSING for name, _ in wanted.asked.query)
    return () if chosen else wanted.product.served.attributes


async def _parquet(wanted: Wanted) -> Written:
    product = wanted.product
    about = {"product": product.slug, "title": product.title.en, "licence": LICENCES + product.licence}
    async for piece in parquet(_rows(wanted), about):
        yield piece


async def _rows(wanted: Wanted) -> AsyncIterator[list[Row]]:
    async for page in wanted.of(b"application/json"):
        yield [row_of(entity) for entity in entities_of(page.body)]


def _check_table(wanted: Wanted) -> None:
    for name, _ in wanted.asked.query:
        if name in NORMALIZED_ONLY:
            raise BadRequest(f"{name} has no meaning in a table: use export.json.")
    csv.dialect_of(wanted.locale)


def _check_parquet(wanted: Wanted) -> None:
    require_parquet()
    _check_table(wanted)


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", _csv, _check_table),
    "geojson": Format("application/geo+json", _geojson),
    "json": Format("application/json", _json),
    "parquet": Format("application/vnd.apache.parquet", _parquet, _check_parquet),
}
