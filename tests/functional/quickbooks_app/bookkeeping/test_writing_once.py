"""An entry is in the books once, whatever happens between the request and its answer, and whoever writes."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from infactor.financing.models import Advance
from quickbooks_app.bookkeeping import decisions, entries
from quickbooks_app.models import BookkeepingEntry, Connection, Push
from quickbooks_app.pushes import worker
from quickbooks_app.sandbox.runtime.faults import Fault
from tests.functional.quickbooks_app.bookkeeping.conftest import Books
from tests.support.scenarios import money_out

pytestmark = pytest.mark.django_db
KEYS = {"Deposit": "PrivateNote", "Payment": "PaymentRefNum", "JournalEntry": "DocNumber"}


@pytest.fixture
def settled(books: Books) -> Advance:
    """A settled advance whose rebate has arrived, and of which nothing is in the books yet."""
    advance = books.fund()
    books.scenario.later(55)
    books.scenario.pay(advance, "10000")
    settled = books.scenario.settle(Advance.objects.select_related("invoice").get(pk=advance.pk))
    money_out.confirm_all(books.scenario)
    return settled


def written(books: Books) -> list[tuple[str, str]]:
    """Every object in QuickBooks that carries a key of infactor, with that key."""
    return sorted(
        (entity, str(found.get(field, "")).split()[0])
        for entity, field in KEYS.items()
        for found in books.company.all(entity)
        if str(found.get(field) or "").startswith("IF-")
    )


def expected() -> list[tuple[str, str]]:
    rows = BookkeepingEntry.objects.select_related("push")
    return sorted((one.push.entity, one.key) for one in rows if one.push)


def forget_requests(books: Books) -> None:
    """QuickBooks no longer remembers any `requestid`."""
    with books.company.store.transaction() as database:
        database.execute("DELETE FROM replies")


def test_each_event_is_written_once_with_its_key_where_people_see_it(books: Books, settled: Advance) -> None:
    books.work()
    assert len(written(books)) == 4
    assert written(books) == expected()
    assert all(len(key) == 21 for _, key in written(books))
    books.work(hours=2)
    assert len(written(books)) == 4


@pytest.mark.parametrize("remembers", [True, False])
def test_a_worker_that_died_between_answer_and_saving_is_followed_by_one_that_finds_it(
    books: Books, settled: Advance, remembers: bool
) -> None:
    books.work()
    ids = dict(Push.objects.values_list("pk", "qbk_id"))
    Push.objects.update(state="sending", finished_at=None, qbk_id="", lease_until=books.company.clock())
    if not remembers:
        forget_requests(books)
    books.company.clock.advance(minutes=1)
    books.work()
    assert len(written(books)) == 4
    assert dict(Push.objects.values_list("pk", "qbk_id")) == ids


def test_an_answer_that_was_lost_and_a_request_that_is_forgotten_write_nothing_twice(
    books: Books, settled: Advance
) -> None:
    entries.request_due(connection_id=books.connection.pk, at=books.company.clock())
    for push_id in worker.due_ids(at=books.company.clock()):
        books.company.faults.switch_on(Fault(kind="answer_lost", remaining=1))
        worker.perform(push_id=push_id, now=books.company.clock)
    forget_requests(books)
    books.company.faults.clear()
    books.work(hours=1)
    assert len(written(books)) == 4
    assert {push.state for push in Push.objects.all()} == {"done"}


def test_a_write_that_failed_without_an_answer_is_found_when_staff_ask_again(books: Books, settled: Advance) -> None:
    books.work()
    entry = books.entry("settlement")
    Push.objects.filter(pk=entry.push_id).update(state="failed", error="QuickBooks did not answer.", qbk_id="")
    forget_requests(books)
    decisions.write_again(
        entry=entry, by=books.scenario.operations, at=books.company.clock(), reason="It answers again."
    )
    books.work()
    assert len(written(books)) == 4
    assert books.entry("settlement").is_written


def test_rows_that_were_lost_with_a_database_find_what_they_wrote(books: Books, settled: Advance) -> None:
    books.work()
    BookkeepingEntry.objects.all().delete()
    Push.objects.filter(entity__in=KEYS).delete()
    forget_requests(books)
    books.work()
    assert len(written(books)) == 4
    assert written(books) == expected()


def test_an_event_has_one_entry_and_an_entry_one_write(books: Books, settled: Advance) -> None:
    books.work()
    entry = books.entry("settlement")
    with pytest.raises(IntegrityError), transaction.atomic():
        BookkeepingEntry.objects.create(
            key="IF-SET-OTHER", source=entry.source, connection=entry.connection, **copy_of(entry)
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        BookkeepingEntry.objects.create(
            key="IF-SET-OTHER", source="other", connection=entry.connection, **copy_of(entry) | {"bank": 1}
        )
    assert entries.record(settings=books.settings, at=books.company.clock()) == 0


def copy_of(entry: BookkeepingEntry) -> dict[str, Any]:
    names = ("kind", "value_date", "currency", "recorded_at", *BookkeepingEntry.ACCOUNTS)
    return {name: getattr(entry, name) for name in names}


def test_nothing_of_another_company_is_in_these_books(books: Books, settled: Advance) -> None:
    other = Connection.objects.exclude(pk=books.connection.pk)
    assert not other.exists() or not BookkeepingEntry.objects.filter(connection__in=other).exists()
