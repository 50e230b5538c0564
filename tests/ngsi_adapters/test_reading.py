"""Nothing that a source is sent may be more than a reject."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_models import WasteContainer
from data_models.schemas import validate
from ngsi_adapters.reading import each, read
from ngsi_adapters.registry import SOURCES
from ngsi_adapters.source import Change, Outcome, Record, Source
from ngsi_client.rejected import Rejected
from tests.ngsi_adapters.conftest import FETCHED, SAMPLES
from tests.ngsi_adapters.outcomes import documents_of

SAMPLE_FILES = [
    (source, path)
    for source in SOURCES
    if source.join is None and not source.fetching.members
    for path in sorted((SAMPLES / source.uid).iterdir())
]
EVERY_SAMPLE = pytest.mark.parametrize(
    ("source", "path"), SAMPLE_FILES, ids=[f"{source.uid}-{path.name}" for source, path in SAMPLE_FILES]
)
LINE_BY_LINE = frozenset({".csv", ".pb", ".txt", ".zip"})
"""A file of lines may end at any of them, a Protocol Buffers feed after any entity; archives are unpacked first."""
WITHOUT_LIMIT = settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))


def outcomes(source: Source, payload: bytes) -> list[Outcome]:
    found = list(read(source, payload, FETCHED))
    assert all(outcome.reason and outcome.source == source.uid for outcome in found if isinstance(outcome, Rejected))
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.uid)
def test_every_sample_becomes_entities_that_the_official_schema_accepts(source: Source) -> None:
    for payload in documents_of(source):
        found = list(read(source, payload, FETCHED))
        records = [outcome for outcome in found if isinstance(outcome, Record | Change)]
        assert records, found
        for record in records:
            if isinstance(record, Record):
                assert validate(record.entity.model_dump(mode="json", by_alias=True, exclude_none=True)) == []
            assert record.to_entity()["id"].startswith("urn:ngsi-ld:")


@EVERY_SAMPLE
@WITHOUT_LIMIT
@given(share=st.floats(0, 0.999))
def test_a_truncated_payload_is_rejected_with_a_reason(source: Source, path: Path, share: float) -> None:
    whole = path.read_bytes().rstrip()
    cut = outcomes(source, whole[: int(len(whole) * share)])
    assert len([found for found in cut if not isinstance(found, Rejected)]) <= len(outcomes(source, whole))
    if path.suffix not in LINE_BY_LINE:
        assert any(isinstance(found, Rejected) for found in cut)


@EVERY_SAMPLE
@WITHOUT_LIMIT
@given(data=st.data())
def test_a_damaged_payload_never_stops_the_reading(source: Source, path: Path, data: st.DataObject) -> None:
    payload = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    for outcome in outcomes(source, bytes(payload)):
        if not isinstance(outcome, Rejected):
            outcome.to_entity()


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.uid)
@WITHOUT_LIMIT
@given(payload=st.one_of(st.binary(max_size=200), st.sampled_from([b"", b"{}", b"[]", b"null", b"<a/>", b"\x00" * 9])))
def test_any_bytes_are_rejected(source: Source, payload: bytes) -> None:
    assert all(isinstance(outcome, Rejected) for outcome in outcomes(source, payload))


def test_an_entity_that_is_twice_in_a_payload_is_rejected_the_second_time() -> None:
    container = WasteContainer(id="urn:ngsi-ld:WasteContainer:1", location={"type": "Point", "coordinates": [7, 51]})

    def parse(payload: bytes, fetched_at: datetime) -> Iterable[Outcome]:
        return [Record(container), Record(container)]

    first, second = outcomes(replace(SOURCES[0], parse=parse, stream=None), b"")
    assert first == Record(container)
    assert isinstance(second, Rejected)
    assert second.kind == "duplicate"


def test_a_source_with_a_mistake_rejects_the_payload_and_does_not_raise() -> None:
    def parse(payload: bytes, fetched_at: datetime) -> Iterable[Outcome]:
        raise ZeroDivisionError("oops")

    (rejected,) = outcomes(replace(SOURCES[0], parse=parse, stream=None), b"payload")
    assert isinstance(rejected, Rejected)
    assert (rejected.kind, rejected.excerpt) == ("malformed", "payload")


@pytest.mark.parametrize(
    ("value", "kind"), [(57, "out_of_range"), ("0.5", "wrong_type"), (None, "invalid"), ("missing", "missing")]
)
def test_a_reject_says_what_kind_of_mistake_it_was(value: object, kind: str) -> None:
    def build(row: dict[str, object]) -> Change:
        name = "nowhere" if value == "missing" else "fillingLevel"
        if value is None:
            raise ValueError("not so")
        return Change(WasteContainer, "urn:ngsi-ld:WasteContainer:1", {name: row["level"]})

    (rejected,) = each([{"level": value, "id": "1"}], build, lambda row: str(row["id"]))
    assert isinstance(rejected, Rejected)
    assert (rejected.record_id, rejected.kind) == ("1", kind)
