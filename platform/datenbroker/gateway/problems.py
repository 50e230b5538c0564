"""The gateway's own errors: a branch of the NGSI-LD tree, because clients of `/ngsi-ld` read one shape."""

from collections.abc import Sequence

import orjson
from starlette.types import Send

from ngsi_ld.errors import NgsiLdError

HeaderList = Sequence[tuple[bytes, bytes]]

PROBLEM_JSON = "application/problem+json"
NGSI_LD_PATH = "/ngsi-ld/"


class GatewayProblem(NgsiLdError):
    """An answer of the gateway itself (RFC 9457). The detail says what to do, to someone who is tired."""

    def __init__(self, detail: str = "", headers: HeaderList = ()) -> None:
        super().__init__(detail)
        self.headers = headers

    @classmethod
    def type_uri(cls) -> str:
        return "about:blank"


class BadRequest(GatewayProblem):
    status, title = 400, "Bad Request"


class Unauthenticated(GatewayProblem):
    """No key, or one that opens nothing."""

    status, title = 401, "Unauthorized"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, [(b"www-authenticate", b'Bearer realm="Datenbroker"')])


class Forbidden(GatewayProblem):
    status, title = 403, "Forbidden"


class NotFound(GatewayProblem):
    status, title = 404, "Not Found"


class AlreadyThere(GatewayProblem):
    status, title = 409, "Conflict"


class Gone(GatewayProblem):
    """It was here, and its owner has ended it."""

    status, title = 410, "Gone"


class BodyTooLarge(GatewayProblem):
    status, title = 413, "Content Too Large"


class RequestTooSlow(GatewayProblem):
    """The body did not come in time."""

    status, title = 408, "Request Timeout"


class UrlTooLong(GatewayProblem):
    status, title = 414, "URI Too Long"


class TooManyRequests(GatewayProblem):
    """Beyond a rate or a quota; `Retry-After` says when to try again."""

    status, title = 429, "Too Many Requests"


class InternalProblem(GatewayProblem):
    status, title = 500, "Internal Server Error"


class BrokerBroken(GatewayProblem):
    """The context broker's answer broke off or was none."""

    status, title = 502, "Bad Gateway"


class BrokerDown(GatewayProblem):
    """The context broker cannot be reached; trying again is safe, nothing was done."""

    status, title = 503, "Service Unavailable"


class ProviderDown(GatewayProblem):
    """The OpenID provider cannot be asked, so that nobody can tell whether a token is good."""

    status, title = 503, "Service Unavailable"


class StoreDown(GatewayProblem):
    """The document store cannot be asked, so that nobody can tell whose key it is."""

    status, title = 503, "Service Unavailable"


class BrokerSlow(GatewayProblem):
    status, title = 504, "Gateway Timeout"


async def answer(problem: GatewayProblem, path: str, send: Send) -> None:
    """Send the problem detail: `application/json` under /ngsi-ld (CIM 009, 6.3.2), else `application/problem+json`."""
    body = orjson.dumps(problem.problem())
    media_type = b"application/json" if path.startswith(NGSI_LD_PATH) else PROBLEM_JSON.encode()
    headers = [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *problem.headers]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
