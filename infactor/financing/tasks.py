"""Celery's side of financing: what is judged anew when something has changed, and what the clock does."""

from datetime import datetime
from functools import partial

import structlog
from celery import shared_task
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from infactor.financing import scheduled_transitions
from infactor.financing.eligibility import recalculation
from infactor.users.models import User
from infactor.verification.models import Verification

log = structlog.get_logger(__name__)


# A message that waits longer is dropped: beat finds the supplier again.
@shared_task(max_retries=0, expires=120)
def reckon(supplier_id: int) -> None:
    """Judge the invoices of one supplier anew, unless that was done meanwhile or a moment ago."""
    if not recalculation.suppliers_due(at=timezone.now(), supplier_ids=[supplier_id]):
        return
    done = recalculation.recalculate(supplier_id=supplier_id, at=timezone.now())
    log.info("reckoned", supplier=supplier_id, invoices=done.evaluated, changed=done.written, seconds=str(done.seconds))


@shared_task(max_retries=0)
def reckon_due() -> None:
    """Ring for every supplier whose judgements are behind."""
    for supplier_id in recalculation.suppliers_due(at=timezone.now()):
        reckon.delay(supplier_id)


@shared_task(max_retries=0, expires=120)
def follow() -> None:
    """What the clock, books and buyers' answers ask for: expired offers, voided invoices, disputes, recourse."""
    if done := scheduled_transitions.apply_due(at=timezone.now()):
        log.info("financing_followed", done=done)


def notify(supplier_id: int) -> None:
    """Ring for a supplier of whom something has changed. A broker that is away is no error: beat rings again."""
    try:
        reckon.delay(supplier_id)
        follow.delay()
    except (OperationalError, OSError):
        log.warning("broker_unreachable", supplier=supplier_id)


def on_verification_changed(*, verification: Verification, at: datetime, by: User | None) -> None:
    """A buyer was asked or has answered: once that is committed, nobody waits for beat to read what it means."""
    transaction.on_commit(partial(notify, verification.supplier_id))
