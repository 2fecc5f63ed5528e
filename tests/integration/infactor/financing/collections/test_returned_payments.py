"""A debit of a statement is matched as a buyer's payment that came back: one that its line may mean, and once."""

import pytest

from infactor.banking.errors import BankingError
from infactor.banking.models import HouseAccount, StatementLine
from infactor.financing.collections import payments, returned_payments
from infactor.financing.collections.incoming import CollectionError
from infactor.financing.corrections import collection_returns
from infactor.financing.models import Advance, Collection
from infactor.ledger.integrity import verify
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.statements import csv_statement, house_account, import_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(scenario: Scenario) -> HouseAccount:
    return house_account(scenario.operations, scenario.now)


def fresh(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice").get(pk=advance.pk)


def load(scenario: Scenario, account: HouseAccount, amount: str) -> StatementLine:
    data = csv_statement(f"{scenario.today};{amount};W{amount};Northwind;;")
    import_file(data, account=account, by=scenario.operations, at=scenario.now)
    return StatementLine.objects.get(amount=amount, account=account)


def taken_back_by(scenario: Scenario, line: StatementLine, payment: Collection) -> Collection:
    return returned_payments.accept(
        line=line, collection=payment, reason="R01", by=scenario.operations, at=scenario.now
    )


def test_a_debit_records_the_return_of_the_payment_that_it_is_and_another_one_when_that_was_wrong(
    scenario: Scenario, account: HouseAccount
) -> None:
    buyer = scenario.buyer()
    wrong, right = scenario.funded(scenario.invoice(buyer)), scenario.funded(scenario.invoice(buyer))
    first = scenario.pay(wrong, "1000", bank_reference="TRN 1")
    second = scenario.pay(right, "1000", bank_reference="TRN 2")
    scenario.later(2)
    line = load(scenario, account, "-1000.00")
    taken_back_by(scenario, line, first)
    line.refresh_from_db()
    assert (line.status, fresh(wrong).status) == (StatementLine.Status.MATCHED, Advance.Status.FUNDED)
    assert Collection.objects.get(pk=first.pk).returned_on == line.booking_date
    assert verify(at=scenario.now).findings == []
    for again in (first, second):  # a double click, and another payment by the same line
        with pytest.raises((CollectionError, BankingError)):
            taken_back_by(scenario, line, again)
    assert Collection.objects.get(pk=second.pk).returned_on is None

    collection_returns.take_back(
        collection=first, by=scenario.operations, at=scenario.now, reason="Recorded on the wrong payment"
    )
    line.refresh_from_db()
    assert line.status == StatementLine.Status.DEBIT
    taken_back_by(scenario, line, second)
    assert (fresh(wrong).status, fresh(right).status) == (Advance.Status.COLLECTED, Advance.Status.FUNDED)
    assert verify(at=scenario.now).findings == []


def test_a_debit_is_likely_the_payment_whose_reference_or_payer_it_names(
    scenario: Scenario, account: HouseAccount
) -> None:
    scenario.arrive("700", targets=[], bank_reference="TRN 1", payer="Somebody else Inc")
    by_payer = scenario.arrive("700", targets=[], bank_reference="TRN 2", payer="Lakeside Grocers LLC")
    named = scenario.arrive("700", targets=[], bank_reference="TRN 345678", payer="Third Ltd")
    other_amount = scenario.arrive("701", targets=[], bank_reference="TRN 4", payer="Lakeside Grocers LLC")
    later = scenario.arrive("700", targets=[], bank_reference="TRN 5", payer="Lakeside Grocers LLC", is_another=True)
    payments.record_return(
        collection=later, value_date=scenario.today, reason="R01", by=scenario.operations, at=scenario.now
    )
    data = csv_statement(f"{scenario.today};-700.00;RET;Lakeside Grocers;Return of TRN-345678;")
    import_file(data, account=account, by=scenario.operations, at=scenario.now)
    line = StatementLine.objects.get()
    assert returned_payments.likely(line=line) == [named, by_payer]
    assert other_amount not in returned_payments.returnable(line=line)
    assert f"It has the amount of {named}" in returned_payments.reasons(line=line)[0]
    with pytest.raises(CollectionError, match="another amount"):
        taken_back_by(scenario, line, other_amount)
    other = house_account(scenario.operations, scenario.now, number="222222222", name="Second")
    elsewhere = money_out.line_on(other, "-700", on=scenario.today, at=scenario.now)
    with pytest.raises(CollectionError, match="another account"):
        taken_back_by(scenario, elsewhere, named)
    assert Collection.objects.get(pk=named.pk).returned_on is None
