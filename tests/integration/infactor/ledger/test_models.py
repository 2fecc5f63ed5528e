"""PostgreSQL refuses to change, delete or unbalance ledger rows, whoever writes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection
from django.db.transaction import atomic

from infactor.ledger import posting
from infactor.ledger.models import Account, Entry, IntegrityCheck, Purpose, Transaction
from infactor.ledger.posting import credit, debit
from tests.support.factories.ledger import AT, DAY, LATER, fund, post
from tests.support.factories.suppliers import SupplierFactory

pytestmark = pytest.mark.django_db
TABLES = ("ledger_account", "ledger_transaction", "ledger_entry", "ledger_integritycheck")


def execute(*statements: str, **values: object) -> None:
    """Run statements and check deferred constraints at the end, as a commit does."""
    with atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values or None)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def funded() -> Transaction:
    written = fund()
    IntegrityCheck.objects.create(at=AT, ok=True, transactions=1, entries=3, milliseconds=1)
    execute()
    return written


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_no_row_is_changed_or_deleted(funded: Transaction, table: str, change: str) -> None:
    with pytest.raises(IntegrityError, match=f"the ledger is append-only: .* of {table} refused"):
        execute(change.format(table))


def test_the_books_are_not_emptied_but_by_tests_that_say_so() -> None:
    # This test posts nothing: a pending deferred check would make TRUNCATE fail by itself.
    for table in TABLES:
        with pytest.raises(IntegrityError, match="TRUNCATE of"):
            execute("SET LOCAL infactor.allow_ledger_truncate = 'off'", f"TRUNCATE {table} CASCADE")


def test_a_row_in_memory_cannot_be_saved_again_or_deleted(funded: Transaction) -> None:
    for row in (funded, Account.objects.first(), Entry.objects.first(), IntegrityCheck.objects.first()):
        assert row is not None
        with pytest.raises(TypeError, match="append-only"):
            row.save()
        with pytest.raises(TypeError, match="never deleted"):
            row.delete()


def insert(total: str, *entries: tuple[str, str], count: int | None = None, **changed: Any) -> Transaction:
    """Insert a transaction past `posting`; debits go to the cash account, credits to the fee account."""
    values = {"reference": "raw", "currency": "USD", "value_date": DAY, "posted_at": AT, "digest": "0" * 64, **changed}
    accounts = [
        Account.objects.get_or_create(purpose=purpose, owner="", currency="USD", defaults={"created_at": AT})[0]
        for purpose in (Purpose.CASH, Purpose.FEE_INCOME)
    ]
    with atomic():
        written: Transaction = Transaction.objects.create(
            total=Decimal(total), entry_count=len(entries) if count is None else count, **values
        )
        for position, (left, right) in enumerate(entries, start=1):
            Entry.objects.create(
                transaction=written,
                position=position,
                account=accounts[0 if left != "0" else 1],
                debit=Decimal(left),
                credit=Decimal(right),
            )
        execute()
    return written


def test_what_balances_is_taken_whoever_writes_it() -> None:
    assert insert("5", ("5", "0"), ("0", "3"), ("0", "2")).entries.count() == 3


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: insert("5", ("5", "0"), ("0", "4")),
        lambda: insert("5", ("4", "0"), ("0", "4")),
        lambda: insert("5", ("5", "0"), ("0", "5"), count=3),
        lambda: insert("5", count=2),
        lambda: insert("5", ("5", "0"), ("5", "0")),
    ],
)
def test_what_does_not_balance_is_refused_at_the_commit(attempt: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match="transaction raw does not balance"):
        attempt()


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: insert("5", ("5", "0"), ("0", "5"), count=1),
        lambda: insert("5", ("5", "0"), count=1),
        lambda: insert("5", ("5", "5"), ("5", "5")),
        lambda: insert("5", ("0", "0"), ("0", "0")),
        lambda: insert("-5", ("-5", "0"), ("0", "-5")),
        lambda: insert("0", count=2),
        lambda: insert("5", ("5", "0"), ("0", "5"), currency="CAD"),
        lambda: insert("5", ("5", "0"), ("0", "5"), currency="usd"),
        lambda: insert("5", ("5", "0"), ("0", "5"), reference=""),
    ],
)
def test_what_books_never_hold_is_refused(attempt: Callable[[], object]) -> None:
    with pytest.raises(DatabaseError):
        attempt()
    assert not Transaction.objects.exists()


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e16"])
def test_an_amount_that_is_no_number_is_refused(funded: Transaction, amount: str) -> None:
    with pytest.raises(DatabaseError, match=r"ledger_total_in_range|overflow"):
        execute(
            "INSERT INTO ledger_transaction (reference, currency, value_date, posted_at, description, digest, total, "
            "entry_count) VALUES ('raw', 'USD', now(), now(), '', '', %(amount)s, 2)",
            amount=amount,
        )
    with pytest.raises(DatabaseError, match=r"ledger_one_side|overflow"):
        execute(
            "INSERT INTO ledger_entry (transaction_id, position, account_id, debit, credit) "
            "SELECT transaction_id, 2, account_id, %(amount)s, 0 FROM ledger_entry WHERE position = 1",
            amount=amount,
        )


def test_a_pair_that_balances_cannot_be_added_to_what_is_written(funded: Transaction) -> None:
    cash = Account.objects.get(purpose=Purpose.CASH)
    with pytest.raises(IntegrityError, match="transaction advance:17:funded has 3 entries, no more"), atomic():
        Entry.objects.create(transaction=funded, position=4, account=cash, debit=Decimal(1))
    with pytest.raises(IntegrityError, match="ledger_one_entry_a_position"), atomic():
        Entry.objects.create(transaction=funded, position=3, account=cash, debit=Decimal(1))
    with pytest.raises(IntegrityError, match="ledger_position_from_one"), atomic():
        Entry.objects.create(transaction=funded, position=0, account=cash, debit=Decimal(1))


def test_a_reversal_that_is_no_mirror_is_refused(funded: Transaction) -> None:
    with pytest.raises(IntegrityError, match="transaction raw is not the mirror"):
        insert("8500", ("8500", "0"), ("0", "8500"), reverses=funded)


def test_a_transaction_is_reversed_once_for_the_database_too() -> None:
    first = insert("5", ("5", "0"), ("0", "5"))
    posting.reverse(transaction=first, value_date=DAY, at=LATER, by=None, description="")
    with pytest.raises(IntegrityError, match="reverses_id"), atomic():
        insert("5", ("0", "5"), ("5", "0"), reference="second", reverses=first)


@pytest.mark.parametrize(
    "values",
    [
        {"purpose": "pocket"},
        {"owner": "a b"},
        {"currency": "US"},
        {"owner": "", "supplier": SupplierFactory},
        {"purpose": "cash", "owner": "", "currency": "USD"},
    ],
)
def test_an_account_that_means_nothing_or_comes_twice_is_refused(funded: Transaction, values: dict[str, Any]) -> None:
    given = {name: value() if callable(value) else value for name, value in values.items()}
    with pytest.raises(IntegrityError), atomic():
        Account.objects.create(**{"purpose": "reserve", "owner": "x", "currency": "USD", "created_at": AT, **given})


def test_a_supplier_that_is_in_the_books_stays() -> None:
    supplier = SupplierFactory()
    post(
        debit(Purpose.CASH, Decimal(5)),
        credit(Purpose.PAYABLE_TO_SUPPLIER, Decimal(5), owner=f"supplier:{supplier.pk}"),
        supplier_id=supplier.pk,
    )
    with pytest.raises(IntegrityError, match="ledger_"):
        execute("DELETE FROM suppliers_supplier")
