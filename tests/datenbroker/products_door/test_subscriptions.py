"""A subscription through a product tells no more than the product shows, to its maker alone, while the right lasts."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from datenbroker.following.makers import Makers
from datenbroker.identities.keys import ApiKeys
from datenbroker.identities.roles import Role
from datenbroker.products.grant import GrantState
from datenbroker.products.grants import Decision
from datenbroker.products.life_cycle import Step
from tests.datenbroker.products.council import CONSUMER, PROVIDER, STEWARD, wanted
from tests.datenbroker.products_door.followed import HOST, STATIONS, SUBSCRIPTIONS, Followed, followed, refused

pytestmark = pytest.mark.anyio

ATTRIBUTES: dict[str, Any] = {"attributes": ["status"]}


@pytest.fixture
async def product(tmp_path: Path) -> AsyncIterator[Followed]:
    """It shows the status of stations whose owner, which is hidden, is the city."""
    async with followed(tmp_path, q='owner=="city"', **ATTRIBUTES) as made:
        yield made


async def test_a_notification_has_what_the_product_shows_and_names_no_tenant(product: Followed) -> None:
    address = await product.subscribes()
    await product.puts(1, status="free", owner="city", meter="S-1")
    got = await product.receiver.next()
    assert got.entity["status"]["value"] == "free"
    assert set(got.entity) == {"id", "type", "status"}
    assert got.body["subscriptionId"] == address.rpartition("/")[2]
    assert "ngsild-tenant" not in got.headers


async def test_a_hidden_change_and_a_hidden_entity_tell_nothing(product: Followed) -> None:
    await product.puts(1, status="free", owner="city", meter="S-1")
    await product.puts(2, status="free", owner="bank")
    await product.subscribes()
    await product.puts(1, meter="S-2")
    await product.puts(2, status="used")
    assert await product.receiver.nothing()


@pytest.mark.parametrize(
    "members",
    [
        {"watchedAttributes": ["meter"]},
        {"q": 'meter=="S-1"'},
        {"q": "owner"},
        {"q": 'https://uri.etsi.org/ngsi-ld/default-context/owner=="city"'},
        {"scopeQ": "/#"},
        {"geoQ": {"georel": "near;maxDistance==9", "geometry": "Point", "coordinates": [7, 51]}},
        {"entities": [{"type": "Other"}]},
    ],
)
async def test_conditions_on_what_is_hidden_never_hold(product: Followed, members: dict[str, Any]) -> None:
    await product.subscribes(**members)
    await product.puts(1, status="free", owner="city", meter="S-1", location={"type": "Point", "coordinates": [7, 51]})
    assert await product.receiver.nothing()


async def test_the_subscriber_chooses_the_form_but_gets_nothing_more(product: Followed) -> None:
    endpoint = {"uri": product.receiver.url, "accept": "application/ld+json"}
    context = {"state": "https://uri.etsi.org/ngsi-ld/status"}
    notification = {"endpoint": endpoint, "format": "simplified", "pick": ["id", "state", "owner"], "sysAttrs": True}
    document = {
        "type": "Subscription",
        "entities": [{"type": "EVChargingStation"}],
        "notification": notification,
        "@context": context,
    }
    headers = {"Content-Type": "application/ld+json"}
    answer = await product.asks("POST", SUBSCRIPTIONS, json=document, headers=headers)
    assert answer.status_code == 201, answer.text
    await product.puts(1, status="free", owner="city")
    assert (await product.receiver.next()).entity == {"id": "urn:ngsi-ld:EVChargingStation:1", "status": "free"}


async def test_changes_and_deletions_are_told_with_former_values_of_shown_attributes(product: Followed) -> None:
    notification = {"endpoint": {"uri": product.receiver.url}, "showChanges": True}
    await product.puts(1, status="free", owner="city")
    triggers = ["attributeUpdated", "entityDeleted"]
    await product.subscribes(notification=notification, notificationTrigger=triggers)
    await product.puts(1, status="used", owner="city")
    assert (await product.receiver.next()).entity["status"]["previousValue"] == "free"
    await product.owner.delete("/ngsi-ld/v1/entities/urn:ngsi-ld:EVChargingStation:1")
    gone = (await product.receiver.next()).entity
    assert gone["deletedAt"]
    assert set(gone) <= {"id", "type", "deletedAt", "status"}


async def test_only_its_maker_sees_it_and_no_address_of_the_relay(product: Followed) -> None:
    address = await product.subscribes(subscriptionName="mine", q='status=="free"')
    own = await product.asks("GET", address)
    assert own.json()["notification"]["endpoint"]["uri"] == product.receiver.url
    assert own.json()["q"] == 'status=="free"'
    assert "watchedAttributes" not in own.json()
    assert [item["subscriptionName"] for item in (await product.asks("GET", SUBSCRIPTIONS)).json()] == ["mine"]
    assert (await product.asks("GET", SUBSCRIPTIONS, PROVIDER)).json() == []
    for method in ("GET", "DELETE"):
        assert (await product.asks(method, address, PROVIDER)).status_code == 404
    assert (await product.asks("PATCH", address, PROVIDER, json={"isActive": False})).status_code == 404


async def test_it_is_counted_changed_and_deleted_by_its_maker(product: Followed) -> None:
    address = await product.subscribes()
    await product.puts(1, status="free", owner="city")
    await product.receiver.next()
    assert (await product.asks("PATCH", address, json={"q": 'status=="used"'})).status_code == 204
    await product.puts(1, status="broken")
    assert await product.receiver.nothing()
    await product.puts(1, status="used")
    assert (await product.receiver.next()).entity["status"]["value"] == "used"
    assert (await product.asks("DELETE", address)).status_code == 204
    assert await product.at_broker() == []
    assert (await product.asks("GET", address)).status_code == 404


async def test_a_revoked_grant_silences_it_at_once_and_removes_it_with_the_next_sweep(product: Followed) -> None:
    await product.subscribes()
    (grant,) = product.desk.products.index.grants.values()
    await product.desk.grants.decide(grant.id, Decision(decision=GrantState.REVOKED, reason="misused"), STEWARD)
    await product.puts(1, status="free", owner="city")
    assert await product.receiver.nothing()
    await product.book.sweep()
    assert await product.at_broker() == []


async def test_a_grant_that_ends_and_a_product_that_retires_end_it(product: Followed) -> None:
    await product.subscribes()
    (watched,) = await product.at_broker()
    assert watched["expiresAt"].startswith("2026-12-31T23:00")
    await product.subscribes(PROVIDER)
    product.desk.now += 60 * 86_400
    await product.book.sweep()
    assert len(await product.at_broker()) == 1
    await product.desk.products.step("charging", Step.RETIRE, STEWARD)
    await product.book.sweep()
    assert await product.at_broker() == []


async def test_an_end_while_the_broker_is_down_is_made_up_for(product: Followed) -> None:
    address = await product.subscribes()
    product.down = True
    assert (await product.asks("DELETE", address)).status_code == 204
    product.down = False
    assert (await product.asks("GET", address)).status_code == 404
    await product.puts(1, status="free", owner="city")
    assert await product.receiver.nothing()
    await product.book.sweep()
    assert await product.at_broker() == []


async def test_one_that_the_broker_did_not_take_leaves_nothing(product: Followed) -> None:
    product.down = True
    document = {"type": "Subscription", "entities": [{"type": "EVChargingStation"}]}
    asked = document | {"notification": {"endpoint": {"uri": product.receiver.url}}}
    assert await refused(product.asks("POST", SUBSCRIPTIONS, json=asked)) == 503
    product.down = False
    await product.book.sweep()
    assert (await product.asks("GET", SUBSCRIPTIONS)).json() == []
    assert await product.at_broker() == []


async def test_a_new_version_of_the_product_is_watched_instead_of_the_old_one(product: Followed) -> None:
    await product.subscribes()
    (before,) = await product.at_broker()
    changed = wanted(selection={"types": ["EVChargingStation"], "attributes": ["location"]})
    await product.desk.products.change(changed, PROVIDER)
    await product.desk.release()
    await product.puts(1, status="free", owner="city")
    assert "status" not in str((await product.receiver.next()).body["data"])
    await product.book.sweep()
    (after,) = await product.at_broker()
    assert before["id"] == after["id"]
    assert after["watchedAttributes"] == ["location"]


async def test_a_maker_has_a_bound_and_nobody_without_a_key_makes_any(product: Followed) -> None:
    for _ in range(3):
        await product.subscribes()
    document = {"type": "Subscription", "entities": [{"type": "EVChargingStation"}]}
    asked = document | {"notification": {"endpoint": {"uri": product.receiver.url}}}
    assert (await product.asks("POST", SUBSCRIPTIONS, json=asked)).status_code == 403
    await product.subscribes(PROVIDER)


async def test_nobody_else_can_speak_through_the_relay(product: Followed) -> None:
    await product.subscribes()
    (watched,) = await product.at_broker()
    path = watched["notification"]["endpoint"]["uri"].removeprefix(f"http://{HOST}")
    taken = {await product.relay.take(path[:-1] + end, b'{"data": []}') for end in "0123456789abcdef"}
    assert taken == {204, 410}
    assert await product.relay.take(path, b"[]") == 400
    assert await product.relay.take("/", b"{}") == 410


async def test_a_revoked_key_ends_what_it_has_made_and_a_rotated_one_hands_it_on(product: Followed) -> None:
    keys = ApiKeys(product.desk.store, product.desk.organisations)
    product.book.makers = Makers(product.desk.store)
    made = [await keys.create(CONSUMER.organisation, [Role.DATA_CONSUMER], f"key {number}") for number in range(2)]
    callers = [await keys.caller(key) for key, _ in made]
    for caller in callers:
        await product.subscribes(caller)
    await keys.revoke(callers[0].name)
    rotated = await keys.rotate(callers[1].name, timedelta(0))
    assert rotated is not None
    await product.book.sweep()
    assert await product.book.of(callers[0], "charging") == []
    assert len(await product.book.of(await keys.caller(rotated[0]), "charging")) == 1
    assert len(await product.at_broker()) == 1


async def test_a_context_without_an_address_cannot_be_named_in_plain_json(product: Followed) -> None:
    document = {
        "type": "Subscription",
        "entities": [{"type": "EVChargingStation"}],
        "notification": {"endpoint": {"uri": product.receiver.url}},
        "@context": {"state": "https://example.org/state"},
    }
    headers = {"Content-Type": "application/ld+json"}
    answer = await product.asks("POST", SUBSCRIPTIONS, json=document, headers=headers)
    assert answer.status_code == 400
    assert "endpoint.accept" in answer.json()["detail"]
    assert await product.at_broker() == []


async def test_a_condition_on_linked_entities_counts_those_that_the_product_shows(tmp_path: Path) -> None:
    async with followed(tmp_path, q='owner=="city"', attributes=["status", "site"]) as made:
        for number, owner in ((1, "city"), (2, "bank")):
            await made.puts(number, status="open", owner=owner, meter="S-1")
        for q in ('site{status}=="open"', 'site{meter}=="S-1"'):
            await made.subscribes(q=q)
        for number, site in ((3, 2), (4, 1)):
            link = {"type": "Relationship", "object": f"urn:ngsi-ld:EVChargingStation:{site}"}
            values = {name: {"type": "Property", "value": "city"} for name in ("owner", "status")}
            station = {"id": f"urn:ngsi-ld:EVChargingStation:{number}", "type": "EVChargingStation", "site": link}
            assert (await made.owner.post(STATIONS, json=station | values)).status_code == 201
        got = await made.receiver.next()
        assert got.entity["id"] == "urn:ngsi-ld:EVChargingStation:4"
        assert await made.receiver.nothing()


async def test_the_broker_is_not_even_asked_to_send_what_is_hidden(product: Followed) -> None:
    await product.subscribes()
    (kept,) = await product.at_broker()
    assert kept["notification"]["pick"] == ["id", "type", "status"]
    assert kept["watchedAttributes"] == ["status"]


async def test_a_product_that_offers_subscriptions_no_more_ends_them(product: Followed) -> None:
    await product.subscribes()
    changed = wanted(subscriptions=False, selection={"types": ["EVChargingStation"], "attributes": ["status"]})
    await product.desk.products.change(changed, PROVIDER)
    await product.desk.release()
    await product.puts(1, status="free", owner="city")
    assert await product.receiver.nothing()
    await product.book.sweep()
    assert await product.at_broker() == []
