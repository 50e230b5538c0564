"""What a product answers of the past is what a broker answers that holds no other past: any difference is a leak."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from datenbroker.products.selection import Selection
from tests.datenbroker.products_door.hostile import IDS, NAMES, SDM, TRICKS, Dice
from tests.datenbroker.products_history.past import PastWorld, copy_of, past_world

NUMBERS = count()
NOW = datetime.now(UTC).replace(microsecond=0)
KEPT = "PT20H30M"
START = NOW - timedelta(hours=20, minutes=30)
API = "/ngsi-ld/v1/temporal"
Params = dict[str, str]


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


class PastDice(Dice):
    """Entities with a past of up to forty hours, and questions about it."""

    def moment(self) -> datetime:
        return NOW - timedelta(hours=self.chance.randint(1, 40))

    def selection(self) -> Selection:
        """Mostly of many entities: of few there is little to compare."""
        narrow = super().selection()
        wide = narrow.model_copy(update={"q": self.one([None, "p", "r|s|p"]), "geo": None, "scopes": None, "ids": ()})
        return self.one([narrow, wide, wide, wide])

    def tenant(self) -> list[dict[str, Any]]:
        return [self._entity(id_) for id_ in IDS[: self.chance.randint(4, 8)]]

    def _q(self, depth: int = 1) -> str:
        """Mostly what some instance or other meets."""
        if self.chance.random() < 0.3:
            text = super()._q(depth)
            return self._q() if "{" in text else text
        one, other = (self.one(["{}>=1", "{}<=2", "{}==0..2", "{}", "!{}"]).format(self.one(NAMES)) for _ in range(2))
        return self.one([one, f"{one}|{other}", f"{one};{other}"])

    def evolutions(self) -> list[dict[str, Any]]:
        """Some of them are gone by now."""
        return [self._evolution(entity) for entity in self.tenant()]

    def _evolution(self, entity: dict[str, Any]) -> dict[str, Any]:
        for name in (*NAMES, SDM + "fill", "location"):
            if name in entity:
                entity[name] = self._instances_of(entity[name])
        return entity | ({"gone": True} if self.chance.random() < 0.15 else {})

    def _instances_of(self, now: Any) -> list[dict[str, Any]]:
        """The last one is that of now; there may be none of an attribute, or one of a dataset, or a trace."""
        now = now if isinstance(now, list) else [now]
        place = now[0]["type"] == "GeoProperty"
        made = []
        for moment in sorted(self.moment() for _ in range(self.chance.randint(0, 4))):
            one: dict[str, Any] = {"type": "Property", "value": self.chance.randint(0, 3)}
            one = {"type": "GeoProperty", "value": self._point()} if place else one
            made.append(one | ({"observedAt": text(moment)} if self.chance.random() < 0.9 else {}))
        if self.chance.random() < 0.2:
            made.append({"type": "Property", "value": "urn:ngsi-ld:null", "deletedAt": text(self.moment())})
        dated = {"observedAt": text(self.moment())}
        evolution = [*made, *({**one, **dated} for one in now)]
        return [{**one, "instanceId": f"urn:i:{next(NUMBERS)}"} for one in evolution]

    def past(self) -> Params:
        """Without what a broker aggregates from the first instance on: that is another one for a limited past."""
        first, second = sorted((self.moment(), self.moment()))
        params = self.one(
            [
                {"timerel": "before", "timeAt": text(second)},
                {"timerel": "after", "timeAt": text(first)},
                {"timerel": "between", "timeAt": text(first), "endTimeAt": text(second)},
            ]
        )
        return params | self.one([{}, {"lastN": self.one(["1", "2"])}]) | self.one([{}, {"options": "temporalValues"}])

    def aggregated(self) -> Params:
        """Of what the product shows wholly."""
        low = NOW - timedelta(hours=self.chance.randint(1, 20))
        period = self.one([{}, {"aggrPeriodDuration": "PT3H"}])
        methods = ",".join(self.some(["sum", "avg", "min", "max", "totalCount", "distinctCount"], 3))
        asked = {"options": "aggregatedValues", "aggrMethods": methods} | period
        return {"timerel": "after", "timeAt": text(low)} | asked

    def question(self) -> tuple[str, Params, dict[str, str]]:
        """Path, parameters and headers."""
        link = self.one([None, None, *TRICKS])
        headers = {"Link": f'<{link}>; rel="http://www.w3.org/ns/json-ld#context"'} if link else {}
        past = self.aggregated() if self.chance.random() < 0.2 else self.past()
        view = dict(self.maybe(0.4, self._shown))
        if self.chance.random() < 0.3:
            past = self.one([past, {}])
            return f"/entities/{self.one(IDS)}", view | past, headers
        conditions = {name: value for name, value in self._conditions() if name in ("q", "idPattern")}
        asked = (
            {"type": self.one(["T,U", "U,T,V", "T", "(T;U)", "Meter,T"])}
            | conditions
            | dict(self.maybe(0.2, self._geo))
            | dict(self.maybe(0.3, self._page))
        )
        return "/entities", asked | view | past, headers

    def _shown(self) -> list[tuple[str, str]]:
        names = ",".join(self.some([*self._names(), "id"], 4))
        more = [("datasetId", self.one(["urn:d:1", "@none"])), ("options", "sysAttrs")]
        return [
            self.one([("attrs", names), ("pick", "id,p," + names), ("omit", names)]),
            *self.maybe(0.3, lambda: more),
        ]


def seen(answer: httpx.Response, restricted: bool) -> tuple[Any, ...]:
    """All that a client sees of the past; what an entity's own change would tell is left out where it is hidden."""
    entities = answer.json() if isinstance(answer.json(), list) else [answer.json()]
    times = {
        "createdAt",
        "modifiedAt",
    }  # of the present where nothing is known of the past: which they are is no matter
    entities = [
        {name: "T" if name in times else value for name, value in one.items() if name != "modifiedAt" or not restricted}
        for one in entities
    ]
    more = 'rel="next"' in answer.headers.get("link", "")
    return answer.status_code, entities, answer.headers.get("ngsild-results-count"), more


