"""Run the scenario: for each day, import the books, apply the events, then run the scheduled tasks."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from infactor.core.business_day import business_day
from infactor.core.models import OutgoingMail
from infactor.financing import scheduled_transitions
from infactor.financing.demo import bank, further, money_out, offline_content
from infactor.financing.demo.books import DemoBooks
from infactor.financing.demo.context import ScenarioContext
from infactor.financing.demo.dates import DemoCalendar
from infactor.financing.demo.events import Event
from infactor.financing.demo.further import OpenedBooks
from infactor.financing.demo.invoices import CURRENCY
from infactor.financing.demo.participants import Participants
from infactor.financing.demo.scenario import FIRST_IMPORT_DAYS_AGO, SCENARIO
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Offer
from infactor.financing.value_dates import supplier_today
from infactor.invoices.ingest import upserts
from infactor.invoices.models import CompanyFile
from infactor.ledger import integrity
from infactor.ledger.models import IntegrityCheck
from infactor.suppliers import notifications
from infactor.suppliers.models import Notification, Supplier
from infactor.verification import reminders, requests

OPENED_DAYS_AGO = 420
IMPORT_HOUR, FIRST_EVENT_HOUR, SCHEDULED_TASKS_HOUR = 7, 9, 19  # hours of the supplier's day
EVENT_INTERVAL_MINUTES = 7
SCHEDULED_EVERY, STATEMENT_EVERY = 3, 3  # days: the tasks find what has become due since, and the bank tells of it
READ_AFTER, UNREAD_FOR = timedelta(hours=2), timedelta(days=2)  # when the owner reads what infactor says


def run_scenario(*, supplier: Supplier, participants: Participants, at: datetime) -> IntegrityCheck:
    """Run the whole scenario up to the day before `at`, all or nothing, and return a check of the ledger it leaves.

    Its emails are marked as sent in their time, so that none of eleven weeks is sent today.
    """
    with transaction.atomic():
        opened = further.open_books(
            supplier=supplier, participants=participants, opened_days_ago=OPENED_DAYS_AGO, at=at
        ) or _open_offline(supplier, at=at)
        books = DemoBooks(company_file=opened.company_file, content=opened.content)
        context = ScenarioContext(participants, supplier, books, opened.calendar)
        context.move_to(day=FIRST_IMPORT_DAYS_AGO, hour=IMPORT_HOUR)
        account = bank.set_up(by=participants.operations, today=context.value_date, at=context.at)
        days: dict[int, list[Event]] = defaultdict(list)
        for event in SCENARIO:
            days[event.days_ago].append(event)
        for day in range(FIRST_IMPORT_DAYS_AGO, 0, -1):
            if day % STATEMENT_EVERY == 0:
                money_out.receive_statement(context, account=account, day=day)
            _run_day(context, day=day, events=days[day])
            if days[day]:
                money_out.send_payouts(context, account=account, day=day)
            _move_messages_back(context, played_at=at)
        context.books.mark_current(at=at)
        recalculation.recalculate(supplier_id=supplier.pk, at=at)
        bank.upload_sample(account=account, today=business_day(at), by=participants.operations, at=at)
        further.play_all(supplier=supplier, participants=participants, at=at)
        _move_messages_back(context, played_at=at)
        _mark_notifications_read(context, at=at)
        return integrity.verify(at=at)


def mark_books_current(*, supplier: Supplier, at: datetime) -> None:
    """Mark the demo books as just imported, where no import reads them: nothing is automatic on stale books."""
    for company_file in CompanyFile.objects.filter(supplier=supplier, name=_offline_name(supplier)):
        upserts.set_as_of(company_file=company_file, as_of=at)


def _open_offline(supplier: Supplier, *, at: datetime) -> OpenedBooks:
    """Books that no accounting system holds."""
    company_file = CompanyFile.objects.create(
        supplier=supplier, source=offline_content.SOURCE, name=_offline_name(supplier), home_currency=CURRENCY
    )
    calendar = DemoCalendar(supplier_today(supplier=supplier, at=at), supplier.zone)
    content = offline_content.content(calendar, opened_days_ago=OPENED_DAYS_AGO)
    return OpenedBooks(company_file, content, calendar)


def _offline_name(supplier: Supplier) -> str:
    return f"{supplier.name} (demo books)"


def _run_day(context: ScenarioContext, *, day: int, events: list[Event]) -> None:
    """Run one day. A day without changes and events is skipped."""
    context.move_to(day=day, hour=IMPORT_HOUR)
    if context.books.has_changes(at=context.at):
        context.books.import_changes(at=context.at)
    elif events:
        context.books.mark_current(at=context.at)
    else:
        return
    for number, event in enumerate(events):
        hours, minute = divmod(number * EVENT_INTERVAL_MINUTES, 60)
        context.move_to(day=day, hour=FIRST_EVENT_HOUR + hours, minute=minute)
        event.action(context, event)
    if day % SCHEDULED_EVERY == 0:
        context.move_to(day=day, hour=SCHEDULED_TASKS_HOUR)
        requests.expire_due(at=context.at)
        reminders.remind_due(at=context.at)
        scheduled_transitions.apply_due(at=context.at)


def _move_messages_back(context: ScenarioContext, *, played_at: datetime) -> None:
    """Emails and notifications that the last events caused were sent in their time, not when the demo is played."""
    new = OutgoingMail.objects.filter(supplier_id=context.supplier.pk, sent_at__isnull=True)
    new.update(sent_at=context.at, created_at=context.at, updated_at=context.at)
    told = Notification.objects.filter(supplier=context.supplier, created_at__gte=played_at)
    told.update(created_at=context.at)


def _mark_notifications_read(context: ScenarioContext, *, at: datetime) -> None:
    """The owner has read all but the offers that wait for an answer, and what the last days have said."""
    waiting = Offer.objects.filter(supplier=context.supplier, status=Offer.Status.PROPOSED)
    unread = Q(created_at__gt=at - UNREAD_FOR)
    for public_id in waiting.values_list("public_id", flat=True):
        unread |= Q(path__contains=str(public_id))
    told = notifications.visible(user=context.participants.owner, supplier=context.supplier)
    told.exclude(unread).update(read_at=F("created_at") + READ_AFTER)
