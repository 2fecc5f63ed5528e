"""Staff hear once of a house account that is wrong, and again when it was mended and is wrong anew."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from infactor.banking import closing, movements
from infactor.banking.models import AccountAlert, HouseAccount, Movement, Statement
from infactor.core.models import OutgoingMail
from infactor.desk.mails import house_accounts
from infactor.desk.models import MailChoice
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.statements import house_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(scenario: Scenario) -> HouseAccount:
    return house_account(scenario.operations, scenario.now)


def subjects() -> list[str]:
    rows = OutgoingMail.objects.filter(key__startswith="desk.house_accounts").order_by("pk")
    return [one.subject.strip() for one in rows]


def stated(scenario: Scenario, account: HouseAccount, *, days: int = 0, balance: str | None = None) -> None:
    """A statement that ends this many days after the scenario's today."""
    money_out.line_on(account, "1.00", on=scenario.today, at=scenario.now)
    day = scenario.today + timedelta(days=days)
    value = None if balance is None else Decimal(balance)
    Statement.objects.filter(pk=Statement.objects.latest("pk").pk).update(to_date=day, closing_balance=value)


def test_an_account_without_a_new_statement_is_told_of_once_until_one_comes(
    scenario: Scenario, account: HouseAccount, settings: Settings
) -> None:
    settings.STATEMENT_DAYS = 3
    later = scenario.now + timedelta(days=21)
    assert house_accounts.watch(at=later) == 0, "no money moves on it"
    scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    assert house_accounts.watch(at=scenario.now + timedelta(days=2)) == 0
    assert house_accounts.watch(at=later) == 1
    assert house_accounts.watch(at=later) == 0
    people = len(subjects())
    assert set(subjects()) == {"No new statement of Operating USD, USD"}
    stated(scenario, account, days=20)
    assert house_accounts.watch(at=later) == 0
    assert AccountAlert.objects.get().ended_at == later
    assert house_accounts.watch(at=later + timedelta(days=14)) == 1
    assert len(subjects()) == 2 * people


def test_weekends_and_holidays_are_no_days_without_a_statement(
    scenario: Scenario, account: HouseAccount, settings: Settings
) -> None:
    settings.STATEMENT_DAYS = 3
    scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    # Monday Nov 2 to Friday: Tuesday, Wednesday and Thursday are three bank days, Friday's statement comes next week.
    assert [house_accounts.watch(at=scenario.now + timedelta(days=days)) for days in (4, 6, 7)] == [0, 1, 0]


@pytest.mark.parametrize("may_be_overdrawn", [True, False])
def test_an_overdraft_in_the_books_or_by_the_bank_is_told_unless_it_is_agreed(
    scenario: Scenario, account: HouseAccount, settings: Settings, may_be_overdrawn: bool
) -> None:
    HouseAccount.objects.update(may_be_overdrawn=may_be_overdrawn)
    stated(scenario, account, balance="-5.00")
    movements.record(
        account=account,
        kind=Movement.Kind.CHARGE,
        amount=Decimal(-5),
        value_date=scenario.today,
        note="",
        by=scenario.operations,
        at=scenario.now,
    )
    kinds = {"overdrawn", "overdrawn_by_bank"} if not may_be_overdrawn else set()
    assert house_accounts.watch(at=scenario.now) == len(kinds)
    assert {one.kind for one in AccountAlert.objects.all()} == kinds
    assert set(subjects()) == ({"Operating USD, USD is overdrawn"} if kinds else set())
    HouseAccount.objects.update(may_be_overdrawn=True)
    assert house_accounts.watch(at=scenario.now) == 0
    assert not AccountAlert.objects.filter(ended_at=None).exists()


def test_a_currency_in_which_nobody_can_be_told_where_to_pay_is_told_of(
    scenario: Scenario, account: HouseAccount, settings: Settings
) -> None:
    scenario.accepted(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    assert house_accounts.watch(at=scenario.now) == 0
    settings.PAY_TO_CURRENCIES = ["EUR"]
    MailChoice.objects.create(user=scenario.operations, house_accounts=False)
    assert house_accounts.watch(at=scenario.now) == 1
    assert scenario.operations.email not in OutgoingMail.objects.values_list("to", flat=True)
    HouseAccount.objects.update(is_pay_to=True, originator_name="infactor Inc")
    assert house_accounts.watch(at=scenario.now) == 0
    assert not AccountAlert.objects.filter(ended_at=None).exists()


def test_a_closed_account_is_asked_for_no_statements(scenario: Scenario, account: HouseAccount) -> None:
    old = house_account(scenario.operations, scenario.now, number="222222222", name="Old")
    closing.close(account=old, reason="We left this bank", by=scenario.operations, at=scenario.now)
    scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    house_accounts.watch(at=scenario.now + timedelta(days=30))
    assert not AccountAlert.objects.filter(account=old).exists()
