"""A house account is closed when nothing is left on it, and then takes nothing new; its history stays."""

from decimal import Decimal

import pytest

from infactor.banking import account_changes, accounts, closing, matches, movements, proof, reconciliation
from infactor.banking.errors import BankingError
from infactor.banking.models import HouseAccount, Movement, StatementLine
from infactor.core.models import AuditEvent
from infactor.core.reasons import ReasonMissing
from infactor.financing.advances.funding import FundingError
from infactor.financing.collections.incoming import CollectionError
from infactor.financing.money_out import batches
from infactor.ledger import integrity
from infactor.ledger.models import Entry
from infactor.users.roles import OPERATIONS, NotAllowed
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario, staff_member
from tests.support.statements import csv_statement, house_account, import_file

pytestmark = pytest.mark.django_db
WHY = "We left this bank"


@pytest.fixture
def main(scenario: Scenario) -> HouseAccount:
    return house_account(scenario.operations, scenario.now)


@pytest.fixture
def old(scenario: Scenario, main: HouseAccount) -> HouseAccount:
    """A second account in dollars, with nothing on it."""
    return house_account(scenario.operations, scenario.now, number="222222222", name="Old")


def close(scenario: Scenario, account: HouseAccount, **given: object) -> HouseAccount:
    return closing.close(**{"account": account, "reason": WHY, "by": scenario.operations, "at": scenario.now, **given})  # type: ignore[arg-type]


def move(scenario: Scenario, account: HouseAccount, amount: str, **given: object) -> Movement:
    return movements.record(
        **{  # type: ignore[arg-type]
            "account": account,
            "kind": Movement.Kind.CAPITAL,
            "amount": Decimal(amount),
            "value_date": scenario.today,
            "note": "",
            "by": scenario.operations,
            "at": scenario.now,
            **given,
        }
    )


def test_an_empty_account_is_closed_with_a_reason_and_opened_again(scenario: Scenario, old: HouseAccount) -> None:
    with pytest.raises(ReasonMissing):
        close(scenario, old, reason="")
    with pytest.raises(NotAllowed):
        close(scenario, old, by=scenario.underwriter)
    closed = close(scenario, old)
    assert (closed.closed_by, closed.closing_reason) == (scenario.operations, WHY)
    with pytest.raises(BankingError, match=r"Old, USD is closed since Nov 2, 2026"):
        close(scenario, old)
    closing.reopen(account=old, reason="There was money left", by=scenario.operations, at=scenario.now)
    with pytest.raises(BankingError, match="not closed"):
        closing.reopen(account=old, reason="There was money left", by=scenario.operations, at=scenario.now)
    events = AuditEvent.objects.filter(event__startswith="house_account.").order_by("pk")
    assert list(events.values_list("event", flat=True))[-2:] == ["house_account.closed", "house_account.reopened"]


def test_everything_that_is_against_closing_is_said(scenario: Scenario, main: HouseAccount, old: HouseAccount) -> None:
    with pytest.raises(BankingError, match="default account of USD"):
        close(scenario, main)
    move(scenario, old, "100.00")
    with pytest.raises(BankingError, match=r"The books have \$100.00 on it"):
        close(scenario, old)
    move(scenario, old, "-100.00")
    assert closing.obstacles(account=old, at=scenario.now) == []
    line = money_out.line_on(old, "100.00", on=scenario.today, at=scenario.now)
    with pytest.raises(BankingError, match=r"1 line of its statements is not in the books.*2 postings.*By the bank"):
        close(scenario, old)
    out = money_out.line_on(old, "-100.00", on=scenario.today, at=scenario.now)
    into, out_of = Entry.objects.filter(account__owner=old.ledger_owner).order_by("-debit")
    for one, entry in ((line, into), (out, out_of)):
        matches.link(line=one, entries=[entry], by=scenario.operations, at=scenario.now)
    close(scenario, old)
    assert proof.find_discrepancies() == []


def test_an_account_with_payouts_a_waiting_change_or_buyers_is_not_closed(
    scenario: Scenario, main: HouseAccount, old: HouseAccount
) -> None:
    advance = scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    payout = advance.payouts.get()
    money_out.approve(scenario, payout)
    batches.make(payout_ids=[payout.pk], house_account=old, format="csv", by=scenario.operations, at=scenario.now)
    with pytest.raises(BankingError, match="Payouts of"):
        close(scenario, old)
    third = house_account(scenario.operations, scenario.now, number="333333333", name="Third")
    HouseAccount.objects.filter(pk=third.pk).update(originator_name="infactor Inc")
    change = account_changes.request_pay_to(account=third, reason=WHY, by=scenario.operations, at=scenario.now)
    with pytest.raises(BankingError, match="waits for a second person"):
        close(scenario, third)
    account_changes.confirm(change=change, by=staff_member(OPERATIONS), at=scenario.now)
    with pytest.raises(BankingError, match="Buyers are told to pay to it"):
        close(scenario, third)


