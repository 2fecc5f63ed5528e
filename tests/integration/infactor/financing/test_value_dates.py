"""Money moves on the days of infactor's own calendar, half an hour before midnight and wherever the supplier is."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from infactor.banking import movements
from infactor.banking.errors import BankingError
from infactor.banking.models import Movement
from infactor.financing.accounting import payoff
from infactor.financing.models import Advance
from infactor.financing.value_dates import InvalidValueDate, supplier_today, validate_value_date
from infactor.suppliers.models import Supplier
from tests.support.admin_client import preview, visible_text
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.statements import house_account

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 3, 4, 30, tzinfo=UTC)  # half past eleven on Monday evening in New York
MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)


@pytest.fixture(params=["Asia/Tokyo", "Pacific/Honolulu"])
def late(request: pytest.FixtureRequest, scenario: Scenario) -> Scenario:
    """Monday night in New York: Tuesday in Tokyo, the evening before in Honolulu."""
    Supplier.objects.update(time_zone=request.param)
    scenario.supplier.refresh_from_db()
    scenario.now = NIGHT
    scenario.books.as_of = NIGHT
    scenario.books.save()
    return scenario


def test_an_advance_is_paid_collected_and_settled_on_monday_for_any_supplier(late: Scenario) -> None:
    advance = late.accepted(late.invoice(late.buyer()))
    with pytest.raises(InvalidValueDate, match="has not come yet"):
        validate_value_date(TUESDAY, at=late.now)
    funded = late.fund(advance)
    late.pay(funded, "1000.00")
    settled = late.settle(Advance.objects.get())
    assert (settled.funded_on, settled.collected_on) == (MONDAY, MONDAY)
    late.now += timedelta(hours=1)  # it is Tuesday in New York, and still Monday in Honolulu
    assert late.money_day == TUESDAY
    assert validate_value_date(TUESDAY, at=late.now) == TUESDAY


def test_a_fee_that_is_quoted_now_runs_until_the_suppliers_today(late: Scenario) -> None:
    late.now += timedelta(hours=1)
    funded = money_out.leave(late, late.funded(late.invoice(late.buyer())))
    assert funded.funded_on == TUESDAY
    today = supplier_today(supplier=late.supplier, at=late.now + timedelta(days=31))
    days = (today - TUESDAY).days
    assert days == (31 if late.supplier.time_zone == "Asia/Tokyo" else 30)
    quotes = [
        payoff.quote_repurchase(advance=funded, on=day).fee.amount for day in (today, TUESDAY + timedelta(days=30))
    ]
    assert (quotes[0] > quotes[1]) == (days > 30)  # another period has begun in Tokyo only


def test_forms_begin_with_the_day_where_infactor_is_and_say_when_its_bank_is_closed(late: Scenario) -> None:
    house_account(late.operations, late.now)
    client = Client()
    page = "/admin/financing/collection/record/"
    typed = {"currency": "USD", "amount": "5.00", "bank_reference": "B-1"}
    parts = {"form-TOTAL_FORMS": "0", "form-INITIAL_FORMS": "0"}
    with time_machine.travel(late.now, tick=False):
        client.force_login(late.operations)
        assert 'value="2026-11-02"' in client.get(page).content.decode()
        monday, sunday = (
            visible_text(preview(client, page, **typed, **parts, value_date=day))
            for day in ("2026-11-02", "2026-11-01")
        )
    assert "Check the value date" not in monday
    assert "Nov 1, 2026 is no bank day of Operating USD, USD: it is a Sunday." in sunday


def test_a_movement_of_tomorrow_waits_unless_the_bank_has_it_on_a_statement(scenario: Scenario) -> None:
    account = house_account(scenario.operations, NIGHT)
    given = {"account": account, "kind": Movement.Kind.CAPITAL, "amount": Decimal(5), "note": "", "at": NIGHT}
    with pytest.raises(BankingError, match="has not come yet"):
        movements.record(**given, value_date=TUESDAY, by=scenario.operations)  # type: ignore[arg-type]
    assert movements.record(**given, value_date=MONDAY, by=scenario.operations).amount == 5  # type: ignore[arg-type]
