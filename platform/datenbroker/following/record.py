"""A subscription that somebody has made through a product, as it is kept."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from context_broker.contexts import Contexts
from context_broker.notifications.subscription import (
    NAMING_MEMBERS,
    Subscription,
    check_document,
    read_condition,
    read_names,
    read_notification,
)
from datenbroker.identities.roles import Caller, Right
from datenbroker.products.access import Access
from document_store.store import Document
from ngsi_ld.jsonld.context import Context, ContextSource, core_context

COLLECTION = "product_subscriptions"


@dataclass(frozen=True, slots=True)
class Record:
    """`key` is its random id at the broker, `id` what its maker calls it; `sources` are the @contexts of its members.

    `state` says which version of which selection the broker watches, empty: none yet. `terms` are the names that the
    broker was given. `ended`: it waits for the broker to forget it.
    """

    key: str
    id: str
    slug: str
    tenant: str
    maker: dict[str, Any]
    document: dict[str, Any]
    sources: dict[str, ContextSource | None]
    context_url: str
    created_at: str
    modified_at: str
    secret: str
    state: str = ""
    terms: dict[str, str] = field(default_factory=dict)
    ended: bool = False

    def stored(self) -> Document:
        return {"_id": self.key, "owner": owner_of(self.caller, self.slug), **asdict(self)}

    @classmethod
    def read(cls, document: Document) -> "Record":
        return cls(**{name: document[name] for name in cls.__slots__})

    @property
    def caller(self) -> Caller:
        """Its maker with the rights of then: whether they still open the product is asked again and again."""
        products = self.maker["products"]
        return Caller(
            self.maker["name"],
            self.maker["organisation"],
            self.maker["tenant"],
            frozenset(),
            Right(self.maker["rights"]),
            None if products is None else frozenset(products),
        )

    def having(self, **members: Any) -> "Record":
        return replace(self, **members)


def maker_of(caller: Caller) -> dict[str, Any]:
    """What is kept of a caller."""
    return {
        "kind": caller.kind,
        "name": caller.name,
        "organisation": caller.organisation,
        "tenant": caller.tenant,
        "rights": caller.rights.value,
        "products": None if caller.products is None else sorted(caller.products),
    }


def owner_of(caller: Caller, slug: str) -> str:
    """Who alone sees and changes a subscription: an identity of an organisation, at one product."""
    return f"{caller.organisation or ''}/{caller.name}/{slug}"


def state_of(access: Access) -> str:
    """What a subscription at the broker depends on; where it changes, that one is made anew."""
    selection = hashlib.sha256(access.selection.model_dump_json().encode()).hexdigest()[:16]
    return f"{access.tenant} {access.product.version} {selection} {access.ends}"


async def subscription_of(record: Record, contexts: Contexts, checked_at: str | None = None) -> Subscription:
    """As NGSI-LD reads it; `checked_at` where its document is new. `BadRequestData` names the mistake."""
    document, sources = record.document, record.sources
    if checked_at is not None:
        check_document(document, checked_at)
    read_by: Mapping[str, Context] = {name: await _resolved(contexts, sources.get(name)) for name in NAMING_MEMBERS}
    shown_in = await _resolved(contexts, document.get("jsonldContext", sources.get("@context")))
    endpoint, view, show_changes = read_notification(document, read_by["notification"], shown_in)
    return Subscription(
        id=record.id,
        tenant=0,
        document=document,
        contexts=sources,
        created_at=record.created_at,
        modified_at=record.modified_at,
        condition=read_condition(document, read_by),
        endpoint=endpoint,
        view=view,
        context_url=document.get("jsonldContext", record.context_url),
        named=read_names(document, read_by),
        show_changes=show_changes,
        throttling=document.get("throttling"),
        time_interval=document.get("timeInterval"),
        expires_at=document.get("expiresAt"),
        is_active=document.get("isActive", True),
    )


async def _resolved(contexts: Contexts, source: ContextSource | None) -> Context:
    return core_context() if source is None else await contexts.resolve(source)
