"""Personal data out of suppliers' books: buyers, who may be people, and what they bought."""

from collections.abc import Iterator

from django.db import models
from django.db.models import Q

from infactor.core.privacy.declarations import (
    BUYER,
    ERASED,
    SUPPLIER,
    Delete,
    Ground,
    NoPersonalData,
    Overwrite,
    Subject,
    SubjectKind,
    Table,
)
from infactor.invoices import further_privacy, upload_privacy
from infactor.invoices.models import Buyer

RECORDS = "as long as the supplier is with us; what was financed: RETENTION_RECORDS_DAYS (ten years) after it ended"
VERSIONS = "KEEP_STATE_VERSIONS_DAYS; of what was financed: KEEP_FINANCED_VERSIONS_DAYS"
SUBJECTS = (
    SubjectKind(
        kind=BUYER,
        model="invoices.Buyer",
        key="public_id",
        name_fields=("name", "company_name", "contact_name", "email", "phone", "address"),
        suppliers="supplier",
        by_address="email",
    ),
)
BUYER_TEXTS = ("name", "full_name", "company_name", "contact_name", "email", "phone", "address", "tax_id")
INVOICE_TEXTS = ("company_name", "buyer_email", "contact_name", "company_email", "private_note", "search_text")


def buyers_names(kind: str, row: models.Model) -> Iterator[str]:
    """The names and addresses of a supplier's buyers."""
    if kind == SUPPLIER:
        for names in Buyer.objects.filter(supplier=row.pk).values_list("name", "company_name", "contact_name", "email"):
            yield from names


def superseded_invoices(subject: Subject) -> Q:
    """Superseded states of a buyer's invoices, and those in which an invoice was the buyer's."""
    buyers = _with_jobs(subject)
    return Q(subject__buyer__in=buyers) | Q(changed__buyer_id__in=buyers)


def superseded_buyers(subject: Subject) -> Q:
    """Superseded states of a buyer and of its sub-customers."""
    return Q(subject__in=_with_jobs(subject))


def _with_jobs(subject: Subject) -> list[int]:
    return list(Buyer.objects.filter(Q(pk=subject.row.pk) | Q(parent=subject.row.pk)).values_list("pk", flat=True))


