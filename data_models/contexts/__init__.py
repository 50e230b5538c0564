"""The city's @context, version by version, and the official contexts that it is composed of, as package data.

The official ones are from github.com/smart-data-models, CC BY 4.0: see ../schemas/ATTRIBUTION.md. The city's are
written by `python -m data_models.generator`; a released version never changes.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, NamedTuple

CITY = "herne"
PATH = "/contexts/"
"""Where the gateway serves them."""
CURRENT = f"{PATH}{CITY}.jsonld"
"""The path of the newest version, whichever that is."""
OFFICIAL_HOMES = ("/smart-data-models/dataModel.{}/master/context.jsonld", "/dataModel.{}/context.jsonld")
"""The paths at raw.githubusercontent.com and smart-data-models.github.io under which the official ones are known."""

Terms = Mapping[str, Any]


class Published(NamedTuple):
    """A context as it is served: the JSON document, its SHA-256, and whether it stays the same for ever."""

    path: str
    title: str
    body: bytes
    digest: str
    immutable: bool


@cache
def versions() -> tuple[int, ...]:
    """The numbers of the city's contexts, the oldest first."""
    names = (file.name for file in files(__name__).joinpath(CITY).iterdir())
    return tuple(sorted(int(match[1]) for name in names if (match := re.fullmatch(r"v(\d+)\.jsonld", name))))


@cache
def released() -> Mapping[int, str]:
    """Version → SHA-256 of its document, which must not change any more."""
    digests: dict[str, str] = json.loads(_read("released.json"))
    return MappingProxyType({int(version): digest for version, digest in digests.items()})


@cache
def official() -> Mapping[str, Terms]:
    """Subject → the terms of its official context."""
    names = sorted(file.name for file in files(__name__).joinpath("official").iterdir())
    documents = {name.removesuffix(".jsonld"): json.loads(_read(f"official/{name}")) for name in names}
    return MappingProxyType({subject: document["@context"] for subject, document in documents.items()})


@cache
def published() -> Mapping[str, Published]:
    """Everything that the gateway serves under /contexts, by path."""
    all_of_them = [*map(_version, versions()), *map(_subject, official())]
    newest = _version(versions()[-1])
    current = newest._replace(path=CURRENT, title="The city's @context, newest version", immutable=False)
    return MappingProxyType({each.path: each for each in (current, *all_of_them)})


@cache
def by_path() -> Mapping[str, Any]:
    """The content of `@context` by the path of its URL, for brokers that shall know them without a network."""
    own = {path: json.loads(each.body)["@context"] for path, each in published().items()}
    homes = {home.format(subject): terms for subject, terms in official().items() for home in OFFICIAL_HOMES}
    return MappingProxyType(own | homes)


def _version(number: int) -> Published:
    body = _read(f"{CITY}/v{number}.jsonld")
    return _published(f"{PATH}{CITY}/v{number}.jsonld", f"The city's @context, version {number}", body, immutable=True)


def _subject(subject: str) -> Published:
    title = f"The official @context of the subject {subject}"
    return _published(f"{PATH}official/{subject}.jsonld", title, _read(f"official/{subject}.jsonld"), immutable=False)


def _published(path: str, title: str, body: bytes, *, immutable: bool) -> Published:
    return Published(path, title, body, hashlib.sha256(body).hexdigest(), immutable)


def _read(path: str) -> bytes:
    return files(__name__).joinpath(path).read_bytes()
