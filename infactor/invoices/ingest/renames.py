"""Writes a customer's new name into its invoices. The books show it there, too, without a new version of them."""

from collections.abc import Mapping
from datetime import datetime

from infactor.core.bulk import update_rows
from infactor.invoices.ingest.diff import Difference
from infactor.invoices.models import Invoice, InvoiceChange
from infactor.invoices.search_text import normalize

BATCH_SIZE = 1000
NAME_FIELDS = ("company_name", "contact_name")


def search_text(*, invoice_no: str, company_name: str, qbk_invoice_id: str) -> str:
    """The text that searches look through."""
    return normalize(f"{invoice_no} {company_name} {qbk_invoice_id}")


def apply_renames(*, renamed: Mapping[int, str], at: datetime) -> None:
    """Write new names, from {buyer id: name}, into the invoices with another name, and into their history.

    An invoice without a name stays without one.
    """
    for buyer, name in renamed.items():
        stale = (
            Invoice.objects.select_for_update()
            .filter(buyer=buyer)
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
            changes=[Difference(field, getattr(invoice, field), name).as_json() for field in NAME_FIELDS],
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
                name,
                search_text(invoice_no=one.invoice_no, company_name=name, qbk_invoice_id=one.qbk_invoice_id),
                at,
            ]
            for one in invoices
        ],
    )
