"""Reports say what the books say, as of any past moment, and the same again whatever happens later."""

import copy
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
import time_machine
from pytest_django import DjangoDbBlocker

from infactor.financing.accounting import balances
from infactor.financing.advances import repurchases, short_payments
from infactor.financing.collections import payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Limit
from infactor.invoices.models import Debtor, Invoice
from infactor.ledger.models import Purpose
from infactor.reports import exports, figures
from infactor.reports.catalogue import REPORTS
from infactor.reports.moments import Moment, Span
from infactor.reports.report import Row
from tests.support.database.module_rows import module_rows
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import NOW, Scenario, build_scenario

pytestmark = pytest.mark.django_db


class Life:
    """A scenario whose clock is the machine's, too, so that history is written at the times of the test."""

    def __init__(self, scenario: Scenario, clock: time_machine.Traveller) -> None:
        self.scenario, self.clock = scenario, clock

    def later(self, days: int) -> None:
        self.scenario.later(days)
        self.clock.move_to(self.scenario.now)

    @property
    def now(self) -> datetime:
        return self.scenario.now


def rows(slug: str, at: datetime, *, since: datetime | None = None) -> list[Row]:
    return list(REPORTS[slug].rows(Span(moment=Moment(at), since=Moment(since or at - timedelta(days=30)))))


def cells(found: Sequence[Row]) -> list[tuple[object, ...]]:
    return [tuple(row.cells) for row in found if not row.is_total]


def totals(found: Sequence[Row]) -> list[tuple[object, ...]]:
    return [tuple(row.cells) for row in found if row.is_total]


def usd(text: str) -> Decimal:
    return Decimal(text)


@pytest.fixture(scope="module")
def module_month(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scenario]:
    """Cedar owes 10,000 and 2,000, Birch 3,000. After 20 days Cedar has paid 9,900 of the first."""

    def build() -> Scenario:
        with time_machine.travel(NOW, tick=False) as clock:
            one = build_scenario()
            one.terms()
            cedar, birch = one.buyer("Cedar"), one.buyer("Birch")
            first = one.funded(one.invoice(cedar, face="10000", invoice_no="C-1"))
            due = one.today + timedelta(days=8)
            one.funded(one.invoice(cedar, face="2000", invoice_no="C-2", payable_date=due))
            one.funded(one.invoice(birch, face="3000", invoice_no="B-1"))
            one.later(20)
            clock.move_to(one.now)
            one.pay(first, "9900")
            return one

    with module_rows(build, django_db_blocker) as made:
        yield made


@pytest.fixture
def month(module_month: Scenario, db: None) -> Iterator[Life]:
    with time_machine.travel(module_month.now, tick=False) as clock:
        yield Life(copy.deepcopy(module_month), clock)


def test_aging_counts_days_from_the_due_date(month: Life) -> None:
    at = month.now

    assert cells(rows("aging-by-buyer", at)) == [
        ("Birch", "USD", usd("3000"), 0, 0, 0, 0, 0, usd("3000"), 1),
        ("Cedar", "USD", usd("100"), usd("2000"), 0, 0, 0, 0, usd("2100"), 2),
    ]
    (total,) = totals(rows("aging-by-supplier", at))
    assert total[-2:] == (usd("5100"), 3)


def test_a_report_of_a_past_moment_is_the_same_byte_for_byte_whatever_happens_later(month: Life) -> None:
    at, before = month.now, {}
    recalculation.recalculate(supplier_id=month.scenario.supplier.pk, at=at)
    for slug, report in REPORTS.items():
        span = Span(moment=Moment(at), since=Moment(at - timedelta(days=30)))
        book = BytesIO()
        exports.write_xlsx(book, report=report, rows=report.rows(span), span=span)
        before[slug] = "".join(exports.csv_lines(report, report.rows(span))), book.getvalue()
    month.later(3)
    one = month.scenario
    Invoice.objects.filter(invoice_no="C-2").update(
        payable_date=date(2027, 3, 1), invoice_no="C-2 changed", balance=1, updated_at=one.now
    )
    for buyer in one.supplier.buyers.all():
        buyer.name, buyer.updated_at = f"{buyer.name} renamed", one.now
        buyer.save()
    one.funded(one.invoice(one.buyer("Alder"), face="500"))
    recalculation.recalculate(supplier_id=one.supplier.pk, at=one.now)

    for slug, report in REPORTS.items():
        span = Span(moment=Moment(at), since=Moment(at - timedelta(days=30)))
        book = BytesIO()
        exports.write_xlsx(book, report=report, rows=report.rows(span), span=span)
        assert ("".join(exports.csv_lines(report, report.rows(span))), book.getvalue()) == before[slug], slug
    assert "Cedar renamed" in str(rows("aging-by-buyer", one.now))


