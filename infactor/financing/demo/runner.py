"""Run the scenario: for each day, import the books, apply the events, then run the scheduled tasks."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction

from infactor.core.models import OutgoingMail
from infactor.financing import scheduled_transitions
from infactor.financing.demo import bank
from infactor.financing.demo.books import CURRENCY, SOURCE, DemoBooks
from infactor.financing.demo.context import Participants, ScenarioContext
from infactor.financing.demo.events import Event
from infactor.financing.demo.scenario import FIRST_IMPORT_DAYS_AGO, SCENARIO
from infactor.financing.eligibility import recalculation
from infactor.financing.value_dates import supplier_today
from infactor.invoices.ingest import upserts
from infactor.invoices.models import CompanyFile
from infactor.ledger import integrity
from infactor.ledger.models import IntegrityCheck
from infactor.suppliers.models import Supplier
from infactor.verification import requests

IMPORT_HOUR, FIRST_EVENT_HOUR, SCHEDULED_TASKS_HOUR = 7, 9, 19  # hours of the supplier's day
EVENT_INTERVAL_MINUTES = 7


def run_scenario(*, supplier: Supplier, participants: Participants, at: datetime) -> IntegrityCheck:
    """Run the whole scenario up to the day before `at`, all or nothing, and return a check of the ledger it leaves.

    Its e-mails are marked as sent in their time, so that none of eleven weeks is sent today.
    """
    with transaction.atomic():
        today = supplier_today(supplier=supplier, at=at)
        company_file = CompanyFile.objects.create(
            supplier=supplier, source=SOURCE, name=_books_name(supplier), home_currency=CURRENCY
        )
        context = ScenarioContext(participants, supplier, DemoBooks(company_file=company_file, today=today), today)
        days: dict[int, list[Event]] = defaultdict(list)
        for event in SCENARIO:
            days[event.days_ago].append(event)
        for day in range(FIRST_IMPORT_DAYS_AGO, 0, -1):
            _run_day(context, day=day, events=days[day])
        context.books.mark_current(at=at)
        recalculation.recalculate(supplier_id=supplier.pk, at=at)
        bank.set_up(by=participants.operations, today=today, at=at)
        return integrity.verify(at=at)


def mark_books_current(*, supplier: Supplier, at: datetime) -> None:
    """Mark the demo books as just imported. No import reads them, and nothing is automatic on stale books."""
    for company_file in CompanyFile.objects.filter(supplier=supplier, source=SOURCE, name=_books_name(supplier)):
        upserts.set_as_of(company_file=company_file, as_of=at)


def _books_name(supplier: Supplier) -> str:
    return f"{supplier.name} (demo books)"


def _run_day(context: ScenarioContext, *, day: int, events: list[Event]) -> None:
    """Run one day. A day without changes and events is skipped."""
    context.move_to(day=day, hour=IMPORT_HOUR)
    if day == FIRST_IMPORT_DAYS_AGO:
        context.books.import_all(day=day, at=context.at)
    elif context.books.has_changes(day=day):
        context.books.import_changes(day=day, at=context.at)
    elif events:
        context.books.mark_current(at=context.at)
    else:
        return
    for number, event in enumerate(events):
        hours, minute = divmod(number * EVENT_INTERVAL_MINUTES, 60)
        context.move_to(day=day, hour=FIRST_EVENT_HOUR + hours, minute=minute)
        event.action(context, event)
        _mark_emails_sent(context)
    context.move_to(day=day, hour=SCHEDULED_TASKS_HOUR)
    requests.expire_due(at=context.at)
    requests.remind_due(at=context.at)
    scheduled_transitions.apply_due(at=context.at)
    _mark_emails_sent(context)


def _mark_emails_sent(context: ScenarioContext) -> None:
    new = OutgoingMail.objects.filter(supplier_id=context.supplier.pk, sent_at__isnull=True)
    new.update(sent_at=context.at, created_at=context.at, updated_at=context.at)
