"""A closing and a posting at the same moment: the posting is in the month before it closes, or in the next one."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from infactor.ledger import balances, integrity_checks, periods
from infactor.ledger.models import Purpose, Transaction
from infactor.users.roles import OPERATIONS
from tests.support.factories.ledger import IN_DECEMBER, NOVEMBER, close, fund, payment
from tests.support.scenarios.financing import staff_member

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def wait_for_a_waiting_connection() -> None:
    """Return when another connection waits for an advisory lock."""
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("Nobody waits for the lock.")


def in_thread(work: Callable[[], object], problems: list[BaseException]) -> Thread:
    def run() -> None:
        try:
            work()
        except BaseException as problem:  # noqa: BLE001  shown by the test
            problems.append(problem)
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


def test_a_closing_waits_for_a_posting_under_way_and_the_posting_stays_in_its_month() -> None:
    operations = staff_member(OPERATIONS)
    fund(value_date=date(2026, 11, 2))
    problems: list[BaseException] = []
    with transaction.atomic():
        early = payment("collection:1:recorded", date(2026, 11, 28))
        closing = in_thread(lambda: close(NOVEMBER, operations), problems)
        wait_for_a_waiting_connection()
        assert periods.last_closing() is None
    closing.join()
    assert problems == []
    assert periods.first_open_day() == date(2026, 12, 1)
    assert Transaction.objects.get(pk=early.pk).value_date == date(2026, 11, 28)


def test_a_posting_waits_for_a_closing_under_way_and_counts_in_the_next_month() -> None:
    operations = staff_member(OPERATIONS)
    fund(value_date=date(2026, 11, 2))
    problems: list[BaseException] = []
    with transaction.atomic():
        close(NOVEMBER, operations)
        posting = in_thread(lambda: payment("collection:1:recorded", date(2026, 11, 28)), problems)
        wait_for_a_waiting_connection()
    posting.join()
    assert problems == []
    late = Transaction.objects.get(reference="collection:1:recorded")
    assert (late.value_date, late.original_value_date) == (date(2026, 12, 1), date(2026, 11, 28))
    assert integrity_checks.run_all() == []


def test_sums_are_whole_while_months_are_closed_and_reopened_and_others_post() -> None:
    operations, approver = staff_member(OPERATIONS), staff_member(OPERATIONS)
    fund(value_date=date(2026, 11, 2))
    problems: list[BaseException] = []
    seen: list[dict[str, tuple[Decimal, Decimal]]] = []
    is_over = Event()

    def post() -> None:
        for number in range(40):
            payment(f"collection:{number}:recorded", date(2026, 11, 28))
        is_over.set()

    def look() -> None:
        while not is_over.is_set():
            seen.append({one.purpose: (one.debits, one.credits) for one in balances.trial_balance()})

    workers = [in_thread(post, problems), in_thread(look, problems)]
    while not is_over.is_set() and not problems:
        close(NOVEMBER, operations)
        periods.reopen(month=NOVEMBER, reason="Again", by=operations, approver=approver, at=IN_DECEMBER)
    for worker in workers:
        worker.join()
    assert problems == []
    # Five dollars more in each look or as many as before, and both sides always equal.
    arrived = [one[Purpose.CASH][0] for one in seen]
    assert arrived == sorted(arrived)
    assert all(sum(debits - credits for debits, credits in one.values()) == 0 for one in seen)
    close(NOVEMBER, operations)
    found = {one.purpose: one.debits for one in balances.trial_balance()}
    assert found[Purpose.CASH] == 200
    assert integrity_checks.run_all() == []
