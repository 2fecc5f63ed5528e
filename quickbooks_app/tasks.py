"""Celery tasks of the QuickBooks import. Workers process import runs and webhooks; beat finds those that are due.

A message only notifies a worker; the work itself is a row. A message that is lost, late or duplicated changes nothing:
`dispatch_due_runs` and `dispatch_waiting_webhooks` enqueue every waiting row again.
"""

import uuid

import structlog
from celery import shared_task
from django.db.models import QuerySet
from django.utils import timezone

from infactor.core import broker
from infactor.financing.tasks import enqueue_for_supplier as notify_financing
from quickbooks_app import pulls, retention, runs
from quickbooks_app.bookkeeping import comparison, entries
from quickbooks_app.completeness import check_worker, checks
from quickbooks_app.connections import authorization_flow, expiry
from quickbooks_app.console import answers
from quickbooks_app.models import Connection, ObjectPull
from quickbooks_app.pushes import pay_to
from quickbooks_app.pushes import worker as pushing
from quickbooks_app.sync import object_pulls, remapping, run_worker
from quickbooks_app.sync.run_errors import SliceOutcome
from quickbooks_app.webhooks import inbox, processing

log = structlog.get_logger(__name__)

BURST_DELAY_SECONDS = 2  # events of a burst that arrive within this time are processed together


# An older message expires: beat has enqueued the run again by then, and messages do not pile up.
@shared_task(max_retries=3, default_retry_delay=30, expires=120)
def process_import_run(run_id: int) -> None:
    """Process one time slice of a run, and enqueue the run again if there is more to do."""
    outcome = run_worker.process_run(run_id=run_id, owner=uuid.uuid4().hex, now=timezone.now)
    log.info("import_slice_ended", run=run_id, outcome=outcome.value)
    if outcome is SliceOutcome.MORE:
        process_import_run.delay(run_id)
    if outcome is SliceOutcome.DONE:
        _enqueue_pulls(pulls.due(at=timezone.now()).filter(connection__runs=run_id))
        _request_recalculation(Connection.objects.filter(runs=run_id))
        if check := checks.request_after_run(run_id=run_id, at=timezone.now()):
            enqueue_check(check.pk)


@shared_task(max_retries=0)
def dispatch_due_runs() -> None:
    """Request the scheduled runs that are due, and enqueue every due run that no worker holds."""
    now = timezone.now()
    runs.request_due(at=now)
    for run_id in runs.due_run_ids(at=now):
        process_import_run.delay(run_id)


def enqueue_import(run_id: int) -> None:
    """Enqueue a committed run. If the broker is unreachable, the user sees no error: beat enqueues the run again."""
    broker.notify(process_import_run, run_id)


@shared_task(max_retries=3, default_retry_delay=30, expires=120)
def check_completeness(check_id: int) -> None:
    """Compare one company with QuickBooks' own reports, and enqueue the run that the check needs."""
    run = check_worker.process_check(check_id=check_id, owner=uuid.uuid4().hex, now=timezone.now)
    _request_recalculation(Connection.objects.filter(completeness_checks=check_id))
    if run is not None:
        enqueue_import(run.pk)
    for run_id in checks.open_full_reads(at=timezone.now()):
        enqueue_import(run_id)


def enqueue_check(check_id: int) -> None:
    """Enqueue a committed check. If the broker is unreachable, beat enqueues it again."""
    broker.notify(check_completeness, check_id)


@shared_task(max_retries=0)
def dispatch_due_checks() -> None:
    """Request the checks that no sync has requested, and enqueue every due check that no worker holds."""
    now = timezone.now()
    checks.request_missed(at=now)
    for run_id in checks.open_full_reads(at=now):
        process_import_run.delay(run_id)
    for check_id in checks.due_check_ids(at=now):
        check_completeness.delay(check_id)


@shared_task(max_retries=3, default_retry_delay=30, expires=120)
def pull_objects(pull_id: int) -> None:
    """Read one time slice of a further kind of object, and enqueue the pull again if there is more to read."""
    if object_pulls.pull_objects(pull_id=pull_id, owner=uuid.uuid4().hex, now=timezone.now):
        pull_objects.delay(pull_id)
    else:
        _request_recalculation(Connection.objects.filter(pulls=pull_id))


@shared_task(max_retries=0)
def dispatch_due_pulls() -> None:
    """Give new companies the pulls of the setting, and enqueue every due pull that no worker holds."""
    pulls.add_from_settings()
    _enqueue_pulls(pulls.due(at=timezone.now()))


def _enqueue_pulls(due: QuerySet[ObjectPull]) -> None:
    for pull_id in due.values_list("pk", flat=True):
        pull_objects.delay(pull_id)


@shared_task(max_retries=3, default_retry_delay=30)
def process_webhooks(connection_id: int) -> None:
    """Process the waiting webhook events of one company, and enqueue the task again if more have arrived."""
    has_more = processing.process_pending(connection_id=connection_id, now=timezone.now)
    _request_recalculation(Connection.objects.filter(pk=connection_id))
    if has_more and inbox.claim_notification(connection_id=connection_id, at=timezone.now()):
        enqueue_webhooks(connection_id, countdown=BURST_DELAY_SECONDS)


