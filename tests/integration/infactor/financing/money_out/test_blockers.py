"""What stops the purchase of an invoice stops its money, until the bank has the file."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from infactor.core.business_day import business_day
from infactor.financing import payouts
from infactor.financing.advances import cases
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Advance, Case, DebtorMark, Payout, PayoutBatch
from infactor.financing.money_out import approval, batches, blockers, endings
from infactor.financing.payouts import PayoutError
from infactor.financing.policy import debtor_marks
from infactor.invoices.debtors import grouping
from infactor.invoices.models import Invoice
from infactor.invoices.states import BooksStatus
from infactor.ledger.integrity import verify
from infactor.suppliers import applications, checks
from infactor.suppliers.checks import CheckDetails
from infactor.suppliers.models import Application, CheckKind
from tests.support.factories.suppliers import BuyerFactory
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import Scenario

pytestmark = pytest.mark.django_db
Status = Payout.Status


def by(scenario: Scenario) -> Any:
    return {"by": scenario.operations, "at": scenario.now}


def fresh(payout: Payout) -> Payout:
    return Payout.objects.get(pk=payout.pk)


def bought(scenario: Scenario) -> Payout:
    return Payout.objects.get(advance=scenario.funded(scenario.invoice(scenario.buyer())))


def approve(scenario: Scenario, *found: Payout) -> list[Payout]:
    keys = [one.pk for one in found]
    return approval.approve(payout_ids=keys, by=scenario.approver, at=scenario.now)


def make(scenario: Scenario, *found: Payout) -> PayoutBatch:
    account = money_out.account_for("USD", **by(scenario))
    return batches.make(payout_ids=[one.pk for one in found], house_account=account, format="csv", **by(scenario))


def change(payout: Payout, **books: Any) -> None:
    assert payout.advance is not None
    Invoice.objects.filter(pk=payout.advance.invoice_id).update(**books)


def void(scenario: Scenario, payout: Payout) -> None:
    change(payout, books_status=BooksStatus.VOIDED, balance=0)


def pay_the_supplier(scenario: Scenario, payout: Payout) -> None:
    change(payout, books_status=BooksStatus.PAID, balance=0)


def cut(scenario: Scenario, payout: Payout) -> None:
    change(payout, balance=400)


def dispute(scenario: Scenario, payout: Payout) -> None:
    assert payout.advance is not None
    cases.open_dispute(advance=payout.advance, reason="Damaged", **by(scenario))


def mark_bankrupt(scenario: Scenario, payout: Payout) -> None:
    assert payout.advance is not None
    debtor = grouping.get_or_create_debtor(buyer=payout.advance.buyer, by=scenario.underwriter, at=scenario.now)
    given: Any = {"by": scenario.underwriter, "at": scenario.now, "reason": "In the register"}
    debtor_marks.mark(debtor=debtor, kind=DebtorMark.Kind.BANKRUPT, **given)


def let_a_check_lapse(scenario: Scenario, payout: Payout) -> None:
    last_year = CheckDetails(CheckKind.SANCTIONS, "passed", date(2025, 1, 1), date(2025, 6, 1), "List of 2025")
    checks.record(supplier=scenario.supplier, details=last_year, by=scenario.underwriter, at=scenario.now)


def open_a_severe_case(scenario: Scenario, payout: Payout) -> None:
    """About the first invoice only: it holds what is paid for all others."""
    if not Case.objects.exists():
        severe: Any = {"kind": Case.Kind.CHANGED, "severity": Case.Severity.SEVERE, "reason": "Voided"}
        Case.objects.create(supplier=scenario.supplier, advance=payout.advance, opened_at=scenario.now, **severe)


def put_on_hold(scenario: Scenario, payout: Payout) -> None:
    application = Application.objects.get(supplier=scenario.supplier)
    if application.status == Application.Status.APPROVED:
        applications.hold(application=application, by=scenario.underwriter, at=scenario.now, reason="Looked at again")


ARISES: dict[str, tuple[Callable[[Scenario, Payout], None], str]] = {
    "voided": (void, "is voided"),
    "paid to the supplier": (pay_the_supplier, "is paid"),
    "cut": (cut, r"is 400\.00 USD, not 1,000\.00"),
    "disputed": (dispute, "A dispute is open"),
    "bankrupt": (mark_bankrupt, "is marked: bankrupt"),
    "a lapsed check": (let_a_check_lapse, "sanctions|check"),
    "a severe case": (open_a_severe_case, "holds payouts to this supplier"),
    "on hold": (put_on_hold, "is on hold"),
}


@pytest.mark.parametrize("what", ARISES)
def test_what_arises_after_the_decision_stops_a_payout_at_every_step(scenario: Scenario, what: str) -> None:
    arise, why = ARISES[what]
    prepared, approved, batched = (bought(scenario) for _ in range(3))
    approve(scenario, approved, batched)
    batch = make(scenario, batched)
    for one in (prepared, approved, batched):
        arise(scenario, one)
    with pytest.raises(PayoutError, match=rf"(?i){prepared}: .*({why})"):
        approve(scenario, prepared)
    with pytest.raises(PayoutError, match=rf"(?i){approved}: .*({why})"):
        make(scenario, approved)
    with pytest.raises(PayoutError, match=rf"(?i){batched}: .*({why})"):
        batches.export(batch=batch, **by(scenario))
    assert [fresh(one).status for one in (prepared, approved, batched)] == ["prepared", "approved", "approved"]
    assert verify(at=scenario.now).findings == []


def test_the_others_go_on_and_a_batch_is_made_without_the_blocked_one(scenario: Scenario) -> None:
    good, bad = bought(scenario), bought(scenario)
    void(scenario, bad)
    assert [one.pk for one in approve(scenario, good, bad)] == [good.pk]
    change(bad, books_status=BooksStatus.OPEN, balance=1000)
    approve(scenario, bad)
    void(scenario, bad)
    batch = make(scenario, good, bad)
    assert list(batch.payouts.all()) == [fresh(good)]
    assert batches.export(batch=batch, **by(scenario)).count == 1
    assert (fresh(good).status, fresh(bad).status) == ("sent", "approved")


def test_an_export_with_a_blocked_payout_is_made_without_it_after_a_withdrawal(scenario: Scenario) -> None:
    good, bad = bought(scenario), bought(scenario)
    approve(scenario, good, bad)
    batch = make(scenario, good, bad)
    void(scenario, bad)
    with pytest.raises(PayoutError, match=f"{bad}: "):
        batches.export(batch=batch, **by(scenario))
    batches.withdraw(batch=batch, reason="Without it", **by(scenario))
    batches.export(batch=make(scenario, good, bad), **by(scenario))
    assert (fresh(good).status, fresh(bad).status) == ("sent", "approved")


def test_once_the_buyer_pays_infactor_the_books_may_say_so(scenario: Scenario) -> None:
    """The payment lowers what the buyer owes here and there; the money that is left to pay is the supplier's."""
    part, whole = bought(scenario), bought(scenario)
    assert part.advance is not None
    scenario.pay(part.advance, "300")
    change(part, books_status=BooksStatus.PARTLY_PAID, balance=700)
    scenario.pay(whole.advance, "1000")
    change(whole, books_status=BooksStatus.PAID, balance=0)
    assert len(approve(scenario, part, whole)) == 2
    change(part, books_status=BooksStatus.PARTLY_PAID, balance=600)
    with pytest.raises(PayoutError, match=r"is 600\.00 USD, not 700\.00"):
        make(scenario, part)


