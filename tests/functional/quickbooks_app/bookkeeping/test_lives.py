"""The books say to the cent what the design's example says after every step of an advance, and balance."""

from decimal import Decimal

import pytest

from infactor.banking.models import StatementLine
from infactor.financing import payouts
from infactor.financing.advances import repurchases, short_payments, write_offs
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.corrections import advance_corrections, returned_payouts
from infactor.financing.models import Advance, Collection, Payout
from infactor.financing.money_out import bank_lines
from quickbooks_app.bookkeeping import entries
from quickbooks_app.models import Push
from quickbooks_app.pushes import worker
from tests.functional.quickbooks_app.bookkeeping.conftest import Books
from tests.support.scenarios import money_out

pytestmark = pytest.mark.django_db


class Watch:
    """What the accounts moved by since the beginning, debits positive, after infactor has written what is due."""

    def __init__(self, books: Books) -> None:
        self.books, self.begin = books, books.balances()

    def moved(self) -> dict[str, str]:
        money_out.confirm_all(self.books.scenario)
        self.books.work()
        failed = Push.objects.filter(state="failed").values_list("entity", "error")
        assert not failed.exists(), list(failed)
        return self.so_far()

    def so_far(self) -> dict[str, str]:
        now = self.books.balances()
        found = {role: now[role] - self.begin[role] for role in now if role != "vendor"}
        return {role: f"{amount:.2f}" for role, amount in found.items() if amount}


def current(advance: Advance) -> Advance:
    return Advance.objects.select_related("invoice").get(pk=advance.pk)


def test_a_whole_life_is_in_the_books_to_the_cent_after_every_step(books: Books) -> None:
    bought = books.invoice()
    watch = Watch(books)
    assert watch.moved() == {}
    advance = books.scenario.funded(bought)
    assert (advance.amount, advance.reserve) == (Decimal("8500.00"), Decimal("1500.00"))
    assert watch.moved() == {"bank": "8500.00", "advances": "-8500.00"}
    assert books.open_of(advance) == Decimal(10000), "the advance never marks the invoice paid"
    books.scenario.later(55)
    books.scenario.pay(advance, "10000")
    paid = {"bank": "8500.00", "advances": "-8500.00", "due": "10000.00", "receivables": "-10000.00"}
    assert watch.moved() == paid
    assert books.open_of(advance) == 0
    settled = books.scenario.settle(current(advance))
    assert (settled.fee, settled.rebate) == (Decimal("300.00"), Decimal("1200.00"))
    (settlement,) = entries.request_due(connection_id=books.connection.pk, at=books.company.clock())
    worker.perform(push_id=settlement, now=books.company.clock)  # the rebate is on its way, and in no books yet
    assert watch.so_far() == {"bank": "8500.00", "due": "1200.00", "fees": "300.00", "receivables": "-10000.00"}
    assert watch.moved() == {"bank": "9700.00", "fees": "300.00", "receivables": "-10000.00"}
    assert books.entry("settlement").amounts == {
        "advances": Decimal(8500),
        "fees": Decimal(300),
        "due": Decimal(-8800),
    }
    assert [one for one, _ in books.states()] == ["advance", "buyer_payment", "settlement", "rebate"]
    books.work()
    assert Push.objects.filter(purpose="bookkeeping", entity__in=["Deposit", "Payment", "JournalEntry"]).count() == 4


def test_wire_and_late_fees_are_expenses_and_the_accounts_end_at_zero(books: Books) -> None:
    books.scenario.terms(wire_fee=Decimal(25), late_fee_rate=Decimal("0.05"))
    bought = books.invoice()
    watch = Watch(books)
    advance = books.scenario.funded(bought)
    assert watch.moved() == {"bank": "8475.00", "advances": "-8500.00", "fees": "25.00"}
    books.scenario.later(60)  # due after 40 days, 10 days of grace: ten late days of 5
    books.scenario.pay(advance, "10000")
    settled = books.scenario.settle(current(advance))
    assert (settled.fee, settled.late_fee, settled.rebate) == (Decimal(350), Decimal(50), Decimal(1150))
    # 8,475 + 1,150 in the bank, 25 + 350 of fees.
    assert watch.moved() == {"bank": "9625.00", "fees": "375.00", "receivables": "-10000.00"}


