"""What the page of one invoice says of invoices by hand: whether it can be changed, and whether it is there twice."""

from typing import Any

from infactor.invoices.by_hand import matches, services
from infactor.invoices.models import CompanyFile, Invoice
from infactor.invoices.models.company_file import BY_HAND
from infactor.invoices.states import State


def by_hand_context(invoice: Invoice) -> dict[str, Any]:
    """What `parts/_by_hand.html` needs. No query for an imported invoice of a supplier without invoices by hand."""
    is_by_hand = invoice.company_file.is_by_hand
    has_copies = is_by_hand or CompanyFile.objects.filter(supplier=invoice.supplier_id, source=BY_HAND).exists()
    return {
        "is_by_hand": is_by_hand,
        "is_draft": invoice.state == State.DRAFT,
        "why_not_correctable": services.why_frozen(invoice, correcting=True) if is_by_hand else "",
        "why_frozen": services.why_frozen(invoice) if is_by_hand else "",
        "twin": matches.twin(invoice) if has_copies else None,
    }
