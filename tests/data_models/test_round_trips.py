"""Whatever a model accepts, it writes as NGSI-LD that the official schema accepts, and reads back the same."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data_models import MODELS, Device, SmartDataModel
from data_models.base import attribute_types
from data_models.schemas import validate
from data_models.subjects.device import Configuration
from tests.data_models.strategies import entities

PHASES = [Phase.explicit, Phase.generate, Phase.shrink]
EXAMPLES = settings(max_examples=10, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))


def key_values(entity: dict[str, Any]) -> dict[str, Any]:
    """The simplified form of a normalized entity (4.5.4)."""
    return {
        name: member if name in ("id", "type") else member.get("value", member.get("object"))
        for name, member in entity.items()
    }


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@EXAMPLES
@given(data=st.data())
def test_what_a_model_writes_is_valid_by_the_official_schema_and_read_back_the_same(
    model: type[SmartDataModel], data: st.DataObject
) -> None:
    entity = data.draw(entities(model))
    written = entity.to_ngsi_ld()
    assert validate(key_values(written)) == []
    assert model.from_ngsi_ld(written) == entity
    assert model.from_ngsi_ld(key_values(written)) == entity
    for name, known in attribute_types(model).items():
        if name in written:
            assert model.attribute(name, getattr(entity, known.field)) == written[name]


def test_the_items_of_a_list_are_no_instances_of_an_attribute() -> None:
    device = Device(id="urn:ngsi-ld:Device:1", controlledProperty=["x"], configuration=[Configuration(value="00")])
    assert Device.from_ngsi_ld(key_values(device.to_ngsi_ld())) == device