def test_partial_payments_a_short_payment_and_a_surplus_end_at_zero(books: Books) -> None:
    advance = books.fund()
    watch = Watch(books)
    books.scenario.later(20)
    books.scenario.pay(advance, "4000")
    assert watch.moved()["due"] == "4000.00"
    assert books.open_of(advance) == Decimal(6000)
    short_payments.accept_short_payment(
        advance=current(advance),
        amount=Decimal(100),
        value_date=books.scenario.today,
        by=books.scenario.operations,
        at=books.scenario.now,
        reason="Two bags were missing.",
    )
    books.scenario.later(35)
    books.scenario.pay(advance, "5950")  # fifty more than is open
    books.scenario.settle(current(advance))
    assert watch.moved() == {"bank": "9600.00", "due": "50.00", "fees": "300.00", "receivables": "-9950.00"}
    assert books.open_of(advance) == Decimal(100), "the supplier's own credit memo closes what the buyer did not pay"
    payouts.remit(
        supplier=books.scenario.supplier,
        currency="USD",
        amount=Decimal(50),
        value_date=books.scenario.today,
        by=books.scenario.operations,
        at=books.scenario.now,
    )
    assert watch.moved() == {"bank": "9650.00", "fees": "300.00", "receivables": "-9950.00"}


def test_an_invoice_that_is_bought_back_stays_open(books: Books) -> None:
    advance = books.fund()
    watch = Watch(books)
    books.scenario.later(55)
    books.scenario.pay(advance, "1000")
    repurchases.repurchase(
        advance=current(advance),
        value_date=books.scenario.today,
        by=books.scenario.operations,
        at=books.scenario.now,
        reason="Recourse",
    )
    # The supplier owes 7,800: 9,000 open and the fee of 300, less the reserve. It is a demand until it is paid.
    assert watch.moved() == {"bank": "8500.00", "due": "-7800.00", "fees": "300.00", "receivables": "-1000.00"}
    assert books.open_of(advance) == Decimal(9000)
    owed = Decimal(7800)
    books.scenario.arrive("7800", targets=[AllocationTarget(owed, supplier=books.scenario.supplier, is_due=True)])
    assert watch.moved() == {"bank": "700.00", "fees": "300.00", "receivables": "-1000.00"}


def test_a_debt_that_an_advance_pays_is_no_money_in_the_bank(books: Books) -> None:
    first, second = books.fund(), books.scenario.accepted(books.invoice("5000.00"))
    watch = Watch(books)
    bought_back = repurchases.repurchase(
        advance=current(first),
        value_date=books.scenario.today,
        by=books.scenario.operations,
        at=books.scenario.now,
        reason="Recourse",
    )
    fee = bought_back.fee or Decimal(0)
    assert watch.moved() == {"bank": "8500.00", "due": f"{-8500 - fee:.2f}", "fees": f"{fee:.2f}"}
    books.scenario.fund(second)  # all of its 4,250 pay the debt
    assert watch.moved() == {
        "bank": "8500.00",
        "advances": "-4250.00",
        "due": f"{-4250 - fee:.2f}",
        "fees": f"{fee:.2f}",
    }


def test_a_settlement_that_is_taken_back_is_reversed_and_made_again(books: Books) -> None:
    advance = books.fund()
    watch = Watch(books)
    books.scenario.later(55)
    books.scenario.pay(advance, "10000")
    books.scenario.settle(current(advance))
    assert watch.moved() == {"bank": "9700.00", "fees": "300.00", "receivables": "-10000.00"}
    advance_corrections.take_back_closing(
        advance=current(advance),
        reason="The wrong day",
        by=books.scenario.operations,
        approver=books.scenario.approver,
        at=books.scenario.now,
    )
    # The rebate of 1,200 was paid: until it is settled again, the supplier owes it.
    assert watch.moved() == {
        "bank": "9700.00",
        "advances": "-8500.00",
        "due": "8800.00",
        "receivables": "-10000.00",
    }
    books.scenario.settle(current(advance))
    assert watch.moved() == {"bank": "9700.00", "fees": "300.00", "receivables": "-10000.00"}


