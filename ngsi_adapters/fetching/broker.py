"""What the context broker itself has, for sources that conclude from it: `broker:WasteContainer,Alert`."""

from datetime import UTC, datetime

import orjson

from ngsi_adapters.fetching.failures import FetchFailed
from ngsi_adapters.fetching.fetch import Fetched, Validators
from ngsi_client.client import NgsiClient
from ngsi_client.errors import BrokerError

SCHEME = "broker:"
PAGE = 1000


async def entities_of(client: NgsiClient | None, url: str, max_bytes: int) -> Fetched:
    """All entities of the types, normalized, as one JSON array; `FetchFailed` where the broker gives none."""
    if client is None:
        raise FetchFailed("a source that reads the broker runs only together with it, not as a dry run")
    types, pieces, size, offset = url.removeprefix(SCHEME), [], 0, 0
    while True:
        try:
            page = await client.query(type=types, limit=PAGE, offset=offset)
        except BrokerError as error:
            raise FetchFailed(f"the broker does not tell its entities: {error}", again=True) from None
        pieces += [orjson.dumps(entity) for entity in page]
        size += sum(map(len, pieces[-len(page) :])) if page else 0
        if size > max_bytes:
            raise FetchFailed(f"the broker's entities {types} are more than the {max_bytes} bytes agreed")
        if len(page) < PAGE:
            return Fetched(b"[" + b",".join(pieces) + b"]", datetime.now(UTC), Validators(url))
        offset += PAGE
