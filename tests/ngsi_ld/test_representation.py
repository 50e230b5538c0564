"""Properties of the representations: normalized and concise lose nothing."""

from typing import Any

import orjson
from hypothesis import given, settings

from ngsi_ld.jsonld.context import core_context
from ngsi_ld.model.entity import read_entity
from ngsi_ld.model.representation import Representation
from tests.ngsi_ld.entities import entities

CONTEXT = core_context()


@settings(max_examples=250, deadline=None)
@given(entities())
def test_normalized_rendered_and_read_back_is_the_same_entity(entity: dict[str, Any]) -> None:
    document = read_entity(entity, CONTEXT)
    rendered = orjson.loads(orjson.dumps(Representation(CONTEXT).entity(document)))
    assert rendered == entity
    assert read_entity(rendered, CONTEXT) == document


@settings(max_examples=400, deadline=None)
@given(entities())
def test_concise_rendered_and_read_back_is_the_same_entity(entity: dict[str, Any]) -> None:
    document = read_entity(entity, CONTEXT)
    assert read_entity(Representation(CONTEXT, "concise").entity(document), CONTEXT) == document


@settings(max_examples=100, deadline=None)
@given(entities())
def test_simplified_shows_every_attribute_and_no_member(entity: dict[str, Any]) -> None:
    rendered = Representation(CONTEXT, "simplified").entity(read_entity(entity, CONTEXT))
    assert set(rendered) == set(entity)
