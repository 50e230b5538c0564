"""Who asks, in which roles, and what a role may do: the one table of rights."""

from dataclasses import dataclass
from enum import Flag, StrEnum, auto


class Right(Flag):
    """What the gateway decides on. A data product narrows READ and SUBSCRIBE to a selection."""

    NONE = 0
    READ = auto()
    WRITE = auto()
    SUBSCRIBE = auto()
    OFFER = auto()
    RELEASE = auto()
    MANAGE_KEYS = auto()
    INSPECT = auto()
    ADMINISTER = auto()


MEANING = {
    Right.READ: "read the own tenant's entities and their history",
    Right.WRITE: "write entities and devices of the own tenant",
    Right.SUBSCRIBE: "see, make and end subscriptions in the own tenant",
    Right.OFFER: "draft data products of the own organisation and see who asked for them",
    Right.RELEASE: "make the own organisation's products available, grant and refuse",
    Right.MANAGE_KEYS: "make, rotate and revoke the own organisation's keys, see its usage",
    Right.INSPECT: "look into all of the administration, the audit log and the usage",
    Right.ADMINISTER: "change everything, in any tenant",
}


class Role(StrEnum):
    """The roles of the Konzern Stadt; an identity may hold several."""

    PLATFORM_ADMIN = "platform-admin"
    DATA_STEWARD = "data-steward"
    DATA_PROVIDER = "data-provider"
    DATA_CONSUMER = "data-consumer"
    DEVICE_GATEWAY = "device-gateway"
    AUDITOR = "auditor"


RIGHTS = {
    Role.PLATFORM_ADMIN: ~Right.NONE,
    Role.DATA_STEWARD: Right.READ | Right.SUBSCRIBE | Right.OFFER | Right.RELEASE | Right.MANAGE_KEYS,
    Role.DATA_PROVIDER: Right.READ | Right.WRITE | Right.SUBSCRIBE | Right.OFFER,
    Role.DATA_CONSUMER: Right.READ | Right.SUBSCRIBE,
    Role.DEVICE_GATEWAY: Right.WRITE,
    Role.AUDITOR: Right.INSPECT,
}

OWN_PEOPLE_AND_MACHINES = frozenset({Role.DATA_PROVIDER, Role.DATA_CONSUMER, Role.DEVICE_GATEWAY})
"""The roles that an organisation's data steward may give to keys: none that could make more keys."""

WITHOUT_ORGANISATION = frozenset({Role.PLATFORM_ADMIN, Role.AUDITOR})
"""Only those who run or audit the platform do without a tenant of their own."""


class Scope(StrEnum):
    """What a key may be limited to, beside its roles."""

    READ = "read"
    WRITE = "write"
    SUBSCRIBE = "subscribe"


SCOPE_RIGHTS = {Scope.READ: Right.READ, Scope.WRITE: Right.WRITE, Scope.SUBSCRIBE: Right.SUBSCRIBE}


def rights_of(roles: frozenset[Role], scopes: frozenset[Scope] | None = None) -> Right:
    """What the roles allow; with scopes no more than these, and nothing of the administration."""
    rights = Right.NONE
    for role in roles:
        rights |= RIGHTS[role]
    if scopes is None:
        return rights
    within = Right.NONE
    for scope in scopes:
        within |= SCOPE_RIGHTS[scope]
    return rights & within


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated identity. `name` is safe to log: a key's prefix or a user's name, never a secret.

    `products` are the only ones it may use, all where None; without `tenant_wide` it reaches nothing but products.
    `rate` (requests a minute) and `quota` (requests a day) replace the platform's own where they are set.
    """

    name: str
    organisation: str | None
    tenant: str | None
    roles: frozenset[Role]
    rights: Right
    products: frozenset[str] | None = None
    tenant_wide: bool = True
    rate: int | None = None
    quota: int | None = None
    kind: str = "key"

    @property
    def any_tenant(self) -> bool:
        """Whether it may name the tenant itself, by the NGSILD-Tenant header."""
        return Right.ADMINISTER in self.rights

    def may_use(self, product: str) -> bool:
        """Whether the identity itself is not limited to other products; a grant is decided elsewhere."""
        return self.products is None or product in self.products

    def __str__(self) -> str:
        return f"The {self.kind} {self.name} ({', '.join(sorted(self.roles))})"