RELATED_NAMES = (buyers_names,)
TABLES = (
    *further_privacy.TABLES,
    *upload_privacy.TABLES,
    Table(
        model="invoices.InvoiceChange",
        purpose="how an invoice changed in the books, with the old and the new text",
        ground=Ground.INTEREST,
        retention=RECORDS,
        personal=("changes",),
        paths={SUPPLIER: ("invoice__supplier",), BUYER: ("invoice__buyer", "invoice__buyer__parent")},
        evidence="invoice",
        evidence_of="invoice",
        on_erasure={SUPPLIER: Delete(), BUYER: Delete()},
    ),
    Table(
        model="invoices.InvoiceVersion",
        purpose="what was known of an invoice when something was decided",
        ground=Ground.INTEREST,
        retention=VERSIONS,
        personal=("changed",),
        other=("sync_token",),
        paths={SUPPLIER: ("subject__supplier",), BUYER: superseded_invoices},
        evidence="subject",
        evidence_of="invoice",
        on_erasure={SUPPLIER: Delete(), BUYER: Delete()},
    ),
    Table(
        model="invoices.BuyerVersion",
        purpose="what was known of a buyer when something was decided",
        ground=Ground.INTEREST,
        retention=VERSIONS,
        personal=("changed",),
        other=("sync_token",),
        paths={SUPPLIER: ("subject__supplier",), BUYER: superseded_buyers},
        evidence="subject__invoices",
        evidence_of="invoice",
        on_erasure={SUPPLIER: Delete(), BUYER: Delete()},
    ),
    Table(
        model="invoices.Invoice",
        purpose="which invoices exist, who owes them, and whether they can be financed",
        ground=Ground.CONTRACT,
        retention=RECORDS,
        personal=("invoice_no", "txn_date", "payable_date", "items", "tax_details", *INVOICE_TEXTS),
        other=(
            "source",
            "state",
            "qbk_invoice_id",
            "currency",
            "sync_token",
            "customer_reference",
            "linked_txn",
            "sales_term",
            "email_status",
            "purchase_order_no",
            "emailed_at",
            "books_status",
        ),
        paths={SUPPLIER: ("supplier",), BUYER: ("buyer", "buyer__parent")},
        evidence="pk",
        evidence_of="invoice",
        on_erasure={
            kind: Overwrite({**dict.fromkeys(INVOICE_TEXTS, ""), "items": [], "tax_details": {}})
            for kind in (SUPPLIER, BUYER)
        },
    ),
    Table(
        model="invoices.BooksPayment",
        purpose="how buyers paid before: what an advance is decided by",
        ground=Ground.INTEREST,
        retention=RECORDS,
        personal=("number", "paid_on"),
        other=("reference", "customer_reference", "account_reference", "currency", "sync_token"),
        paths={SUPPLIER: ("supplier",), BUYER: ("buyer", "buyer__parent")},
        on_erasure={SUPPLIER: Overwrite({"number": ""}), BUYER: Overwrite({"number": ""})},
    ),
    Table(
        model="invoices.CreditMemo",
        purpose="what lowers a buyer's debt",
        ground=Ground.INTEREST,
        retention=RECORDS,
        personal=("number", "issued_on"),
        other=("reference", "customer_reference", "currency", "sync_token"),
        paths={SUPPLIER: ("supplier",), BUYER: ("buyer", "buyer__parent")},
        on_erasure={SUPPLIER: Overwrite({"number": ""}), BUYER: Overwrite({"number": ""})},
    ),
    Table(
        model="invoices.Buyer",
        purpose="who owes an invoice, and where to ask about it",
        ground=Ground.INTEREST,
        retention=RECORDS,
        personal=BUYER_TEXTS,
        other=("reference", "parent_reference", "currency", "sync_token"),
        paths={SUPPLIER: ("supplier",), BUYER: ("pk", "parent")},
        evidence="invoices__pk",
        evidence_of="invoice",
        on_erasure={
            kind: Overwrite({**dict.fromkeys(BUYER_TEXTS, ""), "name": ERASED, "is_active": False, "is_erased": True})
            for kind in (SUPPLIER, BUYER)
        },
    ),
    Table(
        model="invoices.DebtorName",
        purpose="what a company that several suppliers sell to was called before: reports of a past day say so",
        ground=Ground.INTEREST,
        retention="as long as one of its buyers is stored",
        personal=("name",),
        paths={SUPPLIER: ("subject__buyers__supplier",), BUYER: ("subject__buyers",)},
        unless=Q(subject__buyers__is_erased=False),
        on_erasure={SUPPLIER: Delete(), BUYER: Delete()},
    ),
    Table(
        model="invoices.Debtor",
        purpose="staff's record of a company that several suppliers sell to",
        ground=Ground.INTEREST,
        retention="as long as one of its buyers is stored",
        personal=("name", "tax_id", "email_domain", "address", "country", "note"),
        paths={SUPPLIER: ("buyers__supplier",), BUYER: ("buyers",)},
        unless=Q(buyers__is_erased=False),
        on_erasure={
            kind: Overwrite({"name": ERASED, **dict.fromkeys(("tax_id", "email_domain", "address", "note"), "")})
            for kind in (SUPPLIER, BUYER)
        },
    ),
    Table(
        model="invoices.CompanyFile",
        purpose="whose books were read, and how far",
        ground=Ground.CONTRACT,
        retention=RECORDS,
        personal=("name",),
        other=("source", "home_currency"),
        paths={SUPPLIER: ("supplier",)},
        evidence="supplier",
        on_erasure={SUPPLIER: Overwrite({"name": ERASED})},
    ),
    Table(
        model="invoices.DebtorSuggestion",
        purpose="which buyers may be one company",
        ground=Ground.INTEREST,
        retention="until decided; a refusal as long as its buyers",
        personal=("reason",),
        other=("kinds",),
        paths={SUPPLIER: ("buyers__supplier",), BUYER: ("buyers",)},
        on_erasure={SUPPLIER: Overwrite({"reason": ""}), BUYER: Overwrite({"reason": ""})},
    ),
)
NO_PERSONAL_DATA = (
    *further_privacy.NO_PERSONAL_DATA,
    NoPersonalData(("invoices.PaymentAllocation",), "amounts between documents"),
    NoPersonalData(("invoices.NamedRevision",), "numbers of rows that changed, until they are evaluated"),
)
