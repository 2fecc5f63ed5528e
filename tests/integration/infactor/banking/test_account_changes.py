"""What redirects money is changed by two people, and what was before stays known."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from infactor.banking import account_changes, accounts, payment_details
from infactor.banking.account_changes import BankDetails, InvalidChange
from infactor.banking.errors import BankingError
from infactor.banking.models import AccountChange, HouseAccount, StatementLine
from infactor.banking.payment_details import PaymentDetails
from infactor.core.models import AuditEvent
from infactor.core.reasons import ReasonMissing
from infactor.core.transitions import TransitionNotAllowed
from infactor.financing.remittance_instructions import account_in
from infactor.users.models import User
from infactor.users.roles import OPERATIONS, NotAllowed
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, staff_member
from tests.support.statements import camt_statement, house_account, import_file

pytestmark = pytest.mark.django_db
NEW = "000999888777"
WHY = "The bank moved us to another branch"


@pytest.fixture
def account(scenario: Scenario) -> HouseAccount:
    return house_account(scenario.operations, scenario.now)


@pytest.fixture
def second() -> User:
    return staff_member(OPERATIONS)


def ask(scenario: Scenario, account: HouseAccount, number: str = NEW, **given: str) -> AccountChange:
    details = BankDetails(**{"bank_name": "Bank of Examples", "account_number": number, **given})
    return account_changes.request_details(
        account=account, details=details, reason=WHY, by=scenario.operations, at=scenario.now
    )


def test_a_number_changes_when_a_second_person_confirms_it(
    scenario: Scenario, account: HouseAccount, second: User
) -> None:
    change = ask(scenario, account, bank_name="Bank of Samples", routing_number="021-000-021")
    assert HouseAccount.objects.get().account_number == "000123456789"
    with pytest.raises(NotAllowed, match="Somebody else"):
        account_changes.confirm(change=change, by=scenario.operations, at=scenario.now)
    with pytest.raises(NotAllowed):
        account_changes.confirm(change=change, by=scenario.underwriter, at=scenario.now)
    account_changes.confirm(change=change, by=second, at=scenario.now)
    current = HouseAccount.objects.get()
    assert (current.account_number, current.bank_name, current.masked) == (NEW, "Bank of Samples", "••••8777")
    assert current.routing_number == "021000021"
    kept = AccountChange.objects.get()
    assert (kept.former_number, kept.former_bank_name, kept.decided_by) == ("000123456789", "Bank of Examples", second)
    told = AuditEvent.objects.get(event="house_account.details_changed")
    assert (told.actor, told.details["reason"]) == (second, WHY)
    assert NEW not in str(AuditEvent.objects.values_list("details", flat=True))
    with pytest.raises(TransitionNotAllowed):
        account_changes.confirm(change=change, by=second, at=scenario.now)


def test_a_change_does_not_overwrite_what_was_entered_while_it_waited(
    scenario: Scenario, account: HouseAccount, second: User
) -> None:
    change = ask(scenario, account)
    given: Any = {"account": account, "by": scenario.operations, "at": scenario.now}
    for details in (
        PaymentDetails(routing_number="011000015"),
        PaymentDetails(bic="COBADEFFXXX"),
        PaymentDetails(originator_name="infactor Inc"),
    ):
        payment_details.save(details=details, **given)
        with pytest.raises(InvalidChange, match="has changed since"):
            account_changes.confirm(change=change, by=second, at=scenario.now)
        assert HouseAccount.objects.get().account_number == "000123456789"
    payment_details.save(details=PaymentDetails(), **given)
    account_changes.confirm(change=change, by=second, at=scenario.now)
    assert HouseAccount.objects.get().account_number == NEW


def test_a_change_that_is_refused_or_withdrawn_changes_nothing(
    scenario: Scenario, account: HouseAccount, second: User
) -> None:
    change = ask(scenario, account)
    with pytest.raises(ReasonMissing):
        account_changes.refuse(change=change, reason=" ", by=second, at=scenario.now)
    account_changes.refuse(change=change, reason="The letter is not from the bank", by=second, at=scenario.now)
    with pytest.raises(TransitionNotAllowed):
        account_changes.confirm(change=change, by=second, at=scenario.now)
    own = ask(scenario, account)
    account_changes.refuse(change=own, reason="Typed the wrong one", by=scenario.operations, at=scenario.now)
    assert HouseAccount.objects.get().account_number == "000123456789"


@pytest.mark.parametrize(
    ("given", "said", "field"),
    [
        ({"number": "123"}, "6 to 34", "account_number"),
        ({"number": "DE00370400440532013000"}, "not a valid IBAN", "account_number"),
        ({"number": "222222222"}, "Another house account", "account_number"),
        ({"number": ""}, "Nothing of this differs", ""),
        ({"bank_name": " "}, "Enter the bank", "bank_name"),
        ({"bic": "NOBIC"}, "not a BIC", "bic"),
    ],
)
def test_what_is_no_change_or_no_number_is_refused_beside_its_field(
    scenario: Scenario, account: HouseAccount, given: dict[str, str], said: str, field: str
) -> None:
    house_account(scenario.operations, scenario.now, number="222222222", name="Second")
    with pytest.raises(InvalidChange, match=said) as refused:
        ask(scenario, account, **given)
    assert refused.value.field == field
    assert not AccountChange.objects.exists()


def test_one_change_waits_at_a_time_and_one_asked_for_before_another_applies_no_more(
    scenario: Scenario, account: HouseAccount, second: User
) -> None:
    change = ask(scenario, account)
    with pytest.raises(InvalidChange, match="waits already"):
        ask(scenario, account, "000111222333")
    HouseAccount.objects.update(bank_name="Renamed")
    with pytest.raises(InvalidChange, match="has changed since"):
        account_changes.confirm(change=change, by=second, at=scenario.now)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountChange.objects.filter(pk=change.pk).update(
            status="applied", decided_by=scenario.operations, decided_at=scenario.now
        )


def test_a_number_that_another_account_took_meanwhile_is_refused_at_the_confirmation(
    scenario: Scenario, account: HouseAccount, second: User
) -> None:
    change = ask(scenario, account)
    house_account(scenario.operations, scenario.now, number=NEW, name="Second")
    with pytest.raises(InvalidChange, match="Another house account"):
        account_changes.confirm(change=change, by=second, at=scenario.now)


def test_what_was_exported_with_the_old_number_stays_explainable(
    scenario: Scenario, account: HouseAccount, second: User
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    batch = money_out.send(scenario, advance.payouts.get())
    change = ask(scenario, account, bank_name="Bank of Samples")
    account_changes.confirm(change=change, by=second, at=scenario.now + timedelta(hours=1))
    exported_at = batch.exported_at
    assert exported_at is not None
    current = HouseAccount.objects.get()
    assert account_changes.masked_number_at(account=current, at=exported_at) == "Bank of Examples ••••6789"
    later = scenario.now + timedelta(hours=2)
    assert account_changes.masked_number_at(account=current, at=later) == "Bank of Samples ••••8777"


def test_a_statement_that_names_the_former_number_is_still_of_the_account(scenario: Scenario, second: User) -> None:
    account = house_account(scenario.operations, scenario.now, currency="EUR", number="DE89370400440532013000")
    account_changes.confirm(
        change=ask(scenario, account, "DE02120300000000202051"), by=second, at=scenario.now + timedelta(hours=1)
    )
    data = camt_statement(["5.00|B-1|Buyer|INV-1"], opening="0.00", closing="5.00", day=str(scenario.today))
    import_file(data, account=None, by=scenario.operations, at=scenario.now)
    assert StatementLine.objects.get().account == account
    # A number that another account has now means that one.
    other = house_account(
        scenario.operations, scenario.now, currency="EUR", number="DE89370400440532013000", name="Other"
    )
    assert accounts.find_by_number(number="DE89370400440532013000", currency="EUR") == [other]


def test_the_account_that_buyers_pay_to_is_changed_by_two_and_keeps_what_they_need(
    scenario: Scenario, account: HouseAccount, second: User
) -> None:
    given = {"reason": WHY, "by": scenario.operations, "at": scenario.now}
    with pytest.raises(InvalidChange, match="in whose name"):
        account_changes.request_pay_to(account=account, **given)
    details = PaymentDetails(originator_name="infactor Inc", routing_number="021000021")
    payment_details.save(account=account, details=details, by=scenario.operations, at=scenario.now)
    change = account_changes.request_pay_to(account=account, **given)
    assert not HouseAccount.objects.get().is_pay_to
    with pytest.raises(NotAllowed):
        account_changes.confirm(change=change, by=scenario.operations, at=scenario.now)
    account_changes.confirm(change=change, by=second, at=scenario.now)
    assert HouseAccount.objects.get().is_pay_to
    for changed in (replace(details, originator_name="Other"), replace(details, routing_number="011000015")):
        with pytest.raises(BankingError, match="Only two people"):
            payment_details.save(account=account, details=changed, by=scenario.operations, at=scenario.now)
    with pytest.raises(InvalidChange, match="already"):
        account_changes.request_pay_to(account=account, **given)
    other = house_account(scenario.operations, scenario.now, number="222222222", name="Second")
    payment_details.save(account=other, details=details, by=scenario.operations, at=scenario.now)
    account_changes.confirm(change=account_changes.request_pay_to(account=other, **given), by=second, at=scenario.now)
    assert [one.name for one in HouseAccount.objects.filter(is_pay_to=True)] == ["Second"]
    assert AccountChange.objects.count() == 2
    ceased = AuditEvent.objects.get(event="house_account.no_longer_pay_to")
    assert (ceased.subject_id, ceased.actor, ceased.details["instead"]) == (str(account.pk), second, other.pk)


def test_what_the_second_person_confirms_is_what_buyers_then_read(
    scenario: Scenario, account: HouseAccount, second: User
) -> None:
    """Nobody alone sets the routing number that every notice carries, by changing it while the change waits."""
    given: Any = {"account": account, "by": scenario.operations, "at": scenario.now}
    details = PaymentDetails(originator_name="infactor Inc", routing_number="021000021")
    payment_details.save(details=details, **given)
    change = account_changes.request_pay_to(reason=WHY, **given)
    asked = (change.originator_name, change.bank_name, change.last4, change.routing_number, change.bic)
    assert asked == ("infactor Inc", "Bank of Examples", "6789", "021000021", "")
    for changed in ({"originator_name": "Other"}, {"routing_number": "011000015"}, {"bic": "COBADEFFXXX"}):
        with pytest.raises(BankingError, match="waits for a second person"):
            payment_details.save(details=replace(details, **changed), **given)  # type: ignore[arg-type]
    payment_details.save(details=replace(details, country="US"), **given)
    for name, value in (("routing_number", "011000015"), ("bic", "COBADEFFXXX"), ("bank_name", "Other")):
        before = getattr(account, name) if name != "routing_number" else "021000021"
        HouseAccount.objects.update(**{name: value})
        with pytest.raises(InvalidChange, match="has changed since"):
            account_changes.confirm(change=change, by=second, at=scenario.now)
        HouseAccount.objects.update(**{name: before})
    account_changes.confirm(change=change, by=second, at=scenario.now)
    told = account_in(currency="USD")
    assert told is not None
    assert (told["holder"], told["routing"]) == ("infactor Inc", "021000021")
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountChange.objects.filter(pk=change.pk).update(originator_name="")


def test_two_people_change_in_whose_name_the_account_is_that_buyers_pay_to(
    scenario: Scenario, account: HouseAccount, second: User
) -> None:
    HouseAccount.objects.update(is_pay_to=True, originator_name="infactor Inc")
    with pytest.raises(InvalidChange, match="in whose name") as refused:
        ask(scenario, account, "", originator_name=" ")
    assert refused.value.field == "originator_name"
    change = ask(scenario, account, "", originator_name="infactor Finance Inc")
    account_changes.confirm(change=change, by=second, at=scenario.now)
    told = account_in(currency="USD")
    assert told is not None
    assert (told["holder"], told["account"]) == ("infactor Finance Inc", "000123456789")
    assert AccountChange.objects.get().former_originator_name == "infactor Inc"
