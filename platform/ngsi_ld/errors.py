"""The one tree of NGSI-LD errors (CIM 009, 5.5.2 and 6.3.2). Raise, never return; the HTTP binding makes the answer."""

from typing import Any, ClassVar

TYPE_PREFIX = "https://uri.etsi.org/ngsi-ld/errors/"


class NgsiLdError(Exception):
    """Base of all: carries the HTTP status and the type URI of its problem detail (RFC 7807)."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal Error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail

    @classmethod
    def type_uri(cls) -> str:
        return TYPE_PREFIX + cls.__name__

    def problem(self) -> dict[str, Any]:
        """The problem detail: `{"type", "title", "status", "detail"}` (5.5.3)."""
        body = {"type": self.type_uri(), "title": self.title, "status": self.status}
        return body | {"detail": self.detail} if self.detail else body


class InvalidRequest(NgsiLdError):
    status, title = 400, "Invalid Request"


class BadRequestData(NgsiLdError):
    status, title = 400, "Bad Request Data"


class TooComplexQuery(NgsiLdError):
    status, title = 403, "Too Complex Query"


class TooManyResults(NgsiLdError):
    status, title = 403, "Too Many Results"


class ResourceNotFound(NgsiLdError):
    status, title = 404, "Resource Not Found"


class NonexistentTenant(NgsiLdError):
    status, title = 404, "Nonexistent Tenant"


class AlreadyExists(NgsiLdError):
    status, title = 409, "Already Exists"


class Conflict(NgsiLdError):
    status, title = 409, "Conflict"


class OperationNotSupported(NgsiLdError):
    status, title = 422, "Operation Not Supported"


class InternalError(NgsiLdError):
    pass


class NotImplementedYet(OperationNotSupported):
    """A part of the API that this broker does not offer: 501, of the same type URI."""

    status, title = 501, "Operation Not Supported"

    @classmethod
    def type_uri(cls) -> str:
        return OperationNotSupported.type_uri()


class LdContextNotAvailable(NgsiLdError):
    status, title = 504, "LD Context Not Available"
