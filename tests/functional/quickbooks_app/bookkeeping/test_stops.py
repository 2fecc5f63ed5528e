"""What stops an entry ends in plain words for who can act, and goes on when it can."""

from datetime import timedelta
from decimal import Decimal

import pytest

from infactor.core.models import AuditEvent
from infactor.financing.collections.payments import AllocationTarget
from infactor.financing.models import Advance
from infactor.invoices.models import Buyer
from infactor.users.roles import NotAllowed
from quickbooks_app.bookkeeping import decisions, entries, mapping
from quickbooks_app.bookkeeping.decisions import EntryRefused
from quickbooks_app.bookkeeping.mapping import MappingRefused
from quickbooks_app.models import BookkeepingEntry, BookkeepingSettings, Connection, Push
from quickbooks_app.pushes.requests import BOOKKEEPING_OFF
from quickbooks_app.sandbox.runtime.faults import Fault
from quickbooks_app.sync import refetch
from tests.functional.quickbooks_app.bookkeeping.conftest import BANK, START, Books, turn_on
from tests.functional.quickbooks_app.pushes.test_pushes import work
from tests.support.factories.suppliers import MembershipFactory

pytestmark = pytest.mark.django_db
REASON = "As the supplier asked."


def by(books: Books) -> dict[str, object]:
    return {"by": books.scenario.operations, "at": books.company.clock(), "reason": REASON}


def error(books: Books, kind: str) -> str:
    push = books.entry(kind).push
    assert push is not None
    assert push.state == "failed"
    return push.error


def test_off_by_default_nothing_is_recorded_or_written(books: Books) -> None:
    BookkeepingSettings.objects.all().delete()
    books.fund()
    before = Push.objects.count()
    books.work()
    assert (Push.objects.count(), BookkeepingEntry.objects.count()) == (before, 0)


def test_nothing_of_an_advance_from_before_the_start_date_is_written_whatever_happens_later(books: Books) -> None:
    advance = books.fund()
    turn_on(books, start_on=books.scenario.today + timedelta(days=1))
    books.scenario.later(55)
    books.scenario.pay(advance, "10000")
    books.scenario.settle(Advance.objects.get(pk=advance.pk))
    books.work()
    assert not BookkeepingEntry.objects.exists()


def test_turned_off_what_waits_is_not_written_and_turned_on_again_it_is(books: Books) -> None:
    books.fund()
    entries.request_due(connection_id=books.connection.pk, at=books.company.clock())
    assert mapping.turn_off(connection=books.connection, by=books.scenario.owner, at=books.company.clock())
    books.work()
    assert "turned off" in error(books, "advance")
    turn_on(books)
    books.work()
    assert books.entry("advance").is_written
    events = AuditEvent.objects.filter(event__startswith="quickbooks.bookkeeping_o").order_by("pk")
    assert [one.event.removeprefix("quickbooks.bookkeeping_") for one in events] == ["on", "off", "on"]
    assert {one.actor for one in events} == {books.scenario.owner}


def test_turned_off_after_answers_were_lost_it_goes_on_by_itself_once_it_is_on_again(books: Books) -> None:
    books.fund()
    books.company.faults.switch_on(Fault(kind="answer_lost", remaining=1, target="writes"))
    entries.request_due(connection_id=books.connection.pk, at=books.company.clock())
    work(books.company)
    mapping.turn_off(connection=books.connection, by=books.scenario.owner, at=books.company.clock())
    work(books.company, hours=1)
    assert error(books, "advance") == BOOKKEEPING_OFF
    assert not entries.stuck().exists()
    turn_on(books)
    books.work()
    assert books.entry("advance").is_written
    assert len([one for one in books.company.all("Deposit") if "IF-ADV" in str(one.get("PrivateNote"))]) == 1


def test_an_account_that_infactor_created_is_taken_again_when_it_is_chosen_again(books: Books) -> None:
    created = books.settings.accounts.get(role="fees").qbk_id
    other = books.company.write("Account", {"Name": "Factoring", "AccountType": "Expense"})["Id"]
    turn_on(books, fees=other)
    assert books.settings.accounts.get(role="fees").qbk_id == other
    turn_on(books, fees="")
    books.fund()
    books.work()
    assert books.settings.accounts.get(role="fees").qbk_id == created
    assert books.entry("advance").is_written


def test_a_withdrawn_consent_stops_it_and_a_new_one_goes_on(books: Books) -> None:
    books.fund()
    entries.request_due(connection_id=books.connection.pk, at=books.company.clock())
    Connection.objects.update(writes_allowed_at=None)
    books.work()
    assert "has not allowed" in error(books, "advance")
    Connection.objects.update(writes_allowed_at=books.company.clock())
    books.work()
    assert books.entry("advance").is_written


def test_a_closed_period_is_named_and_staff_write_it_again(books: Books) -> None:
    books.fund()
    books.company.faults.switch_on(Fault(kind="period_closed", remaining=1, target="writes"))
    books.work()
    assert "The books are closed for 2026-11-02" in error(books, "advance")
    with pytest.raises(NotAllowed):
        decisions.write_again(**{**by(books), "by": books.scenario.reader}, entry=books.entry("advance"))
    decisions.write_again(entry=books.entry("advance"), **by(books))
    books.work()
    assert books.entry("advance").is_written
    with pytest.raises(EntryRefused):
        decisions.write_again(entry=books.entry("advance"), **by(books))


