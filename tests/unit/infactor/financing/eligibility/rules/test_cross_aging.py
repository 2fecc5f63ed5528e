"""The cross-aging rule at, below and above its limit, over all suppliers, by currency."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from infactor.financing.eligibility.catalogue import Outcome, Rule
from infactor.financing.eligibility.portfolio import AgingTotals
from infactor.invoices.receivables import ReceivableInvoice
from tests.support.factories.portfolios import (
    PLAIN,
    WIDE,
    assess,
    buyer,
    days,
    failing,
    one,
    result_of,
    untaxed,
)


def late(pk: int, amount: str, **values: Any) -> ReceivableInvoice:
    return untaxed(pk, amount, txn_date=days(-91), payable_date=days(-61), **values)


@pytest.mark.parametrize(("amount", "fails"), [("333.33", set()), ("333.34", {Rule.CROSS_AGING})])
def test_a_quarter_of_a_buyers_balance_above_ninety_days_keeps_all_of_its_invoices_out(
    amount: str, fails: set[Rule]
) -> None:
    found = assess(untaxed(1, "1000"), late(9, amount), untaxed(3, "1000", buyer_key=2), terms=WIDE)
    assert failing(found[1]) == fails
    assert found[3].decision == "eligible"


def test_a_balance_of_exactly_ninety_days_is_not_late() -> None:
    almost = untaxed(9, "900", txn_date=days(-90), payable_date=days(-60))
    found = result_of(assess(untaxed(1, "1000"), almost)[1], Rule.CROSS_AGING)
    assert (found.outcome, found.actual, found.next_change_on) == (Outcome.PASS, 0, days(1))


def test_cross_aging_names_the_fewest_late_invoices_whose_payment_would_end_it() -> None:
    found = assess(untaxed(1, "1000"), late(7, "50"), late(8, "400"), late(9, "20"))
    assert result_of(found[1], Rule.CROSS_AGING).details == ("INV-8",)


def test_cross_aging_counts_what_the_debtor_owes_over_all_suppliers() -> None:
    around: dict[str, Any] = {"buyers": [buyer(debtor_id=5)]}
    aged = {("debtor:5", "USD"): AgingTotals(Decimal(2000), Decimal(1000))}
    assert failing(one(around=around)) == set()
    found = result_of(one(around={**around, "aging_elsewhere": aged}), Rule.CROSS_AGING)
    assert (found.outcome, found.reason, found.details) == (Outcome.FAIL, "elsewhere", ())


def test_cross_aging_of_one_currency_says_nothing_of_another() -> None:
    terms = {"USD": PLAIN, "EUR": replace(PLAIN, currency="EUR")}
    found = assess(untaxed(1, "1000"), late(9, "9000", currency="EUR"), terms=terms)
    assert found[1].decision == "eligible"
