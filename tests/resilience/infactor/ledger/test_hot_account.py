"""Many connections post to one account at once: its balance is the sum of all; none is lost, none is there twice."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from infactor.ledger import balances, integrity_checks, posting
from infactor.ledger.models import Account, Entry, Purpose, Transaction
from infactor.ledger.posting import Posting, credit, debit
from tests.support.factories.ledger import AT, DAY, post

pytestmark = pytest.mark.django_db(transaction=True)

CONNECTIONS, EACH = 6, 12


def cents(number: int) -> Decimal:
    return Decimal(number + 1) / 100


def lines(number: int) -> list[posting.Line]:
    """Another amount for each, on one account of the house and on one that six of them share."""
    owner = f"advance:{number % EACH}"
    return [debit(Purpose.RECEIVABLE, cents(number), owner=owner), credit(Purpose.CASH, cents(number))]


def test_the_balance_is_the_sum_of_everything_that_many_connections_posted() -> None:
    start = Barrier(CONNECTIONS)

    def work(worker: int) -> list[int]:
        try:
            start.wait(30)
            numbers = range(worker * EACH, (worker + 1) * EACH)
            # One by one, each also posted again by a neighbour, as a retry would; then some together.
            alone = [post(*lines(number), reference=f"alone:{number}") for number in numbers]
            again = [(number + EACH) % (CONNECTIONS * EACH) for number in numbers]
            alone += [post(*lines(number), reference=f"alone:{number}") for number in again]
            together = [Posting(f"together:{number}", "USD", lines(number), DAY, "") for number in numbers]
            posting.post_all(postings=together, at=AT, by=None)
            return [row.pk for row in alone]
        finally:
            connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        returned = [pk for pks in threads.map(work, range(CONNECTIONS)) for pk in pks]

    count = CONNECTIONS * EACH
    assert len(returned) == 2 * count
    assert len(set(returned)) == count
    assert (Transaction.objects.count(), Entry.objects.count()) == (2 * count, 4 * count)
    expected = 2 * sum(cents(number) for number in range(count))
    assert balances.balance(purpose=Purpose.CASH, currency="USD") == -expected
    assert sum(line.balance for line in balances.trial_balance() if line.purpose is Purpose.RECEIVABLE) == expected
    assert Account.objects.count() == EACH + 1
    assert integrity_checks.run_all() == []
