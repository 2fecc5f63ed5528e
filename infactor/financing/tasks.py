"""Celery tasks of financing: recalculate eligibility, apply the transitions that are due, delete old versions."""

from datetime import datetime
from functools import partial

import structlog
from celery import shared_task
from django.db import transaction
from django.utils import timezone

from infactor.banking.models import StatementFile
from infactor.core import broker
from infactor.financing import history_retention, monthly_statements, scheduled_transitions
from infactor.financing.collections import matching_runs
from infactor.financing.eligibility import recalculation
from infactor.financing.models import MatchingRun
from infactor.financing.notices import issuance
from infactor.users.models import User
from infactor.verification.models import Verification

log = structlog.get_logger(__name__)


# A message that waits longer is dropped: beat finds the supplier again.
@shared_task(max_retries=0, expires=120)
def recalculate_supplier(supplier_id: int) -> None:
    """Evaluate what changed in one supplier's books; where that is not known, all of its invoices, if still due.

    What is known takes so little that it does not wait for the supplier's turn.
    """
    done = recalculation.recalculate_changes(supplier_id=supplier_id, at=timezone.now())
    if done is None:
        if not recalculation.suppliers_due(at=timezone.now(), supplier_ids=[supplier_id]):
            return
        done = recalculation.recalculate(supplier_id=supplier_id, at=timezone.now())
    log.info(
        "eligibility_recalculated",
        supplier=supplier_id,
        is_narrow=done.is_narrow,
        invoices=done.evaluated,
        changed=done.written,
        seconds=str(done.seconds),
    )


@shared_task(max_retries=0)
def recalculate_due() -> None:
    """Enqueue a recalculation for every supplier that is due."""
    for supplier_id in recalculation.suppliers_due(at=timezone.now()):
        recalculate_supplier.delay(supplier_id)


@shared_task(max_retries=0, expires=120)
def apply_due_transitions() -> None:
    """Apply what time, books and buyers' answers require: expired offers, voided invoices, disputes, recourse."""
    if applied := scheduled_transitions.apply_due(at=timezone.now()):
        log.info("financing_transitions_applied", count=applied)


@shared_task(max_retries=0, expires=3600)
def announce_statements() -> None:
    """Tell suppliers that the statement of the last month is ready. The next run does what this one misses."""
    if told := monthly_statements.announce_due(at=timezone.now()):
        log.info("statements_announced", count=told)


@shared_task(max_retries=0, expires=3600)
def remind_of_notices() -> None:
    """Remind the buyers that have not acknowledged a notice of assignment. The next run does what this one misses."""
    if reminded := issuance.remind_due(at=timezone.now()):
        log.info("notices_reminded", count=reminded)


@shared_task(max_retries=0)
def work_on_matching(run_id: int) -> None:
    """Work on one matching run for some seconds, and enqueue the rest of it."""
    matching_runs.work(run_id=run_id, at=timezone.now())
    for unfinished in matching_runs.unfinished(
        at=timezone.now()
    ):  # the rest of this run, or the one that follows on it
        broker.notify(work_on_matching, unfinished)


@shared_task(max_retries=0)
def work_on_matchings() -> None:
    """Enqueue every unfinished matching run: its message may be lost, or its worker dead."""
    for run_id in matching_runs.unfinished(at=timezone.now()):
        work_on_matching.delay(run_id)


@shared_task(max_retries=0)
def delete_expired_versions() -> None:
    """Delete superseded states and assessments after the days in the settings."""
    log.info("versions_deleted", **history_retention.delete_expired(at=timezone.now())._asdict())


def enqueue_for_supplier(supplier_id: int) -> None:
    """Enqueue both tasks after a change of a supplier. Without a broker nothing is lost: beat enqueues them again."""
    broker.notify(recalculate_supplier, supplier_id)
    broker.notify(apply_due_transitions)


def on_verification_changed(*, verification: Verification, at: datetime, by: User | None) -> None:
    """A verification was sent, answered or closed: enqueue the tasks on commit instead of waiting for beat."""
    transaction.on_commit(partial(enqueue_for_supplier, verification.supplier_id))


def on_statement_imported(*, file: StatementFile, by: User, at: datetime) -> None:
    """A statement is imported: find on commit what its lines are for."""
    run = matching_runs.start(kind=MatchingRun.Kind.FIND, by=by, at=at)
    transaction.on_commit(partial(broker.notify, work_on_matching, run.pk))
