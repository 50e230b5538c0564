"""A row that has not changed is not read again, unless the broker no longer has what it says."""

from dataclasses import dataclass, field
from typing import Any

from data_models import WasteContainer
from ngsi_adapters.loop.known import Known
from ngsi_adapters.loop.rows import Rows
from ngsi_adapters.reading import Same
from ngsi_adapters.source import Change, Outcome, Unread

AT = "2026-11-23T01:00:00Z"
Row = dict[str, Any]


@dataclass
class Poll:
    """Rows told to the broker; `read` are those that were looked into."""

    known: Known = field(default_factory=lambda: Known("x"))
    rows: Rows = field(default_factory=Rows)
    read: list[Row] = field(default_factory=list)

    def __call__(self, *rows: Row) -> list[Outcome | Same]:
        outcomes = [self.rows.recognise(Unread(row, self._outcome), self.known) for row in rows]
        told = {one.entity_id: self.known.news(one.to_entity(), AT)[1] for one in outcomes if isinstance(one, Change)}
        for entity_id, digests in told.items():
            self.rows.keep(entity_id, digests, self.known)
        return outcomes

    def _outcome(self, row: Row) -> Outcome:
        self.read.append(row)
        return Change(WasteContainer, entity_id(row["number"]), {"fillingLevel": row["level"]})


def entity_id(number: int) -> str:
    return f"urn:ngsi-ld:WasteContainer:{number}"


def test_an_unchanged_row_is_not_read_again() -> None:
    poll, one, other = Poll(), {"number": 1, "level": 0.5}, {"number": 2, "level": 0.5}
    poll(one, other)
    assert poll(one, other | {"level": 0.6})[0] == Same(entity_id(1))
    assert poll.read == [one, other, other | {"level": 0.6}]


def test_a_row_that_says_what_it_said_before_last_is_read_again() -> None:
    poll, one = Poll(), {"number": 1, "level": 0.5}
    poll(one)
    poll(one | {"level": 0.6})
    assert isinstance(poll(one)[0], Change)


def test_rows_are_read_again_where_the_broker_may_have_lost_what_they_say() -> None:
    poll, one = Poll(), {"number": 1, "level": 0.5}
    poll(one)
    poll.known.doubt()
    assert isinstance(poll(one)[0], Change)
    poll.known.forget()
    assert isinstance(poll(one)[0], Change)
    assert isinstance(poll(one)[0], Same)


def test_a_row_whose_entity_is_not_what_it_says_is_read_each_time() -> None:
    poll, one = Poll(), {"number": 1, "level": 0.5}
    outcome = poll.rows.recognise(Unread(one, poll._outcome), poll.known)
    assert isinstance(outcome, Change)
    poll.rows.forget(entity_id(1))
    poll.rows.keep(entity_id(1), poll.known.news(outcome.to_entity(), AT)[1], poll.known)
    assert isinstance(poll(one)[0], Change)


def test_rows_that_cannot_be_digested_are_read_each_time() -> None:
    poll, one = Poll(), {"number": 1, "level": 0.5, "text": "\ud800"}
    assert [type(poll(one)[0]) for _ in range(2)] == [Change, Change]


def test_of_each_entity_only_the_last_row_is_remembered() -> None:
    poll = Poll()
    for level in range(100):
        poll({"number": 1, "level": level / 100}, {"number": 2, "level": 0.5})
    assert len(poll.rows) == 2


def test_no_more_rows_are_remembered_than_entities() -> None:
    poll = Poll(Known("x", most=1))
    poll(*({"number": number, "level": 0.5} for number in range(9)))
    assert len(poll.rows) == 1
