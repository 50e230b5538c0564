"""A command, to whom it goes, and the ways to devices."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from iot_agents.downlinks.downlink import Status

LONGEST_INFO = 500


class Addressee(msgspec.Struct, frozen=True):
    """A device that takes commands: `entity` has an attribute for each of them."""

    tenant: str
    device: str
    entity: str
    entity_type: str
    commands: frozenset[str]


class Command(msgspec.Struct, frozen=True):
    """`name` is the attribute, `cause` the time at which it was written (empty: sent by itself).

    `sent_at`: when the next one on the way took it. `confirmed`: the device will answer, or so it is believed until
    it is sent. `fetched`: the device comes for it. `told`: whether the entity shows `status` and `info`. `marked`:
    whether its attribute shows that the value has been taken.
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
    sent_at: datetime | None = None
    confirmed: bool = True
    fetched: bool = False
    told: bool = False
    marked: bool = False

    @property
    def is_final(self) -> bool:
        """Whether nothing more can come: an unconfirmed downlink is done with when it is delivered."""
        return self.status in ("OK", "ERROR") or (self.status == "DELIVERED" and not self.confirmed)


class Handed(msgspec.Struct, frozen=True):
    """The next one on the way has it. `confirmed`: the device will answer; `fetched`: the device must come for it."""

    confirmed: bool = True
    fetched: bool = False
    result: tuple[Status, Any] | None = None


class NotYet(Exception):
    """The command cannot be sent now, but later: the message says for what it waits."""


class Carrier(Protocol):
    """A way to devices."""

    def addressees(self) -> Iterable[Addressee]:
        """All devices that take commands."""

    def at(self, tenant: str, entity: str) -> Sequence[Addressee]:
        """The devices of an entity."""

    def of(self, device: str) -> Addressee | None:
        """The device, where it goes this way and takes commands."""

    def check(self, addressee: Addressee, name: str, value: Any) -> timedelta:
        """How long the command may wait; `Refused` where the device has none such, or cannot do that."""

    async def send(self, command: Command) -> Handed:
        """`NotYet` or `ConnectionError`: try again later; `Refused`: never."""