def test_a_payment_entered_late_with_an_early_value_date_does_not_change_what_was_known(month: Life) -> None:
    at = month.now
    month.later(2)
    owed = rows("aging-by-buyer", at)

    month.scenario.pay(month.scenario.supplier.advances.get(invoice__invoice_no="B-1"), "1000", value_date=at.date())

    assert rows("aging-by-buyer", at) == owed
    assert cells(rows("aging-by-buyer", month.now))[0][-2] == usd("2100.00")


def test_concentration_is_the_share_of_what_is_outstanding(month: Life) -> None:
    found = {row[:3]: row[4:] for row in cells(rows("concentration", month.now))}

    assert found["Birch", "USD", "Buyer"][:2] == (usd("3000"), usd("58.82"))
    assert found["Cedar", "USD", "Buyer"][:2] == (usd("2100"), usd("41.18"))
    assert found["Larkspur Coffee Roasters", "USD", "Supplier"][-2:] == (usd("58.82"), "Birch")


def test_exposure_is_measured_against_the_limit_that_was_in_force(month: Life) -> None:
    one = month.scenario
    debtor = Debtor.objects.create(name="Cedar Group", created_by=one.underwriter)
    one.supplier.buyers.filter(name="Cedar").update(debtor=debtor, updated_at=one.now)
    Limit.objects.create(debtor=debtor, currency="USD", amount=4000, reason="r", set_by=one.underwriter, set_at=one.now)
    at = one.now
    month.later(1)
    Limit.objects.create(debtor=debtor, currency="USD", amount=9000, reason="r", set_by=one.underwriter, set_at=one.now)

    (line,) = [row for row in cells(rows("exposure", at)) if row[3] == "Cedar Group"]
    assert line == ("Buyer", "USD", "", "Cedar Group", usd("4000"), usd("2100"), usd("1900"), usd("52.50"))
    (line,) = [row for row in cells(rows("exposure", one.now)) if row[3] == "Cedar Group"]
    assert line[4] == usd("9000")


def test_the_borrowing_base_says_why_the_rest_is_out_and_adds_up(month: Life) -> None:
    one = month.scenario
    one.invoice(one.buyer("Alder"), face="1000", tax="80")
    one.invoice(one.buyer("Elm"), face="700", payable_date=None)
    recalculation.recalculate(supplier_id=one.supplier.pk, at=one.now)

    lines = {
        row[2]: row[3:] for row in cells(rows("borrowing-base", one.now)) + totals(rows("borrowing-base", one.now))
    }

    out = sum(row[1] for name, row in lines.items() if ":" in str(name) or str(name).startswith("Taken off"))  # type: ignore[misc]
    assert lines["Open invoices"][1] + out == lines["Eligible base"][1] == usd("920")  # type: ignore[operator]
    assert lines["Available to advance"] == (1, usd("782.00"))
    assert any("due date" in str(name).lower() for name in lines)
    assert lines["Purchased, outstanding"] == (3, usd("5100"))


def test_reserve_fees_and_balances_of_a_supplier_stand_together(month: Life) -> None:
    (line,) = cells(rows("reserve", month.now))

    assert line == (
        "Larkspur Coffee Roasters", "USD", 3, usd("5100"), usd("2250"), usd("225"), usd("2025"), 0, 0,
    )  # fmt: skip


def test_what_each_supplier_owes_and_is_owed_as_of_a_day_stays_what_it_was(month: Life) -> None:
    one, start = month.scenario, month.now
    before = list(rows("supplier-balances", start))
    (line,) = cells(before)
    assert line[:5] == ("Larkspur Coffee Roasters", "USD", 0, 0, usd("2250"))
    month.later(1)
    one.arrive("40", targets=[AllocationTarget(usd("40"), supplier=one.supplier)])
    advance = one.supplier.advances.get(invoice__invoice_no="C-2")
    money_out.leave(one, advance)
    repurchases.repurchase(advance=advance, value_date=one.today, reason="recourse", by=one.operations, at=one.now)

    found = rows("supplier-balances", one.now)

    (line,) = cells(found)
    assert line[3:5] == (usd("40"), usd("1950"))
    assert line[2] == balances.supplier_balance(
        purpose=Purpose.DUE_FROM_SUPPLIER, supplier_id=one.supplier.pk, currency="USD"
    )
    assert line[2] > 0
    assert totals(found) == [("Total", "USD", *line[2:])]
    assert list(rows("supplier-balances", start)) == before


