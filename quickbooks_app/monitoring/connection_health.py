"""How the reading of a supplier's books goes: what the card, the QuickBooks page and the progress bar show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from quickbooks_app.connections import authorization_flow, expiry
from quickbooks_app.connections.outcome_messages import MESSAGES, Message
from quickbooks_app.models import Connection, ConsentAttempt, ImportIssue, ImportRun, Inbox, Pace
from quickbooks_app.monitoring.remedies import cause_of

STALE_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Health:
    """One connection with its latest run and its last good one, and how many open issues its objects have.

    `pause` says since when and until when nobody calls QuickBooks for it, after failures in a row.

    `told_at` is when a webhook last changed something.
    """

    connection: Connection
    run: ImportRun | None
    last_good: ImportRun | None
    open_issues: int
    pause: Pace | None
    ends_at: datetime | None
    told_at: datetime | None
    at: datetime

    @property
    def is_reading(self) -> bool:
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
        """Whether what is shown of these books is older than a day."""
        return not self.is_released and is_stale(self.connection, at=self.at)

    @property
    def next_step(self) -> str:
        """What the supplier does about the latest failure."""
        code = self.run.error_code if self.run is not None else ""
        return cause_of(code=code or ("no_token" if self.needs_reconnect else "")).step


@dataclass(frozen=True)
class Trouble:
    """How the person's last journey to QuickBooks ended, if it did not end well."""

    message: Message
    attempt_id: str
    is_asked: bool


def is_stale(connection: Connection, *, at: datetime) -> bool:
    """Whether the books were last read completely more than a day ago; new ones have a day for the first time."""
    read_at = connection.company_file.as_of or connection.connected_at
    return at - read_at > STALE_AFTER


def of_supplier(supplier: Supplier, *, at: datetime) -> Sequence[Health]:
    """Every connection of the supplier in the order in which they were made."""
    return [
        Health(
            connection=connection,
            run=connection.runs.order_by("-pk").first(),
            last_good=connection.runs.filter(state=ImportRun.State.SUCCEEDED).order_by("-pk").first(),
            open_issues=ImportIssue.objects.filter(connection=connection, resolved_at__isnull=True).count(),
            pause=Pace.objects.filter(connection=connection, closed_until__gt=at).first(),
            ends_at=expiry.ends_soon(connection, at=at),
            told_at=Inbox.objects.filter(connection=connection).values_list("changed_at", flat=True).first(),
            at=at,
        )
        for connection in Connection.objects.filter(supplier=supplier)
        .select_related("company_file")
        .defer("realm_id", "access_token", "refresh_token")
        .order_by("pk")
    ]


def latest_trouble(*, user: User, supplier: Supplier, since: datetime, at: datetime) -> Trouble | None:
    """How the person's last journey to QuickBooks ended, if it ended badly after `since`."""
    last = (
        ConsentAttempt.objects.filter(user=user, supplier=supplier, taken_at__gte=since).order_by("-taken_at").first()
    )
    if last is None or last.outcome in (ConsentAttempt.Outcome.PENDING, ConsentAttempt.Outcome.CONNECTED):
        return None
    is_asked = bool(authorization_flow.asked_about(attempt=last, at=at))
    outcome = ConsentAttempt.Outcome(last.outcome)
    if outcome == ConsentAttempt.Outcome.ASKED and not is_asked:
        outcome = ConsentAttempt.Outcome.EXPIRED
    return Trouble(message=MESSAGES[outcome], attempt_id=str(last.public_id), is_asked=is_asked)


def open_issues(supplier: Supplier, *, at_most: int) -> Sequence[ImportIssue]:
    """The newest open issues of the supplier's books, each with its `invoice` where there is one to look at."""
    issues = list(
        ImportIssue.objects.filter(connection__supplier=supplier, resolved_at__isnull=True).select_related(
            "connection"
        )[:at_most]
    )
    invoices = {
        (invoice.company_file_id, invoice.qbk_invoice_id): invoice
        for invoice in Invoice.objects.of(supplier).filter(
            qbk_invoice_id__in=[issue.qbk_id for issue in issues if issue.entity == "Invoice"]
        )
    }
    for issue in issues:
        issue.invoice = invoices.get((issue.connection.company_file_id, issue.qbk_id))  # type: ignore[attr-defined]
    return issues


def movement(healths: Sequence[Health]) -> str:
    """A short text that is another one whenever something has come in: the card compares it between two looks."""
    return ";".join(
        f"{health.connection.pk}:{health.run.pk}:{health.run.stage}:{health.run.state}"
        f":{health.run.invoices_new + health.run.invoices_changed + health.run.gone}:{health.told_at or ''}"
        for health in healths
        if health.run is not None
    )
