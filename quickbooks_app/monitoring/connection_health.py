"""The health of a supplier's connections, as shown on the card, the QuickBooks page and the progress bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Coalesce

from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from quickbooks_app.connections import authorization_flow, expiry
from quickbooks_app.connections.outcome_messages import MESSAGES, Message
from quickbooks_app.models import Connection, ConsentAttempt, ImportIssue, ImportRun, Inbox, RateLimitState
from quickbooks_app.monitoring import completeness_summary
from quickbooks_app.monitoring.completeness_summary import CompletenessSummary
from quickbooks_app.monitoring.remedies import remedy_for

STALE_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Health:
    """One connection with its latest run, its last successful run and the number of its open issues.

    `open_circuit` is the state of the circuit breaker while calls to the company are paused. `last_webhook_at` is when
    a webhook last changed data.
    """

    connection: Connection
    run: ImportRun | None
    last_good: ImportRun | None
    open_issues: int
    open_circuit: RateLimitState | None
    ends_at: datetime | None
    last_webhook_at: datetime | None
    completeness: CompletenessSummary | None
    at: datetime

    @property
    def is_importing(self) -> bool:
        return self.run is not None and self.run.is_open

    @property
    def needs_reconnect(self) -> bool:
        return self.connection.status == Connection.Status.NEEDS_ATTENTION

    @property
    def is_disconnected(self) -> bool:
        return self.connection.status == Connection.Status.DISCONNECTED

    @property
    def is_released(self) -> bool:
        return self.connection.status == Connection.Status.RELEASED

    @property
    def is_connected(self) -> bool:
        return self.connection.status == Connection.Status.CONNECTED

    @property
    def has_failed(self) -> bool:
        return self.run is not None and self.run.state == ImportRun.State.FAILED

    @property
    def is_stale(self) -> bool:
        """Whether the last complete sync is more than a day old."""
        return not self.is_released and is_stale(self.connection, at=self.at)

    @property
    def next_step(self) -> str:
        """What the supplier should do about the latest failure."""
        code = self.run.error_code if self.run is not None else ""
        return remedy_for(code=code or ("no_token" if self.needs_reconnect else "")).next_step


@dataclass(frozen=True)
class ConsentIssue:
    """Why the user's last attempt to connect did not succeed."""

    message: Message
    attempt_id: str
    needs_choice: bool
    is_waiting: bool


def is_stale(connection: Connection, *, at: datetime) -> bool:
    """Whether the last complete sync is more than a day old. A new connection has a day for its first sync."""
    synced_at = connection.company_file.as_of or connection.connected_at
    return at - synced_at > STALE_AFTER


def of_supplier(supplier: Supplier, *, at: datetime) -> Sequence[Health]:
    """The health of each connection of the supplier, in order of creation."""
    return [
        Health(
            connection=connection,
            run=connection.runs.order_by("-pk").first(),
            last_good=connection.runs.filter(state=ImportRun.State.SUCCEEDED).order_by("-pk").first(),
            open_issues=ImportIssue.objects.filter(connection=connection, resolved_at__isnull=True).count(),
            open_circuit=RateLimitState.objects.filter(connection=connection, open_until__gt=at).first(),
            ends_at=expiry.upcoming_grant_end(connection, at=at),
            last_webhook_at=Inbox.objects.filter(connection=connection).values_list("changed_at", flat=True).first(),
            completeness=completeness_summary.of_connection(connection, at=at),
            at=at,
        )
        for connection in Connection.objects.filter(supplier=supplier)
        .select_related("company_file", "integration")
        .defer("realm_id", "access_token", "refresh_token")
        .order_by("pk")
    ]


def latest_consent_issue(*, user: User, supplier: Supplier, since: datetime, at: datetime) -> ConsentIssue | None:
    """The issue of the user's last attempt to connect, None if none ended since `since`, or it succeeded.

    An attempt from which the user has not come back ends when its time is over.
    """
    begun_at = ExpressionWrapper(F("expires_at") - authorization_flow.STATE_LIFETIME, output_field=DateTimeField())
    attempts = ConsentAttempt.objects.filter(user=user, supplier=supplier)
    last = attempts.order_by(Coalesce("used_at", begun_at).desc(), "-pk").first()
    if last is None or (last.used_at or last.expires_at) < since or last.outcome == ConsentAttempt.Outcome.CONNECTED:
        return None
    is_pending = last.outcome == ConsentAttempt.Outcome.PENDING
    if is_pending and last.used_at is not None:
        return None  # infactor is talking to Intuit
    is_waiting = is_pending and last.expires_at > at
    needs_choice = bool(authorization_flow.pending_company_name(attempt=last, at=at))
    outcome = ConsentAttempt.Outcome(last.outcome)
    if (outcome == ConsentAttempt.Outcome.OTHER_PENDING and not needs_choice) or (is_pending and not is_waiting):
        outcome = ConsentAttempt.Outcome.EXPIRED
    return ConsentIssue(
        message=MESSAGES[outcome], attempt_id=str(last.public_id), needs_choice=needs_choice, is_waiting=is_waiting
    )


def open_issues(supplier: Supplier, *, limit: int) -> Sequence[ImportIssue]:
    """The newest open issues of the supplier's connections, each with its `invoice` if it is about one."""
    issues = list(
        ImportIssue.objects.filter(connection__supplier=supplier, resolved_at__isnull=True).select_related(
            "connection"
        )[:limit]
    )
    invoices = {
        (invoice.company_file_id, invoice.qbk_invoice_id): invoice
        for invoice in Invoice.objects.for_supplier(supplier).filter(
            qbk_invoice_id__in=[issue.qbk_id for issue in issues if issue.entity == "Invoice"]
        )
    }
    for issue in issues:
        issue.invoice = invoices.get((issue.connection.company_file_id, issue.qbk_id))  # type: ignore[attr-defined]
    return issues


def change_token(healths: Sequence[Health]) -> str:
    """A text that changes whenever a sync has changed data. The card compares it between two requests."""
    return ";".join(
        f"{health.connection.pk}:{health.run.pk}:{health.run.stage}:{health.run.state}"
        f":{health.run.invoices_new + health.run.invoices_changed + health.run.invoices_deleted}"
        f":{health.last_webhook_at or ''}:{health.completeness.check.pk if health.completeness else ''}"
        for health in healths
        if health.run is not None
    )
