"""The snapshot of an invoice that a buyer sees, and the changes that make it out of date."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.core import plain_text
from infactor.core.signed_links import TOKEN_LENGTH, UnknownLink
from infactor.invoices.states import BooksStatus
from infactor.verification import snapshots
from infactor.verification.links import find_link
from tests.support.factories.suppliers import BuyerFactory, InvoiceFactory, SupplierFactory

AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, places=2)
ROW = ("INV-1", Decimal("10.00"), date(2026, 11, 30), "7", "USD")


@given(amount=AMOUNTS, tax=AMOUNTS)
def test_every_amount_comes_back_to_the_cent(amount: Decimal, tax: Decimal) -> None:
    supplier = SupplierFactory.build()
    invoice = InvoiceFactory.build(
        supplier=supplier,
        buyer=BuyerFactory.build(supplier=supplier, company_file=None),
        company_file=None,
        invoice_amount=amount,
        tax_amount=tax,
        balance=amount,
    )
    shown = snapshots.for_display(snapshots.snapshot(invoice=invoice))
    assert (shown["amount"], shown["tax"], shown["balance"]) == (amount, tax, amount)
    assert shown["due"] == invoice.payable_date


@pytest.mark.parametrize("place", range(5))
def test_each_compared_fact_makes_another_digest(place: int) -> None:
    other = list(ROW)
    other[place] = None if place in (1, 2) else "other"
    assert snapshots.digest(values=tuple(other)) != snapshots.digest(values=ROW)


def test_facts_that_run_together_are_not_the_same() -> None:
    assert snapshots.digest(values=("1", "23")) != snapshots.digest(values=("12", "3"))
    assert snapshots.digest(values=(None,)) != snapshots.digest(values=("",))


@pytest.mark.parametrize("status", BooksStatus.values)
def test_what_is_gone_from_the_books_has_changed(status: str) -> None:
    changed = snapshots.has_changed(facts_digest=snapshots.digest(values=ROW), values=ROW, books_status=status)
    assert changed is (status in ("voided", "deleted"))


@given(st.text())
def test_plain_text_holds_no_sign_that_nobody_sees(text: str) -> None:
    clean = plain_text.to_plain_text(text, multiline=False)
    assert not plain_text.INVISIBLE_CHARACTERS.search(clean)
    assert "\n" not in clean


@pytest.mark.parametrize("token", ["", ".", "a.b.c", "x" * (TOKEN_LENGTH + 1), "ü.ü.ü"])
def test_a_token_that_is_none_is_refused_before_the_database_is_asked(token: str) -> None:
    with pytest.raises(UnknownLink):
        find_link(token=token)
