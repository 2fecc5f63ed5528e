"""Plays the story: day by day what the books say, what people do, and what the clock does, at that time."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction

from infactor.core.models import OutgoingMail
from infactor.financing import scheduled_transitions
from infactor.financing.demo.books import CURRENCY, SOURCE, DemoBooks
from infactor.financing.demo.events import Event
from infactor.financing.demo.stage import Cast, Stage
from infactor.financing.demo.story import FIRST_READ, STORY
from infactor.financing.eligibility import recalculation
from infactor.financing.value_dates import supplier_today
from infactor.invoices.ingest import upserts
from infactor.invoices.models import CompanyFile
from infactor.ledger import integrity
from infactor.ledger.models import IntegrityCheck
from infactor.suppliers.models import Supplier
from infactor.verification import requests

MORNING, WORK, EVENING = 7, 9, 19  # hours of the supplier's day
BETWEEN = 7  # minutes from one event to the next


def play(*, supplier: Supplier, cast: Cast, at: datetime) -> IntegrityCheck:
    """Play the whole story up to the day before `at`, all or nothing; the proof of the books that it left is returned.

    Its mails are kept as sent at their time: nobody wants the mails of eleven weeks today.
    """
    with transaction.atomic():
        today = supplier_today(supplier=supplier, at=at)
        company_file = CompanyFile.objects.create(
            supplier=supplier, source=SOURCE, name=_books_of(supplier), home_currency=CURRENCY
        )
        stage = Stage(cast, supplier, DemoBooks(company_file=company_file, today=today), today)
        days: dict[int, list[Event]] = defaultdict(list)
        for event in STORY:
            days[event.day].append(event)
        for day in range(FIRST_READ, 0, -1):
            _live(stage, day=day, events=days[day])
        stage.books.note_read(at=at)
        recalculation.recalculate(supplier_id=supplier.pk, at=at)
        return integrity.verify(at=at)


def read_again(*, supplier: Supplier, at: datetime) -> None:
    """The books of a story that was played were read once more: nobody else reads them, and old ones are for people."""
    for company_file in CompanyFile.objects.filter(supplier=supplier, source=SOURCE, name=_books_of(supplier)):
        upserts.set_as_of(company_file=company_file, as_of=at)


def _books_of(supplier: Supplier) -> str:
    return f"{supplier.name} (demo books)"


def _live(stage: Stage, *, day: int, events: list[Event]) -> None:
    """One day; where nothing happens nobody looks."""
    stage.move_to(day=day, hour=MORNING)
    if day == FIRST_READ:
        stage.books.read_first(day=day, at=stage.at)
    elif stage.books.has_changes(day=day):
        stage.books.read_changes(day=day, at=stage.at)
    elif events:
        stage.books.note_read(at=stage.at)
    else:
        return
    for place, event in enumerate(events):
        hours, minute = divmod(place * BETWEEN, 60)
        stage.move_to(day=day, hour=WORK + hours, minute=minute)
        event.act(stage, event)
        _send_mails(stage)
    stage.move_to(day=day, hour=EVENING)
    requests.expire_due(at=stage.at)
    requests.remind_due(at=stage.at)
    scheduled_transitions.apply_due(at=stage.at)
    _send_mails(stage)


def _send_mails(stage: Stage) -> None:
    new = OutgoingMail.objects.filter(supplier_id=stage.supplier.pk, sent_at__isnull=True)
    new.update(sent_at=stage.at, created_at=stage.at, updated_at=stage.at)
