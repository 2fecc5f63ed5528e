"""The desk of the demo company: notes, tasks, contacts, a kept and a broken promise, and a letter."""

from datetime import datetime, timedelta
from decimal import Decimal

from infactor.core.business_day import business_day
from infactor.desk import assignments, notes
from infactor.desk.assignments import Owner
from infactor.desk.collecting import accounts, contacts, letters, promises
from infactor.desk.models import Contact, Letter
from infactor.financing.demo.participants import Participants
from infactor.financing.models import Advance, Case
from infactor.suppliers.models import Supplier
from infactor.users.permissions import OPERATIONS

LATE, DISPUTED, LARGE = "1057", "1058", "1060"
HALF = Decimal(2600)


def play(*, supplier: Supplier, participants: Participants, at: datetime) -> None:
    """Add the desk's rows at their times before `at`, once the scenario has been played."""
    _write_notes(supplier, participants, at=at)
    _add_tasks(supplier, participants, at=at)
    _collect(supplier, participants, at=at)
    promises.follow_up(at=at)


def _write_notes(supplier: Supplier, people: Participants, *, at: datetime) -> None:
    late, disputed = _advance(supplier, LATE), _advance(supplier, DISPUTED)
    notes.write(
        about=supplier,
        text="Dana answers mornings only. Call before you send anything that looks like a refusal.",
        by=people.underwriter,
        at=at - timedelta(days=40),
        is_pinned=True,
    )
    notes.write(
        about=late.buyer,
        text="Their payables run on Thursdays. Invoices must reach them by Tuesday noon.",
        by=people.operations,
        at=at - timedelta(days=18),
        is_pinned=True,
    )
    notes.write(
        about=late.buyer,
        text="They changed banks this month; half of 1057 came from the new one.",
        by=people.approver,
        at=at - timedelta(days=11),
    )
    notes.write(
        about=disputed,
        text="The supplier prints the 40 banners again and sends photographs.",
        by=people.underwriter,
        at=at - timedelta(days=14),
    )


def _add_tasks(supplier: Supplier, people: Participants, *, at: datetime) -> None:
    today = business_day(at)
    dispute = Case.objects.filter(advance=_advance(supplier, DISPUTED)).order_by("pk").first()
    assignments.add(
        title="Ask for the photographs of the new banners",
        due_on=today - timedelta(days=1),
        owner=Owner(people.operations),
        about=dispute,
        by=people.underwriter,
        at=at - timedelta(days=6),
    )
    assignments.add(
        title="Call before the due date: is the invoice in their payment run?",
        due_on=today + timedelta(days=5),
        owner=Owner(role=OPERATIONS),
        about=_advance(supplier, LARGE),
        by=people.operations,
        at=at - timedelta(days=2),
    )
    assignments.add(
        title="Review the limit with the books of this quarter",
        due_on=today + timedelta(days=7),
        owner=Owner(people.underwriter),
        about=supplier,
        by=people.underwriter,
        at=at - timedelta(days=3),
    )
    done = assignments.add(
        title="Find out which bank Fennel pays from now",
        due_on=today - timedelta(days=9),
        owner=Owner(people.approver),
        about=_advance(supplier, LATE).buyer,
        by=people.operations,
        at=at - timedelta(days=12),
    )
    assignments.finish(task=done, by=people.approver, at=at - timedelta(days=10))


def _collect(supplier: Supplier, people: Participants, *, at: datetime) -> None:
    account = accounts.account_of(_advance(supplier, LATE).buyer)
    invoices = accounts.open_invoices(of=account)[account]
    for days_ago, summary, promised_in in (
        (18, "Cash is short until the stores pay. Half comes within the week.", 6),
        (11, "The rest comes after their stocktaking.", 5),
    ):
        said_at = at - timedelta(days=days_ago)
        day = business_day(said_at) + timedelta(days=promised_in)
        contacts.record(
            account=account,
            channel=Contact.Channel.PHONE,
            person="Paul Whitlow",
            summary=summary,
            next_contact_on=day + timedelta(days=1),
            by=people.operations,
            at=said_at,
        )
        promises.record(
            account=account,
            invoices=invoices,
            amount=HALF,
            promised_on=day,
            said_by="Paul Whitlow",
            by=people.operations,
            at=said_at,
        )
    letters.send(
        account=account,
        level=Letter.Level.REMINDER,
        channel=Letter.Channel.MAIL,
        advance_ids=[one.advance.pk for one in invoices],
        next_contact_on=business_day(at),
        by=people.operations,
        at=at - timedelta(days=4),
    )


def _advance(supplier: Supplier, number: str) -> Advance:
    rows = Advance.objects.filter(supplier=supplier, invoice__invoice_no=number)
    return rows.select_related("buyer__parent", "buyer__debtor").get()
