"""The check worker: reads both reports, compares them with what is stored, and reads again what differs.

A check runs right after a sync, and never beside one. It changes no stored amount itself: what differs is fetched by
id, and arrives on the way of every other change.
"""

from collections import deque
from collections.abc import Callable, Collection, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_noop

from infactor.core.bulk import InArray
from quickbooks_app import runs
from quickbooks_app.api import circuit_breaker
from quickbooks_app.api.session import ApiSession, save_calls, take_calls
from quickbooks_app.api.transport import CallRecord
from quickbooks_app.completeness import checks, report_calls
from quickbooks_app.completeness.comparison import Comparison, Difference, compare
from quickbooks_app.completeness.outcomes import EvaluatedDifference, Moments, Outcome, evaluate
from quickbooks_app.completeness.receivables_report import ReceivablesReport
from quickbooks_app.completeness.results import keys_left_by, save_comparison, save_total
from quickbooks_app.completeness.stored_receivables import (
    ObjectKey,
    StoredReceivables,
    has_currencies,
    paid_and_not_stored,
    stored_receivables,
)
from quickbooks_app.errors import (
    AnswerRefused,
    AuthorizationLost,
    CircuitOpen,
    QuickBooksError,
    Rejected,
    Throttled,
    Transient,
)
from quickbooks_app.models import CompletenessCheck, Connection, ImportIssue, ImportRun
from quickbooks_app.sync import refetch
from quickbooks_app.sync.apply_page import lock_company_file
from quickbooks_app.sync.import_issues import refused_keys

State = CompletenessCheck.State
FRESH = timedelta(minutes=15)  # older books are brought up to date first: one call, where each change would cost one
WAIT_FOR_RUN = timedelta(minutes=1)
REPEAT_DELAY = timedelta(minutes=2)
MAX_REPEATS = 2  # of both reports, where they disagree because something changed between them
MAX_READ_AGAIN = 100  # more objects than these are read with everything else
READ_ORDER = ("Customer", "Invoice", "CreditMemo", "Payment")
TOO_MANY_ATTEMPTS = gettext_noop("The comparison failed too often in a row.")
TOO_LARGE = gettext_noop(
    "The company has more open documents than QuickBooks puts into a report, and several currencies."
)
ZERO = Decimal(0)


@dataclass
class _Context:
    """A check that `owner` holds."""

    check: CompletenessCheck
    owner: str
    now: Callable[[], datetime]
    calls: deque[CallRecord] = field(default_factory=deque)

    @property
    def connection(self) -> Connection:
        return self.check.connection

    def renew(self) -> None:
        checks.renew(check=self.check, owner=self.owner, at=self.now())

    def put_off(self, delay: timedelta, **changes: object) -> None:
        checks.put_off(check=self.check, owner=self.owner, at=self.now(), delay=delay, **changes)  # type: ignore[arg-type]

    def fail(self, error: str, *, code: str) -> None:
        checks.finish(
            check=self.check, owner=self.owner, at=self.now(), state=State.FAILED, error=error, error_code=code[:40]
        )


def process_check(*, check_id: int, owner: str, now: Callable[[], datetime]) -> ImportRun | None:
    """Claim the check and make it. Returns an import run to enqueue, if the check needs one.

    Never raises QuickBooksError: the check holds the error in plain words, or is put off.
    """
    check = checks.claim(check_id=check_id, owner=owner, at=now())
    if check is None:
        return None
    context = _Context(check=check, owner=owner, now=now)
    try:
        if check.attempt > checks.MAX_ATTEMPTS:
            context.fail(TOO_MANY_ATTEMPTS, code="attempts")
            return None
        if check.connection.status != Connection.Status.CONNECTED:
            context.fail(gettext_noop("The company is not connected."), code="not_connected")
            return None
        if _has_failed_to_sync(check):
            context.fail(gettext_noop("The books could not be brought up to date."), code="not_synced")
            return None
        run = _run_to_wait_for(context)
        if run is None:
            _compare(context)
        return run
    except checks.LeaseLost:
        return None
    except QuickBooksError as error:
        _handle_error(context, error)
        return None
    finally:
        save_calls(take_calls(context.calls), connection=check.connection, run=None, at=now())


