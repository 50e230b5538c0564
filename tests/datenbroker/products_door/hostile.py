"""Selections, tenants and requests of all kinds for the comparison of a product with the copy of what it shows.

Drawn by dice that keep the worlds full: most entities have most attributes, and most queries find some of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from datenbroker.products.selection import Area, Selection

T = TypeVar("T")
Pairs = list[tuple[str, str]]
DEFAULT = "https://uri.etsi.org/ngsi-ld/default-context/"
SDM = "https://example.org/dataModel.Waste/"
NAMES = ["p", "q", "r", "s"]
IDS = [f"urn:x:{letter}" for letter in "abcdefgh"]
TRICKS: dict[str, Any] = {
    "https://example.org/plain.jsonld": {"level": DEFAULT + "p", "Meter": DEFAULT + "T", "fill": SDM + "fill"},
    "https://example.org/alias.jsonld": {"p": DEFAULT + "q", "q": DEFAULT + "r", "T": DEFAULT + "U", "x": "p"},
    "https://example.org/iri.jsonld": {DEFAULT + "p": DEFAULT + "s", DEFAULT + "q": DEFAULT + "r", "s": DEFAULT + "s"},
    "https://example.org/vocab.jsonld": {"@vocab": SDM, "p": DEFAULT + "p", "T": DEFAULT + "T"},
    "https://example.org/prefix.jsonld": {"d": {"@id": DEFAULT, "@prefix": True}, "https": "https://example.org/x/"},
}
"""@contexts of clients by URL: names changed about, IRIs given another meaning."""
SQUARE = ((-1.5, -1.5), (2.5, -1.5), (2.5, 2.5), (-1.5, 2.5), (-1.5, -1.5))


@dataclass(frozen=True)
class Ask:
    """One request."""

    method: str
    path: str
    params: Pairs = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = None


@dataclass(frozen=True)
class Dice:
    """Everything is drawn from one source of chance."""

    chance: Random

    def one(self, choices: Sequence[T]) -> T:
        return self.chance.choice(choices)

    def some(self, choices: Sequence[T], most: int) -> list[T]:
        """At least one, each at most once."""
        return self.chance.sample(choices, self.chance.randint(1, most))

    def maybe(self, probability: float, made: Callable[[], list[T]]) -> list[T]:
        return made() if self.chance.random() < probability else []

    def tenant(self) -> list[dict[str, Any]]:
        """Up to eight entities."""
        return [self._entity(id_) for id_ in IDS[: self.chance.randint(0, 8)]]

    def _entity(self, id_: str) -> dict[str, Any]:
        types = [["T"], ["T"], ["U"], ["V"], ["T", "U"], ["T", "V"], ["V", "U", "T"]]
        entity: dict[str, Any] = {"id": id_, "type": self.one(types)}
        for name in NAMES:
            if self.chance.random() < 0.75:
                entity[name] = self._instances()
        if self.chance.random() < 0.8:
            entity["location"] = {"type": "GeoProperty", "value": self._point()}
        if self.chance.random() < 0.6:
            entity[SDM + "fill"] = {"type": "Property", "value": self.chance.randint(0, 3), "p": self._instance(0)}
        if self.chance.random() < 0.7:
            entity["scope"] = self.some(["/A", "/A/B", "/A/B/C", "/B"], 2)
        return entity

    def _instances(self) -> Any:
        first = self._instance(1)
        if self.chance.random() < 0.8:
            return first
        return [first, {**self._instance(0), "datasetId": "urn:d:1"}]

    def _instance(self, depth: int) -> dict[str, Any]:
        texts = ["a", "ab", "", "2031-02-03", "10:00:00Z", "2031-02-03T10:00:00Z", "urn:x:a"]
        kinds: list[Callable[[], dict[str, Any]]] = [
            lambda: {"type": "Property", "value": self.chance.randint(-1, 3)},
            lambda: {"type": "Property", "value": self.one(texts), "unitCode": "C62"},
            lambda: {"type": "Property", "value": self.one([True, [0, 1, "a"], {"a": 1, "b": {"a": "ab"}}])},
            lambda: {"type": "Relationship", "object": self.one(IDS)},
            lambda: {"type": "Relationship", "object": self.one(IDS)},
            lambda: {"type": "Relationship", "object": self.one(IDS)},
            lambda: {"type": "Relationship", "object": self.some(IDS, 3), "objectType": "T"},
            lambda: {"type": "ListRelationship", "objectList": self.some(IDS, 3)},
            lambda: {"type": "LanguageProperty", "languageMap": {"de": "a", "en": ["ab", "b"]}},
            lambda: {"type": "VocabProperty", "vocab": self.one(["a", ["a", "b"]])},
            lambda: {"type": "JsonProperty", "json": {"a": [None, 1]}},
            lambda: {"type": "ListProperty", "valueList": [1, {"a": 2}]},
            lambda: {"type": "GeoProperty", "value": self._point()},
        ]
        instance = self.one(kinds)()
        if self.chance.random() < 0.3:
            instance["observedAt"] = "2031-02-03T10:00:00Z"
        if depth and self.chance.random() < 0.4:
            instance[self.one(NAMES)] = self._instance(depth - 1)
        return instance

    def _point(self) -> dict[str, Any]:
        return {"type": "Point", "coordinates": [self.chance.randint(-3, 3), self.chance.randint(-3, 3)]}

    def selection(self) -> Selection:
        """With each part or without."""
        area = Area(type="Polygon", coordinates=(SQUARE,), geoproperty="location")
        shown = ["p", "q", "location", "scope", SDM + "fill"]
        return Selection(
            types=self.one([("T",), ("T", "U"), ("U", "T")]),
            ids=tuple(self.maybe(0.2, lambda: IDS[:5])),
            attributes=tuple(self.maybe(0.8, lambda: self.some(shown, 4))),
            q=self.one([None, None, None, "p", "!r", "s|p", 'r!="a"', "s;r|q>0", "p.observedAt|s"]),
            geo=self.one([None, None, area]),
            scopes=self.one([None, None, "/A/#", "/A,/B"]),
        )

    def ask(self) -> Ask:
        """A request of any kind."""
        kind = self.chance.random()
        if kind < 0.5:
            params = self._typed() + self._conditions() + self.maybe(0.3, self._geo) + self._views()
            params += self.maybe(0.2, self._join) + self.maybe(0.15, self._order) + self._page()
            params = self.maybe(0.15, self._linked) + params
            return Ask("GET", "/entities", _once(params) + self.maybe(0.06, self._broken), self._headers())
        if kind < 0.7:
            params = self._views() + self.maybe(0.3, self._join) + self.maybe(0.2, self._typed)
            id_ = self.one([*IDS, *IDS, "urn:x:none", "nothing"])
            return Ask("GET", f"/entities/{id_}", _once(params) + self.maybe(0.06, self._broken), self._headers())
        if kind < 0.85:
            views = [pair for pair in self._views() if pair[0] in ("options", "format")]
            return Ask("POST", "/entityOperations/query", _once(self._page() + views), self._headers(), self._posted())
        listed = self.one(["/types", "/attributes", "/types/T", "/types/V", "/types/Meter", "/types/U"])
        named = self.one([f"/attributes/{name}" for name in ("p", "r", "x", "location", "level", "s")])
        path = self.one([listed, listed, named])
        details = [("details", "true")] if path.count("/") == 1 and self.chance.random() < 0.5 else []
        return Ask("GET", path, details, self._headers(geo=False))

    def _typed(self) -> Pairs:
        many = ["T", "T", "T,U", "T,U,V", "U", "V", "(T;U)", "T;V|U", "T,V,W", "*", DEFAULT + "V", "Meter,T", "d:V,T"]
        return [self.one([("type", self.one(many)), ("local", "true")])]

    def _conditions(self) -> Pairs:
        made: dict[str, Callable[[], str]] = {
            "id": lambda: ",".join(self.some([*IDS, "urn:x:zz"], 6)),
            "idPattern": lambda: self.one(["[a-d]$", "[bc]", "urn", ":d|:e"]),
            "q": self._q,
            "scopeQ": lambda: self.one(["/A", "/A/+", "/A/#", "(/A;/B)", "/A/B,/B", "/#"]),
            "attrs": lambda: ",".join(self.some(self._names(), 3)),
        }
        names = self.maybe(0.7, lambda: self.some([*made, "q", "q"], 2))
        return [(name, made[name]()) for name in names]

    def _names(self) -> list[str]:
        iris = [DEFAULT + name for name in NAMES]
        return [*NAMES, *NAMES, "location", "x", "level", "scope", "d:p", "d:r", *iris, SDM + "fill", "fill"]

    def _path(self) -> str:
        steps = [".p", ".q", ".observedAt", ".unitCode", "[a]", "[b.a]", "[de]", "[*]", '["a"]', ".createdAt"]
        deep = [name + self.one(steps) for name in ("p", "q", "r", "s", "level", "x", "d:r", "fill")]
        return self.one([self.one(self._names()), self.one(deep), self.one(["createdAt", "expiresAt", "type", "p{q}"])])

    def _q(self, depth: int = 2) -> str:
        if depth and self.chance.random() < 0.5:
            return f"({self._q(depth - 1)}{self.one(';|')}{self._q(depth - 1)})"
        literals = ["0", "1", "-1.5", '"a"', '"ab"', "true", "urn:x:a", "2031-02-03", "2031-02-03T10:00:00Z", '"a\\"b"']
        patterns = ["a", "^a", "x$", ".", '"a|b"', '(\\";s)', '"a\\\\"', '("|s)', '"\\""', "a\\.b"]
        terms: list[Callable[[], str]] = [
            self._path,
            lambda: "!" + self._path(),
            lambda: self._path() + self.one(["==", "!=", "<", "<=", ">", ">="]) + self.one(literals),
            lambda: self._path() + self.one(["==", "!="]) + self.one(["0,1", "0..2", '"a","ab"', '"a".."b"']),
            lambda: self._path() + self.one(["~=", "!~="]) + self.one(patterns),
        ]
        return self.one(terms)()

    def _linked(self) -> Pairs:
        """`q` on what relationships lead to, up to three of them one behind the other."""
        path = self.one([*NAMES, *NAMES, "p.q", "q[a]", "r.observedAt", "createdAt", "x", "s.createdAt", "location"])
        for _ in range(self.one([1, 1, 2, 3])):
            path = f"{self.one(['p', 'q', 'r', 's', 'level'])}{{{self.one(['', '', 'T:', 'V:', 'U,T,'])}{path}}}"
        term = path + self.one(["", "", ">0", "!=1", '=="ab"', "==-1..3", "~=a", "!~=x", "==true"])
        more = self.one(["", ";p", "|s", f";{self._q()}", f"|{self._q()}"])
        return [("q", self.one(["", "", "!"]) + term + more), *self._join()[:1], ("joinLevel", "4")]

    def _geo(self) -> Pairs:
        relation = self.one(
            ["near;maxDistance==300000", "near;minDistance==100000", "within", "intersects", "disjoint"]
        )
        shape = self.one([("Point", "[0,0]"), ("Polygon", "[[[-1,-1],[4,-1],[4,4],[-1,4],[-1,-1]]]")])
        of = self.one([[], [], [("geoproperty", "p")], [("geoproperty", "r")], [("geoproperty", DEFAULT + "s")]])
        return [("georel", relation), ("geometry", shape[0]), ("coordinates", shape[1]), *of]

    def _views(self) -> Pairs:
        members = [*self._names(), "id", "type", "id", "type", "createdAt"]
        made = {
            "pick": lambda: ",".join(self.some(members, 4)),
            "omit": lambda: ",".join(self.some(members, 3)),
            "lang": lambda: self.one(["de", "en,*"]),
            "datasetId": lambda: self.one(["urn:d:1", "@none", "@none,urn:d:1"]),
            "options": lambda: self.one(["keyValues", "concise", "sysAttrs", "sysAttrs,concise"]),
            "format": lambda: self.one(["simplified", "concise", "normalized"]),
        }
        names = self.maybe(0.6, lambda: self.some(list(made), 2))
        return [(name, made[name]()) for name in names]

    def _join(self) -> Pairs:
        more = self.one([[], [("joinLevel", "2")], [("containedBy", "urn:x:b")]])
        return [("join", self.one(["inline", "flat"])), *more]

    def _order(self) -> Pairs:
        path = self._path().replace(".createdAt", ".observedAt").replace("createdAt", "expiresAt")  # moments differ
        members = ["id;desc", "scope", "type", "type;desc", "location;dist-asc", "r;dist-desc"]
        first = self.one([path + ";desc", path, *members, "r", "s", "r;desc", "s;desc"])
        return [("orderBy", first + self.one(["", ",id;desc"])), ("orderFrom", "[1,1]"), ("local", "true")]

    def _page(self) -> Pairs:
        limit = self.one([[], [], [("limit", "1")], [("limit", "2")]])
        offset = self.one([[], [], [("offset", "1")], [("offset", "2")]])
        return [*limit, *offset, *self.one([[], [("count", "true")]])]

    def _broken(self) -> Pairs:
        wrong = {
            "type": ["", "T,", "T;(U", "V"],
            "limit": ["0", "1001", "x", "1,2"],
            "q": ["p==", "s<<1", "(s", "r;;q", "p==1;s==x y"],
            "georel": ["nowhere", "within"],
            "options": ["count", "keyValues,concise"],
            "orderBy": ["s;up", "s"],
            "pick": ["s{p}", "s"],
            **{"idPattern": ["("], "id": ["a"], "scopeQ": ["//"], "datasetId": ["x"], "format": ["csv"], "attrs": [""]},
            **{"geometryProperty": ["r"], "joinLevel": ["0"], "tenant": ["other"], "s": ["1"]},
        }
        name = self.one(list(wrong))
        return [(name, self.one(wrong[name]))]

    def _headers(self, *, geo: bool = True) -> dict[str, str]:
        accept = self.one([None, None, None, "application/ld+json", "application/geo+json" if geo else "text/html"])
        link = self.one([None, None, None, *TRICKS])
        return {
            **({"Accept": accept} if accept else {}),
            **({"Link": f'<{link}>; rel="http://www.w3.org/ns/json-ld#context"'} if link else {}),
            **self.one([{}, {"Prefer": "body=json"}]),
        }

    def _posted(self) -> dict[str, Any]:
        """A Query, now and then with a @context of its own."""
        types = ["T", "T,U", "U", "V,T", "(T;U)", "T;V|U", "*"]
        selectors: list[Callable[[], dict[str, Any]]] = [
            lambda: {"type": self.one(types)},
            lambda: {"type": self.one(types), "idPattern": self.one(["[a-d]$", "urn"])},
            lambda: {"type": self.one(types), "id": self.some(IDS, 5)},
        ]
        query: dict[str, Any] = {
            "type": "Query",
            "entities": [self.one(selectors)() for _ in range(self.one([1, 1, 2]))],
        }
        query |= {name: value for name, value in self._conditions() if name in ("q", "scopeQ")}
        query |= {name: value.split(",") for name, value in self._views() if name in ("pick", "omit")}
        query |= dict(self.maybe(0.15, self._linked))
        if geo := dict(self.maybe(0.2, self._geo)):
            query["geoQ"] = geo
        if self.chance.random() < 0.3:
            query["@context"] = self.one([*TRICKS, *TRICKS.values(), [*TRICKS][:2]])
        return query


def _once(params: Pairs) -> Pairs:
    """Each parameter once: the first counts."""
    return list(dict(reversed(params)).items())
