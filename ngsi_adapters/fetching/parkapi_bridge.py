"""All converters of parkapi-sources (MIT; the extra `parkapi`, Python 3.12) as addresses: `parkapi-sources:freiburg`.

What a converter gives becomes one ParkAPI v3 document, which the source `parkapi` reads. Converters that pull fetch for
themselves, from the addresses built into them; those that are pushed to read a file: `parkapi-sources:stuttgart:FILE`.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ngsi_adapters.fetching.access import Access
from ngsi_adapters.fetching.failures import FetchFailed
from ngsi_adapters.fetching.fetch import Fetched, Validators

SCHEME = "parkapi-sources:"
STATIC_DATA = "https://raw.githubusercontent.com/ParkenDD/parkapi-static-data/main/sources"
"""Where the library's project keeps what cities do not publish themselves."""


class Offer(NamedTuple):
    """A converter: what it is called, on what terms, whether it needs a file, and which settings."""

    uid: str
    name: str
    licence: str
    attribution: str
    how: str
    settings: str


def offered() -> list[Offer]:
    """Every converter that the installed library has; `FetchFailed` where it is not installed."""
    converters = _library().ParkAPISources(config={}).converter_by_uid
    return [_offer(converter) for _, converter in sorted(converters.items())]


async def bridged(url: str, max_bytes: int, access: Access) -> Fetched:
    """The document of a converter; `FetchFailed`. Its settings (PARK_API_…) are `headers` of the source's access."""
    uid, _, file = url.removeprefix(SCHEME).partition(":")
    payload = await asyncio.to_thread(_converted, uid, file, dict(access.headers))
    if len(payload) > max_bytes:
        raise FetchFailed(f"parkapi-sources gives more for {uid} than the {max_bytes} bytes agreed")
    return Fetched(payload, datetime.now(UTC), Validators(url))


def _library() -> Any:
    try:
        import parkapi_sources
    except ImportError:
        raise FetchFailed(
            "parkapi-sources is missing: pip install 'herne-datenbroker[parkapi]' (Python 3.12)"
        ) from None
    return parkapi_sources


def _offer(converter: Any) -> Offer:
    told = converter.source_info
    pushed = next((name for name in READERS if hasattr(converter, name)), None)
    how = "pulls" if pushed is None else f"reads {pushed.removeprefix('handle_').removesuffix('_string')}"
    licence, contributor = told.attribution_license or "", told.attribution_contributor or ""
    return Offer(told.uid, told.name, licence, contributor, how, ", ".join(converter.required_config_keys))


def _converted(uid: str, file: str, settings: Mapping[str, str]) -> bytes:
    config = {"STATIC_GEOJSON_BASE_URL": STATIC_DATA, **settings}
    known = _library().ParkAPISources(config=config).converter_by_uid
    if uid not in known:
        raise FetchFailed(f"parkapi-sources has no converter {uid!r}; it has {', '.join(sorted(known))}")
    missing = [key for key in known[uid].required_config_keys if config.get(key) is None]
    if missing:
        raise FetchFailed(f"the converter {uid} needs {', '.join(missing)}: headers of source_access for parkapi")
    try:
        found, errors = _pushed(known[uid], file) if file else _pulled(known[uid])
    except FetchFailed:
        raise
    except Exception as error:  # a converter may raise whatever its library does; it must harm no other source
        raise FetchFailed(f"the converter {uid} failed: {type(error).__name__}: {error}", again=not file) from None
    return _document(uid, found, errors)


def _pulled(converter: Any) -> tuple[list[Any], list[Any]]:
    found: list[Any] = []
    errors: list[Any] = []
    for kind in ("sites", "spots"):
        for what in ("static", "realtime"):
            get: Any = getattr(converter, f"get_{what}_parking_{kind}", None)
            if get is not None:
                some, wrong = get()
                found += some
                errors += wrong
    if not (found or errors):
        raise FetchFailed(f"the converter {converter.source_info.uid} gives nothing, or needs a file: {SCHEME}UID:FILE")
    return found, errors


def _pushed(converter: Any, file: str) -> tuple[list[Any], list[Any]]:
    name = next((name for name in READERS if hasattr(converter, name)), None)
    if name is None:
        raise FetchFailed(f"the converter {converter.source_info.uid} pulls and takes no file")
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise FetchFailed(f"{file} cannot be read: {error.strerror}") from None
    found, errors = getattr(converter, name)(READERS[name](content))
    return list(found), list(errors)


def _xml(content: bytes) -> Any:
    from lxml import etree

    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))


def _sheets(content: bytes) -> Any:
    import io

    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(content))


READERS: Mapping[str, Callable[[bytes], Any]] = {
    "handle_xml": _xml,
    "handle_json": json.loads,
    "handle_xlsx": _sheets,
    "handle_csv_string": lambda content: content.decode("utf-8-sig"),
}


def _document(uid: str, found: Iterable[Any], errors: Iterable[Any]) -> bytes:
    rows = [json.loads(json.dumps(each.to_dict(), default=_plain)) for each in found]
    live = [row for row in rows if "lat" not in row]
    told = [{"uid": _place(error), "message": str(error)} for error in errors]
    static = [row for row in rows if "lat" in row]
    return json.dumps({"source": uid, "static": static, "realtime": live, "errors": told}).encode()


def _place(error: Any) -> str | None:
    found = getattr(error, "parking_site_uid", None) or getattr(error, "parking_spot_uid", None)
    return None if found is None else str(found)


def _plain(value: Any) -> Any:
    from parkapi_sources.util import DefaultJSONEncoder

    return DefaultJSONEncoder().default(value)
