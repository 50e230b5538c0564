"""Laws of fragments: what append, update, merge and replace make of an entity."""

import copy
from typing import Any

from hypothesis import given, settings

from ngsi_ld.jsonld.context import core_context
from ngsi_ld.model import fragments
from ngsi_ld.model.entity import read_entity, read_fragment, stamp
from ngsi_ld.model.kinds import EntityDocument, attributes_of
from tests.ngsi_ld.entities import entities

CONTEXT = core_context()
BEFORE, AFTER = "2031-01-01T00:00:00.000Z", "2031-01-02T00:00:00.000Z"


def stored(entity: dict[str, Any]) -> EntityDocument:
    return stamp(read_entity(entity, CONTEXT), BEFORE)


def timeless(node: Any) -> Any:
    """An instance without its system times, at every depth."""
    if isinstance(node, list):
        return [timeless(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {member: timeless(value) for member, value in node.items() if member not in ("createdAt", "modifiedAt")}


def content(entity: EntityDocument) -> dict[str, Any]:
    """Instances by attribute and dataset, without system times."""
    return {
        name: {instance.get("datasetId"): timeless(instance) for instance in entity[name]}
        for name in attributes_of(entity)
    }


@settings(max_examples=150, deadline=None)
@given(entities(), entities())
def test_replace_gives_the_new_content_and_the_old_creation(one: dict[str, Any], other: dict[str, Any]) -> None:
    old = stored(one)
    outcome = fragments.replace(old, read_fragment(other, CONTEXT, nulls=False), AFTER)
    assert content(outcome.entity) == content(stored(other))
    assert (outcome.entity["createdAt"], outcome.entity["modifiedAt"]) == (BEFORE, AFTER)


@settings(max_examples=150, deadline=None)
@given(entities(), entities())
def test_append_and_update_give_new_instances_over_old_ones(one: dict[str, Any], other: dict[str, Any]) -> None:
    old, new = content(stored(one)), content(stored(other))
    expected = {name: {**old.get(name, {}), **new.get(name, {})} for name in {*old, *new}}
    for change in (fragments.append, fragments.update):
        assert content(change(stored(one), read_fragment(other, CONTEXT, nulls=True), AFTER).entity) == expected


@settings(max_examples=150, deadline=None)
@given(entities(), entities())
def test_append_without_overwrite_never_changes_what_is_there(one: dict[str, Any], other: dict[str, Any]) -> None:
    old, new = content(stored(one)), content(stored(other))
    fragment = read_fragment(other, CONTEXT, nulls=False)
    outcome = fragments.append(stored(one), fragment, AFTER, overwrite=False)
    expected = {name: {**new.get(name, {}), **old.get(name, {})} for name in {*old, *new}}
    assert content(outcome.entity) == expected
    assert set(outcome.updated) | {name for name, _ in outcome.not_updated} == set(attributes_of(fragment))


@settings(max_examples=150, deadline=None)
@given(entities())
def test_every_change_with_the_entity_itself_changes_nothing(one: dict[str, Any]) -> None:
    old = stored(one)
    for change in (fragments.append, fragments.update, fragments.merge, fragments.replace):
        outcome = change(old, read_fragment(one, CONTEXT, nulls=True), AFTER)
        assert content(outcome.entity) == content(old)
        assert outcome.changes == []


@settings(max_examples=150, deadline=None)
@given(entities(), entities())
def test_no_change_touches_the_stored_document(one: dict[str, Any], other: dict[str, Any]) -> None:
    old = stored(one)
    kept = copy.deepcopy(old)
    for change in (fragments.append, fragments.update, fragments.replace):
        change(old, read_fragment(other, CONTEXT, nulls=True), AFTER)
        assert old == kept


@settings(max_examples=100, deadline=None)
@given(entities())
def test_merging_nulls_leaves_no_attribute(one: dict[str, Any]) -> None:
    old = stored(one)
    nulls = {name: {None: "urn:ngsi-ld:null"} for name in attributes_of(old)}
    for dataset in (None, "urn:d:1"):
        fragment = {
            name: {"value": "urn:ngsi-ld:null", **({"datasetId": dataset} if dataset else {})} for name in nulls
        }
        old = fragments.merge(old, read_fragment(fragment, CONTEXT, nulls=True), AFTER).entity
    assert attributes_of(old) == []
