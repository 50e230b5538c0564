"""Short ways to what a source makes of a payload."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from ngsi_adapters.fetching.archives import ZIP, members
from ngsi_adapters.reading import read
from ngsi_adapters.source import Source, whole
from ngsi_client.rejected import Rejected
from tests.ngsi_adapters.conftest import FETCHED, SAMPLES
from tests.ngsi_adapters.servers import Page, SourceServer


def sample(path: str) -> bytes:
    return (SAMPLES / path).read_bytes()


def parsed(path: str) -> Any:
    """A JSON sample, to be changed by a test."""
    return orjson.loads(sample(path))


def documents_of(source: Source) -> list[bytes | dict[str, bytes]]:
    """The samples of a source: one by one, or for a source that joins them all together, by their names.

    ZIP archives are unpacked; a part is the sample of its name, with any ending.
    """
    patterns, found = source.fetching.members, dict[str, bytes]()
    for path in sorted((SAMPLES / source.uid).iterdir()):
        content = path.read_bytes()
        if patterns and content.startswith(ZIP):
            found |= {name: whole(file) for name, file in members(content, patterns, source.max_bytes)}
        else:
            found[path.name if patterns or source.join is None else path.stem] = content
    return [found] if source.join is not None else list(found.values())


def served(source: Source, server: SourceServer) -> Source:
    """The source with the address of a server that has its first sample, and its parts."""
    folder, url = SAMPLES / source.uid, server.url("/it/main")
    if source.fetching.folder:
        return replace(source, url=str(folder))
    files = {path.stem: path.read_bytes() for path in sorted(folder.iterdir(), reverse=True)}
    server.pages["/it/main"] = Page(files.get("main", min(folder.iterdir()).read_bytes()))
    if source.fetching.follow is not None:
        _serve_linked(source.fetching.follow(files["main"]), files, server)
    for name, part in source.fetching.parts.items():
        server.pages[urlsplit(urljoin(url, part)).path] = Page(files[name])
    return replace(source, url=url)


def _serve_linked(links: Mapping[str, str], files: dict[str, bytes], server: SourceServer) -> None:
    """Documents that the first one names, where it says; absolute addresses in it become the server's."""
    for name, link in links.items():
        path = urlsplit(urljoin(server.url("/it/main"), link)).path
        files["main"] = files["main"].replace(
            link.encode(), server.url(path).encode() if "://" in link else link.encode()
        )
        server.pages[path] = Page(files.get(name) or files[PurePosixPath(path).stem])
    server.pages["/it/main"] = Page(files["main"])


def entities(source: Source, payload: bytes | dict[str, Any] | list[Any]) -> list[dict[str, Any]]:
    return [outcome.to_entity() for outcome in _outcomes(source, payload) if not isinstance(outcome, Rejected)]


def rejects(source: Source, payload: bytes | dict[str, Any] | list[Any]) -> list[Rejected]:
    return [outcome for outcome in _outcomes(source, payload) if isinstance(outcome, Rejected)]


def _outcomes(source: Source, payload: bytes | dict[str, Any] | list[Any]) -> list[Any]:
    return list(read(source, payload if isinstance(payload, bytes) else orjson.dumps(payload), FETCHED))
