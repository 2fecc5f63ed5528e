"""House accounts have cash of their own, an opening balance, movements, and are not overdrawn silently."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from infactor.banking import accounts, cash, matches, movements, reconciliation
from infactor.banking.accounts import AccountDetails
from infactor.banking.errors import BankingError
from infactor.banking.models import HouseAccount, Movement, StatementLine
from infactor.core.reasons import ReasonMissing
from infactor.financing.advances.funding import FundingError
from infactor.financing.collections import line_acceptance
from infactor.financing.models import Advance
from infactor.ledger import integrity
from infactor.ledger.balances import balance
from infactor.ledger.models import Entry, Purpose
from infactor.users.roles import NotAllowed
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario
from tests.support.statements import camt_statement, csv_statement, house_account, import_file

pytestmark = pytest.mark.django_db
Kind = Movement.Kind


def move(scenario: Scenario, account: HouseAccount, kind: Kind, amount: str, **given: object) -> Movement:
    return movements.record(
        account=account,
        kind=kind,
        amount=Decimal(amount),
        value_date=scenario.today,
        note="",
        by=scenario.operations,
        at=scenario.now,
        **given,  # type: ignore[arg-type]
    )


def test_the_first_account_takes_over_the_cash_and_the_opening_balance_posts_what_is_missing(
    scenario: Scenario,
) -> None:
    scenario.pay(None, "850")
    account = house_account(scenario.operations, scenario.now)
    assert cash.balance(account=account) == Decimal("850.00")
    given = {"account": account, "value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
    posted = accounts.post_opening_balance(balance=Decimal("50000.00"), **given)
    assert (posted.amount, cash.balance(account=account)) == (Decimal("49150.00"), Decimal("50000.00"))
    with pytest.raises(BankingError, match="nothing to post"):
        accounts.post_opening_balance(balance=Decimal("50000.00"), **given)
    with pytest.raises(BankingError, match="posted already"):
        accounts.post_opening_balance(balance=Decimal("1.00"), **given)
    assert integrity.verify(at=scenario.now).findings == []


def test_movements_are_posted_to_their_accounts_and_the_proof_counts_them(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    other = house_account(scenario.operations, scenario.now, number="222222222", name="Second")
    move(scenario, account, Kind.CAPITAL, "1000.00")
    move(scenario, account, Kind.FACILITY, "500.00")
    move(scenario, account, Kind.CHARGE, "-15.00")
    move(scenario, account, Kind.INTEREST, "-5.00")
    move(scenario, account, Kind.INTEREST, "2.00")
    move(scenario, account, Kind.TRANSFER, "-300.00", other_account=other)
    posted = {purpose: balance(purpose=purpose, currency="USD") for purpose in Purpose if purpose != Purpose.CASH}
    assert {purpose.value: str(amount) for purpose, amount in posted.items() if amount} == {
        "capital": "1000.00",
        "credit_facility": "500.00",
        "bank_charges": "15.00",
        "interest_expense": "5.00",
        "interest_income": "2.00",
    }
    assert (cash.balance(account=account), cash.balance(account=other)) == (Decimal("1182.00"), Decimal("300.00"))
    assert integrity.verify(at=scenario.now).findings == []
    for wrong, said in (
        ({"kind": Kind.TRANSFER, "amount": "1"}, "Name the other account"),
        ({"kind": Kind.TRANSFER, "amount": "1", "other_account": account}, "another house account"),
        ({"kind": Kind.CAPITAL, "amount": "0"}, "not zero"),
        ({"kind": Kind.CAPITAL, "amount": "0.001"}, "fraction of a cent"),
    ):
        with pytest.raises(BankingError, match=said):
            move(scenario, account, **wrong)  # type: ignore[arg-type]


def test_nothing_is_paid_out_that_overdraws_an_account_which_may_not_be(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    accounts.change(account=account, name="Main", may_be_overdrawn=False, by=scenario.operations, at=scenario.now)
    move(scenario, account, Kind.CAPITAL, "900.00")
    first = scenario.accepted(scenario.invoice(scenario.buyer("A")))
    second = scenario.accepted(scenario.invoice(scenario.buyer("B")))
    assert cash.warning(currency="USD", amount=Decimal("850.00")) == ""
    scenario.fund(first)
    assert "overdrawn by 800.00 USD" in cash.warning(currency="USD", amount=Decimal("850.00"))
    with pytest.raises(cash.Overdrawn, match=r"overdrawn by 800\.00"):
        scenario.fund(second)
    assert cash.available(account=account) == Decimal("50.00")
    move(scenario, account, Kind.CHARGE, "-60.00")  # what the bank has taken is a fact
    assert cash.available(account=account) == Decimal("-10.00")


def test_money_moves_on_the_default_account_of_its_currency(scenario: Scenario) -> None:
    first = house_account(scenario.operations, scenario.now)
    second = house_account(scenario.operations, scenario.now, number="222222222", name="Second")
    accounts.make_default(account=second, by=scenario.operations, at=scenario.now)
    scenario.funded(scenario.invoice(scenario.buyer()))
    money_out.confirm_all(scenario)
    assert (cash.balance(account=first), cash.balance(account=second)) == (0, Decimal("-850.00"))
    assert integrity.verify(at=scenario.now).findings == []


def test_only_operations_keep_accounts_and_a_bad_number_is_refused(scenario: Scenario) -> None:
    with pytest.raises(NotAllowed):
        house_account(scenario.underwriter, scenario.now)
    with pytest.raises(BankingError, match="not a valid IBAN"):
        house_account(scenario.operations, scenario.now, number="DE89370400440532013001")
    house_account(scenario.operations, scenario.now)
    with pytest.raises(BankingError, match="this number"):
        house_account(scenario.operations, scenario.now, name="Again")
    assert "12345" not in repr(AccountDetails("x", "USD", "b", "1234567"))


def reconciled(account: HouseAccount, on: date) -> tuple[Decimal, Decimal | None, list[str]]:
    found = reconciliation.reconcile(account=account, on=on)
    assert found.bank is None or found.difference == sum((one.amount for one in found.items), Decimal(0))
    return found.book, found.bank, [f"{one.text} {one.amount}" for one in found.items]


def test_books_and_bank_are_reconciled_with_every_line_that_makes_the_difference(scenario: Scenario) -> None:
    iban = "DE89370400440532013000"
    account = house_account(scenario.operations, scenario.now, currency="EUR", number=iban)
    day, before = scenario.today, scenario.today - timedelta(days=1)
    given = {"by": scenario.operations, "at": scenario.now}
    accounts.post_opening_balance(account=account, balance=Decimal("1000.00"), value_date=before, **given)
    assert reconciled(account, day)[1] is None
    data = camt_statement(
        ["250.00|B1|Buyer|INV-1", "-15.00|B2|Bank|fee"], opening="1000.00", closing="1235.00", day=day.isoformat()
    )
    import_file(data, account=None, **given)
    outgoing = move(scenario, account, Kind.CAPITAL, "-40.00")
    assert reconciled(account, day) == (
        Decimal("960.00"),
        Decimal("1235.00"),
        [
            "To be matched -250.00",
            "A debit of ours, to be explained 15.00",
            f"Not on a statement: Capital paid in or out: {account.name} -40.00",
        ],
    )
    fee = StatementLine.objects.get(amount="-15.00")
    move(scenario, account, Kind.CHARGE, "-15.00", line=fee)
    line_acceptance.record_line(line=StatementLine.objects.get(amount="250.00"), targets=[], **given)
    assert reconciled(account, day)[2] == [f"Not on a statement: Capital paid in or out: {account.name} -40.00"]
    later = camt_statement(["-40.00|B3||out"], opening="1235.00", closing="1195.00", day=day.isoformat())
    import_file(later, account=None, **given)
    line = StatementLine.objects.get(amount="-40.00")
    (entry,) = matches.unconfirmed_entries(account=account)
    line_acceptance.confirm_booked(line=line, entries=[entry], **given)
    assert entry.transaction.reference == outgoing.reference
    assert reconciled(account, day) == (Decimal("1195.00"), Decimal("1195.00"), [])
    assert integrity.verify(at=scenario.now).findings == []


def test_nothing_is_bought_in_a_currency_that_no_house_account_can_pay(scenario: Scenario) -> None:
    scenario.terms()
    advance = scenario.accepted(scenario.invoice(scenario.buyer()))
    house_account(scenario.operations, scenario.now, currency="EUR", number="DE89370400440532013000")
    with pytest.raises(FundingError, match="no house account in USD"):
        scenario.fund(advance)
    house_account(scenario.operations, scenario.now)
    assert scenario.fund(advance).status == Advance.Status.FUNDED


def test_the_nightly_proof_names_money_that_never_left_the_bank(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    given = {"by": scenario.operations, "at": scenario.now}
    import_file(csv_statement("2026-11-01;5.00;R;A;x;"), account=account, **given)
    move(scenario, account, Kind.CAPITAL, "-850.00")
    assert integrity.verify(at=scenario.now).findings == []
    scenario.later(20)
    given["at"] = scenario.now
    import_file(csv_statement("2026-11-21;6.00;R;A;x;"), account=account, **given)
    waiting, never_left = integrity.verify(at=scenario.now).findings
    assert "of 2026-11-01 over 5.00 is not in the books" in waiting
    assert "over -850.00 is on no statement up to 2026-11-21" in never_left


def test_a_movement_that_was_wrong_is_withdrawn_once_and_leaves_no_money(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    other = house_account(scenario.operations, scenario.now, number="222222222", name="Second")
    wrong = move(scenario, account, Kind.TRANSFER, "-300.00", other_account=other)
    charge = move(scenario, account, Kind.CHARGE, "-15.00")
    said = {"by": scenario.operations, "at": scenario.now}
    with pytest.raises(ReasonMissing):
        movements.withdraw(movement=wrong, reason=" x ", **said)
    with pytest.raises(NotAllowed):
        movements.withdraw(movement=wrong, reason="typed by mistake", by=scenario.underwriter, at=scenario.now)
    movements.withdraw(movement=wrong, reason="typed by mistake", **said)
    with pytest.raises(BankingError, match="withdrawn already"):
        movements.withdraw(movement=wrong, reason="typed by mistake", **said)
    assert (cash.balance(account=account), cash.balance(account=other)) == (Decimal("-15.00"), Decimal("0.00"))
    movements.withdraw(movement=charge, reason="it was capital", **said)
    assert balance(purpose=Purpose.BANK_CHARGES, currency="USD") == 0
    assert integrity.verify(at=scenario.now).findings == []


def test_a_wrong_opening_balance_is_withdrawn_and_posted_anew(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    given = {"account": account, "value_date": scenario.today, "by": scenario.operations, "at": scenario.now}
    wrong = accounts.post_opening_balance(balance=Decimal("5000.00"), **given)
    movements.withdraw(movement=wrong, reason="a zero was missing", by=scenario.operations, at=scenario.now)
    accounts.post_opening_balance(balance=Decimal("50000.00"), **given)
    assert cash.balance(account=account) == Decimal("50000.00")
    assert integrity.verify(at=scenario.now).findings == []


def test_a_line_explained_wrongly_is_taken_back_and_explained_once(scenario: Scenario) -> None:
    """Its movement goes with it: else the money would be in the books twice."""
    account = house_account(scenario.operations, scenario.now)
    import_file(
        csv_statement(f"{scenario.today.isoformat()};-40.00;;Bank;monthly fee;B1"),
        account=account,
        by=scenario.operations,
        at=scenario.now,
    )
    line = StatementLine.objects.get()
    said = {"by": scenario.operations, "at": scenario.now}
    about = {"account": account, "amount": line.amount, "value_date": line.value_date, "note": ""}
    movements.record(kind=Kind.INTEREST, line=line, **about, **said)
    reopened = line_acceptance.reopen_line(line=line, reason="it is a bank charge", **said)
    assert reopened.status == StatementLine.Status.DEBIT
    movements.record(kind=Kind.CHARGE, line=reopened, **about, **said)
    assert balance(purpose=Purpose.INTEREST_EXPENSE, currency="USD") == 0
    assert balance(purpose=Purpose.BANK_CHARGES, currency="USD") == Decimal("40.00")
    assert cash.balance(account=account) == Decimal("-40.00")
    assert integrity.verify(at=scenario.now).findings == []


def test_a_movement_recorded_by_hand_stays_when_its_line_is_taken_back(scenario: Scenario) -> None:
    account = house_account(scenario.operations, scenario.now)
    charge = move(scenario, account, Kind.CHARGE, "-40.00")
    import_file(
        csv_statement(f"{scenario.today.isoformat()};-40.00;;Bank;monthly fee;B1"),
        account=account,
        by=scenario.operations,
        at=scenario.now,
    )
    line = StatementLine.objects.get()
    said = {"by": scenario.operations, "at": scenario.now}
    entry = Entry.objects.get(transaction__reference=charge.reference, account__purpose=Purpose.CASH)
    matches.link(line=line, entries=[entry], **said)
    line_acceptance.reopen_line(line=line, reason="another line is it", **said)
    charge.refresh_from_db()
    assert (charge.withdrawn_at, cash.balance(account=account)) == (None, Decimal("-40.00"))
    matches.link(line=StatementLine.objects.get(), entries=[entry], **said)
    movements.withdraw(movement=charge, reason="not ours at all", **said)
    assert StatementLine.objects.get().status == StatementLine.Status.DEBIT