def _request_recalculation(connections: QuerySet[Connection]) -> None:
    """Invoices of these companies may have changed. Financing finds out whether eligibility changes with them."""
    for supplier_id in connections.values_list("supplier_id", flat=True):
        notify_financing(supplier_id)


@shared_task(max_retries=0)
def dispatch_waiting_webhooks() -> None:
    """Enqueue every company with waiting events that no worker holds: a notification may have been lost."""
    for connection_id in inbox.due_connection_ids(at=timezone.now()):
        process_webhooks.delay(connection_id)


@shared_task(max_retries=0)
def delete_expired_webhooks() -> None:
    """Delete finished webhook events after 30 days."""
    log.info("webhooks_deleted", events=inbox.delete_expired(at=timezone.now()))


@shared_task(max_retries=3, default_retry_delay=30, expires=120)
def map_invoices_again(connection_id: int) -> None:
    """Map the next stored invoices of one company by its changed mapping; those after them when others had a turn."""
    if remapping.map_again(connection_id=connection_id, at=timezone.now()):
        map_invoices_again.delay(connection_id)
        return
    _request_recalculation(Connection.objects.filter(pk=connection_id))


@shared_task(max_retries=0)
def dispatch_remappings() -> None:
    """Enqueue every company whose stored invoices are still to be mapped again: a message or a worker may be lost."""
    for connection_id in remapping.unfinished(at=timezone.now()):
        map_invoices_again.delay(connection_id)


@shared_task(max_retries=0)
def ask_books(answer_id: int) -> None:
    """Ask QuickBooks what staff want to know."""
    answers.fetch(answer_id=answer_id, now=timezone.now)


@shared_task(max_retries=0)
def dispatch_books_questions() -> None:
    """Enqueue the questions of staff that no worker has begun with, and end those whose worker died."""
    answers.give_up(at=timezone.now())
    for answer_id in answers.waiting_ids():
        ask_books.delay(answer_id)


def enqueue_books_question(answer_id: int) -> None:
    """Enqueue a committed question. If the broker is unreachable, beat enqueues it again."""
    broker.notify(ask_books, answer_id)


@shared_task(max_retries=0, expires=120)
def perform_push(push_id: int) -> None:
    """Write one push into the books of its company. What was written may be an invoice to finance."""
    pushing.perform(push_id=push_id, now=timezone.now)
    _request_recalculation(Connection.objects.filter(pushes=push_id))


@shared_task(max_retries=0)
def dispatch_pushes() -> None:
    """Ask for what is to be written by itself, and enqueue the pushes that are due: a worker may have died."""
    pay_to.request_due(at=timezone.now())
    for push_id in pushing.due_ids(at=timezone.now()):
        perform_push.delay(push_id)


@shared_task(max_retries=0, expires=300)
def request_bookkeeping(connection_id: int) -> None:
    """Record the new events of financing of one company, and enqueue what is to be written of them."""
    for push_id in entries.request_due(connection_id=connection_id, at=timezone.now()):
        perform_push.delay(push_id)


@shared_task(max_retries=0)
def dispatch_bookkeeping() -> None:
    """Enqueue every company whose bookkeeping is on."""
    for connection_id in entries.active_settings().values_list("connection", flat=True):
        request_bookkeeping.delay(connection_id)


def enqueue_bookkeeping(connection_id: int) -> None:
    """Let a worker record and write the events of a company. If the broker is unreachable, beat enqueues it."""
    broker.notify(request_bookkeeping, connection_id)


@shared_task(max_retries=0, expires=3600)
def compare_bookkeeping(connection_id: int) -> None:
    """Compare the bookkeeping of one company with QuickBooks."""
    comparison.compare(connection_id=connection_id, now=timezone.now)


@shared_task(max_retries=0)
def dispatch_bookkeeping_comparisons() -> None:
    """Enqueue every company whose bookkeeping was not compared today."""
    for connection_id in comparison.due_connection_ids(at=timezone.now()):
        compare_bookkeeping.delay(connection_id)


def enqueue_push(push_id: int) -> None:
    """Enqueue a committed push. If the broker is unreachable, beat enqueues it again."""
    broker.notify(perform_push, push_id)


def enqueue_webhooks(connection_id: int, *, countdown: int = 0) -> None:
    """Enqueue a company whose events are committed. If the broker is unreachable, beat enqueues it again."""
    broker.notify(process_webhooks, connection_id, countdown=countdown)


@shared_task(max_retries=0)
def check_grant_expiry() -> None:
    """Warn suppliers of grants that will expire soon, and ask them to reconnect after the expiry."""
    warned, expired = expiry.check_all(at=timezone.now())
    log.info("grant_expiry_checked", warned=warned, expired=expired)


@shared_task(max_retries=0)
def expire_pending_choices() -> None:
    """End what waits for a person in vain: attempts to connect, and grants of other companies, which are erased."""
    authorization_flow.expire_attempts(at=timezone.now())
    authorization_flow.expire_pending_choices(at=timezone.now())


@shared_task(max_retries=0)
def delete_expired_history() -> None:
    """Delete calls, runs, versions, issues, attempts, documents of ended companies and checks that have expired."""
    at = timezone.now()
    deleted = retention.delete_expired(at=at)
    comparison.delete_expired(at=at)
    log.info("history_deleted", **deleted._asdict(), checks=checks.delete_expired(at=at))
