"""From a request's headers to the caller."""

from collections.abc import Iterable

from datenbroker.gateway.problems import Unauthenticated
from datenbroker.identities.keys import ApiKeys, KeyRefused
from datenbroker.identities.roles import Caller

HOW = "send `Authorization: Bearer <key>` or `X-API-Key: <key>`"


class Authenticator:
    """API keys today; tokens of an OpenID provider find their place here."""

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys

    async def caller(self, headers: Iterable[tuple[bytes, bytes]]) -> Caller:
        """Raises `Unauthenticated` where there is no key or a bad one."""
        try:
            return await self._keys.caller(_key(headers))
        except KeyRefused as refused:
            raise Unauthenticated(f"Not accepted: {refused}.") from None


def _key(headers: Iterable[tuple[bytes, bytes]]) -> str:
    keys = set()
    for name, value in headers:
        if name == b"x-api-key":
            keys.add(value.strip())
        elif name == b"authorization":
            scheme, _, credentials = value.partition(b" ")
            if scheme.lower() != b"bearer":
                raise Unauthenticated(f"Only bearer keys are understood: {HOW}.")
            keys.add(credentials.strip())
    if not keys:
        raise Unauthenticated(f"A key is needed: {HOW}. Your organisation's administrator has one made for you.")
    if len(keys) > 1:
        raise Unauthenticated(f"The request carries different keys: {HOW}, one of them only.")
    return keys.pop().decode("latin-1")
