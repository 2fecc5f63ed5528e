"""Personal data of what is pulled beside invoices: vendors, what they are owed, orders, and files."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from infactor.core.privacy.declarations import (
    BUYER,
    ERASED,
    SUPPLIER,
    Delete,
    Ground,
    NoPersonalData,
    Overwrite,
    Subject,
    Table,
)
from infactor.invoices.models import Attachment, AttachmentLine, Buyer, Invoice, Vendor, VendorMatch

RETENTION = "as long as the supplier is with us"
VENDOR_TEXTS = ("name", "company_name", "email", "phone", "address", "tax_id")


def with_jobs(subject: Subject) -> QuerySet[Buyer]:
    """A buyer and its sub-customers."""
    return Buyer.objects.filter(Q(pk=subject.row.pk) | Q(parent=subject.row.pk))


def twins(subject: Subject) -> QuerySet[Vendor]:
    """The vendors that are the buyer."""
    return Vendor.objects.filter(matches__buyer__in=with_jobs(subject), matches__state=VendorMatch.State.JOINED)


def vendors_of_buyer(subject: Subject) -> Q:
    """The vendors that are the buyer: it is one company, or one person, in two lists."""
    return Q(pk__in=list(twins(subject).values_list("pk", flat=True)))


def payables_of_buyer(subject: Subject) -> Q:
    """Bills and credits of these vendors."""
    references = list(twins(subject).values_list("reference", flat=True))
    return Q(company_file=_file(subject), vendor_reference__in=references)


def orders_of_buyer(subject: Subject) -> Q:
    """What the buyer ordered."""
    references = list(with_jobs(subject).values_list("reference", flat=True))
    return Q(company_file=_file(subject), customer_reference__in=references)


def attachments_of_buyer(subject: Subject) -> Q:
    """Files that are attached to invoices of the buyer, or to itself, and to nothing else."""
    buyers = with_jobs(subject)
    invoices = Invoice.objects.filter(buyer__in=buyers).values_list("qbk_invoice_id", flat=True)
    its = Q(kind="Invoice", reference__in=list(invoices))
    its |= Q(kind="Customer", reference__in=list(buyers.values_list("reference", flat=True)))
    lines = AttachmentLine.objects.filter(attachment=OuterRef("pk"))
    found = Attachment.objects.filter(
        Exists(lines.filter(its)), ~Exists(lines.exclude(its)), company_file=_file(subject)
    )
    return Q(pk__in=list(found.values_list("pk", flat=True)))


def _file(subject: Subject) -> int:
    found: int = subject.row.company_file_id  # type: ignore[attr-defined]
    return found


TABLES = (
    Table(
        model="invoices.VendorMatch",
        purpose="which vendor is also a buyer, so that what it is owed is not financed",
        ground=Ground.INTEREST,
        retention=RETENTION,
        personal=("reason",),
        other=("kinds",),
        paths={SUPPLIER: ("vendor__supplier",), BUYER: ("buyer", "buyer__parent")},
        on_erasure={SUPPLIER: Delete(), BUYER: Overwrite({"reason": ""})},
    ),
    Table(
        model="invoices.Payable",
        purpose="what the supplier owes a vendor that is also its buyer, who may set it off",
        ground=Ground.INTEREST,
        retention=RETENTION,
        personal=("number", "issued_on", "due_on"),
        other=("reference", "vendor_reference", "currency", "sync_token"),
        paths={SUPPLIER: ("supplier",), BUYER: payables_of_buyer},
        on_erasure={SUPPLIER: Delete(), BUYER: Overwrite({"number": ""})},
    ),
    Table(
        model="invoices.Vendor",
        purpose="who is owed by the supplier, to find those that are also buyers",
        ground=Ground.INTEREST,
        retention=RETENTION,
        personal=VENDOR_TEXTS,
        other=("reference", "currency", "sync_token"),
        paths={SUPPLIER: ("supplier",), BUYER: vendors_of_buyer},
        on_erasure={
            SUPPLIER: Delete(),
            BUYER: Overwrite(
                {**dict.fromkeys(VENDOR_TEXTS, ""), "name": ERASED, "is_active": False, "is_erased": True}
            ),
        },
    ),
    Table(
        model="invoices.Order",
        purpose="proof that what was invoiced was ordered",
        ground=Ground.INTEREST,
        retention=RETENTION,
        personal=("number", "issued_on", "expires_on", "accepted_by", "accepted_on"),
        other=("reference", "customer_reference", "currency", "status", "sync_token"),
        paths={SUPPLIER: ("supplier",), BUYER: orders_of_buyer},
        on_erasure={SUPPLIER: Delete(), BUYER: Overwrite({"number": "", "accepted_by": ""})},
    ),
    Table(
        model="invoices.Attachment",
        purpose="which files the supplier attached to an invoice; the files stay in its books",
        ground=Ground.INTEREST,
        retention=RETENTION,
        personal=("file_name", "note"),
        other=("reference", "content_type", "sync_token"),
        paths={SUPPLIER: ("supplier",), BUYER: attachments_of_buyer},
        on_erasure={SUPPLIER: Delete(), BUYER: Delete()},
    ),
    Table(
        model="invoices.Deposit",
        purpose="when and where a payment was banked",
        ground=Ground.INTEREST,
        retention=RETENTION,
        personal=("deposited_on",),
        other=("reference", "account_reference", "account_name", "currency", "sync_token"),
        paths={SUPPLIER: ("supplier",)},
        on_erasure={SUPPLIER: Delete()},
    ),
    Table(
        model="invoices.BooksAccount",
        purpose="whether a payment lies in a bank account",
        ground=Ground.INTEREST,
        retention=RETENTION,
        personal=("name",),
        other=("reference", "account_type", "subtype", "sync_token"),
        paths={SUPPLIER: ("supplier",)},
        on_erasure={SUPPLIER: Delete()},
    ),
    Table(
        model="invoices.Item",
        purpose="what was sold",
        ground=Ground.INTEREST,
        retention=RETENTION,
        other=("reference", "name", "sku", "description", "item_type", "sync_token"),
        paths={SUPPLIER: ("supplier",)},
        on_erasure={SUPPLIER: Delete()},
    ),
)
NO_PERSONAL_DATA = (
    NoPersonalData(
        ("invoices.DepositLine", "invoices.AttachmentLine"), "ids of documents, and amounts, of a deposit or a file"
    ),
)
