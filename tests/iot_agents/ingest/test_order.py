from typing import Any

from iot_agents.ingest.order import LatestTimes, Parted

HOUR = 3_600_000


def bin_of(**values: float) -> dict[str, Any]:
    made = {name: {"type": "Property", "value": value, "observedAt": "…"} for name, value in values.items()}
    return {"id": "urn:ngsi-ld:Bin:1", "type": "Bin"} | made


def parted(latest: LatestTimes, tenant: str, entity: dict[str, Any], observed: int) -> Parted:
    """And what is timely is committed."""
    found = latest.parted(tenant, entity, observed)
    if found.timely is not None:
        latest.committed(tenant, found.timely, observed)
    return found


def test_the_newest_is_timely() -> None:
    latest = LatestTimes()
    for observed in (1, 2, 2):
        assert parted(latest, "t", bin_of(fill=1), observed) == (bin_of(fill=1), None)


def test_attributes_are_parted_each_for_itself() -> None:
    latest = LatestTimes()
    parted(latest, "t", bin_of(fill=1), 2 * HOUR)
    assert parted(latest, "t", bin_of(fill=2, temperature=3), HOUR) == (bin_of(temperature=3), bin_of(fill=2))
    assert parted(latest, "t", bin_of(fill=2), HOUR) == (None, bin_of(fill=2))


def test_another_tenants_entity_of_the_same_id_is_another() -> None:
    latest = LatestTimes()
    parted(latest, "t", bin_of(fill=1), 2)
    assert parted(latest, "u", bin_of(fill=1), 1).late is None


def test_what_has_no_time_is_never_late() -> None:
    latest, standing = LatestTimes(), {"name": {"type": "Property", "value": "Glas"}}
    parted(latest, "t", bin_of() | standing, 2)
    assert parted(latest, "t", bin_of() | standing, 1).late is None


def test_memory_is_bounded_and_forgets_the_oldest_first() -> None:
    latest = LatestTimes(entities=10)
    for number in range(25):
        parted(latest, "t", bin_of(fill=1) | {"id": f"urn:{number}"}, 2)
    assert parted(latest, "t", bin_of(fill=1) | {"id": "urn:24"}, 1).late is not None
    assert parted(latest, "t", bin_of(fill=1) | {"id": "urn:0"}, 1).late is None


def test_what_was_not_committed_makes_nothing_late() -> None:
    latest = LatestTimes()
    latest.parted("t", bin_of(fill=1), 2)
    assert latest.parted("t", bin_of(fill=1), 1).late is None
