"""Link headers (RFC 8288): the @context of a request, and those of the answer (CIM 009, 6.3.5, 6.3.6, 6.3.10)."""

import re
from functools import lru_cache
from urllib.parse import quote, urlencode

from ngsi_ld.errors import BadRequestData

CONTEXT_REL = "http://www.w3.org/ns/json-ld#context"
_IN_URI = "%/:=&?~#+!$,;'@()*[]"
"""What stands for itself in a URI (RFC 3986); all else of an IRI is percent-encoded (RFC 3987, 3.1)."""
_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))*)")
_PARAMETER = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))")


@lru_cache(maxsize=512)
def context_link(headers: tuple[str, ...]) -> str | None:
    """The URL of the JSON-LD context link; others are ignored, two are `BadRequestData` (JSON-LD 1.1, 6.2)."""
    urls = []
    for header in headers:
        for url, parameters in _LINK.findall(header):
            known = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(parameters)}
            if CONTEXT_REL in known.get("rel", "").split():
                urls.append(url.strip())
    if len(urls) > 1:
        raise BadRequestData("the request has more than one JSON-LD context Link; one is allowed")
    return urls[0] if urls else None


@lru_cache(maxsize=512)
def link_to_context(url: str) -> bytes:
    """The header that names an answer's @context."""
    return f'<{quote(url, safe=_IN_URI)}>; rel="{CONTEXT_REL}"; type="application/ld+json"'.encode()


def page_link(path: str, params: dict[str, str], relation: str, media_type: str) -> bytes:
    """A paging link: all parameters, encoded again, with the new limit and offset."""
    return f'<{path}?{urlencode(params)}>; rel="{relation}"; type="{media_type}"'.encode("latin-1", "replace")
