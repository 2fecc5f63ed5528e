"""Personal data of the copy of suppliers' books, and of connections to them."""

import zstandard
from django.db.models import Q

from infactor.core.compression import UnreadableValue
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
from infactor.invoices.further_privacy import attachments_of_buyer, twins, with_jobs
from infactor.invoices.models import Attachment, BooksPayment, CreditMemo, Invoice
from quickbooks_app.documents import payloads
from quickbooks_app.documents.customers import customers_in, vendors_in
from quickbooks_app.models import BooksAnswer, Connection, Document, DocumentVersion


def unreleased_connections(subject: Subject) -> list[str]:
    """Companies that are still read, or whose id is still held."""
    if subject.kind != SUPPLIER:
        return []
    held = Connection.objects.filter(supplier=subject.row.pk).exclude(status=Connection.Status.RELEASED)
    return [
        f"Connection {one.public_id} is {one.get_status_display()}: disconnect and release it first." for one in held
    ]


def documents_of_buyer(subject: Subject) -> Q:
    """The raw documents of a customer, its sub-customers and the vendors that it is, and files of nothing else."""
    buyers = with_jobs(subject)
    references = {
        "Customer": buyers.values_list("reference", flat=True),
        "Invoice": Invoice.objects.filter(buyer__in=buyers).values_list("qbk_invoice_id", flat=True),
        "Payment": BooksPayment.objects.filter(buyer__in=buyers).values_list("reference", flat=True),
        "CreditMemo": CreditMemo.objects.filter(buyer__in=buyers).values_list("reference", flat=True),
        "Vendor": twins(subject).values_list("reference", flat=True),
        "Attachable": Attachment.objects.filter(attachments_of_buyer(subject)).values_list("reference", flat=True),
    }
    found = Q(pk__in=[])
    for entity, ids in references.items():
        found |= Q(entity=entity, qbk_id__in=list(ids))
    file = subject.row.company_file_id  # type: ignore[attr-defined]
    # Estimates, bills, deposits and others name a customer or a vendor in their bytes only.
    others = Document.objects.filter(connection__company_file=file).exclude(entity__in=references)
    parties = _parties(subject)
    found |= Q(pk__in=[one.pk for one in others.iterator(chunk_size=500) if _names(one, one.entity, parties)])
    return found & Q(connection__company_file=file)


def versions_of_buyer(subject: Subject) -> Q:
    """Superseded versions of these documents, and of documents that were the customer's at the time.

    Only the bytes say whose a document was: every version of the company's other documents is read.
    """
    of_documents = Q(document__in=Document.objects.filter(documents_of_buyer(subject)).values_list("pk"))
    parties = _parties(subject)
    file = subject.row.company_file_id  # type: ignore[attr-defined]
    others = DocumentVersion.objects.filter(document__connection__company_file=file).exclude(of_documents)
    moved = [
        version.pk
        for version in others.exclude(document__entity="Customer").select_related("document").iterator(chunk_size=500)
        if _names(version, version.document.entity, parties)
    ]
    return of_documents | Q(pk__in=moved)


def answers_of_company(subject: Subject) -> Q:
    """Every answer of the company's books: any of them may name the customer."""
    return Q(connection__company_file=subject.row.company_file_id)  # type: ignore[attr-defined]


def pushes_of_company(subject: Subject) -> Q:
    """Every finished write into the company's books: any of them may name the customer."""
    return Q(connection__company_file=subject.row.company_file_id, finished_at__isnull=False)  # type: ignore[attr-defined]


def lines_of_buyer(subject: Subject) -> Q:
    """What completeness checks found of a customer and its sub-customers."""
    references = list(with_jobs(subject).values_list("reference", flat=True))
    file = subject.row.company_file_id  # type: ignore[attr-defined]
    return Q(completeness_check__connection__company_file=file, customer_reference__in=references)


def _parties(subject: Subject) -> tuple[set[str], set[str]]:
    """The ids of the customers, and of the vendors, that the buyer is."""
    customers = with_jobs(subject).values_list("reference", flat=True)
    return set(customers), set(twins(subject).values_list("reference", flat=True))


def _names(stored: Document | DocumentVersion, entity: str, parties: tuple[set[str], set[str]]) -> bool:
    """Whether the bytes name one of these customers or vendors."""
    customers, vendors = parties
    try:
        raw = payloads.read(stored)
    except UnreadableValue:
        return False
    if customers_in(raw, entity=entity) & customers:
        return True
    return bool(vendors and vendors_in(raw, entity=entity) & vendors)


def _text_of_answer(answer: BooksAnswer) -> bytes:
    return zstandard.ZstdDecompressor().decompress(bytes(answer.content)) if answer.content else b""


