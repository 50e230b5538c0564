"""The active @context: names to IRIs and back (JSON-LD 1.1; CIM 009, 4.4, 5.5.5, 5.5.7).

The core @context is protected and counts as the last one: it wins over the user's definitions of its terms.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from ngsi_ld.errors import BadRequestData
from ngsi_ld.names import DEFAULT_CONTEXT, is_uri

CORE_URL = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld"
CORE_URLS = frozenset(
    "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context" + suffix
    for suffix in (".jsonld", *(f"-v1.{minor}.jsonld" for minor in range(10)))
)
"""All published versions denote the built-in one (digest 2.1); none is ever downloaded."""

KNOWN_NAMES = 20_000
"""Names remembered per context and direction: a bound, since clients choose them."""

ContextSource = str | dict[str, Any] | list[Any]
"""A local context as JSON: URL, object, or array of these."""


class Context:
    """One resolved context; immutable, shared between requests. `source` is what the client gave."""

    __slots__ = ("_compacted", "_expanded", "_iri_of", "_prefixes", "_term_of", "source")

    def __init__(self, source: ContextSource | None, definitions: Mapping[str, Any]) -> None:
        self.source = source
        self._iri_of: dict[str, str] = {}
        self._prefixes: dict[str, str] = {}
        core = core_definitions()
        _Definitions({**definitions, **core}).define(self._iri_of, self._prefixes)
        self._term_of = _inverse(self._iri_of, core)
        self._expanded: dict[str, str] = {}
        self._compacted: dict[str, str] = {}

    @property
    def is_core(self) -> bool:
        return self.source is None

    def expand(self, name: str) -> str:
        """The IRI of a term, type name or compact IRI; unknown terms fall under the default @context."""
        known = self._expanded.get(name)
        if known is None:
            known = self._expand(name)
            _remember(self._expanded, name, known)
        return known

    def compact(self, iri: str) -> str:
        """The shortest name this context has for an IRI; the IRI itself where it has none."""
        known = self._compacted.get(iri)
        if known is None:
            known = self._compact(iri)
            _remember(self._compacted, iri, known)
        return known

    def expand_reference(self, text: str) -> str:
        """A value of `@type: @id`: a URI stays, a compact IRI with a known prefix expands (5.5.7)."""
        prefix, colon, rest = text.partition(":")
        if colon and not rest.startswith("//") and prefix in self._prefixes:
            return self._prefixes[prefix] + rest
        return text

    def _expand(self, name: str) -> str:
        if name in self._iri_of:
            return self._iri_of[name]
        expanded = self.expand_reference(name)
        if expanded is not name or (":" in name and is_uri(name)):
            return expanded
        return DEFAULT_CONTEXT + name

    def _compact(self, iri: str) -> str:
        if iri in self._term_of:
            return self._term_of[iri]
        if iri.startswith(DEFAULT_CONTEXT):
            name = iri[len(DEFAULT_CONTEXT) :]
            return iri if name in self._iri_of or ":" in name else name
        candidates = [
            f"{prefix}:{iri[len(start) :]}"
            for prefix, start in self._prefixes.items()
            if iri.startswith(start) and len(iri) > len(start)
        ]
        return min((name for name in candidates if name not in self._iri_of), key=_shortest, default=iri)


class _Definitions:
    """Term definitions that may use one another as prefixes: resolved on demand, each once."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._done: dict[str, str | None] = {}
        self._open: set[str] = set()

    def define(self, iri_of: dict[str, str], prefixes: dict[str, str]) -> None:
        for term, definition in self._raw.items():
            if term.startswith("@"):
                continue
            iri = self._iri(term)
            if iri is None:
                continue
            iri_of[term] = iri
            simple = isinstance(definition, str) and iri.endswith((":", "/", "?", "#", "[", "]", "@"))
            if simple or (isinstance(definition, dict) and definition.get("@prefix") is True):
                prefixes[term] = iri

    def _iri(self, term: str) -> str | None:
        if term in self._done:
            return self._done[term]
        if term in self._open:
            raise BadRequestData(f"the @context defines '{term}' by itself (cyclic IRI mapping)")
        self._open.add(term)
        self._done[term] = iri = self._resolve(term, _id_of(term, self._raw[term]))
        self._open.discard(term)
        return iri

    def _resolve(self, term: str, identifier: str | None) -> str | None:
        if identifier is None or identifier.startswith("@"):
            return identifier
        prefix, colon, rest = identifier.partition(":")
        if colon and not rest.startswith("//") and prefix in self._raw and identifier != term:
            return (self._iri(prefix) or "") + rest
        if colon:
            return identifier
        if identifier != term and identifier in self._raw:
            return self._iri(identifier)
        return DEFAULT_CONTEXT + identifier