def _has_failed_to_sync(check: CompletenessCheck) -> bool:
    """Whether the last run has failed since the check was requested: it would fail again, every minute."""
    last = ImportRun.objects.filter(connection=check.connection_id).order_by("-pk").first()
    return (
        last is not None
        and last.state == ImportRun.State.FAILED
        and last.finished_at is not None
        and last.finished_at >= check.requested_at
    )


def _run_to_wait_for(context: _Context) -> ImportRun | None:
    """The run that must end first, or None: one that is open, or a new one if the books are not up to date."""
    connection, at = context.connection, context.now()
    run = ImportRun.objects.filter(connection=connection, state__in=ImportRun.OPEN).first()
    as_of = connection.company_file.as_of
    if run is None and (as_of is None or at - as_of > FRESH):
        run = runs.request(connection=connection, by=None, at=at)
    if run is not None:
        context.put_off(WAIT_FOR_RUN)
    return run


def _compare(context: _Context) -> None:
    check, connection = context.check, context.connection
    file = connection.company_file
    home = file.home_currency
    with closing(ApiSession(connection=connection, now=context.now, calls=context.calls)) as session:
        stored = _stored(connection)
        is_multi = has_currencies(file)
        asked_at = context.now()
        balance = report_calls.read_trial_balance(session, home_currency=home, asked_at=asked_at)
        context.renew()
        report = report_calls.read_receivables(
            session,
            home_currency=home,
            documents=len(stored.documents),
            has_currencies=is_multi,
            asked_at=asked_at,
        )
        context.renew()
        if report is None and is_multi:
            context.fail(TOO_LARGE, code="too_large")
            return
        our_sum = sum((one.open_amount or ZERO for one in stored.documents.values()), ZERO)
        accounts = report_calls.receivables_accounts(
            session,
            balance,
            known_ids=check.accounts or _known_accounts(check),
            total=our_sum if report is None else report.total,
        )
    check.accounts = [account.id for account in accounts]
    account_total = sum((account.balance for account in accounts), ZERO)
    if stored.documents and (not balance.accounts or (report and account_total and not report.lines)):
        raise Transient(
            gettext_noop("QuickBooks' report is empty, though the company has receivables."), code="unreadable"
        )
    if report is None:
        save_total(check=check, owner=context.owner, account_total=account_total, our_total=our_sum, at=context.now())
        return
    if account_total != report.total and _is_to_be_repeated(check, account_total - report.total):
        context.put_off(
            REPEAT_DELAY,
            repeats=check.repeats + 1,
            accounts=check.accounts,
            account_total=account_total,
            report_total=report.total,
        )
        return
    evaluated, comparison = _evaluate(context, report=report, asked_at=asked_at)
    save_comparison(
        check=check,
        owner=context.owner,
        report=report,
        comparison=comparison,
        evaluated=evaluated,
        account_total=account_total,
        at=context.now(),
    )


def _stored(connection: Connection, named: Sequence[ObjectKey] = ()) -> StoredReceivables:
    """What is stored at one moment: the lock keeps pages and webhooks out while it is read."""
    with transaction.atomic():
        lock_company_file(connection)
        return stored_receivables(company_file=connection.company_file, named=named)


def _known_accounts(check: CompletenessCheck) -> list[str]:
    previous = checks.previous_compared(check)
    return list(previous.accounts) if previous is not None else []


def _is_to_be_repeated(check: CompletenessCheck, difference: Decimal) -> bool:
    """Both reports are QuickBooks' own, so a difference between them comes from a change between two calls. One that
    repeats to the cent does not."""
    if check.account_total is not None and check.report_total is not None:
        return check.account_total - check.report_total != difference and check.repeats < MAX_REPEATS
    return check.repeats < MAX_REPEATS


