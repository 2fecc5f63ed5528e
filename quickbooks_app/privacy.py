"""Personal data of the copy of suppliers' books, and of connections to them."""

from django.db.models import Q

from infactor.core.privacy.declarations import (
    BUYER,
    ERASED,
    PERSON,
    SUPPLIER,
    Delete,
    Ground,
    NoPersonalData,
    Overwrite,
    Subject,
    Table,
)
from infactor.invoices.models import BooksPayment, Buyer, CreditMemo, Invoice
from quickbooks_app.models import Connection


def unreleased_connections(subject: Subject) -> list[str]:
    """Companies that are still read, or whose id is still held."""
    if subject.kind != SUPPLIER:
        return []
    held = Connection.objects.filter(supplier=subject.row.pk).exclude(status=Connection.Status.RELEASED)
    return [
        f"Connection {one.public_id} is {one.get_status_display()}: disconnect and release it first." for one in held
    ]


def documents_of_buyer(subject: Subject) -> Q:
    """The raw documents of a customer and its sub-customers."""
    buyers = Buyer.objects.filter(Q(pk=subject.row.pk) | Q(parent=subject.row.pk))
    references = {
        "Customer": buyers.values_list("reference", flat=True),
        "Invoice": Invoice.objects.filter(buyer__in=buyers).values_list("qbk_invoice_id", flat=True),
        "Payment": BooksPayment.objects.filter(buyer__in=buyers).values_list("reference", flat=True),
        "CreditMemo": CreditMemo.objects.filter(buyer__in=buyers).values_list("reference", flat=True),
    }
    found = Q(pk__in=[])
    for entity, ids in references.items():
        found |= Q(entity=entity, qbk_id__in=list(ids))
    return found & Q(connection__company_file=subject.row.company_file_id)  # type: ignore[attr-defined]


BLOCKERS = (unreleased_connections,)
TABLES = (
    Table(
        model="quickbooks_app.Document",
        purpose="the books as QuickBooks sent them, from which everything can be read again",
        ground=Ground.CONTRACT,
        retention="while connected, and RETENTION_ENDED_BOOKS_DAYS after that",
        personal=("entity", "qbk_id", "payload"),
        other=("sync_token", "digest"),
        paths={SUPPLIER: ("connection__supplier",), BUYER: documents_of_buyer},
        on_erasure={SUPPLIER: Delete(), BUYER: Delete()},
    ),
    Table(
        model="quickbooks_app.ConsentAttempt",
        purpose="who connects which company, once",
        ground=Ground.CONTRACT,
        retention="RETENTION_CONSENT_DAYS",
        personal=("outcome",),
        secret=("state_digest", "pending_grant"),
        other=("environment",),
        paths={SUPPLIER: ("supplier",), PERSON: ("user",)},
        on_erasure={SUPPLIER: Delete(), PERSON: Delete()},
    ),
    Table(
        model="quickbooks_app.Connection",
        purpose="the supplier's consent to read its books",
        ground=Ground.CONTRACT,
        retention="tokens: until disconnected; the company's id: until released; the row as long as the supplier",
        personal=("company_name", "connected_at"),
        secret=("realm_id", "realm_fingerprint", "access_token", "refresh_token"),
        other=("environment", "status", "status_reason"),
        paths={SUPPLIER: ("supplier",)},
        on_erasure={SUPPLIER: Overwrite({"company_name": ERASED})},
    ),
)
NO_PERSONAL_DATA = (
    NoPersonalData(
        (
            "quickbooks_app.ApiCall",
            "quickbooks_app.ImportRun",
            "quickbooks_app.ImportIssue",
            "quickbooks_app.Inbox",
            "quickbooks_app.RateLimitState",
            "quickbooks_app.WebhookEvent",
        ),
        "numbers and times of calls, runs and events, ids of documents, and issues in words without the value",
    ),
)