def test_an_inactive_account_is_named(books: Books) -> None:
    account = books.settings.accounts.get(role="advances")
    books.company.edit("Account", account.qbk_id, Active=False)
    books.fund()
    books.work()
    assert "infactor advances" in error(books, "advance")
    assert "inactive" in error(books, "advance")


def test_a_payment_of_an_invoice_that_somebody_paid_or_deleted_is_not_left_unapplied(books: Books) -> None:
    paid, deleted = books.fund(), books.fund("1000.00")
    books.work()
    books.company.pay(books.company.read("Invoice", paid.invoice.qbk_invoice_id), "10000.00")
    books.scenario.pay(paid, "10000")
    books.work()
    assert "Only 0.00 of invoice" in error(books, "buyer_payment")
    books.company.delete("Invoice", deleted.invoice.qbk_invoice_id)
    refetch.refetch_objects(
        connection=books.connection,
        entity="Invoice",
        ids=[deleted.invoice.qbk_invoice_id],
        now=books.company.clock,
    )
    books.scenario.pay(deleted, "1000")
    books.work()
    blocked = BookkeepingEntry.objects.get(kind="buyer_payment", advance=deleted)
    assert "is deleted in QuickBooks" in blocked.blocker
    decisions.mark_done(entry=blocked, **by(books))
    blocked.refresh_from_db()
    assert (blocked.is_open, blocked.note) == (False, REASON)


def test_money_of_nobody_known_waits_until_staff_name_the_customer(books: Books) -> None:
    supplier = books.scenario.supplier
    books.scenario.arrive("70", targets=[AllocationTarget(Decimal(70), supplier=supplier)])
    books.work()
    entry = books.entry("surplus")
    assert entry.blocker == entries.WHICH_CUSTOMER
    buyer = Buyer.objects.filter(company_file=books.connection.company_file).first()
    assert buyer is not None
    decisions.choose_customer(entry=entry, buyer=buyer, **by(books))
    books.work()
    assert books.entry("surplus").is_written
    assert books.balances()["due"] == 70


def test_another_currency_is_for_a_person(books: Books) -> None:
    BookkeepingSettings.objects.update(currency="EUR")
    books.fund()
    books.work()
    assert books.entry("advance").blocker == ("This is in USD, and the chosen accounts are in EUR. Enter it by hand.")


def test_an_entry_is_undone_once_by_a_reversing_journal_entry(books: Books) -> None:
    advance = books.fund()
    books.work()
    entry, day = books.entry("advance"), books.scenario.today
    decisions.undo(entry=entry, on=day, **by(books))
    books.work()
    assert books.balances()["advances"] == 0
    assert books.entry("reversal").is_written
    with pytest.raises(EntryRefused):
        decisions.undo(entry=entry, on=day, **by(books))
    event = AuditEvent.objects.get(event="quickbooks.bookkeeping_undone")
    assert (event.actor, event.reason) == (books.scenario.operations, REASON)
    assert advance.status == "funded"


def test_only_an_owner_turns_it_on_with_accounts_of_its_own_of_the_right_kind(books: Books) -> None:
    with pytest.raises(NotAllowed):
        turn_on(books, by=MembershipFactory(supplier=books.scenario.supplier, role="finance").user)
    with pytest.raises(NotAllowed):
        turn_on(books, by=MembershipFactory().user)
    expense = books.settings.accounts.get(role="fees").qbk_id
    for wrong, why in (
        ({"bank": ""}, "bank account"),
        ({"advances": BANK}, "Other Current Liability"),
        ({"due": expense}, "Other Current Asset"),
        ({"vendor": "999999"}, "vendor"),
    ):
        with pytest.raises(MappingRefused, match=why):
            turn_on(books, **wrong)
    with pytest.raises(MappingRefused, match="start date"):
        turn_on(books, start_on=START.replace(year=2019))
    Connection.objects.update(writes_allowed_at=None)
    books.connection.refresh_from_db()
    with pytest.raises(MappingRefused, match="has not allowed"):
        turn_on(books)


def test_what_infactor_cannot_create_is_said_and_created_once_it_can(books: Books) -> None:
    connection = books.connection
    BookkeepingSettings.objects.all().delete()
    Push.objects.all().delete()
    for account in books.company.all("Account"):
        if account["Name"] == "Factoring fees":
            books.company.edit("Account", account["Id"], Name="Old fees")
    taken = books.company.write("Account", {"Name": "Factoring fees", "AccountType": "Income"})
    turn_on(books)
    books.fund()
    books.work()
    failed = books.settings.accounts.select_related("push").get(role="fees").push
    assert failed is not None
    assert "of another type (Income)" in failed.error
    assert not BookkeepingEntry.objects.filter(push__isnull=False).exists(), "nothing goes to half of the accounts"
    books.company.edit("Account", taken["Id"], Name="Income of fees")
    turn_on(books)
    books.work()
    assert books.entry("advance").is_written
    assert connection.pushes.filter(entity="Account", state="done").count() == 3


def test_the_start_date_moves_back_but_not_past_what_is_booked(books: Books) -> None:
    books.fund()
    books.work()
    turn_on(books, start_on=START - timedelta(days=30))
    with pytest.raises(MappingRefused, match="this day or an earlier one"):
        turn_on(books, start_on=START)
