"""Postings balance, are made once for each reference, and are reversed but never changed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from infactor.ledger import balances, posting
from infactor.ledger.models import Account, Entry, Purpose, Transaction
from infactor.ledger.posting import credit, debit
from tests.support.factories.ledger import AT, DAY, LATER, fund, post
from tests.support.factories.suppliers import SupplierFactory, UserFactory

pytestmark = pytest.mark.django_db


def amounts(transaction: Transaction) -> list[tuple[str, str, str]]:
    rows = transaction.entries.select_related("account")
    return [(row.account.name, str(row.debit), str(row.credit)) for row in rows]


def test_funding_an_advance_is_written_as_the_specification_has_it() -> None:
    assert amounts(fund()) == [
        ("receivable:advance:17 USD", "10000.00", "0.00"),
        ("cash USD", "0.00", "8500.00"),
        ("reserve:advance:17 USD", "0.00", "1500.00"),
    ]
    assert balances.balance(purpose=Purpose.CASH, currency="USD") == Decimal("-8500.00")


def test_lines_of_zero_are_left_out() -> None:
    written = post(
        debit(Purpose.CASH, Decimal(5)), credit(Purpose.FEE_INCOME, Decimal(5)), debit(Purpose.CASH, Decimal(0))
    )
    assert (written.entry_count, written.total) == (2, Decimal("5.00"))


def test_an_account_is_of_the_transactions_supplier_unless_the_line_says_another_and_the_houses_of_none() -> None:
    ours, other = SupplierFactory(), SupplierFactory()
    post(
        debit(Purpose.CASH, Decimal(9)),
        credit(Purpose.PAYABLE_TO_SUPPLIER, Decimal(4), owner=f"supplier:{ours.pk}"),
        credit(Purpose.PAYABLE_TO_SUPPLIER, Decimal(5), owner=f"supplier:{other.pk}", supplier_id=other.pk),
        supplier_id=ours.pk,
    )
    assert dict(Account.objects.values_list("owner", "supplier_id")) == {
        "": None,
        f"supplier:{ours.pk}": ours.pk,
        f"supplier:{other.pk}": other.pk,
    }


def test_an_account_of_one_supplier_takes_nothing_for_another() -> None:
    fund(supplier_id=SupplierFactory().pk)
    with pytest.raises(posting.NotPostable, match="belongs to another supplier"):
        fund(reference="advance:17:again", supplier_id=SupplierFactory().pk)
    assert Transaction.objects.count() == 1


def test_posting_the_same_again_returns_the_first_whoever_posts_in_whatever_words_and_order() -> None:
    first = fund()
    lines = [
        credit(Purpose.RESERVE, Decimal(1500), owner="advance:17"),
        credit(Purpose.CASH, Decimal("8500.0")),
        debit(Purpose.RECEIVABLE, Decimal("10000.00"), owner="advance:17"),
    ]
    again = post(*lines, reference="advance:17:funded", at=LATER, by=UserFactory(), description="other words")
    assert again == first
    assert Entry.objects.count() == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"amount": Decimal(9999)},
        {"owner": "advance:18", "reference": "advance:17:funded"},
        {"value_date": date(2026, 11, 21)},
        {"currency": "CAD"},
    ],
)
def test_the_same_reference_with_other_content_is_refused(changed: dict[str, Any]) -> None:
    fund()
    with pytest.raises(posting.ReferenceReused, match="advance:17:funded is in the ledger already"):
        fund(**changed)
    assert Transaction.objects.count() == 1


def test_the_same_reference_for_another_supplier_is_refused() -> None:
    first, second = SupplierFactory(), SupplierFactory()
    fund(supplier_id=first.pk)
    with pytest.raises(posting.ReferenceReused):
        fund(supplier_id=second.pk)


def test_what_does_not_balance_is_refused_with_both_sums() -> None:
    with pytest.raises(posting.Unbalanced, match=r"debits 5\.00, credits 4\.00"):
        post(debit(Purpose.CASH, Decimal(5)), credit(Purpose.FEE_INCOME, Decimal(4)))
    assert not Account.objects.exists()


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "0.001", "1e16"])
def test_an_amount_that_is_none_is_refused(amount: str) -> None:
    with pytest.raises(posting.NotPostable):
        post(debit(Purpose.CASH, Decimal(amount)), credit(Purpose.FEE_INCOME, Decimal(amount)))


def test_lines_that_add_up_to_more_than_the_books_hold_are_refused() -> None:
    most = Decimal("9999999999999999.99")
    with pytest.raises(posting.NotPostable, match="too large"):
        post(*[debit(Purpose.CASH, most), credit(Purpose.FEE_INCOME, most)] * 2)
    assert post(debit(Purpose.CASH, most), credit(Purpose.FEE_INCOME, most)).total == most


@pytest.mark.parametrize(
    ("lines", "values", "why"),
    [
        ([], {}, "moves no money"),
        ([debit(Purpose.CASH, Decimal(0))], {}, "moves no money"),
        (None, {"reference": ""}, "A reference has"),
        (None, {"reference": "r" * 121}, "A reference has"),
        (None, {"description": "d" * 201}, "A description has"),
        (None, {"currency": "usd"}, "is no currency"),
        (None, {"currency": ""}, "is no currency"),
        ([debit(Purpose.CASH, Decimal(5), owner="a b")], {}, "cannot own an account"),
        ([debit(Purpose.CASH, Decimal(5), supplier_id=1)], {}, "cannot belong to a supplier"),
        ([posting.Line(Purpose.CASH, debit=Decimal(5), credit=Decimal(5))], {}, "both a debit and a credit"),
    ],
)
def test_what_the_books_cannot_hold_is_refused_in_a_sentence(lines: Any, values: dict[str, Any], why: str) -> None:
    usual = [debit(Purpose.CASH, Decimal(5)), credit(Purpose.FEE_INCOME, Decimal(5))]
    with pytest.raises(posting.NotPostable, match=why):
        post(*(usual if lines is None else lines), **values)


def test_a_reversal_is_the_mirror_and_leaves_nothing() -> None:
    written = fund()
    mirror = posting.reverse(transaction=written, value_date=DAY, at=LATER, by=None, description="Never left")
    assert mirror.reference == "advance:17:funded:reversed"
    assert mirror.reverses == written
    assert [(name, back, there) for name, there, back in amounts(mirror)] == amounts(written)
    assert set(balances.balances_of(owner="advance:17").values()) == {Decimal("0.00")}


def test_a_transaction_is_reversed_once() -> None:
    written, supplier = fund(supplier_id=SupplierFactory().pk), Account.objects.get(purpose="reserve").supplier
    first = posting.reverse(transaction=written, value_date=DAY, at=LATER, by=None, description="Never left")
    assert first.supplier == supplier
    again = posting.reverse(transaction=written, value_date=DAY, at=LATER, by=UserFactory(), description="Again")
    assert again == first
    with pytest.raises(posting.AlreadyReversed, match="already, by advance:17:funded:reversed"):
        posting.reverse(transaction=written, reference="other", value_date=DAY, at=LATER, by=None, description="")
    with pytest.raises(posting.ReferenceReused):
        posting.reverse(transaction=written, value_date=date(2026, 12, 1), at=LATER, by=None, description="")


def test_a_posting_cannot_take_the_reference_of_a_reversal() -> None:
    written = fund()
    posting.reverse(transaction=written, value_date=DAY, at=LATER, by=None, description="")
    with pytest.raises(posting.ReferenceReused):
        post(
            credit(Purpose.RECEIVABLE, Decimal(10000), owner="advance:17"),
            debit(Purpose.CASH, Decimal(8500)),
            debit(Purpose.RESERVE, Decimal(1500), owner="advance:17"),
            reference="advance:17:funded:reversed",
        )


def side_by_side(calls: list[Any]) -> list[Any]:
    """Run all `calls` concurrently, and return what each returned or raised."""

    def run(call: Any) -> Any:
        try:
            return call()
        except (posting.ReferenceReused, posting.AlreadyReversed) as refused:
            return type(refused)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.fixture
def _committed(transactional_db: None) -> Iterator[None]:
    return None


@pytest.mark.usefixtures("_committed")
class TestTwentyAtOnce:
    def test_the_same_reference_is_written_once_and_everybody_gets_it(self) -> None:
        found = side_by_side([fund] * 20)
        assert {row.pk for row in found} == {Transaction.objects.get().pk}
        assert (Account.objects.count(), Entry.objects.count()) == (3, 3)

    def test_one_of_two_contents_under_a_reference_wins_and_the_other_is_refused(self) -> None:
        found = side_by_side([fund, lambda: fund(amount=Decimal(9000))] * 10)
        assert found.count(posting.ReferenceReused) == 10
        assert Transaction.objects.count() == 1

    def test_different_references_on_new_accounts_are_all_written(self) -> None:
        calls = [lambda number=number: fund(owner="advance:1", reference=f"event:{number}") for number in range(20)]
        assert len({row.pk for row in side_by_side(calls)}) == 20
        assert balances.balance(purpose=Purpose.RECEIVABLE, owner="advance:1", currency="USD") == 200_000

    def test_a_transaction_is_reversed_once_under_whatever_references(self) -> None:
        written = fund()
        calls = [
            lambda number=number: posting.reverse(
                transaction=written, reference=f"back:{number}", value_date=DAY, at=AT, by=None, description=""
            )
            for number in range(10)
        ]
        found = side_by_side(calls)
        assert found.count(posting.AlreadyReversed) == 9
        assert Transaction.objects.count() == 2
