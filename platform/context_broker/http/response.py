"""Answers: a body ready to send, or a problem detail (CIM 009, 6.3.2-6.3.6)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson

from context_broker.http.request import JSON, HttpError, Send
from ngsi_ld.errors import NgsiLdError

Header = tuple[bytes, bytes]
_IN_SEGMENT = ":@!$&'()*+,;="


@dataclass(slots=True)
class Response:
    """Status, body and headers; the content type is that of the body."""

    status: int = 200
    body: bytes = b""
    media_type: str = JSON
    headers: list[Header] = field(default_factory=list)

    async def send(self, send: Send, extra: Iterable[Header] = (), *, head: bool = False) -> None:
        """Through ASGI; `head` leaves the body out."""
        headers = [*self.headers, *extra]
        if self.body:
            headers.append((b"content-type", self.media_type.encode()))
        if self.status != 204:
            headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head else self.body})


def json_response(payload: Any, status: int = 200, headers: list[Header] | None = None) -> Response:
    return Response(status, orjson.dumps(payload), JSON, headers or [])


def created(collection: str, id_: str) -> Response:
    """201 with the path of the new resource: of its id is encoded only what a path segment needs (6.4.3.1)."""
    return Response(201, headers=[(b"location", f"{collection}/{quote(id_, safe=_IN_SEGMENT)}".encode())])


NO_CONTENT = 204


def no_content() -> Response:
    return Response(NO_CONTENT)


def problem(error: NgsiLdError) -> Response:
    """The problem detail of an NGSI-LD error: always application/json, without context (6.3.6)."""
    return json_response(error.problem(), error.status)


def http_problem(error: HttpError) -> Response:
    """411, 415 and the answer to OPTIONS have no body; 406 names what could be had (6.3.4)."""
    if error.status in (204, 411, 415):
        return Response(error.status, headers=list(error.headers))
    titles = {400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable"}
    title = titles.get(error.status, "Payload Too Large" if error.status == 413 else "Error")
    body = {"type": "about:blank", "title": title, "status": error.status, "detail": error.detail}
    return json_response(body, error.status, list(error.headers))
