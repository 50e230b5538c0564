"""One HTTP request: path, parameters, headers and body, each checked as clause 6.3 says."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

from context_broker.limits import Limits
from ngsi_ld.errors import BadRequestData, InvalidRequest

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON, LD_JSON, GEO_JSON = "application/json", "application/ld+json", "application/geo+json"
MERGE_PATCH = "application/merge-patch+json"


class HttpError(Exception):
    """A status of HTTP itself, outside the tree of NGSI-LD errors (405, 406, 411, 413, 415)."""

    def __init__(self, status: int, detail: str = "", headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


class Request:
    """What a handler needs to know; `path_values` are the decoded variable segments of the path."""

    __slots__ = ("_headers", "_receive", "limits", "method", "params", "path", "path_values", "scope")

    def __init__(self, scope: Scope, receive: Receive, limits: Limits) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.params: Mapping[str, str] = parse_query(scope["query_string"], limits.query_parameters)
        self.path_values: tuple[str, ...] = ()
        self.limits = limits
        self._receive = receive
        self._headers: list[tuple[bytes, bytes]] = scope["headers"]

    def header(self, name: bytes) -> str | None:
        """The first header of that (lower-case) name."""
        for key, value in self._headers:
            if key == name:
                return value.decode("latin-1")
        return None

    def header_values(self, name: bytes) -> list[str]:
        return [value.decode("latin-1") for key, value in self._headers if key == name]

    @property
    def accept(self) -> str | None:
        """All that Accept admits: its lines are one list (RFC 9110, 5.2)."""
        lines = self.header_values(b"accept")
        return lines[0] if len(lines) == 1 else ", ".join(lines) or None

    def flag(self, name: str) -> bool:
        """A boolean parameter; `BadRequestData` for anything but true and false."""
        value = self.params.get(name, "false").lower()
        if value not in ("true", "false"):
            raise BadRequestData(f"{name} is true or false, not {value!r:.40}")
        return value == "true"

    def names(self, name: str) -> list[str] | None:
        """A parameter that is a list; `BadRequestData` where it is given but empty."""
        text = self.params.get(name)
        if text is None:
            return None
        items = [item.strip() for item in text.split(",")]
        if not all(items):
            raise BadRequestData(f"{name} is a list of names separated by commas; one of them is empty")
        return items

    @property
    def options(self) -> frozenset[str]:
        return listed_options(self.params)

    def media_type(self) -> str:
        """The body's media type, without parameters; 411 and 413 by its length, 415 where it is none that is read."""
        self._check_length()
        declared, _, parameters = (self.header(b"content-type") or "").lower().partition(";")
        declared = declared.strip()
        if not (declared in (JSON, LD_JSON) or (declared == MERGE_PATCH and self.method == "PATCH")):
            raise HttpError(415)
        charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
        if charset not in ("", "utf-8", "utf8", "us-ascii"):
            raise BadRequestData(f"the body is in {charset:.40}; NGSI-LD is sent in UTF-8 (4.6.1)")
        return declared

    async def json(self) -> Any:
        """The parsed body; `InvalidRequest` where it is no JSON, 411 and 413 as to its length."""
        raw = await self.body()
        if not raw.strip():
            raise InvalidRequest("the request has no body; JSON is due")
        try:
            payload = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise InvalidRequest(f"the body is no JSON: {error}") from None
        if raw.count(b"[") + raw.count(b"{") > self.limits.json_depth:
            check_depth(payload, "the body", self.limits.json_depth)
        return payload

    def _check_length(self) -> None:
        length = self.header(b"content-length")
        if length is None and self.header(b"transfer-encoding") is None:
            raise HttpError(411)
        if length is not None and (len(length) > 18 or not length.isdigit() or int(length) > self.limits.body_bytes):
            raise HttpError(
                413, f"the body has {length:.40} bytes; {self.limits.body_bytes} are allowed (limit body_bytes)"
            )

    async def body(self) -> bytes:
        """The raw body, within the limit."""
        self._check_length()
        chunks, size, more = [], 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise HttpError(400, "the client went away")
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            more = message.get("more_body", False)
            if size > self.limits.body_bytes:
                raise HttpError(413, f"the body has more than {self.limits.body_bytes} bytes (limit body_bytes)")
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def listed_options(params: Mapping[str, str]) -> frozenset[str]:
    """The values of `options`, a list like all others (3.6)."""
    return frozenset(filter(None, map(str.strip, params.get("options", "").split(","))))


@lru_cache(maxsize=2048)
def parse_query(query: bytes, most: int) -> Mapping[str, str]:
    """Parameters, decoded once; a repeated one is joined by commas (3.6)."""
    params: dict[str, str] = {}
    if query.count(b"&") >= most:
        raise InvalidRequest(f"the URL has more than {most} parameters (limit query_parameters)")
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise InvalidRequest("the query string is malformed: it is percent-encoded UTF-8") from None
    for name, value in pairs:
        params[name] = f"{params[name]},{value}" if name in params else value
    return params


def segments_of(raw_path: bytes) -> tuple[str, ...]:
    """The segments after /ngsi-ld/v1, each decoded exactly once; a trailing slash counts for nothing."""
    parts = raw_path.decode("latin-1").strip("/").split("/")
    if b"%" not in raw_path:
        return tuple(parts)
    try:
        return tuple(unquote(part, errors="strict") for part in parts)
    except UnicodeDecodeError:
        raise InvalidRequest("the path is no percent-encoded UTF-8") from None


def check_depth(payload: Any, what: str, allowed: int) -> None:
    """`BadRequestData` where JSON nests deeper than `json_depth` allows."""
    level: list[Any] = [payload]
    for _ in range(allowed):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise BadRequestData(f"{what} is nested deeper than {allowed} levels (limit json_depth)")
