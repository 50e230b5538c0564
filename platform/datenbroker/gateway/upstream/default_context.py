"""The @context of requests that name none: the setting `default_context` in place of the NGSI-LD core's alone."""

from starlette.types import ASGIApp, Receive, Scope, Send

from ngsi_client.wire import CONTEXT_REL, context_header

API = "/ngsi-ld/v1/"
OWN_CONTEXT = b"application/ld+json"
STORED_CONTEXTS = "/jsonldContexts"


class DefaultContext:
    """ASGI: adds the Link header to NGSI-LD requests without one, as if the client had sent it.

    A body of ld+json brings its own context (CIM 009, 6.3.5), and stored contexts are read by none.
    """

    def __init__(self, app: ASGIApp, url: str) -> None:
        self._app, self._header = app, (b"link", context_header(url).encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and API in scope["path"] and _has_no_context(scope):
            scope = {**scope, "headers": [*scope["headers"], self._header]}
        await self._app(scope, receive, send)


def _has_no_context(scope: Scope) -> bool:
    if STORED_CONTEXTS in scope["path"]:
        return False
    relation = CONTEXT_REL.encode()
    return not any(
        (name == b"link" and relation in value) or (name == b"content-type" and value.lower().startswith(OWN_CONTEXT))
        for name, value in scope["headers"]
    )
