"""Integrity checks find every kind of tampering with the ledger."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.db.transaction import atomic

from infactor.core.models import AuditEvent
from infactor.ledger import (
    balances,
    integrity,
    posting,
    tasks,
)
from infactor.ledger.models import IntegrityCheck, Purpose
from infactor.users.roles import OPERATIONS, NotAllowed
from tests.support.factories.ledger import AT, DAY, IN_DECEMBER, LATER, NOVEMBER, close, fund
from tests.support.factories.suppliers import EveryPermissionFactory, SupplierFactory, UserFactory
from tests.support.scenarios.financing import staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_comparison_of_upper_floors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "_registered", {})


def tamper(*statements: str) -> None:
    """Change rows past the triggers, which only the tables' owner can do."""
    tables = ("ledger_account", "ledger_transaction", "ledger_entry")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for state in ("DISABLE", "ENABLE"):
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} {state} TRIGGER USER")
            if state == "DISABLE":
                for statement in statements:
                    cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def post_sample_transactions() -> None:
    supplier = SupplierFactory()
    back = fund(owner="advance:1", supplier_id=supplier.pk)
    fund(owner="advance:2", currency="CAD", amount=Decimal("0.20"))
    posting.reverse(transaction=back, value_date=DAY, at=LATER, by=None, description="Never left")


def test_books_that_nobody_changed_are_in_order() -> None:
    assert integrity.verify(at=AT).ok
    post_sample_transactions()
    found = integrity.verify(at=LATER)
    assert (found.ok, found.transactions, found.entries, found.findings) == (True, 3, 9, [])
    assert IntegrityCheck.objects.count() == 2


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE ledger_entry SET debit = debit + 1 WHERE debit > 1 "
            "AND transaction_id = (SELECT min(id) FROM ledger_transaction)",
            "advance:1:funded does not balance: debits 10001.00, credits 10000.00 USD.",
        ),
        ("UPDATE ledger_transaction SET total = 7 WHERE reference = 'advance:1:funded'", "was posted with 7.00 USD."),
        (
            "UPDATE ledger_transaction SET entry_count = 4 WHERE reference = 'advance:1:funded'",
            "advance:1:funded has 3 entries and was posted with 4.",
        ),
        ("UPDATE ledger_transaction SET value_date = '2020-01-01'", "was changed after it was posted"),
        ("UPDATE ledger_transaction SET supplier_id = NULL", "its digest differs"),
        (
            "UPDATE ledger_account SET owner = 'advance:9' WHERE owner = 'advance:2'",
            "advance:2:funded was changed after it was posted",
        ),
        (
            "UPDATE ledger_account SET currency = 'EUR' WHERE owner = 'advance:2' AND purpose = 'reserve'",
            "has an entry on an account in another currency",
        ),
        (
            "UPDATE ledger_account SET currency = 'EUR' WHERE owner = 'advance:2' AND purpose = 'reserve'",
            "The trial balance in EUR is not zero: debits 0.00, credits 0.03.",
        ),
        (
            "UPDATE ledger_entry e SET debit = credit, credit = debit FROM ledger_transaction t "
            "WHERE t.id = e.transaction_id AND t.reference = 'advance:1:funded'",
            "advance:1:funded:reversed is not the mirror of advance:1:funded, which it reverses.",
        ),
    ],
)
def test_what_was_changed_past_the_triggers_is_said(statement: str, said: str) -> None:
    post_sample_transactions()
    tamper(statement)
    found = integrity.verify(at=AT)
    assert not found.ok
    assert any(said in sentence for sentence in found.findings), found.findings


def test_entries_that_lost_their_transaction_are_said() -> None:
    fund()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'ledger_entry'::regclass "
            "AND confrelid = 'ledger_transaction'::regclass"
        )
        (name,) = cursor.fetchone()
    tamper(f"ALTER TABLE ledger_entry DROP CONSTRAINT {name}", "DELETE FROM ledger_transaction")
    assert "does not exist" in integrity.verify(at=AT).findings[0]


def test_many_findings_of_a_kind_are_cut_and_counted() -> None:
    for number in range(25):
        fund(owner=f"advance:{number}")
    tamper("UPDATE ledger_transaction SET value_date = '2020-01-01'")
    found = integrity.verify(at=AT).findings
    assert len(found) == 21
    assert found[-1] == "And 5 more of this kind."


