"""Tells at the entity what became of a command: `<command>_status`, `<command>_info`, `<command>_expires`."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from iot_agents.downlinks.book import CommandBook
from iot_agents.downlinks.command import Command
from iot_agents.downlinks.notification import TAKEN
from iot_agents.refused import Refused
from ngsi_client.client import Entity, NgsiClient
from ngsi_client.errors import BrokerError, BrokerUnavailable
from ngsi_client.rejected import Rejected, Rejections

logger = logging.getLogger(__name__)

SOURCE = "commands"
"""The source of rejects."""

PAUSE = 1.0


class Teller:
    """Goes on until the broker has it, over restarts too; then a command that is done with leaves the open ones."""

    def __init__(self, client: NgsiClient, book: CommandBook, rejections: Rejections, pause: float = PAUSE) -> None:
        self._client, self._book, self._rejections, self._pause = client, book, rejections, pause
        self._telling: dict[str, asyncio.Task[None]] = {}

    def tell(self) -> None:
        """Begin with what is not told yet, each tenant for itself."""
        for tenant in {command.tenant for command in self._book.open() if _has_news(command)}:
            if tenant not in self._telling:
                self._telling[tenant] = asyncio.create_task(self._tell_tenant(tenant))

    async def stop(self) -> None:
        tasks = list(self._telling.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell_tenant(self, tenant: str) -> None:
        try:
            await self._tell_all(tenant)
        except Exception:
            logger.exception("The states of the commands of %s could not be told", tenant)
        finally:
            del self._telling[tenant]

    async def _tell_all(self, tenant: str) -> None:
        client = self._client.for_tenant(tenant)
        while news := [one for one in self._book.open() if one.tenant == tenant and _has_news(one)]:
            shown = [command for command in news if not await self._book.is_outdated(command)]
            try:
                refused = await client.upsert(_entities(shown, self._book.open()))
            except BrokerUnavailable as error:
                logger.warning("The states of %d commands of %s wait for the broker: %s", len(news), tenant, error)
                await asyncio.sleep(self._pause)
                continue
            except BrokerError as error:
                refused = {command.entity: error for command in news}  # type: ignore[misc]
            await self._mark(client, news)
            for command in news:
                if command.entity in refused:
                    self._reject(command, f"The broker refused its state: {refused[command.entity]}")
                await self._told(command)

    async def _mark(self, client: NgsiClient, news: Sequence[Command]) -> None:
        """That the value of the attribute has been taken."""
        for command in news:
            if not command.cause or command.marked:
                continue
            try:
                mark = {"type": "Property", "value": command.value}
                await client.update_attribute(command.entity, command.name, {TAKEN: mark})
            except BrokerError as error:
                logger.warning("The command %s of %s is not marked as taken: %s", command.name, command.entity, error)
            await self._book.change(command, marked=True)

    async def _told(self, command: Command) -> None:
        """Where nothing newer came in between."""

        def is_same(now: Command) -> bool:
            return (now.status, now.info) == (command.status, command.info)

        told = await self._book.change(command, is_same, told=True)
        if told is not None and told.is_final:
            await self._book.close([told])

    def _reject(self, command: Command, reason: str) -> None:
        logger.error("%s of %s: %s", command.name, command.device, reason)
        self._rejections.add(Rejected(SOURCE, command.device, "refused_by_broker", reason, "", command.tenant))

    def refuse(self, command: Command, refused: Refused) -> None:
        """Record why a command came to nothing."""
        excerpt = f"{command.name}={command.value!r}"[:200]
        rejected = Rejected(SOURCE, command.device, refused.kind, refused.reason, excerpt, command.tenant)
        self._rejections.add(rejected)


def _has_news(command: Command) -> bool:
    return not command.told or command.is_final


def _entities(news: Sequence[Command], all_open: Sequence[Command]) -> list[Entity]:
    """One for each entity. Of several commands of a name, the newest is told of."""
    newest = {(one.entity, one.device, one.name): one.id for one in all_open}
    entities: defaultdict[str, Entity] = defaultdict(dict)
    for command in news:
        entity = entities[command.entity]
        entity |= {"id": command.entity, "type": command.entity_type}
        if newest.get((command.entity, command.device, command.name), command.id) == command.id:
            entity |= attributes(command)
    return [entity for entity in entities.values() if len(entity) > 2]


def attributes(command: Command) -> Entity:
    """Status, and what else there is to say."""
    now = text(datetime.now(UTC))
    expires = {"@type": "DateTime", "@value": text(command.expires_at)}
    said: dict[str, Any] = {"status": command.status, "info": command.info, "expires": expires}
    return {
        f"{command.name}_{end}": {"type": "Property", "value": value, "observedAt": now} for end, value in said.items()
    }


def text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
