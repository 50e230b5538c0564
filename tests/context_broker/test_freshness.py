"""How long a downloaded @context may be used."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from context_broker.freshness import DEFAULT_SECONDS, LONGEST, SHORTEST, lifetime_of


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, DEFAULT_SECONDS),
        ({"Cache-Control": "public"}, DEFAULT_SECONDS),
        ({"Cache-Control": "public, max-age=600"}, 600),
        ({"Cache-Control": "Max-Age=600", "Age": "100"}, 500),
        ({"Cache-Control": "max-age=600", "Age": "soon"}, 600),
        ({"Cache-Control": "max-age=0"}, SHORTEST),
        ({"Cache-Control": "no-store, max-age=600"}, SHORTEST),
        ({"Cache-Control": "max-age=9999999999"}, LONGEST),
        ({"Expires": "0"}, SHORTEST),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, SHORTEST),
        ({"Cache-Control": "max-age=600", "Expires": "0"}, 600),
    ],
)
def test_the_server_says_how_long_and_is_kept_within_bounds(headers: dict[str, str], seconds: float) -> None:
    assert lifetime_of(headers) == seconds


def test_a_date_of_expiry_counts_from_now() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=900), usegmt=True)
    assert 890 < lifetime_of({"Expires": date}) <= 900
