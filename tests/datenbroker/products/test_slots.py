"""Bounds of what is under way at once."""

from contextlib import ExitStack

import pytest

from datenbroker.gateway.downloads.slots import Slots
from datenbroker.gateway.problems import BrokerDown, TooManyRequests


def test_nobody_takes_all_and_what_has_ended_is_free_again() -> None:
    slots = Slots("exports", most=3, each=2, again=10)
    with ExitStack() as one:
        for _ in range(2):
            one.enter_context(slots.taken("one"))
        with pytest.raises(TooManyRequests, match="2 exports of yours"), slots.taken("one"):
            pass
        with slots.taken("other"), pytest.raises(BrokerDown) as refused, slots.taken("third"):
            pass
        assert refused.value.headers == [(b"retry-after", b"10")]
    with slots.taken("one"), slots.taken("one"), slots.taken("third"):
        pass
