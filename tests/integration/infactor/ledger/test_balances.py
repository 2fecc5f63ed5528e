"""Balances are positive on the normal side, by owner, as of a date, and never mix currencies."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.db.transaction import atomic, set_rollback
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infactor.ledger import balances, integrity, posting
from infactor.ledger.models import Purpose, Transaction
from infactor.ledger.posting import credit, debit
from tests.support.factories.ledger import AT, DAY, LATER, fund, post
from tests.support.factories.suppliers import SupplierFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_comparison_of_upper_floors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "_registered", {})


def test_every_purpose_of_an_advance_is_positive_on_its_normal_side() -> None:
    fund()
    found = balances.balances_of(owner="advance:17")
    assert found[Purpose.RECEIVABLE] == Decimal("10000.00")
    assert found[Purpose.RESERVE] == Decimal("1500.00")
    assert found.keys() == set(Purpose)
    assert found[Purpose.BAD_DEBT] == 0


def test_an_account_that_nobody_posted_to_has_nothing_on_it() -> None:
    assert balances.balance(purpose=Purpose.CASH, currency="USD") == 0


def test_balances_of_many_owners_take_one_query() -> None:
    for number in range(5):
        fund(owner=f"advance:{number}", amount=Decimal(1000 * (number + 1)))
    with CaptureQueriesContext(connection) as queries:
        found = balances.balances_by_owner(
            purpose=Purpose.RECEIVABLE, owners=["advance:1", "advance:4", "advance:none"]
        )
    assert found == {"advance:1": 2000, "advance:4": 5000, "advance:none": 0}
    assert len(queries) == 1


def test_amounts_of_two_currencies_are_never_added() -> None:
    fund()
    fund(reference="advance:17:cad", currency="CAD", amount=Decimal(500))
    with pytest.raises(balances.MultipleCurrencies):
        balances.balances_of(owner="advance:17")
    with pytest.raises(balances.MultipleCurrencies):
        balances.balances_by_owner(purpose=Purpose.RESERVE, owners=["advance:17"])
    assert balances.balances_of(owner="advance:17", currency="CAD")[Purpose.RECEIVABLE] == 500
    assert balances.balances_by_owner(purpose=Purpose.RECEIVABLE, owners=["advance:17"], currency="USD") == {
        "advance:17": 10_000
    }
    assert [(currency, debits) for currency, debits, _ in balances.totals(lines=balances.trial_balance())] == [
        ("CAD", 500),
        ("USD", 10_000),
    ]


def test_the_trial_balance_as_of_a_day_counts_value_dates_up_to_it() -> None:
    written = fund()
    posting.reverse(transaction=written, value_date=date(2026, 12, 1), at=AT, by=None, description="")
    before, after = (balances.trial_balance(as_of=day) for day in (date(2026, 11, 30), date(2026, 12, 1)))
    assert balances.trial_balance(as_of=date(2026, 11, 19)) == []
    assert {line.purpose: line.balance for line in before} == {
        Purpose.CASH: -8500,
        Purpose.RECEIVABLE: 10_000,
        Purpose.RESERVE: 1500,
    }
    assert {line.balance for line in after} == {0}
    assert after == balances.trial_balance()


def test_entries_of_an_owner_and_of_a_supplier_come_by_value_date() -> None:
    supplier = SupplierFactory()
    later = fund(supplier_id=supplier.pk)
    earlier = fund(owner="advance:3", supplier_id=supplier.pk, value_date=date(2026, 11, 1))
    fund(owner="advance:4", supplier_id=SupplierFactory().pk)
    assert [entry.account.purpose for entry in balances.entries_of(owner="advance:17")] == ["receivable", "reserve"]
    with CaptureQueriesContext(connection) as queries:
        found = list(balances.entries_of_supplier(supplier_id=supplier.pk))
        told = [entry.transaction.reference for entry in found if entry.account.owner]
    assert told == [earlier.reference] * 2 + [later.reference] * 2
    assert len(queries) == 1


MOVES = st.lists(
    st.tuples(
        st.sampled_from(list(Purpose)),
        st.sampled_from(list(Purpose)),
        st.sampled_from(["advance:1", "advance:2", "supplier:1"]),
        st.sampled_from(["USD", "CAD"]),
        st.integers(1, 10**17),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@settings(deadline=None, database=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_whatever_is_posted_and_reversed_the_books_stay_in_balance(
    moves: list[tuple[Purpose, Purpose, str, str, int, bool]],
) -> None:
    expected: dict[tuple[str, Purpose, str], Decimal] = {}
    with atomic():
        for number, (left, right, owner, currency, cents, undone) in enumerate(moves):
            amount = Decimal(cents).scaleb(-2)
            written = post(
                debit(left, amount, owner=owner),
                credit(right, amount, owner=owner),
                reference=f"event:{number}",
                currency=currency,
            )
            if undone:
                posting.reverse(transaction=written, value_date=DAY, at=LATER, by=None, description="")
                continue
            for purpose, change in ((left, amount), (right, -amount)):
                key = (owner, purpose, currency)
                expected[key] = expected.get(key, Decimal(0)) + (change if purpose.is_debit_normal else -change)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for currency, debits, credits in balances.totals(lines=balances.trial_balance()):
            assert debits == credits, currency
        for (owner, purpose, currency), left_over in expected.items():
            assert balances.balance(purpose=purpose, owner=owner, currency=currency) == left_over
        assert integrity.verify(at=AT).findings == []
        set_rollback(True)
    assert not Transaction.objects.exists()
