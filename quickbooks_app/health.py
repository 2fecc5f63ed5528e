"""How the reading of a supplier's books goes: what the card, the QuickBooks page and the progress bar show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier
from infactor.users.models import User
from quickbooks_app.consent_messages import MESSAGES, Message
from quickbooks_app.models import Connection, ConsentAttempt, ImportIssue, ImportRun


@dataclass(frozen=True)
class Health:
    """One connection with its latest run, and how many open issues its objects have."""

    connection: Connection
    run: ImportRun | None
    open_issues: int

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
    def is_connected(self) -> bool:
        return self.connection.status == Connection.Status.CONNECTED


def of_supplier(supplier: Supplier) -> Sequence[Health]:
    """Every connection of the supplier in the order in which they were made."""
    return [
        Health(
            connection=connection,
            run=connection.runs.order_by("-pk").first(),
            open_issues=ImportIssue.objects.filter(connection=connection, resolved_at__isnull=True).count(),
        )
        for connection in Connection.objects.filter(supplier=supplier).select_related("company_file").order_by("pk")
    ]


def latest_trouble(*, user: User, supplier: Supplier, since: datetime) -> Message | None:
    """How the person's last journey to QuickBooks ended, if it ended badly after `since`."""
    last = (
        ConsentAttempt.objects.filter(user=user, supplier=supplier, taken_at__gte=since).order_by("-taken_at").first()
    )
    if last is None or last.outcome in (ConsentAttempt.Outcome.PENDING, ConsentAttempt.Outcome.CONNECTED):
        return None
    return MESSAGES[ConsentAttempt.Outcome(last.outcome)]


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
        f":{health.run.invoices_new + health.run.invoices_changed}"
        for health in healths
        if health.run is not None
    )
