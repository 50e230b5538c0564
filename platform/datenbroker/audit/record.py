"""One line of the audit log, and the hash that ties it to the line before."""

from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

BEGINNING = "0" * 64
"""What the first record of a chain names as the hash of the record before."""

DETAIL_BYTES = 2_000


class Decision(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied"
    FAILED = "failed"


class Record(BaseModel):
    """Who, what, on which object, when, from where, with which decision. No payloads, no secrets."""

    model_config = ConfigDict(frozen=True)

    chain: str = Field(description="One process's run; its records are numbered from 1.", examples=["20261123-9f3a"])
    sequence: int
    at: datetime
    actor: str = Field(description="A key's prefix, a person's or service's name.", examples=["3f9a1c20"])
    action: str = Field(examples=["key.revoke", "grant.give", "request.denied"])
    object: str = Field(description="What was acted on.", examples=["key:3f9a1c20", "product:parken"])
    decision: Decision
    origin: str = Field(description="The client's address; `cli` for the command line.", examples=["203.0.113.7"])
    request_id: str | None = None
    detail: dict[str, Any] = Field(default_factory=dict)
    previous: str = Field(description="Hash of the record before in the same chain.")
    hash: str = Field(description="SHA-256 over all the above as JSON with sorted members.")


def sealed(fields: dict[str, Any]) -> Record:
    """The record of these members with its hash."""
    unsealed = Record(**fields, hash="")
    return unsealed.model_copy(update={"hash": digest(unsealed)})


def digest(record: Record) -> str:
    """The hash that belongs to the record's content."""
    content = record.model_dump(mode="json", exclude={"hash"})
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def bounded(detail: dict[str, Any]) -> dict[str, Any]:
    """The detail as JSON holds it, or only its members' names where it is larger than a line should be."""
    text = orjson.dumps(detail, default=str, option=orjson.OPT_NON_STR_KEYS)
    if len(text) > DETAIL_BYTES:
        return {"left_out": sorted(map(str, detail))[:20], "bytes": len(text)}
    plain: dict[str, Any] = orjson.loads(text)
    return plain
