"""What may be described as a product."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from datenbroker.products.product import duration
from tests.datenbroker.products.council import described, wanted

SUM = {"measures": [{"attribute": "energy"}]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"slug": "Charging"}, "slug"),
        ({"slug": "a" * 42}, "slug"),
        ({"licence": "MIT"}, "dl-by-de/2.0"),
        ({"theme": "CARS"}, "TRAN"),
        ({"update_interval": "hourly"}, "PT15M"),
        ({"contact": {"name": "x", "email": "nobody"}}, "email"),
        ({"title": {"de": "Nur deutsch"}}, "title.en"),
        ({"visibility": "open", "licence": "other-closed"}, "open licence"),
        ({"aggregation": SUM | {"floor": 2}}, "floor"),
        ({"aggregation": {"measures": [{"attribute": "energy", "function": "max"}]}}, "function"),
        ({"aggregation": SUM}, "energy, which is not selected"),
        ({"hvd_category": "c_00000000"}, "c_38933a65 (Waste)"),
        ({"hvd_category": "c_38933a65", "visibility": "konzern"}, "is open and has one of the licences"),
        ({"hvd_category": "c_38933a65", "visibility": "open", "licence": "cc-by-sa/4.0"}, "cc-by/4.0"),
        ({"keywords": ["x" * 61]}, "keywords"),
        ({"successor": "Not a slug"}, "successor"),
        ({"state": "available"}, "state"),
        ({"organisation": "hcr"}, "organisation"),
    ],
)
def test_what_is_no_product_is_refused_with_what_is_wrong(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        wanted(**change)
    assert said in str(refused.value)


def test_a_product_is_read_as_its_owner_wrote_it() -> None:
    assert wanted().model_dump(mode="json", exclude_unset=True) == described()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P2W", timedelta(weeks=2)),
        ("P1DT12H", timedelta(days=1.5)),
        ("PT15M", timedelta(minutes=15)),
        ("PT1H30M10S", timedelta(hours=1, minutes=30, seconds=10)),
    ],
)
def test_a_duration_is_read(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize("text", ["", "P", "PT", "P1M", "P1Y", "P0D", "1H", "PT1.5H", "P1DT", "-PT1H"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        duration(text)
