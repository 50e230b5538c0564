"""A command, to whom it goes, and the ways to devices."""

import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Protocol

import msgspec

from iot_agents.downlinks.downlink import Status

LONGEST_INFO = 500

UNCHECKED = timedelta(days=1)
"""How long a command lives that is refused."""

TOLD = uuid.UUID("5f3c3d52-7d0e-4d0b-9a55-0c4c3b8f6a11")
"""The namespace of the ids of commands that have a cause."""


class Addressee(msgspec.Struct, frozen=True):
    """A device that takes commands: `entity` has an attribute for each of them."""

    tenant: str
    device: str
    entity: str
    entity_type: str
    commands: frozenset[str]


class Command(msgspec.Struct, frozen=True):
    """`name` is the attribute, `cause` the time at which it was written (empty: sent by itself).

    `repeatable`: whether the device may get it twice. `sending`: somebody has begun to send it, and did not say yet how
    that ended. `sent_at`: when the next one on the way took it. `confirmed`: the device will answer, or so it is
    believed until it is sent. `fetched`: the device comes for it. `told`: whether the entity shows `status` and `info`.
    `marked`: whether its attribute shows that the value has been taken.
    """

    id: str = msgspec.field(name="_id")
    tenant: str
    device: str
    entity: str
    entity_type: str
    name: str
    value: Any
    created_at: datetime
    expires_at: datetime
    cause: str = ""
    status: Status = "PENDING"
    info: Any = ""
    repeatable: bool = True
    sending: bool = False
    sent_at: datetime | None = None
    confirmed: bool = True
    fetched: bool = False
    told: bool = False
    marked: bool = False

    @property
    def is_final(self) -> bool:
        """Whether nothing more can come: an unconfirmed downlink is done with when it is delivered."""
        return self.status in ("OK", "ERROR") or (self.status == "DELIVERED" and not self.confirmed)

    @property
    def is_pending(self) -> bool:
        return self.status == "PENDING"

    @property
    def is_due(self) -> bool:
        """Whether it is to be sent, and nobody has begun to."""
        return self.is_pending and self.sent_at is None and not self.sending

    @property
    def is_late(self) -> bool:
        return self.expires_at <= datetime.now(UTC)

    @property
    def can_be_cancelled(self) -> bool:
        """Whether it is still here: neither sent nor being sent."""
        return self.is_pending and not self.sending and (self.sent_at is None or self.fetched)

    def on(self, terms: "Terms") -> "Command":
        """The same, on the terms that are its device's."""
        expires_at = self.created_at + terms.lifetime
        return msgspec.structs.replace(self, expires_at=expires_at, repeatable=terms.repeatable)


def new_command(to: Addressee, name: str, value: Any, *, cause: str = "") -> Command:
    """One that nobody has checked yet. What has a cause has the same id in every process that is told of it."""
    now = datetime.now(UTC)
    written_at = _written_at(cause, now)
    told = msgspec.json.encode((to.tenant, to.device, to.entity, name, cause, value)).decode()
    return Command(
        id=str(uuid.uuid5(TOLD, told) if cause else uuid.uuid4()),
        tenant=to.tenant,
        device=to.device,
        entity=to.entity,
        entity_type=to.entity_type,
        name=name,
        value=value,
        created_at=written_at,
        expires_at=written_at + UNCHECKED,
        cause=cause,
    )


def _written_at(cause: str, now: datetime) -> datetime:
    """A command that was on its way for long is as old as that."""
    with suppress(ValueError, TypeError):
        return min(now, datetime.fromisoformat(cause))
    return now


class Terms(NamedTuple):
    """How long a command may wait, and whether its device may get it twice."""

    lifetime: timedelta
    repeatable: bool = True


class Handed(msgspec.Struct, frozen=True):
    """The next one on the way has it. `confirmed`: the device will answer; `fetched`: the device must come for it."""

    confirmed: bool = True
    fetched: bool = False
    result: tuple[Status, Any] | None = None


class NotYet(Exception):
    """The command cannot be sent now, but later: the message says for what it waits."""


class Directory(Protocol):
    """Devices of one kind that take commands."""

    async def refresh(self) -> None:
        """See what other processes have registered."""

    def addressees(self) -> Iterable[Addressee]:
        """All of them."""

    def of(self, device: str) -> Addressee | None:
        """The device, where it is of this kind and takes commands."""

    def named(self, name: str) -> Sequence[Addressee]:
        """The devices that people call so; several only where the name is not the whole id."""

    def name_of(self, device: str) -> str:
        """What people call the device of an id."""

    def check(self, addressee: Addressee, name: str, value: Any) -> Terms:
        """`Refused` where the device has no such command, or cannot do that."""


class Carrier(Directory, Protocol):
    """A way to devices."""

    def at(self, tenant: str, entity: str) -> Sequence[Addressee]:
        """The devices of an entity."""

    async def send(self, command: Command) -> Handed:
        """`NotYet` or `ConnectionError`: try again later; `Unanswered`: it may have been sent; `Refused`: never."""
