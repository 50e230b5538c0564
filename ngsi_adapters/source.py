"""What a source is: a declaration, and a pure function from a payload to records and rejects."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from data_models import SmartDataModel
from ngsi_adapters.fetching.declaration import Fetching
from ngsi_client.rejected import Rejected

if TYPE_CHECKING:
    from ngsi_adapters.mapping import Mapped

MEGABYTE = 2**20


class Malformed(ValueError):
    """The payload as a whole cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Record:
    """A whole entity; the attributes named in `observed` were measured at `observed_at`."""

    entity: SmartDataModel
    observed_at: datetime | None = None
    observed: Collection[str] = ()

    def __post_init__(self) -> None:
        """`ValueError` for a time without an offset."""
        if self.observed_at is not None and self.observed_at.tzinfo is None:
            raise ValueError(f"the time of the observation {self.observed_at.isoformat()} has no offset to UTC")

    @property
    def entity_id(self) -> str:
        return self.entity.id

    def to_entity(self) -> dict[str, Any]:
        return self.entity.to_ngsi_ld(self.observed_at, self.observed)


@dataclass(frozen=True, slots=True)
class Change:
    """New values of some attributes of an entity whose other attributes come from elsewhere."""

    model: type[SmartDataModel]
    entity_id: str
    values: Mapping[str, Any]
    observed_at: datetime | None = None
    attributes: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """`KeyError` or `pydantic.ValidationError` where a value does not suit the model."""
        written = {
            name: self.model.attribute(name, value, self.observed_at)
            for name, value in self.values.items()
            if value is not None
        }
        object.__setattr__(self, "attributes", written)

    def to_entity(self) -> dict[str, Any]:
        return {"id": self.entity_id, "type": self.model.__name__, **self.attributes}


Outcome = Record | Change | Rejected


class Unread(NamedTuple):
    """A row that stands for itself, and how it is read: one that is known to be unchanged need not be."""

    row: Any
    read: Callable[[Any], Outcome]

    def outcome(self) -> Outcome:
        return self.read(self.row)


Payload = bytes | IO[bytes]
"""A document: as bytes, or as an open file where it may be too large for that."""
Documents = Mapping[str, bytes]
"""The payloads of one run by their names: parts of the declaration, or files of an archive."""
Parse = Callable[[bytes, datetime], Iterable[Outcome | Unread]]
"""(payload, when it was fetched) → what is in it; raises `Malformed` where nothing can be read. Does no I/O."""
Stream = Callable[[IO[bytes], datetime], Iterable[Outcome | Unread]]
"""The same for documents that may be large: an open file, at its beginning, that can be read again and again."""
Join = Callable[[Documents, datetime], Iterable[Outcome | Unread]]
"""The same for a source that needs all its documents at once, e.g. static and real time."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where data come from, on what terms, how often, for whom, and how they are read.

    `url` is an http(s) URL, a file path, for folders also ftp(s), sftp; several URLs have spaces between them. A source
    without one is declared but not run. `licence` is an SPDX or DCAT-AP.de identifier of the data's licence where it
    is known. Either `parse` reads each document by itself, or `stream` does without having it in memory, or `join`
    reads all of a run together. `max_bytes` bounds each document, unpacked.
    """

    uid: str
    name: str
    licence: str | None
    attribution: str
    url: str | None
    every: timedelta
    tenant: str
    parse: Parse | None = None
    stream: Stream | None = None
    join: Join | None = None
    mapping: "tuple[Mapped, ...]" = ()
    fetching: Fetching = field(default_factory=Fetching)
    max_bytes: int = 32 * MEGABYTE

    def __post_init__(self) -> None:
        """`ValueError` where it is not said how documents are read, or said twice."""
        if sum(read is not None for read in (self.parse, self.stream, self.join)) != 1:
            raise ValueError(f"the source {self.uid} needs one of parse, stream and join")


def opened(payload: Payload) -> IO[bytes]:
    """The document as a file at its beginning."""
    if isinstance(payload, bytes):
        return BytesIO(payload)
    payload.seek(0)
    return payload


def whole(payload: Payload) -> bytes:
    """The document as bytes."""
    return payload if isinstance(payload, bytes) else opened(payload).read()


def entity_id(type_name: str, *parts: str) -> str:
    """A URN from a source's own identifiers, e.g. `urn:ngsi-ld:EVChargingStation:DE:SWH:LOC-7`."""
    return ":".join(["urn:ngsi-ld", type_name, *(quote(part.strip(), safe="-._~") for part in parts)])
