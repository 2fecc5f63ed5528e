"""What the page of one invoice says of its financing: whether it can be, at what price, and what was paid on it."""

from datetime import date
from typing import Any

from infactor.dashboard import asking, verdicts
from infactor.financing import position, statement, versions
from infactor.financing.journal import outstanding
from infactor.financing.models import OUT, Advance, OfferLine, RequestLine
from infactor.invoices.lifecycle import Label, label
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier


def describe(*, invoice: Invoice, supplier: Supplier, today: date) -> dict[str, Any]:
    """For the page of `invoice` on the supplier's day `today`. Few queries."""
    judged = verdicts.judgement(invoice, today=today)
    line = OfferLine.objects.filter(invoice=invoice).select_related("offer").order_by("-pk").first()
    advance = (
        Advance.objects.filter(invoice=invoice)
        .select_related("terms", "invoice", "supplier", "offer_line__offer")
        .first()
    )
    waiting = RequestLine.objects.filter(invoice=invoice, status=RequestLine.Status.WAITING)
    return {
        "judged": judged,
        "price": _price(invoice, supplier=supplier, today=today) if judged is not None and judged.is_open else None,
        "label": _label(invoice, line),
        "offer_line": line,
        "request_line": waiting.select_related("request").first(),
        "advance": advance,
        "position": _position(advance, today=today),
        "movements": statement.of_advance(advance=advance) if advance is not None else [],
    }


def _label(invoice: Invoice, line: OfferLine | None) -> Label:
    ended = line.status if line is not None else ""
    return label(state=invoice.state, books_status=invoice.books_status, ended_offer=ended)


def _price(invoice: Invoice, *, supplier: Supplier, today: date) -> dict[str, Any] | None:
    """What it would bring and cost alone, by the terms in force."""
    terms = versions.terms_in_force(supplier=supplier, on=today).get(invoice.currency)
    if terms is None or invoice.txn_date is None:
        return None
    return asking.figures_of(invoices=[invoice], terms=terms, today=today)


def _position(advance: Advance | None, *, today: date) -> position.Position | None:
    if advance is None or advance.status not in OUT:
        return None
    left = outstanding(advance=advance)
    return position.position(advance=advance, receivable=left.receivable, reserve=left.reserve, today=today)
