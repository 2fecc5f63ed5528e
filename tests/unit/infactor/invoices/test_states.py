"""The states of an invoice, its QuickBooks status, and its label."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infactor.invoices.states import FUNDED, BooksStatus, State, derive_books_status, is_overdue
from infactor.invoices.status_label import status_label

AMOUNTS = st.decimals(min_value=0, max_value=10**15, places=2)
TODAY = date(2026, 11, 20)


def test_the_twelve_states_keep_the_names_that_other_systems_know() -> None:
    assert State.values == [
        "draft",
        "invoice_created",
        "invoice_rejected",
        "invoice_accepted",
        "ifactor_request",
        "ifactor_rejected",
        "ifactor_proposed",
        "ifactor_proposal_rejected",
        "ifactor_proposal_accepted",
        "ifactor_prepaid",
        "invoice_paid",
        "completed",
    ]


@given(AMOUNTS, AMOUNTS)
def test_the_books_status_follows_from_what_is_owed(total: Decimal, balance: Decimal) -> None:
    found = derive_books_status(total=total, balance=balance, voided=False)
    assert (found is BooksStatus.PAID) == (balance == 0)
    assert (found is BooksStatus.PARTLY_PAID) == (0 < balance < total)
    assert derive_books_status(total=total, balance=balance, voided=True) is BooksStatus.VOIDED


@pytest.mark.parametrize(("total", "balance"), [(None, None), (None, Decimal(0)), (Decimal("1.00"), None)])
def test_an_amount_that_is_not_known_never_counts_as_paid(total: Decimal | None, balance: Decimal | None) -> None:
    assert derive_books_status(total=total, balance=balance, voided=False) is BooksStatus.OPEN


@pytest.mark.parametrize("state", State.values)
def test_deleted_and_voided_hide_every_state(state: str) -> None:
    assert status_label(state=state, books_status="deleted").text == "Deleted in QuickBooks"
    assert status_label(state=state, books_status="voided").text == "Voided"


@pytest.mark.parametrize("state", State.values)
def test_paid_in_the_books_hides_every_state_but_the_funded_ones(state: str) -> None:
    shown = status_label(state=state, books_status="paid")
    assert (shown.text == "Paid") == (state not in FUNDED)


@pytest.mark.parametrize("books", ["open", "partly_paid"])
def test_two_states_never_share_a_label(books: str) -> None:
    assert len({status_label(state=state, books_status=books).text for state in State.values}) == len(State.values)


@pytest.mark.parametrize(
    ("books", "due", "overdue"),
    [
        ("open", date(2026, 11, 19), True),
        ("partly_paid", date(2026, 11, 19), True),
        ("open", TODAY, False),
        ("open", None, False),
        ("paid", date(2026, 1, 1), False),
        ("voided", date(2026, 1, 1), False),
        ("deleted", date(2026, 1, 1), False),
    ],
)
def test_only_what_is_owed_after_its_day_is_overdue(books: str, due: date | None, overdue: bool) -> None:
    assert is_overdue(books_status=books, payable_date=due, today=TODAY) is overdue
