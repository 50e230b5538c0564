"""A narrowed question about the past as a plain GET that any broker with a temporal API understands.

Mintaka, which stands beside Orion-LD, reads no @context within a body, knows neither `offset` nor `count`, and refuses
parameters that it does not know: what is asked are ids, types, attributes, q, geo-query and time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from datenbroker.lens.lens import Lens
from datenbroker.lens.straight import Borrowed, Unwritable
from datenbroker.lens.temporal import Interval, Past
from datenbroker.lens.wire import check, coordinates_of, geo_members, q_text
from datenbroker.products.selection import SEPARATORS
from ngsi_ld.errors import NotImplementedYet
from ngsi_ld.jsonld.context import Context
from ngsi_ld.model.kinds import ENTITY_MEMBERS, SYSTEM_TIMES
from ngsi_ld.model.projection import Projection
from ngsi_ld.query.geo import GeoQuery
from ngsi_ld.query.q import Query

Params = dict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of the past of entities that belong to the selection now."""

    past: Past
    attributes: frozenset[str] | None = None
    q: Query | None = None
    geo: GeoQuery | None = None
    datasets: frozenset[str] | None = None
    times: bool = False
    """With system times."""


def shown_attributes(projection: Projection, lens: Lens) -> frozenset[str] | None:
    """The attributes that are asked for and shown; None for all there are."""
    named = projection.attrs
    if named is None and projection.pick is not None:
        named = frozenset(projection.pick) - ENTITY_MEMBERS
    if named:
        return frozenset(filter(lens.shows, named))
    return None if lens.attributes is None else lens.attributes - {"scope"}


def params_of(asked: Asked, given: Context) -> Params:
    """The parameters in the words of `given`, the context of the product's owner; but for ids and types."""
    try:
        return _time(asked) | _conditions(asked, given)
    except Unwritable:
        raise NotImplementedYet(
            "q or the geo-query name attributes by words that no broker reads: name them otherwise"
        ) from None


def types_named(lens: Lens, given: Context) -> str:
    """One of the selection's types."""
    return _listed(lens.types, given)


def _listed(iris: frozenset[str], given: Context) -> str:
    return ",".join(_alone(iri, given) for iri in sorted(iris))


def _alone(iri: str, given: Context) -> str:
    """A name outside of q, where an IRI of any kind can stand."""
    for name in (given.compact(iri), iri):
        if SEPARATORS.isdisjoint(name) and given.expand(name) == iri:
            return name
    raise NotImplementedYet("the history can't be asked for by these names: name types and attributes otherwise")


def _conditions(asked: Asked, given: Context) -> Params:
    params: Params = {}
    if asked.attributes is not None:
        params["attrs"] = _listed(asked.attributes, given)
    if asked.q is not None:
        terms = Borrowed(given=given)
        params["q"] = q_text(asked.q, terms)
        check(asked.q, params["q"], terms, given)
    if asked.geo is not None:
        params |= geo_members(asked.geo, Borrowed(given=given)) | {
            "coordinates": str(coordinates_of(asked.geo.reference))
        }
    if asked.datasets is not None:
        params["datasetId"] = ",".join(sorted(asked.datasets))
    return params


def _time(asked: Asked) -> Params:
    past = asked.past
    options = ["sysAttrs"] if asked.times or past.time_property in SYSTEM_TIMES else []
    params = _interval(past.interval) if past.interval is not None else {}
    if past.time_property != "observedAt":
        params["timeproperty"] = past.time_property
    if past.last is not None:
        params["lastN"] = str(past.last)
    if past.form == "aggregatedValues":
        options = ["aggregatedValues"]
        params["aggrMethods"] = ",".join(past.methods)
        params |= {"aggrPeriodDuration": past.period} if past.period else {}
    return params | ({"options": ",".join(options)} if options else {})


def _interval(interval: Interval) -> Params:
    if interval.low is None:
        assert interval.high is not None
        return {"timerel": "before", "timeAt": text_of(interval.high)}
    params = {"timerel": "after", "timeAt": text_of(interval.low)}
    if interval.high is None:
        return params
    return params | {"timerel": "between", "endTimeAt": text_of(interval.high)}


def text_of(moment: datetime) -> str:
    """To the microsecond: a bound is sent on as it came."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