BLOCKERS = (unreleased_connections,)
TABLES = (
    Table(
        model="quickbooks_app.Push",
        purpose="what infactor wrote into the books, confirmed by staff and allowed by the supplier",
        ground=Ground.CONTRACT,
        retention="as the books",
        personal=("fields", "base"),
        other=("entity", "qbk_id", "operation", "purpose", "reference", "state", "error", "may_be_written"),
        paths={SUPPLIER: ("connection__supplier",), BUYER: pushes_of_company},
        on_erasure={who: Overwrite({"fields": "{}", "base": "{}"}) for who in (SUPPLIER, BUYER)},
    ),
    Table(
        model="quickbooks_app.BookkeepingEntry",
        purpose="what of financing is written into the supplier's books, and why staff decided otherwise",
        ground=Ground.LEGAL_DUTY,
        retention="as the advance",
        other=("kind", "key", "source", "customer", "value_date", "currency", "blocker", "note"),
    ),
    Table(
        model="quickbooks_app.BooksAnswer",
        purpose="reports and query results that staff asked the books for, to underwrite",
        ground=Ground.CONTRACT,
        retention="90 days",
        personal=("content", "parameters"),
        other=("kind", "name", "state", "error"),
        paths={SUPPLIER: ("connection__supplier",), BUYER: answers_of_company},
        readable={"content": _text_of_answer},
        on_erasure={SUPPLIER: Delete(), BUYER: Delete()},
    ),
    Table(
        model="quickbooks_app.DocumentVersion",
        purpose="the books as they were, to know what was known when something was decided",
        ground=Ground.CONTRACT,
        retention="KEEP_DOCUMENT_VERSIONS_DAYS; of what was financed: KEEP_FINANCED_VERSIONS_DAYS; or as the copy",
        personal=("payload",),
        other=("sync_token", "digest"),
        paths={SUPPLIER: ("document__connection__supplier",), BUYER: versions_of_buyer},
        readable={"payload": payloads.read},
        on_erasure={SUPPLIER: Delete(), BUYER: Delete()},
    ),
    Table(
        model="quickbooks_app.Document",
        purpose="the books as QuickBooks sent them, from which everything can be read again",
        ground=Ground.CONTRACT,
        retention="while connected, and RETENTION_ENDED_BOOKS_DAYS after that; of what was financed: "
        "KEEP_FINANCED_VERSIONS_DAYS after that",
        personal=("entity", "qbk_id", "payload"),
        other=("sync_token", "digest"),
        paths={SUPPLIER: ("connection__supplier",), BUYER: documents_of_buyer},
        readable={"payload": payloads.read},
        on_erasure={SUPPLIER: Delete(), BUYER: Delete()},
    ),
    Table(
        model="quickbooks_app.CompletenessLine",
        purpose="what differs between QuickBooks and infactor",
        ground=Ground.CONTRACT,
        retention="as the check",
        personal=("number", "customer_name"),
        other=("entity", "qbk_id", "kind", "outcome", "customer_reference", "currency"),
        paths={SUPPLIER: ("completeness_check__connection__supplier",), BUYER: lines_of_buyer},
        mentions=("customer_name",),
        scope="completeness_check__connection__supplier",
        on_erasure={SUPPLIER: Delete(), BUYER: Delete()},
    ),
    Table(
        model="quickbooks_app.ConsentAttempt",
        purpose="who connects which company, once",
        ground=Ground.CONTRACT,
        retention="RETENTION_CONSENT_DAYS",
        personal=("outcome",),
        secret=("state_digest", "browser_digest", "pending_grant"),
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
        other=("environment", "status", "status_reason", "edition", "country"),
        paths={SUPPLIER: ("supplier",)},
        on_erasure={SUPPLIER: Overwrite({"company_name": ERASED})},
    ),
    Table(
        model="quickbooks_app.Integration",
        purpose="the keys of an app at Intuit: infactor's, or the one that a supplier brings",
        ground=Ground.CONTRACT,
        retention="until deleted, or as long as a company is connected with it",
        personal=("name",),
        secret=("client_secret", "webhook_verifier"),
        other=("environment", "client_id"),
        paths={SUPPLIER: ("supplier",)},
        on_erasure={
            SUPPLIER: Overwrite(
                {"name": ERASED, "client_id": "", "client_secret": "", "webhook_verifier": "", "is_enabled": False}
            )
        },
    ),
    Table(
        model="quickbooks_app.ReviewAnswer",
        purpose="who confirmed which requirement of Intuit's review of the app",
        ground=Ground.CONTRACT,
        retention="as long as infactor is connected to QuickBooks",
        other=("line", "note"),
    ),
)
NO_PERSONAL_DATA = (
    NoPersonalData(
        (
            "quickbooks_app.ApiCall",
            "quickbooks_app.BookkeepingAccount",
            "quickbooks_app.BookkeepingComparison",
            "quickbooks_app.BookkeepingDifference",
            "quickbooks_app.BookkeepingSettings",
            "quickbooks_app.CompletenessCheck",
            "quickbooks_app.ImportRun",
            "quickbooks_app.ImportIssue",
            "quickbooks_app.Inbox",
            "quickbooks_app.MappingVersion",
            "quickbooks_app.ObjectPull",
            "quickbooks_app.RateLimitState",
            "quickbooks_app.Remapping",
            "quickbooks_app.WebhookEvent",
        ),
        "numbers and times of calls, runs and events, ids of documents, and issues in words without the value",
    ),
)
