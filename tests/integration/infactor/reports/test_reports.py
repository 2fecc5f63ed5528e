"""Reports say what the books say, as of any past moment, and the same again whatever happens later."""

from datetime import date
from decimal import Decimal

import pytest

from infactor.financing.accounting import balances
from infactor.financing.advances import repurchases, short_payments
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Limit
from infactor.invoices.models import Debtor
from infactor.ledger.models import Purpose
from tests.support.reporting import Life, cells, rows, totals, usd
from tests.support.scenarios import money_out
from tests.support.scenarios.financing import build_scenario

pytestmark = pytest.mark.django_db


def test_aging_counts_days_from_the_due_date(month: Life) -> None:
    at = month.now

    assert cells(rows("aging-by-buyer", at)) == [
        ("Birch", "USD", usd("3000"), 0, 0, 0, 0, 0, usd("3000"), 1),
        ("Cedar", "USD", usd("100"), usd("2000"), 0, 0, 0, 0, usd("2100"), 2),
    ]
    (total,) = totals(rows("aging-by-supplier", at))
    assert total[-2:] == (usd("5100"), 3)


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


def test_the_borrowing_base_of_the_house_is_that_of_its_suppliers_by_currency(month: Life) -> None:
    one = month.scenario
    other = build_scenario(name="Mistral Tea", now=one.now)
    other.terms(currency="CAD")
    one.invoice(one.buyer("Alder"), face="1000")
    one.invoice(one.buyer("Elm"), face="700", payable_date=None)
    other.invoice(other.buyer("Oak"), face="400")
    other.invoice(other.buyer("Fir"), face="300", payable_date=None)
    other.invoice(other.buyer("Ash"), face="250", currency="CAD")
    for scenario in (one, other):
        recalculation.recalculate(supplier_id=scenario.supplier.pk, at=one.now)

    found = rows("borrowing-base", one.now)

    of_house = {(row.currency, str(row.cells[2])): row.cells[3:] for row in found if row.cells[0] == "All suppliers"}
    by_hand: dict[tuple[str, str], list[Decimal]] = {}
    for row in found:
        if row.cells[0] != "All suppliers":
            sums = by_hand.setdefault((row.currency, str(row.cells[2])), [usd(0), usd(0)])
            sums[:] = [usd(str(cell)) + sums[place] for place, cell in enumerate(row.cells[3:])]
    assert {key: list(sums) for key, sums in of_house.items()} == by_hand
    assert {currency for currency, _line in of_house} == {"USD", "CAD"}
    assert of_house["USD", "Eligible base"] == (2, usd("1400"))
    assert of_house["USD", "Purchased, outstanding"] == (3, usd("5100"))
    assert of_house["USD", "Reserve held"] == (3, usd("2250"))
    assert of_house["CAD", "Purchased, outstanding"] == (0, 0)
