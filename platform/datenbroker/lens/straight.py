"""A narrowed query as a plain GET in the words of the caller's own @context, whose answer can be passed on as it is.

Only for the embedded broker, which reads names by the same Context object: what a name means there is known here. Where
anything is left to be done with the answer, there is none.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from shapely.geometry.base import BaseGeometry

from context_broker.http.request import JSON, LD_JSON
from context_broker.reading.plan import Plan, View
from datenbroker.lens.lens import Lens
from datenbroker.lens.narrowing import Narrowed
from datenbroker.lens.wire import Terms, check, coordinates_of, geo_members, q_text, scope_text, types_text
from ngsi_ld.errors import NgsiLdError
from ngsi_ld.jsonld.context import Context, core_context
from ngsi_ld.model.kinds import ENTITY_MEMBERS

_PLAIN = re.compile(r"[^\W\d_]\w*|https?://[^\s=<>!~;|()\[\]{}\",%&#+]+")
Params = dict[str, str]


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


def straight(plan: Plan, narrowed: Narrowed, lens: Lens) -> Params | None:
    """The parameters, without paging; None where the answer would not be the caller's as it is."""
    context = plan.view.representation.context
    if narrowed.rest is not None or narrowed.ordering is not None or len(narrowed.selectors) != 1:
        return None
    if context.source is not None and not isinstance(context.source, str):
        return None
    try:
        shown = _view(plan.view, narrowed, lens, Borrowed(given=context))
        return None if shown is None else shown | _conditions(narrowed, Borrowed(given=context))
    except (Unwritable, NgsiLdError):
        return None


def _conditions(narrowed: Narrowed, terms: Borrowed) -> Params:
    (selector,) = narrowed.selectors
    params = {"type": types_text(selector, terms), "local": "true"}
    if selector.ids:
        params["id"] = ",".join(selector.ids)
    if selector.pattern is not None:
        params["idPattern"] = selector.pattern
    if narrowed.q is not None:
        params["q"] = q_text(narrowed.q, terms)
        check(narrowed.q, params["q"], terms, terms.given)
    if narrowed.geo is not None:
        params |= geo_members(narrowed.geo, terms) | {"coordinates": _text(narrowed.geo.reference)}
    if narrowed.scopes is not None:
        params["scopeQ"] = scope_text(narrowed.scopes)
    return params


@lru_cache(maxsize=1024)
def _text(geometry: BaseGeometry) -> str:
    return str(coordinates_of(geometry))


def _view(view: View, narrowed: Narrowed, lens: Lens, terms: Borrowed) -> Params | None:
    projection, form = view.projection, view.representation
    if view.media_type not in (JSON, LD_JSON) or view.join or form.times or projection.omit or projection.datasets:
        return None
    if form.sys_attrs and lens.attributes is not None:
        return None
    params: Params = {}
    if form.format != "normalized":
        params["format"] = form.format
    if form.lang:
        params["lang"] = form.lang
    if form.sys_attrs:
        params["options"] = "sysAttrs"
    picked = _picked(view, narrowed, lens)
    if picked is not None:
        if not picked:
            return None
        params["pick"] = ",".join(name if name in ENTITY_MEMBERS else terms.name(name) for name in picked)
    return params


def _picked(view: View, narrowed: Narrowed, lens: Lens) -> list[str] | None:
    """What both the caller and the product show; None for everything."""
    own = sorted(lens.members & {"id", "type", "scope"})
    asked = view.projection.attrs
    if view.projection.pick is not None:
        return [name for name in view.projection.pick if (name in own if name in ENTITY_MEMBERS else lens.shows(name))]
    if asked is not None:
        return own + sorted(name for name in asked if lens.shows(name))
    return None if narrowed.attributes is None else own + sorted(narrowed.attributes)
