"""The job that measures each available product once a day, and out of turn where somebody asks."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from datenbroker.catalogue.quality.measurement import Quality, Tally, oldest_timely
from datenbroker.catalogue.quality.records import QualityRecords
from datenbroker.process.repeated import Repeated
from datenbroker.products.product import Product, State, duration
from datenbroker.products.products import Products

logger = logging.getLogger(__name__)

HERNE = ZoneInfo("Europe/Berlin")
LOOK_SECONDS, FIRST_LOOK_SECONDS = 10.0, 20.0
"""How often it looks what is due; the first time later, so that a platform that starts has some data."""

Reading = Callable[[str], AsyncIterator[Sequence[Mapping[str, Any]]]]
"""A product's entities page by page as its own endpoint answers them, by slug."""


class Measuring:
    """A part of the process. Two processes may measure the same product: the second result replaces the first."""

    def __init__(
        self, products: Products, reading: Reading, records: QualityRecords, clock: Callable[[], float] = time.time
    ) -> None:
        self._products, self._reading, self.records, self._clock = products, reading, records, clock
        failure = "The quality of products could not be measured"
        self._looking = Repeated(self.measure_due, LOOK_SECONDS, failure, first=FIRST_LOOK_SECONDS)

    async def start(self) -> None:
        self._looking.start()

    async def stop(self) -> None:
        await self._looking.stop()

    async def measure_due(self) -> None:
        """Each product without a measurement of today, or that was asked for; one that fails harms no other."""
        asked, today = await self.records.asked(), self._now().astimezone(HERNE).date().isoformat()
        for product in self._available():
            newest = await self.records.newest(product.slug)
            due = newest is None or newest.day != today or not newest.entities
            if not due and product.slug not in asked:
                continue
            try:
                await self.measure(product)
            except Exception as error:
                logger.warning("The quality of %s could not be measured, it is tried again: %s", product.slug, error)
            await self.records.answered(product.slug)
        await self.records.forget_others(self._products.index.products)

    async def measure(self, product: Product) -> Quality:
        """Reads the whole product, and keeps what was found."""
        now = self._now()
        since = oldest_timely(now, duration(product.update_interval))
        tally = Tally(product.served.attributes, since)
        async for page in self._reading(product.slug):
            for entity in page:
                tally.add(entity)
            await asyncio.sleep(0)
        quality = tally.quality(product.slug, now.astimezone(HERNE).date().isoformat(), now)
        await self.records.put(quality)
        return quality

    def _available(self) -> list[Product]:
        shown = [versions.shown for versions in self._products.index.products.values()]
        return [product for product in shown if product.state is State.AVAILABLE]

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC).replace(microsecond=0)