async def check(made: PastWorld, dice: PastDice, selection: Selection, kept: str | None) -> None:
    owner, copy = (f"{name}{next(NUMBERS)}" for name in ("owner", "copy"))
    entities = dice.evolutions()
    await made.fill(owner, entities)
    ids = await made.here.selected(owner, selection)
    made.remember(copy, copy_of(selection, entities, ids, text(START) if kept else None))
    made.here.open(selection, owner, history=True, retention=kept)
    for path, params, headers in [dice.question() for _ in range(10)]:
        got = await made.here.products.get(API + path, params=params, headers=headers)
        headers = headers | {"NGSILD-Tenant": copy}
        due = await made.direct.get(API + path, params=limited(path, params, kept), headers=headers)
        if got.status_code in (400, 501):  # refused for what is asked, whatever there is: see test_history
            continue
        if got.status_code == due.status_code == 404:
            continue
        restricted = bool(selection.attributes)
        assert seen(got, restricted) == seen(due, restricted), (
            f"{path} {params} {headers} {selection} {kept} GOT {got.text} DUE {due.text} OF {entities}"
        )


def limited(path: str, params: Params, kept: str | None) -> Params:
    """Without a time a limited past is still one of what has been observed."""
    if kept and "timerel" not in params and path != "/entities":
        return params | {"timerel": "after", "timeAt": text(START)}
    return params


def test_a_product_tells_of_the_past_what_a_copy_tells_that_holds_only_its_selection(tmp_path: Path) -> None:
    loop = asyncio.new_event_loop()
    opened = past_world(tmp_path)
    made = loop.run_until_complete(opened.__aenter__())

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],
    )
    @given(st.randoms(use_true_random=True))
    def differs_nowhere(chance: Random) -> None:
        dice = PastDice(chance)
        loop.run_until_complete(check(made, dice, dice.selection(), dice.one([None, KEPT])))

    try:
        differs_nowhere()
    finally:
        loop.run_until_complete(opened.__aexit__(None, None, None))
        loop.close()
