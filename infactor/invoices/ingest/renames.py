"""A customer's new name reaches its invoices: the books show it on old ones, too, without a new version of them."""

from collections.abc import Mapping
from datetime import datetime

from infactor.core.bulk import update_rows
from infactor.invoices.ingest.diff import Difference
from infactor.invoices.models import Invoice, InvoiceChange
from infactor.invoices.search_text import fold

AT_ONCE = 1000
NAMES = ("company_name", "contact_name")


def search_text(*, invoice_no: str, company_name: str, qbk_invoice_id: str) -> str:
    """What a search looks through."""
    return fold(f"{invoice_no} {company_name} {qbk_invoice_id}")


def follow_names(*, renamed: Mapping[int, str], at: datetime) -> None:
    """Write the new name of each buyer (by its key) into its invoices that show another one, and into their history.

    An invoice that the books show without a name stays without one.
    """
    for buyer, name in renamed.items():
        stale = (
            Invoice.objects.select_for_update()
            .filter(buyer=buyer)
            .exclude(company_name__in=["", name])
            .order_by("pk")
            .only("invoice_no", "qbk_invoice_id", *NAMES)
        )
        while some := list(stale[:AT_ONCE]):
            _rename(some, name=name, at=at)


def _rename(invoices: list[Invoice], *, name: str, at: datetime) -> None:
    InvoiceChange.objects.bulk_create(
        InvoiceChange(
            invoice=invoice,
            at=at,
            changes=[Difference(field, getattr(invoice, field), name).as_json() for field in NAMES],
        )
        for invoice in invoices
    )
    update_rows(
        model=Invoice,
        columns=[*NAMES, "search_text", "updated_at"],
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