def _id_of(term: str, definition: object) -> str | None:
    if definition is None or isinstance(definition, str):
        return definition
    if not isinstance(definition, dict):
        raise BadRequestData(
            f"the @context defines '{term}' by {type(definition).__name__}: an IRI or an object is due"
        )
    if "@context" in definition and term not in core_definitions():
        raise BadRequestData(f"the @context defines '{term}' with a scoped context, which NGSI-LD excludes (5.5.7)")
    identifier = definition.get("@id", term)
    if identifier is not None and not isinstance(identifier, str):
        raise BadRequestData(f"the @context gives '{term}' an @id that is no string")
    return identifier


def _inverse(iri_of: Mapping[str, str], core: Mapping[str, Any]) -> dict[str, str]:
    """IRI to term: the core's own first, then the shortest, then the least (JSON-LD 1.1, inverse context)."""
    inverse: dict[str, str] = {}
    for term in sorted(iri_of, key=lambda term: (term not in core, *_shortest(term))):
        inverse.setdefault(iri_of[term], term)
    return inverse


def _shortest(name: str) -> tuple[int, str]:
    return len(name), name


def _remember(names: dict[str, str], name: str, value: str) -> None:
    if len(names) >= KNOWN_NAMES:
        names.clear()
    names[name] = value


@cache
def core_definitions() -> Mapping[str, Any]:
    """The term definitions of the built-in core @context, v1.9."""
    text = files("ngsi_ld").joinpath("jsonld/core/ngsi-ld-core-context-v1.9.jsonld").read_bytes()
    definitions: dict[str, Any] = orjson.loads(text)["@context"]
    return definitions


@cache
def core_context() -> Context:
    """The context of a request that names none."""
    return Context(None, {})


def references(source: object) -> Iterator[str]:
    """The URLs that a local context refers to, the core's left out; `BadRequestData` where it is none."""
    if isinstance(source, str):
        if source not in CORE_URLS:
            yield source
    elif isinstance(source, list):
        for part in source:
            yield from references(part)
    elif not isinstance(source, dict):
        raise BadRequestData("@context must be a URL, an object, or an array of these")


def activate(source: ContextSource, documents: Mapping[str, ContextSource]) -> Context:
    """The context of a request. `documents` has the content of every URL that `references` finds, transitively."""
    definitions: dict[str, Any] = {}
    _collect(source, documents, definitions, ())
    if not definitions and not list(references(source)):
        return core_context()
    return Context(source, definitions)


def _collect(
    source: ContextSource, documents: Mapping[str, ContextSource], into: dict[str, Any], path: tuple[str, ...]
) -> None:
    if isinstance(source, dict):
        into.update(source)
    elif isinstance(source, list):
        for part in source:
            _collect(part, documents, into, path)
    elif source not in CORE_URLS:
        if source in path:
            raise BadRequestData(f"the @context {source} refers to itself")
        _collect(documents[source], documents, into, (*path, source))


def context_value(context: Context) -> Any:
    """The `@context` of an answer: what the client gave, and the core (6.3.6)."""
    source = context.source
    if source is None:
        return CORE_URL
    parts = source if isinstance(source, list) else [source]
    if any(isinstance(part, str) and part in CORE_URLS for part in parts):
        return parts
    return [*parts, CORE_URL]
