"""Who asks, in which roles, and what a role may do."""

from dataclasses import dataclass
from enum import Flag, StrEnum, auto


class Right(Flag):
    """What the gateway decides on. Data products will narrow READ to a selection."""

    NONE = 0
    READ = auto()
    WRITE = auto()
    INSPECT = auto()
    ADMINISTER = auto()


class Role(StrEnum):
    """The roles of the Konzern Stadt; an identity may hold several."""

    PLATFORM_ADMIN = "platform-admin"
    DATA_STEWARD = "data-steward"
    DATA_PROVIDER = "data-provider"
    DATA_CONSUMER = "data-consumer"
    DEVICE_GATEWAY = "device-gateway"
    AUDITOR = "auditor"


RIGHTS = {
    Role.PLATFORM_ADMIN: Right.READ | Right.WRITE | Right.INSPECT | Right.ADMINISTER,
    Role.DATA_STEWARD: Right.READ,
    Role.DATA_PROVIDER: Right.READ | Right.WRITE,
    Role.DATA_CONSUMER: Right.READ,
    Role.DEVICE_GATEWAY: Right.WRITE,
    Role.AUDITOR: Right.INSPECT,
}


def rights_of(roles: frozenset[Role]) -> Right:
    rights = Right.NONE
    for role in roles:
        rights |= RIGHTS[role]
    return rights


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated identity. `name` is safe to log: a key's prefix, never its secret."""

    name: str
    organisation: str | None
    tenant: str | None
    roles: frozenset[Role]
    rights: Right

    @property
    def any_tenant(self) -> bool:
        """Whether it may name the tenant itself, by the NGSILD-Tenant header."""
        return Right.ADMINISTER in self.rights