def test_a_closed_account_takes_no_payouts_statements_movements_or_changes(
    scenario: Scenario, main: HouseAccount, old: HouseAccount
) -> None:
    before = move(scenario, old, "1.00")
    move(scenario, old, "-1.00", kind=Movement.Kind.TRANSFER, other_account=main)
    close(scenario, old)
    advance = scenario.funded(scenario.invoice(scenario.buyer("A"), invoice_no="INV-1"))
    payout = advance.payouts.get()
    money_out.approve(scenario, payout)
    with pytest.raises(BankingError, match="Old, USD is closed since"):
        batches.make(payout_ids=[payout.pk], house_account=old, format="csv", by=scenario.operations, at=scenario.now)
    for account, other in ((old, None), (main, old)):
        kind = Movement.Kind.TRANSFER if other else Movement.Kind.CHARGE
        with pytest.raises(BankingError, match="Old, USD is closed"):
            move(scenario, account, "-5.00", kind=kind, other_account=other)
    with pytest.raises(BankingError, match="Old, USD is closed"):
        movements.withdraw(movement=before, reason="It was a mistake", by=scenario.operations, at=scenario.now)
    with pytest.raises(BankingError, match="Old, USD is closed"):
        accounts.make_default(account=old, by=scenario.operations, at=scenario.now)
    with pytest.raises(BankingError, match="Old, USD is closed"):
        account_changes.request_pay_to(account=old, reason=WHY, by=scenario.operations, at=scenario.now)
    data = csv_statement(f"{scenario.today};5.00;;A;INV-1;")
    file = import_file(data, account=old, by=scenario.operations, at=scenario.now)
    assert (file.new_lines, file.refusals) == (
        0,
        [["line 2", "The house account Old, USD is closed since Nov 2, 2026. It takes nothing new."]],
    )
    assert not StatementLine.objects.exists()


def test_a_closed_account_stays_in_the_proof_and_in_its_reconciliation(
    scenario: Scenario, main: HouseAccount, old: HouseAccount
) -> None:
    close(scenario, old)
    assert reconciliation.reconcile(account=old, on=scenario.today).book == 0
    assert integrity.verify(at=scenario.now).findings == []
    HouseAccount.objects.filter(pk=old.pk).update(closed_at=None, closed_by=None, closing_reason="")
    move(scenario, old, "7.00")
    HouseAccount.objects.filter(pk=old.pk).update(
        closed_at=scenario.now, closed_by=scenario.operations, closing_reason=WHY
    )
    assert integrity.verify(at=scenario.now).findings == ["Old, USD is closed, and the books have 7.00 on it."]


def test_the_last_account_of_a_currency_is_closed_once_nothing_is_open_in_it(
    scenario: Scenario, main: HouseAccount
) -> None:
    euro = house_account(scenario.operations, scenario.now, currency="EUR", number="444444444", name="Euro")
    HouseAccount.objects.filter(pk=euro.pk).update(originator_name="infactor Inc", is_pay_to=True)
    move(scenario, euro, "10.00")
    with pytest.raises(BankingError, match=r"^The books have €10.00 on it\.$"):
        close(scenario, euro)
    move(scenario, euro, "-10.00")
    closed = close(scenario, euro)
    assert (closed.is_default, closed.is_pay_to) == (False, False)
    with pytest.raises(BankingError, match="is closed since"):
        close(scenario, euro)
    event = AuditEvent.objects.get(event="house_account.closed")
    assert event.details["last_of"] == "EUR"
    with pytest.raises(CollectionError, match="Every house account in EUR is closed"):
        scenario.arrive("5", targets=[], currency="EUR")
    assert proof.find_discrepancies() == []
    other = house_account(scenario.operations, scenario.now, currency="EUR", number="555555555", name="Another")
    assert (other.is_default, other.ledger_owner) == (True, "bank:2")
    reopened = closing.reopen(account=euro, reason="A late refund", by=scenario.operations, at=scenario.now)
    assert reopened.is_default is False


def test_an_account_that_is_opened_again_alone_is_the_default_again(scenario: Scenario, main: HouseAccount) -> None:
    close(scenario, main)
    assert not HouseAccount.objects.filter(is_default=True).exists()
    assert closing.reopen(account=main, reason="We stay", by=scenario.operations, at=scenario.now).is_default


def test_the_last_account_stays_while_anything_is_open_in_its_currency(scenario: Scenario, main: HouseAccount) -> None:
    scenario.terms()
    invoices = [scenario.invoice(scenario.buyer(), invoice_no=f"INV-{number}") for number in range(3)]
    scenario.request(invoices[0])
    scenario.offer(invoices[1])
    advance = scenario.funded(invoices[2])
    with pytest.raises(BankingError) as refused:
        close(scenario, main)
    for text in (
        "It is the last account of USD, in which this is open: 1 invoice waits for an offer.",
        "1 offer can be accepted.",
        "1 advance is not closed.",
        "1 payout is not confirmed by the bank.",
        "Payouts of $",
    ):
        assert text in str(refused.value)
    assert "Make another one the default" not in str(refused.value)
    payout = advance.payouts.get()
    money_out.approve(scenario, payout)
    batches.make(payout_ids=[payout.pk], house_account=main, format="csv", by=scenario.operations, at=scenario.now)
    scenario.pay(None, "70")
    with pytest.raises(BankingError, match=r"1 batch is not exported\. \$70\.00 of payments are matched to nothing\."):
        close(scenario, main)
    main.refresh_from_db()
    assert (main.closed_at, main.is_default) == (None, True)


def test_nothing_is_bought_in_a_currency_whose_accounts_are_all_closed(scenario: Scenario, main: HouseAccount) -> None:
    scenario.terms()
    close(scenario, main)
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    with pytest.raises(FundingError, match="house account"):
        scenario.fund(advance)
