"""Names in the words of a @context that has an address, for requests that can't bring one of their own."""

import re
from dataclasses import dataclass, field

from datenbroker.lens.wire import Terms
from ngsi_ld.jsonld.context import Context, core_context

_PLAIN = re.compile(r"[^\W\d_]\w*|https?://[^\s=<>!~;|()\[\]{}\",%&#+]+")


class Unwritable(Exception):
    """Something can't be said in the words of a context."""


@dataclass
class Borrowed(Terms):
    """The names of a given context; nothing is made."""

    given: Context = field(default_factory=core_context)

    def name(self, iri: str) -> str:
        for name in (self.given.compact(iri), iri):
            if _PLAIN.fullmatch(name) and self.given.expand(name) == iri:
                return name
        raise Unwritable

    @property
    def context(self) -> Context:
        return self.given
