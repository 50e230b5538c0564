"""Periodic notifications of more entities than one may carry."""

import pytest

from context_broker.limits import Limits
from tests.conformance.client import Client
from tests.conformance.receiver import Receiver
from tests.conformance.subscribing import subscribe

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("limits", [Limits(allow_private_targets=True, page_max=2)])
async def test_more_entities_than_a_page_go_in_several_notifications(broker: Client, receiver: Receiver) -> None:
    for number in range(5):
        await broker.create(id=f"urn:ngsi-ld:Kiosk:{number}", queue=number)
    await subscribe(broker, receiver, timeInterval=0.5)
    told = [(await receiver.next()).data for _ in range(3)]
    assert [[entity["id"][-1] for entity in data] for data in told] == [["0", "1"], ["2", "3"], ["4"]]
