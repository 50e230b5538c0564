"""The active @context: names to IRIs and back (JSON-LD 1.1; CIM 009, 4.4, 5.5.5, 5.5.7).

The core @context is protected and counts as the last one: it wins over the user's definitions of its terms.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from ngsi_ld.bounds import current, exceeded
from ngsi_ld.errors import BadRequestData
from ngsi_ld.names import DEFAULT_CONTEXT, has_uri_form

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

    def __init__(self, source: ContextSource | None, definitions: Iterable[Mapping[str, Any]]) -> None:
        self.source = source
        core = core_definitions()
        terms = _Terms()
        for local in (*definitions, core):
            terms.add(local)
        self._iri_of, self._prefixes = terms.iri_of, terms.prefixes
        self._term_of = _inverse(self._iri_of, core)
        self._expanded: dict[str, str] = {}
        self._compacted: dict[str, str] = {}

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
        if expanded is not name or (":" in name and has_uri_form(name)):
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


class _Terms:
    """Term definitions of one local context after another: later ones win, and may use earlier ones as prefixes.

    Within a context they may use one another in any order: resolved on demand, each once.
    """

    def __init__(self) -> None:
        self.iri_of: dict[str, str] = {}
        self.prefixes: dict[str, str] = {}
        self._vocabulary = DEFAULT_CONTEXT
        self._raw: Mapping[str, Any] = {}
        self._done: set[str] = set()
        self._open: set[str] = set()
        self._longest = current().context_chain

    def add(self, raw: Mapping[str, Any]) -> None:
        self._raw, self._done = raw, set()
        vocabulary = raw.get("@vocab")
        if isinstance(vocabulary, str):
            self._vocabulary = vocabulary
        for term in raw:
            if not term.startswith("@"):
                self._define(term)

    def _define(self, term: str) -> None:
        if term in self._done:
            return
        if len(self._open) > self._longest:
            raise exceeded("context_chain", f"'{term:.60}' leans on {len(self._open)} other terms", BadRequestData)
        if term in self._open:
            raise BadRequestData(f"the @context defines '{term:.60}' by itself (cyclic IRI mapping)")
        self._open.add(term)
        definition = self._raw[term]
        iri = self._resolve(term, _id_of(term, definition))
        self._open.discard(term)
        self._done.add(term)
        self.iri_of.pop(term, None)
        self.prefixes.pop(term, None)
        if iri is None:
            return
        self.iri_of[term] = iri
        if ":" in term or "/" in term:
            return
        simple = isinstance(definition, str) and iri.endswith((":", "/", "?", "#", "[", "]", "@"))
        if simple or (isinstance(definition, dict) and definition.get("@prefix") is True):
            self.prefixes[term] = iri

    def _resolve(self, term: str, identifier: str | None) -> str | None:
        """The IRI of a definition; none for a null, and none for a keyword's alias: only the core's `id` and `type`
        stand for keywords here, and reading knows these."""
        if identifier is None or identifier.startswith("@"):
            return None
        prefix, colon, rest = identifier.partition(":")
        if colon:
            if rest.startswith("//"):
                return identifier
            if prefix in self._raw and prefix != term:
                self._define(prefix)
            return self.prefixes[prefix] + rest if prefix in self.prefixes else identifier
        if identifier != term and identifier in self._raw:
            self._define(identifier)
        if identifier != term and identifier in self.iri_of:
            return self.iri_of[identifier]
        return self._vocabulary + identifier


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
def core_context(url: str | None = None) -> Context:
    """The context of a request that names none, or only the core in one of its versions."""
    return Context(url, ())


def references(source: object) -> Iterator[str]:
    """The URLs that a local context refers to, the core's left out; `BadRequestData` where it is none."""
    waiting = [source]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            if part not in CORE_URLS:
                yield part
        elif isinstance(part, list):
            waiting += reversed(part)
        elif not isinstance(part, dict):
            raise BadRequestData("@context must be a URL, an object, or an array of these")


def activate(source: ContextSource, documents: Mapping[str, ContextSource]) -> Context:
    """The context of a request. `documents` has the content of every URL that `references` finds, transitively."""
    parts = _Parts(documents)
    parts.collect(source, ())
    only = source[0] if isinstance(source, list) and len(source) == 1 else source
    if isinstance(only, str) and only in CORE_URLS:
        return core_context(only)
    if not any(parts.definitions) and not list(references(source)):
        return core_context()
    return Context(source, parts.definitions)


class _Parts:
    """The objects that a context consists of, in order; bounded, since references multiply."""

    def __init__(self, documents: Mapping[str, ContextSource]) -> None:
        self._documents = documents
        self._visited = self._defined = 0
        self.definitions: list[dict[str, Any]] = []

    def collect(self, source: ContextSource, path: tuple[str, ...]) -> None:
        self._visited += 1
        self._defined += len(source) if isinstance(source, dict) else 0
        if self._visited > current().context_parts:
            raise exceeded("context_parts", "the @context has too many parts", BadRequestData)
        if self._defined > current().context_terms:
            raise exceeded("context_terms", f"the @context has {self._defined} terms or more", BadRequestData)
        if isinstance(source, dict):
            self.definitions.append(source)
        elif isinstance(source, list):
            for part in source:
                self.collect(part, path)
        elif source not in CORE_URLS:
            if source in path:
                raise BadRequestData(f"the @context {source} refers to itself")
            self.collect(self._documents[source], (*path, source))


def context_value(context: Context) -> ContextSource:
    """The `@context` of an answer or notification: what the client gave, and the core (6.3.6); alone, if it is one."""
    source = context.source or CORE_URL
    parts = source if isinstance(source, list) else [source]
    if not any(isinstance(part, str) and part in CORE_URLS for part in parts):
        parts = [*parts, CORE_URL]
    return parts[0] if len(parts) == 1 else parts
