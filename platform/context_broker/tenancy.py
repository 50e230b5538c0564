"""The tenant that a request names (CIM 009, 6.3.14)."""

import re

from context_broker.http.request import Request
from ngsi_ld.errors import BadRequestData

HEADER = b"ngsild-tenant"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def tenant_name(request: Request) -> str:
    """The name in NGSILD-Tenant; empty for the default tenant."""
    name = request.header(HEADER)
    return check_tenant_name(name) if name else ""


def check_tenant_name(name: str) -> str:
    """Letters, digits, '_' and '-', 64 at most; otherwise `BadRequestData`."""
    if not _NAME.fullmatch(name):
        raise BadRequestData(f"NGSILD-Tenant {name!r:.80} is no tenant name: letters, digits, _ and -, 64 at most")
    return name