def test_a_rebate_and_a_surplus_are_held_by_nothing_but_their_own(scenario: Scenario) -> None:
    paid = scenario.funded(scenario.invoice(scenario.buyer()))
    money_out.confirm_all(scenario)
    scenario.pay(paid, "1000")
    scenario.settle(Advance.objects.get(pk=paid.pk))
    rebate = Payout.objects.get(advance=paid, purpose="rebate")
    scenario.arrive("500", targets=[AllocationTarget(Decimal(500), supplier=scenario.supplier)])
    held: Any = {"supplier": scenario.supplier, "currency": "USD", "amount": Decimal(500)}
    surplus = payouts.remit(**held, value_date=scenario.money_day, **by(scenario))
    assert surplus is not None
    put_on_hold(scenario, rebate)
    disputed = Case.objects.create(
        kind=Case.Kind.DISPUTE, supplier=scenario.supplier, advance=paid, opened_at=scenario.now, reason="Late"
    )
    with pytest.raises(PayoutError, match="A dispute is open"):
        approve(scenario, rebate)
    assert len(approve(scenario, surplus)) == 1
    cases.close(case=disputed, outcome="rejected", conclusion="It is right", by=scenario.underwriter, at=scenario.now)
    assert len(approve(scenario, rebate)) == 1


def test_what_keeps_an_invoice_from_being_bought_keeps_it_from_being_prepared_again(scenario: Scenario) -> None:
    payout = bought(scenario)
    stopped = endings.stop(payout=payout, reason="A call", **by(scenario))
    cut(scenario, payout)
    with pytest.raises(PayoutError, match=r"is 400\.00 USD"):
        payouts.resend(payout=stopped, value_date=scenario.money_day, **by(scenario))


def test_many_payouts_are_asked_about_at_once(scenario: Scenario) -> None:
    def queries() -> int:
        rows = list(Payout.objects.select_related("supplier", "bank_account"))
        with CaptureQueriesContext(connection) as asked:
            blockers.of_payouts(payouts=rows, on=business_day(scenario.now))
        return len(asked)

    bought(scenario)
    before = queries()
    for _ in range(5):
        bought(scenario)
    assert queries() == before


def test_however_many_invoices_name_another_customer_it_costs_the_same_queries(scenario: Scenario) -> None:
    """Of each of them it is asked whether one company owes for both, and whether its answer was waived."""
    job_of, other = scenario.buyer("Parent"), scenario.buyer("Other")

    def asked(found: list[Payout]) -> tuple[dict[int, list[str]], int]:
        rows = list(Payout.objects.filter(pk__in=[one.pk for one in found]).select_related("supplier", "bank_account"))
        with CaptureQueriesContext(connection) as queries:
            against = blockers.of_payouts(payouts=rows, on=business_day(scenario.now))
        return against, len(queries)

    made = [Payout.objects.get(advance=scenario.funded(scenario.invoice(job_of))) for _ in range(6)]
    change(made[0], buyer=other)
    _, of_one = asked(made[:1])
    job = BuyerFactory(company_file=scenario.books, supplier=scenario.supplier, parent=job_of)
    for one in made[1:4]:
        change(one, buyer=other)
    change(made[4], buyer=job)
    change(made[5], buyer=None)
    against, of_six = asked(made)
    assert of_six <= of_one + 1  # one more level of sub-customers
    named = [" ".join(against[one.pk]) for one in made]
    assert ["names a customer other than" in one for one in named] == [True, True, True, True, False, True]