def test_collections_stand_in_the_week_in_which_they_were_due_and_paid(month: Life) -> None:
    found = {row[0]: row[2:] for row in cells(rows("collections", month.now))}

    assert found[date(2026, 11, 9)] == (usd("2000"), 0, usd("0.00"), usd("2000"))
    assert found[date(2026, 11, 16)] == (0, usd("9900"), None, 0)
    assert found[date(2026, 12, 7)] == (usd("13000"), 0, usd("0.00"), usd("3100"))


def test_dilution_is_what_was_credited_of_what_was_closed(month: Life) -> None:
    one = month.scenario
    advance = one.supplier.advances.get(invoice__invoice_no="C-1")
    short_payments.accept_short_payment(
        advance=advance, amount=usd("100"), value_date=one.today, reason="damaged", by=one.operations, at=one.now
    )

    (line,) = cells(rows("dilution", one.now))

    assert line[2:] == (usd("15000"), usd("9900"), usd("100"), 0, 0, usd("1.00"))


def test_funds_employed_are_a_daily_average_and_fees_their_yield(month: Life) -> None:
    one = month.scenario
    advance = one.supplier.advances.get(invoice__invoice_no="C-1")
    one.pay(advance, "100")
    one.settle(advance)

    (line,) = [row for row in cells(rows("funds-employed", one.now)) if row[0] == date(2026, 11, 1)]

    # 12,750 from the 2nd to the 21st; then what is left of two: 5,000 less 750. None on the 1st.
    assert line[2:] == (22, usd("11784.09"), usd("4250"), usd("150.00"), usd("21.12"))
    assert cells(rows("fee-income", one.now)) == [
        (date(2026, 11, 1), "USD", "Larkspur Coffee Roasters", usd("150.00"), usd("0"), usd("0"), usd("150.00"))
    ]


def test_the_roll_forward_closes_and_names_every_invoice_that_moved(month: Life) -> None:
    one, start = month.scenario, month.now
    month.later(1)
    payment = one.pay(one.supplier.advances.get(invoice__invoice_no="B-1"), "3000")
    month.later(1)
    payments.record_return(collection=payment, value_date=one.today, reason="R01", by=one.operations, at=one.now)
    money_out.leave(one, one.supplier.advances.get(invoice__invoice_no="C-2"))
    repurchases.repurchase(
        advance=one.supplier.advances.get(invoice__invoice_no="C-2"),
        value_date=one.today, reason="recourse", by=one.operations, at=one.now,
    )  # fmt: skip
    one.funded(one.invoice(one.buyer("Alder"), face="500", invoice_no="A-1"))

    found = rows("roll-forward", one.now, since=start)

    moved = {row[0]: row[3:] for row in cells(found)}
    assert set(moved) == {"C-2", "A-1"}  # what was paid and returned has not moved
    assert moved["C-2"][0] == usd("2000")
    assert moved["C-2"][4] == usd("-2000")
    assert moved["A-1"][1] == moved["A-1"][-2] == usd("500")
    (total,) = totals(found)
    assert total[3] == usd("5100")
    assert total[-2:] == (usd("3600"), 0)


def test_the_figures_of_past_months_are_read_once(month: Life) -> None:
    month.later(30)
    moments, found = figures.courses(at=month.now)

    course = {one.title.text: one.values for one in found["USD"]}
    assert len(moments) == 13
    assert course["Outstanding"][-2:] == [usd("5100"), usd("5100")]
    assert course["Purchased in the month"][-2:] == [usd("15000"), 0]
    assert course["Over 30 days late"][-1] == usd("39.22")
    assert course["Outstanding"][0] is None
    Invoice.objects.update(payable_date=None)
    assert figures.courses(at=month.now)[1]["USD"][2].values[-2] == course["Over 30 days late"][-2]
