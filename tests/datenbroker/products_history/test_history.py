"""What is answered of a product's past, what is refused, and what the broker behind it is asked."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from datenbroker.gateway.problems import BrokerBroken, Forbidden
from datenbroker.gateway.products.door import Broker, Endpoint
from datenbroker.products.product import Aggregation, Measure
from datenbroker.products.selection import Area, Selection
from tests.datenbroker.products_history.past import PastWorld, at, past_world

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC).replace(microsecond=0, minute=0, second=0)
SHOWN = Selection(types=("Bin",), attributes=("fill", "name"), q='owner=="city"')
ALL = {"timerel": "after", "timeAt": "2020-01-01T00:00:00Z"}
MALFORMED = [
    ("", 400, "timerel"),
    ("type=Bin&timerel=after", 400, "needs timeAt"),
    ("type=Bin&timeAt=2020-01-01T00:00:00Z", 400, "need timerel"),
    ("type=Bin&timerel=since&timeAt=2020-01-01T00:00:00Z", 400, "before, after, between"),
    ("type=Bin&timerel=between&timeAt=2020-01-01T00:00:00Z", 400, "endTimeAt"),
    ("type=Bin&timerel=after&timeAt=2020-01-01T00:00:00Z&endTimeAt=2021-01-01T00:00:00Z", 400, "between"),
    ("type=Bin&timerel=after&timeAt=yesterday", 400, "no DateTime"),
    ("timerel=after&timeAt=2020-01-01T00:00:00Z", 400, "too wide"),
    ("A&timeproperty=changedAt", 400, "timeproperty"),
    ("A&lastN=0", 400, "lastN"),
    ("A&join=inline", 400, "no parameter 'join'"),
    ("A&tenant=owner", 400, "no parameter 'tenant'"),
    ("A&options=concise", 400, "no option"),
    ("A&options=temporalValues,aggregatedValues", 400, "one representation"),
    ("A&options=aggregatedValues", 400, "aggrMethods"),
    ("A&options=aggregatedValues&aggrMethods=median", 400, "median"),
    ("A&options=aggregatedValues&aggrMethods=sum&aggrPeriodDuration=1h", 400, "PT15M"),
    ("A&q=fill{x}==1", 400, ""),
    ("A&orderBy=fill&local=true", 400, "by id alone"),
    ("A&attrs=fill&pick=fill", 400, "exclude"),
    ("A&limit=100000", 403, "at most"),
]

READ_ONLY = [
    ("POST", "/entities", 405),
    ("DELETE", "/entities/urn:x:1", 405),
    ("POST", "/entities/urn:x:1/attrs", 404),
    ("PATCH", "/entities/urn:x:1/attrs/fill/urn:i:1", 404),
    ("POST", "/entityOperations/upsert", 404),
    ("GET", "/entityMaps", 404),
    ("GET", "", 404),
]


def hours(number: float) -> str:
    """So long ago."""
    return (NOW - timedelta(hours=number)).isoformat().replace("+00:00", "Z")


def bin_(number: int, **members: Any) -> dict[str, Any]:
    fills = [at(number * 10 + hour, hours(hour)) for hour in (50, 3, 2, 1)]
    owner = [at("city" if number < 3 else "bank", hours(60))]
    return {"id": f"urn:x:{number}", "type": "Bin", "fill": fills, "owner": owner, "secret": fills, **members}


@pytest.fixture
async def past(tmp_path: Path) -> AsyncIterator[PastWorld]:
    async with past_world(tmp_path) as made:
        await made.fill("owner", [bin_(1), bin_(2), bin_(3), bin_(9, gone=True)])
        made.here.open(SHOWN, "owner", history=True)
        yield made


async def test_entities_of_the_selection_with_the_instances_of_shown_attributes(past: PastWorld) -> None:
    answer = await past.ask("", {"type": "Bin", "timerel": "between", "timeAt": hours(3), "endTimeAt": hours(1)})
    assert answer.status_code == 200, answer.text
    assert [entity["id"] for entity in answer.json()] == ["urn:x:1", "urn:x:2"]
    assert set(answer.json()[0]) == {"id", "type", "fill"}
    assert [one["value"] for one in answer.json()[0]["fill"]] == [13, 12]


async def test_the_broker_is_asked_for_ids_that_are_selected_now_and_for_shown_attributes(past: PastWorld) -> None:
    params = {"type": "Bin", "q": "fill>12|secret>0", "lastN": "2", **ALL}
    answer = await past.ask("", params)
    assert [[one["value"] for one in entity["fill"]] for entity in answer.json()] == [[11, 12], [21, 22]]
    (asked,) = past.history.asked
    assert asked["id"] == "urn:x:1,urn:x:2"
    assert asked["attrs"] == "fill,name"
    assert asked["q"] == "fill>12"
    assert asked.keys() == {"type", "id", "attrs", "q", "timerel", "timeAt", "lastN", "limit"}


@pytest.mark.parametrize("id_", ["urn:x:3", "urn:x:9", "urn:x:none"])
async def test_what_is_not_in_the_selection_now_has_no_past(past: PastWorld, id_: str) -> None:
    answer = await past.ask(f"/{id_}", ALL)
    assert (answer.status_code, answer.json()["detail"]) == (404, f"Entity {id_} does not exist")
    assert (await past.ask("", {"id": id_, **ALL})).json() == []
    assert past.history.asked == []


async def test_one_entity_with_its_whole_past_or_a_part(past: PastWorld) -> None:
    whole = (await past.ask("/urn:x:1")).json()
    assert [one["value"] for one in whole["fill"]] == [60, 13, 12, 11]
    params = {"options": "temporalValues", "attrs": "fill,secret", **ALL, "timeAt": hours(2)}
    values = (await past.ask("/urn:x:1", params)).json()
    assert values["fill"] == {"type": "Property", "values": [[12, hours(2)], [11, hours(1)]]}
    assert values.keys() == {"id", "type", "fill"}
    only = (await past.ask("/urn:x:1", {"attrs": "secret", **ALL})).json()
    assert only == {"id": "urn:x:1", "type": "Bin"}


async def test_the_same_by_post(past: PastWorld) -> None:
    query = {"type": "Query", "entities": [{"type": "Bin"}], "attrs": ["fill"], "temporalQ": {**ALL, "lastN": 1}}
    path = "/ngsi-ld/v1/temporal/entityOperations/query"
    answer = await past.here.products.post(path, params={"limit": "1", "count": "true"}, json=query)
    assert [one["fill"][0]["value"] for one in answer.json()] == [11]
    assert answer.headers["ngsild-results-count"] == "2"
    assert 'rel="next"' in answer.headers["link"]


async def test_pages_hold_entities_that_have_something_of_what_is_asked(past: PastWorld) -> None:
    selection = Selection(types=("Bin",), attributes=("fill",))
    await past.fill("many", [bin_(number, fill=[at(1, hours(number % 3 + 1))]) for number in range(100, 160)])
    past.here.open(selection, "many", history=True)
    params = {"type": "Bin", "timerel": "after", "timeAt": hours(1), "limit": "7", "offset": "14", "count": "true"}
    answer = await past.ask("", params)
    assert [entity["id"][-3:] for entity in answer.json()] == [str(number) for number in range(144, 160, 3)]
    assert answer.headers["ngsild-results-count"] == "20"
    assert (await past.ask("", params | {"limit": "0"})).json() == []


async def test_nothing_older_than_the_retention(past: PastWorld) -> None:
    past.here.open(SHOWN, "owner", history=True, retention="PT48H")
    for asked in [ALL, {}, {"timerel": "between", "timeAt": hours(60), "endTimeAt": hours(0)}]:
        fills = (await past.ask("/urn:x:1", asked)).json()["fill"]
        assert [one["value"] for one in fills] == [13, 12, 11]
    assert (await past.ask("", {"type": "Bin", "q": "fill==60", **ALL})).json() == []
    before = {"timerel": "before", "timeAt": hours(2.5)}
    assert [one["value"] for one in (await past.ask("/urn:x:1", before)).json()["fill"]] == [13]
    assert (await past.ask("/urn:x:1", {**before, "timeAt": hours(49)})).json() == {"id": "urn:x:1", "type": "Bin"}


async def test_aggregates_count_nothing_older_than_the_retention(past: PastWorld) -> None:
    past.here.open(SHOWN, "owner", history=True, retention="PT47H30M")
    params = {"options": "aggregatedValues", "aggrMethods": "sum,totalCount", **ALL, "timeAt": hours(50)}
    whole = (await past.ask("/urn:x:1", params)).json()["fill"]
    assert [row[0] for row in whole["sum"]] == [36]
    days = (await past.ask("/urn:x:1", params | {"aggrPeriodDuration": "PT24H"})).json()["fill"]
    assert [row[:2] for row in days["totalCount"]] == [[1, hours(26)], [2, hours(2)]]
    months = await past.ask("/urn:x:1", params | {"aggrPeriodDuration": "P1M"})
    assert (months.status_code, "in days" in months.json()["detail"]) == (400, True)


async def test_aggregates_of_an_earlier_version_are_not_shown(past: PastWorld) -> None:
    aggregation = Aggregation(measures=(Measure(attribute="fill"),), type="Bin")
    released = NOW - timedelta(hours=2.5)
    past.here.open(Selection(types=("Bin",)), "owner", history=True, aggregation=aggregation, released=released)
    assert [one["value"] for one in (await past.ask("/urn:x:1")).json()["fill"]] == [12, 11]


async def test_traces_of_deletions_are_hidden(past: PastWorld) -> None:
    gone = {"type": "Property", "value": "urn:ngsi-ld:null", "deletedAt": hours(1)}
    await past.fill("traces", [bin_(1, name=[at("a", hours(5)), gone])])
    past.here.open(SHOWN, "traces", history=True)
    assert [one["value"] for one in (await past.ask("/urn:x:1", {"options": "sysAttrs"})).json()["name"]] == ["a"]
    deleted = {"timeproperty": "deletedAt", **ALL}
    assert (await past.ask("", {"type": "Bin", **deleted})).json() == []
    assert (await past.ask("/urn:x:1", deleted)).json() == {"id": "urn:x:1", "type": "Bin"}


async def test_a_broker_that_sends_more_than_was_asked_reveals_nothing(past: PastWorld) -> None:
    past.here.open(SHOWN, "owner", history=True, retention="PT48H")
    past.history.obeys = False
    answer = await past.ask("", {"type": "Bin", **ALL})
    assert [entity["id"] for entity in answer.json()] == ["urn:x:1", "urn:x:2"]
    assert all(entity.keys() == {"id", "type", "fill"} for entity in answer.json())
    assert [one["value"] for one in answer.json()[0]["fill"]] == [13, 12, 11]


async def test_an_answer_that_is_cut_says_how_far_it_reaches(past: PastWorld) -> None:
    past.history.most = 2
    oldest = await past.ask("", {"type": "Bin", **ALL})
    assert (oldest.status_code, len(oldest.json()[0]["fill"])) == (206, 2)
    assert oldest.headers["content-range"] == f"date-time 2020-01-01T00:00:00Z-{hours(3)}/*"
    newest = await past.ask("/urn:x:1", {**ALL, "lastN": "3"})
    assert newest.headers["content-range"] == f"date-time {hours(1)}-{hours(2)}/3"
    assert [one["value"] for one in newest.json()["fill"]] == [11, 12]


async def test_of_many_entities_a_cut_answer_is_whole_up_to_where_it_reaches(past: PastWorld) -> None:
    await past.fill("many", [bin_(number, fill=[at(1, hours(9)), at(2, hours(1))]) for number in range(100, 125)])
    late = [bin_(number, fill=[at(3, hours(8)), at(4, hours(7)), at(5, hours(2))]) for number in range(125, 130)]
    await past.here.fill("many", [{"id": one["id"], "type": "Bin"} for one in late])
    past.remember("many", [bin_(n, fill=[at(1, hours(9)), at(2, hours(1))]) for n in range(100, 125)] + late)
    past.here.open(Selection(types=("Bin",), attributes=("fill",)), "many", history=True)
    past.history.most = 2
    answer = await past.ask("", {"type": "Bin", "limit": "100", **ALL})
    assert answer.headers["content-range"].endswith(f"-{hours(7)}/*")
    assert [one["value"] for entity in answer.json()[24:26] for one in entity["fill"]] == [1, 3, 4]


async def test_a_broker_that_does_not_aggregate_is_no_reason_to_show_raw_values(past: PastWorld) -> None:
    past.history.aggregates = False
    answer = await past.ask("/urn:x:1", {**ALL, "options": "aggregatedValues", "aggrMethods": "sum"})
    assert (answer.status_code, "does not aggregate" in answer.json()["detail"]) == (501, True)


async def test_a_selection_by_area_and_scope_is_that_of_now(past: PastWorld) -> None:
    def place(lon: float) -> dict[str, Any]:
        return {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [lon, 0]}, "observedAt": hours(1)}

    square = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    area = Area(type="Polygon", coordinates=(square,), geoproperty="location")
    moved = [bin_(1, location=[place(5), place(0)], scope="/A"), bin_(2, location=[place(0), place(5)], scope="/A")]
    await past.fill("moved", moved)
    past.here.open(Selection(types=("Bin",), attributes=("fill",), geo=area, scopes="/A"), "moved", history=True)
    assert [entity["id"] for entity in (await past.ask("", {"type": "Bin", **ALL})).json()] == ["urn:x:1"]
    past.here.open(Selection(types=("Bin",)), "moved", history=True)
    assert len((await past.ask("", {"type": "Bin", "scopeQ": "/A", **ALL})).json()) == 2
    assert (await past.ask("", {"type": "Bin", "scopeQ": "/B", **ALL})).json() == []


async def test_the_brokers_own_words_stay_inside(past: PastWorld) -> None:
    for told, status in [(400, 403), (414, 403), (422, 501), (404, 200)]:
        past.history.says = (told, '{"detail": "tenant owner, attribute secret"}')
        answer = await past.ask("", {"type": "Bin", **ALL})
        assert (answer.status_code, "secret" in answer.text) == (status, False)
    for broken in [(500, "trace"), (200, "<html>"), (200, "{}"), (301, "elsewhere")]:
        past.history.says = broken
        with pytest.raises(BrokerBroken) as raised:
            await past.ask("", {"type": "Bin", **ALL})
        assert broken[1] not in str(raised.value)


async def test_a_product_without_history_says_so(past: PastWorld) -> None:
    past.here.open(SHOWN, "owner")
    for path in ("", "/urn:x:1", "/urn:x:none"):
        with pytest.raises(Forbidden, match="offered without its history"):
            await past.ask(path, {"type": "Bin", **ALL} if not path else ALL)


async def test_a_broker_without_history_is_501(past: PastWorld) -> None:
    here = past.here
    here.endpoint = Endpoint(Broker(here.broker, lambda: here.broker.broker.contexts, here.broker.limits))
    answer = await past.ask("", {"type": "Bin", **ALL})
    assert (answer.status_code, answer.json()["detail"]) == (501, "the broker behind this product keeps no history")


async def test_what_is_malformed_is_explained(past: PastWorld) -> None:
    usual = "type=Bin&timerel=after&timeAt=2020-01-01T00:00:00Z"
    for params, status, told in MALFORMED:
        answer = await past.here.products.get("/ngsi-ld/v1/temporal/entities?" + params.replace("A&", usual + "&"))
        assert (answer.status_code, told in answer.json()["detail"]) == (status, True), answer.text
    assert past.history.asked == []


async def test_the_past_cannot_be_changed(past: PastWorld) -> None:
    for method, path, status in READ_ONLY:
        answer = await past.here.products.request(method, "/ngsi-ld/v1/temporal" + path, json={})
        assert answer.status_code == status, f"{method} {path} {answer.text}"