def _evaluate(
    context: _Context, *, report: ReceivablesReport, asked_at: datetime
) -> tuple[list[EvaluatedDifference], Comparison]:
    """Compare, read again what differs, compare with the same report once more, and say what became of each."""
    connection = context.connection
    named = [(line.entity, line.qbk_id) for line in report.lines if line.is_read and line.qbk_id]
    before = compare(report, _stored(connection, named))
    previous = checks.previous_compared(context.check)
    wanted = {key for one in before.differences if (key := one.object_key) is not None}
    paid = paid_and_not_stored(
        company_file=connection.company_file, since=previous.requested_at if previous is not None else None
    )
    wanted.update(paid[: max(MAX_READ_AGAIN - len(wanted), 0)])
    # The sync before has just asked for the refused ones: what they are here stays as it is.
    wanted -= refused_keys(connection)
    read_again = _read_again(context, wanted)
    stored = _stored(connection, [*named, *read_again])
    after = compare(report, stored) if read_again else before
    left = keys_left_by(previous, outcomes=[Outcome.OPEN, Outcome.CHANGED])
    evaluated = evaluate(
        before=before.differences,
        after=after.differences,
        stored=stored,
        moments=Moments(as_of=connection.company_file.as_of, reported=report.time or asked_at),
        read_again=read_again,
        with_issue=_with_issue(connection, after.differences),
        refused=refused_keys(connection),
        seen_before=left,
    )
    return evaluated, after


def _read_again(context: _Context, wanted: Collection[ObjectKey]) -> list[ObjectKey]:
    """Fetch and apply the current version of `wanted`. Returns those that QuickBooks was asked for."""
    if len(wanted) > MAX_READ_AGAIN:
        return []
    done: list[ObjectKey] = []
    suspects_objects = context.check.attempt >= runs.SUSPECTED_AFTER
    for entity in READ_ORDER:
        ids = sorted(qbk_id for kind, qbk_id in wanted if kind == entity)
        with suppress(AnswerRefused):  # more of them than single objects: reading everything narrows them down
            refetch.refetch_objects(
                connection=context.connection,
                entity=entity,
                ids=ids,
                now=context.now,
                suspects_objects=suspects_objects,
            )
            done += ((entity, qbk_id) for qbk_id in ids)
        context.renew()
    return done


def _with_issue(connection: Connection, differences: Sequence[Difference]) -> set[ObjectKey]:
    ids = {one.qbk_id for one in differences if one.qbk_id}
    rows = ImportIssue.objects.filter(InArray("qbk_id", ids), connection=connection, resolved_at__isnull=True)
    return set(rows.values_list("entity", "qbk_id"))


def _handle_error(context: _Context, error: QuickBooksError) -> None:
    """Put the check off if a retry may succeed, otherwise end it. The next run deals with a lost access."""
    check, at = context.check, context.now()
    try:
        if isinstance(error, CircuitOpen):
            context.put_off(error.until - at, attempt=check.attempt)  # no call was made
        elif isinstance(error, Transient) and at - check.requested_at < runs.max_age(error):
            has_failed_often = check.attempt >= checks.MAX_ATTEMPTS
            delay = circuit_breaker.COOLDOWN if has_failed_often else runs.backoff(check.attempt)
            if isinstance(error, Throttled):
                delay += timedelta(seconds=error.retry_after)
            context.put_off(delay, attempt=min(check.attempt + 1, checks.MAX_ATTEMPTS), error=str(error))
        elif isinstance(error, AuthorizationLost) and check.attempt < checks.MAX_ATTEMPTS:
            context.put_off(runs.backoff(check.attempt), attempt=check.attempt + 1, error=str(error))
        else:
            context.fail(str(error), code=error.code or ("refused" if isinstance(error, Rejected) else "no_answer"))
    except checks.LeaseLost:
        return