def test_a_returned_payment_and_a_failed_payout_are_reversed_and_the_next_payment_pays_again(books: Books) -> None:
    advance = books.fund()
    watch = Watch(books)
    books.scenario.later(10)
    first = books.scenario.pay(advance, "10000")
    assert watch.moved()["due"] == "10000.00"
    payments.record_return(
        collection=Collection.objects.get(pk=first.pk),
        value_date=books.scenario.today,
        reason="No funds",
        by=books.scenario.operations,
        at=books.scenario.now,
    )
    assert watch.moved() == {"bank": "8500.00", "advances": "-8500.00"}
    books.scenario.later(45)
    books.scenario.pay(advance, "10000")
    assert watch.moved() == {
        "bank": "8500.00",
        "advances": "-8500.00",
        "due": "10000.00",
        "receivables": "-10000.00",
    }
    books.scenario.settle(current(advance))
    rebate = Payout.objects.get(purpose="rebate")
    given = {"by": books.scenario.operations, "at": books.scenario.now, "value_date": books.scenario.today}
    assert watch.moved()["bank"] == "9700.00"
    money_out.give_back(books.scenario, rebate)
    assert watch.moved() == {
        "bank": "8500.00",
        "due": "1200.00",
        "fees": "300.00",
        "receivables": "-10000.00",
    }
    payouts.resend(payout=Payout.objects.get(pk=rebate.pk), **given)
    assert watch.moved() == {"bank": "9700.00", "fees": "300.00", "receivables": "-10000.00"}


def test_what_the_bank_took_and_gave_back_is_taken_back_and_happens_again(books: Books) -> None:
    funded = books.scenario.funded(books.invoice())
    payout = Payout.objects.get(advance=funded)
    watch, given = Watch(books), {"by": books.scenario.operations, "reason": "The wrong line"}
    out = {"bank": "8500.00", "advances": "-8500.00"}
    assert watch.moved() == out

    bank_lines.take_back(line=debit_of(payout), at=books.scenario.now, **given)
    books.work()
    assert watch.so_far() == {}
    books.scenario.later(1)
    assert watch.moved() == out  # another line is its debit now

    for _ in range(2):
        money_out.give_back(books.scenario, Payout.objects.get(pk=payout.pk))
        assert watch.moved() == {}
        line = Payout.objects.select_related("credit_line").get(pk=payout.pk).credit_line
        returned_payouts.take_back(line=line, at=books.scenario.now, **given)
        assert watch.moved() == out
    bank_lines.take_back(line=debit_of(payout), at=books.scenario.now, **given)
    books.work()
    assert watch.so_far() == {}


def debit_of(payout: Payout) -> StatementLine:
    line = Payout.objects.select_related("debit_line").get(pk=payout.pk).debit_line
    assert line is not None
    return line


def test_what_infactor_writes_off_is_its_own_loss_and_what_the_supplier_owes_is_paid(books: Books) -> None:
    advance, other = books.fund(), books.fund("1000.00")
    watch = Watch(books)
    books.scenario.later(120)
    books.scenario.pay(advance, "1000")
    write_offs.write_off(
        advance=current(advance),
        value_date=books.scenario.today,
        by=books.scenario.operations,
        at=books.scenario.now,
        reason="Insolvent",
        approver=books.scenario.approver,
    )
    # The 8,500 stay with the supplier: 1,000 from the buyer, 7,500 lost to infactor. It lost its reserve of 1,500.
    assert watch.moved() == {"bank": "9350.00", "advances": "-850.00", "receivables": "-8500.00"}
    assert books.open_of(advance) == Decimal(9000), "no payment closes an invoice that its buyer has not paid"
    short_payments.accept_short_payment(
        advance=current(other),
        amount=Decimal(400),
        value_date=books.scenario.today,
        by=books.scenario.operations,
        at=books.scenario.now,
        reason="Deduction",
        approver=books.scenario.underwriter,
    )
    books.scenario.pay(other, "600")
    settled = books.scenario.settle(current(other))
    owed = Decimal(250) + (settled.fee or 0)
    assert watch.moved()["due"] == f"{-owed:.2f}", "beyond the reserve the supplier owes infactor"
    books.scenario.arrive(f"{owed}", targets=[AllocationTarget(owed, supplier=books.scenario.supplier, is_due=True)])
    assert "due" not in watch.moved()
    assert "advances" not in watch.moved()
