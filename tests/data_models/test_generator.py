"""What is committed is what the generator writes, and nothing is left out."""

from pathlib import Path

import pytest

from data_models import MODELS, model_of
from data_models.base import attribute_types
from data_models.generator.__main__ import differing, generated
from data_models.generator.expressions import Names, attribute_expression
from data_models.generator.schemas import Schema, read_types
from data_models.schemas import schema_types


def test_what_is_committed_is_what_the_generator_writes() -> None:
    assert differing(generated()) == []


def test_the_generator_writes_the_same_twice() -> None:
    assert generated() == generated()


def test_every_bundled_schema_has_a_model() -> None:
    assert {model.__name__ for model in MODELS} == {name for _, name in schema_types()}
    assert len(MODELS) == 60


def test_every_model_requires_what_its_schema_requires() -> None:
    for described in read_types():
        model = model_of(described.name)
        types = attribute_types(model)
        required = {name for name, known in types.items() if model.model_fields[known.field].is_required()}
        assert required == set(described.required) - {"id", "type"}, described.name
        assert described.attributes.keys() <= types.keys()


@pytest.mark.parametrize(
    ("schema", "expression"),
    [
        ({"type": "number", "minimum": 0, "maximum": 1}, "Share"),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": 0}, "Annotated[Number, Field(gt=0)]"),
        ({"type": "integer", "minimum": 1}, "Annotated[Integer, Field(ge=1)]"),
        ({"type": "string", "format": "date-time"}, "DateTime"),
        ({"type": "string", "enum": ["a", "b"]}, 'Literal["a", "b"]'),
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True, "minItems": 1}, "Distinct[str]"),
        ({"description": "Relationship. To it", "type": "string", "format": "uri"}, "Relationship"),
        ({"anyOf": [{"type": "string"}, {"type": "number"}]}, "str | Number"),
    ],
)
def test_a_schema_becomes_the_type_that_accepts_the_same(schema: Schema, expression: str) -> None:
    assert attribute_expression(schema, "Thing", Names()) == expression


def test_a_schema_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="no Python type"):
        attribute_expression({"type": "null"}, "Thing", Names())


def test_generated_modules_stay_readable() -> None:
    room = Path(__file__).parents[2] / "data_models" / "subjects"
    longest = max(len(path.read_text(encoding="utf-8").splitlines()) for path in room.glob("*.py"))
    assert longest <= 400