def test_comparisons_of_upper_floors_are_part_of_the_proof() -> None:
    integrity.register(name="advances", check=lambda: ["Advance 17 says 5.00 and the books say 6.00."])
    integrity.register(name="payouts", check=list)
    assert integrity.verify(at=AT).findings == ["Advance 17 says 5.00 and the books say 6.00."]


def test_a_comparison_that_breaks_is_a_finding_and_hides_no_other() -> None:
    def broken() -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return []

    integrity.register(name="advances", check=broken)
    integrity.register(name="payouts", check=lambda: ["Payout 4 is missing."])
    assert integrity.verify(at=AT).findings == [
        "The reconciliation of advances could not be run (DataError).",
        "Payout 4 is missing.",
    ]


@pytest.mark.django_db(transaction=True)
def test_a_proof_sees_one_moment_while_others_post() -> None:
    def outstanding() -> Decimal:
        return balances.balance(purpose=Purpose.RECEIVABLE, owner="advance:1", currency="USD")

    def post_meanwhile() -> list[str]:
        def run() -> None:
            fund(owner="advance:1")
            connection.close()

        with ThreadPoolExecutor(1) as thread:
            thread.submit(run).result()
        return []

    integrity.register(name="meanwhile", check=post_meanwhile)
    integrity.register(name="advances", check=lambda: [] if outstanding() == 0 else ["Seen half."])
    assert integrity.verify(at=AT).ok
    assert outstanding() == 10_000


def test_the_command_says_that_the_books_are_in_order_or_ends_with_sentences() -> None:
    post_sample_transactions()
    said = StringIO()
    call_command("verify_ledger", stdout=said)
    assert "The ledger check found no errors: 3 transactions, 9 entries" in said.getvalue()
    tamper("UPDATE ledger_transaction SET total = 7 WHERE reference = 'advance:1:funded'")
    with pytest.raises(CommandError, match="found errors") as refused:
        call_command("verify_ledger")
    assert refused.value.returncode == 1
    assert "advance:1:funded adds up to 10000.00 and was posted with 7.00 USD." in str(refused.value)


def test_a_failed_proof_is_told_to_whoever_watches_until_one_is_in_order() -> None:
    assert integrity.failure() == ""
    integrity.register(name="advances", check=lambda: ["Advance 17 differs."])
    tasks.verify_ledger()
    assert "found errors" in integrity.failure()
    integrity.register(name="advances", check=list)
    tasks.verify_ledger()
    assert integrity.failure() == ""


def test_staff_who_may_prove_are_in_the_audit_trail_and_others_are_refused() -> None:
    found = integrity.verify_by_staff(by=EveryPermissionFactory(), at=AT)
    assert AuditEvent.objects.get(event="ledger.verified").subject_id == str(found.pk)
    for nobody in (None, UserFactory(), UserFactory(is_staff=True)):
        with pytest.raises(NotAllowed), atomic():
            integrity.verify_by_staff(by=nobody, at=AT)
    assert IntegrityCheck.objects.count() == 1


def test_kept_sums_of_a_closed_month_that_differ_from_its_entries_are_found() -> None:
    fund()
    close(NOVEMBER, staff_member(OPERATIONS))
    assert integrity.verify(at=IN_DECEMBER).ok
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_monthsum DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_monthsum SET debits = debits + 1 WHERE purpose = 'receivable'")
        cursor.execute("DELETE FROM ledger_monthsum WHERE purpose = 'cash'")
        cursor.execute("ALTER TABLE ledger_monthsum ENABLE TRIGGER USER")
    assert integrity.verify(at=IN_DECEMBER).findings == [
        "The kept sums of cash in November 2026 are debits 0.00, credits 0.00 USD; "
        "its entries add up to debits 0.00, credits 8500.00.",
        "The kept sums of receivable in November 2026 are debits 10001.00, credits 0.00 USD; "
        "its entries add up to debits 10000.00, credits 0.00.",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger_monthsum (month, currency, purpose, debits, credits) "
        "VALUES ('2026-12-01', 'USD', 'cash', 1, 1)",
        "UPDATE ledger_monthsum SET debits = 0",
        "DELETE FROM ledger_monthsum",
    ],
)
def test_nobody_but_a_closing_writes_kept_sums(statement: str) -> None:
    fund()
    close(NOVEMBER, staff_member(OPERATIONS))
    with pytest.raises(IntegrityError, match="kept by their closing"), atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
