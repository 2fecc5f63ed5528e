"""The day that staff are offered for money of several suppliers is in nobody's future."""

from datetime import UTC, date, datetime

import pytest

from infactor.financing.value_dates import day_of_all
from tests.support.factories.suppliers import SupplierFactory

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 30, 1, 0, tzinfo=UTC)  # the day before in Los Angeles, the same day in Tokyo


@pytest.mark.parametrize(
    ("zones", "day"),
    [
        (["America/Los_Angeles", "Asia/Tokyo"], date(2026, 11, 29)),
        (["Asia/Tokyo"], date(2026, 11, 30)),
        ([], date(2026, 11, 30)),
    ],
)
def test_a_payment_of_today_can_be_settled_today(zones: list[str], day: date) -> None:
    for zone in zones:
        SupplierFactory(time_zone=zone)
    assert day_of_all(at=NIGHT) == day
