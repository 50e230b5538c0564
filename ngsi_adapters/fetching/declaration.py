"""How a source's documents are fetched, as data: the request, its pages, its parts, archives and what is new."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

Follow = Callable[[bytes], Mapping[str, str]]
"""A document → the further ones that it names: name → URL, also relative. Pure; raises `Malformed`."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the next page of an answer is.

    Always `Link: <…>; rel="next"` (RFC 8288) is followed. `next_at` is a path with dots in the JSON document to the
    URL of the next page (`links.next`, `@iot.nextLink`). `offset` is the query parameter that counts `limit` records
    further, as long as a page has records at `rows_at`.
    """

    next_at: str | None = None
    offset: str | None = None
    limit: int = 100
    rows_at: str = ""
    most: int = 1000


@dataclass(frozen=True, slots=True)
class Fetching:
    """How documents are fetched; secrets come from the operator's settings and are put in by the loop.

    method, headers, body: the request; `{since}` in the body stands for the cursor.
    token: how a token of the settings is shown: header and text, e.g. `("Authorization", "Token {token}")`; with an
        empty text it is the query parameter of that name instead.
    query: parameters put into every request, `{since}` for the cursor, `{now}` for the time of the fetch (both
        ISO 8601, UTC), `{today}` and `{yesterday}` for days as 2026-11-22 (UTC); a parameter with a cursor is left
        out as long as there is none.
    pages: where further pages are.
    parts: further documents with fixed names: name → URL, which may be relative to the source's own.
    follow: further documents that the first one names; the first is then not read itself.
    members: patterns (`*.csv`) of files in a ZIP archive that are documents of their own.
    folder: patterns of file names, if the URL is a folder (file path, ftp, ftps, sftp, or an HTTP page with links):
        each file that is new or changed is a document, the oldest first.
    whole_every: a source that asks only for what is new reads everything so often.
    html: the answer may be an HTML page; otherwise one is a failure.
    longest: how long one document may take altogether by HTTP: a server that drips is given up.
    """

    method: Literal["GET", "POST"] = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    token: tuple[str, str] = ("Authorization", "Bearer {token}")
    query: Mapping[str, str] = field(default_factory=dict)
    pages: Pages = field(default_factory=Pages)
    parts: Mapping[str, str] = field(default_factory=dict)
    follow: Follow | None = None
    members: tuple[str, ...] = ()
    folder: tuple[str, ...] = ()
    whole_every: timedelta = timedelta(days=1)
    html: bool = False
    longest: timedelta = timedelta(seconds=120)

    @property
    def has_cursor(self) -> bool:
        """Whether requests ask only for what is new since the last run."""
        return "{since}" in (self.body or "") or any("{since}" in value for value in self.query.values())
