"""Writes a customer's new name into its invoices and its sub-customers, as the books do without a new version of them.

The name is the full one, "Parent:job": an invoice must not lose the parent, who owes it.
"""

from collections.abc import Iterable
from datetime import datetime

from infactor.core.bulk import update_rows
from infactor.invoices.ingest.diff import Difference
from infactor.invoices.models import Buyer, CompanyFile, Invoice, InvoiceChange
from infactor.invoices.search_text import normalize

BATCH_SIZE = 1000
MAX_NAME_LENGTH = 500
NAME_FIELDS = ("company_name", "contact_name")


def search_text(*, invoice_no: str, company_name: str, qbk_invoice_id: str) -> str:
    """The text that searches look through."""
    return normalize(f"{invoice_no} {company_name} {qbk_invoice_id}")


def apply_renames(*, company_file: CompanyFile, renamed: Iterable[tuple[Buyer, str]], at: datetime) -> None:
    """Write new names, from pairs of a buyer as it was and its full name now, into sub-customers and invoices.

    Each change is written into the history of the invoice. An invoice without a name stays without one, and a contact
    that is somebody else stays.
    """
    for buyer, name in renamed:
        _rename_invoices(buyer.pk, name=name[:MAX_NAME_LENGTH], at=at)
        for job, job_name in _renamed_jobs(company_file, was=buyer.full_name or buyer.name, now=name, at=at):
            _rename_invoices(job, name=job_name[:MAX_NAME_LENGTH], at=at)


def _renamed_jobs(company_file: CompanyFile, *, was: str, now: str, at: datetime) -> list[tuple[int, str]]:
    """Give sub-customers, whose full names begin with their parent's, their new full names: (buyer id, full name)."""
    jobs = Buyer.objects.filter(company_file=company_file, full_name__startswith=f"{was}:").order_by("pk")
    renamed = [(pk, f"{now}{full_name.removeprefix(was)}") for pk, full_name in jobs.values_list("pk", "full_name")]
    update_rows(
        model=Buyer, columns=["full_name", "updated_at"], rows=[[pk, full_name, at] for pk, full_name in renamed]
    )
    return renamed


def _rename_invoices(buyer_id: int, *, name: str, at: datetime) -> None:
    if name:
        stale = (
            Invoice.objects.select_for_update()
            .filter(buyer=buyer_id)
            .exclude(company_name__in=["", name])
            .order_by("pk")
            .only("invoice_no", "qbk_invoice_id", *NAME_FIELDS)
        )
        while batch := list(stale[:BATCH_SIZE]):
            _rename(batch, name=name, at=at)


def _rename(invoices: list[Invoice], *, name: str, at: datetime) -> None:
    InvoiceChange.objects.bulk_create(
        InvoiceChange(
            invoice=invoice,
            at=at,
            changes=[
                Difference(field, getattr(invoice, field), name).as_json()
                for field in NAME_FIELDS
                if getattr(invoice, field) == invoice.company_name
            ],
        )
        for invoice in invoices
    )
    update_rows(
        model=Invoice,
        columns=[*NAME_FIELDS, "search_text", "updated_at"],
        rows=[
            [
                one.pk,
                name,
                name if one.contact_name == one.company_name else one.contact_name,
                search_text(invoice_no=one.invoice_no, company_name=name, qbk_invoice_id=one.qbk_invoice_id),
                at,
            ]
            for one in invoices
        ],
    )
