"""Why there is no payload, and whether it is worth asking again."""

from urllib.parse import urlsplit


class FetchFailed(Exception):
    """There is no payload; the message says why.

    `again`: the same request may succeed soon. `after`: seconds that the server asked to wait for.
    """

    def __init__(self, message: str, *, again: bool = False, after: float | None = None) -> None:
        super().__init__(message)
        self.again, self.after = again, after


def shown(url: str) -> str:
    """The URL without what may be secret in it: user, password and query."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the URL"
    if not parts.hostname:
        return parts.path or url
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
