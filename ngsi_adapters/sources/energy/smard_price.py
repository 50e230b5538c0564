"""SMARD (Bundesnetzagentur): the day-ahead price of electricity now, as context for what the city draws and feeds in.

The index names the weeks, of which the newest two are read.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from data_models import KeyPerformanceIndicator
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_adapters.formats.documents import json_list, json_object
from ngsi_adapters.formats.numerals import number, whole
from ngsi_adapters.formats.times import unix_moment
from ngsi_adapters.mapping import Field, Mapped
from ngsi_adapters.reading import each
from ngsi_adapters.source import Documents, Malformed, Outcome, Record, Source, entity_id

SERIES = "4169_DE_quarterhour_"
"""Filter 4169: market price of Germany and Luxembourg, in EUR/MWh; the name of a week's file begins with it."""
QUARTER = timedelta(minutes=15)


def weeks(payload: bytes) -> Mapping[str, str]:
    """The files of the newest two weeks: at a turn of the week the newer one may still be empty."""
    stamps = sorted(whole(stamp) for stamp in json_list(json_object(payload), "timestamps"))
    if not stamps:
        raise Malformed("SMARD names no week")
    return {f"{SERIES}{stamp}": f"{SERIES}{stamp}.json" for stamp in stamps[-2:]}


def join(documents: Documents, fetched_at: datetime) -> Iterator[Outcome]:
    """A record: the newest price whose quarter of an hour had begun when it was fetched."""
    series = {name: _values(payload) for name, payload in sorted(documents.items()) if name.startswith(SERIES)}
    if not series:
        raise Malformed(f"none of the documents is a week: {', '.join(documents)}")
    values = [value for week in series.values() for value in week]
    return each([(values, fetched_at)], _price, lambda row: SERIES.strip("_"))


def _values(payload: bytes) -> list[Any]:
    return json_list(json_object(payload), "series")


def _price(row: tuple[list[Any], datetime]) -> Record:
    values, now = row
    for stamp, price in reversed(values):
        start = unix_moment(whole(stamp) / 1000)
        if price is not None and start <= now:
            told = {"price": price, "start": start}
            return PRICE.record(entity_id("KeyPerformanceIndicator", "smard", "day-ahead-price"), told, start)
    raise LookupError(f"SMARD tells no price for {now.isoformat()} among {len(values)} values")


PRICE = Mapped(
    KeyPerformanceIndicator,
    (
        Field("price", "kpiValue", number, needed=True, observed=True),
        Field("start", "effectiveSince", needed=True),
        Field("start", "dateExpires", lambda start: start + QUARTER),
    ),
    fixed={
        "name": "Day-ahead-Preis Strom DE/LU, EUR/MWh",
        "category": ["quantitative"],
        "provider": "Bundesnetzagentur | SMARD.de",
    },
)
SOURCE = Source(
    uid="smard_price",
    name="SMARD: day-ahead price of electricity",
    licence="cc-by/4.0",
    attribution="Bundesnetzagentur | SMARD.de",
    url="https://www.smard.de/app/chart_data/4169/DE/index_quarterhour.json",
    every=timedelta(minutes=15),
    tenant="stadtwerke",
    join=join,
    mapping=(PRICE,),
    fetching=Fetching(follow=weeks),
)
