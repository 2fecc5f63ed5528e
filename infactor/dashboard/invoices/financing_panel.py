"""What the page of one invoice says of its financing: whether it can be, at what price, and what was paid on it."""

from datetime import date
from typing import Any

from infactor.dashboard import eligibility_labels
from infactor.dashboard.eligibility_labels import Judgement
from infactor.dashboard.financing import advances, quote
from infactor.dashboard.financing.advances import Funded
from infactor.dashboard.invoices import progress_bar
from infactor.financing import terms_in_force
from infactor.financing.accounting import payoff, positions, statement
from infactor.financing.accounting.journal import outstanding
from infactor.financing.accounting.payoff import NotEnded, Repurchase
from infactor.financing.models import OUT, Advance, OfferLine, RequestLine
from infactor.invoices.models import Invoice
from infactor.invoices.states import Label, label
from infactor.suppliers.models import Supplier
from infactor.verification.answers import Standing


def describe(*, invoice: Invoice, supplier: Supplier, standing: Standing | None, today: date) -> dict[str, Any]:
    """For the page of `invoice` on the supplier's day `today`; `standing` is its buyer's word. Few queries."""
    judged = eligibility_labels.judgement(invoice, today=today)
    line = OfferLine.objects.filter(invoice=invoice).select_related("offer").order_by("-pk").first()
    advance = (
        Advance.objects.filter(invoice=invoice)
        .select_related("terms", "invoice", "supplier", "offer_line__offer")
        .first()
    )
    row = _funded(advance, today=today)
    waiting = RequestLine.objects.filter(invoice=invoice, status=RequestLine.Status.WAITING)
    return {
        "judged": judged,
        "confirmation": _confirmation(judged, standing),
        "price": _price(invoice, supplier=supplier, today=today) if judged is not None and judged.is_open else None,
        "label": _label(invoice, line),
        "offer_line": line,
        "request_line": waiting.select_related("request").first(),
        "advance": advance,
        "funded": row,
        "position": row.position if row is not None else None,
        "repurchase": _repurchase(row, today=today),
        "movements": statement.of_advance(advance=advance) if advance is not None else [],
    }


def _confirmation(judged: Judgement | None, standing: Standing | None) -> str:
    """The buyer's word for the stage bar: of one that may be asked for without it none is needed."""
    if standing is not None and standing.confirmed_amount > 0:
        return progress_bar.GIVEN
    is_under_way = judged is not None and (judged.is_ready or judged.is_in_financing)
    return progress_bar.NOT_NEEDED if is_under_way else ""


def _label(invoice: Invoice, line: OfferLine | None) -> Label:
    ended = line.status if line is not None else ""
    return label(state=invoice.state, books_status=invoice.books_status, ended_offer=ended)


def _price(invoice: Invoice, *, supplier: Supplier, today: date) -> dict[str, Any] | None:
    """What it would bring and cost alone, by the terms in force."""
    terms = terms_in_force.terms_in_force(supplier=supplier, on=today).get(invoice.currency)
    if terms is None or invoice.txn_date is None:
        return None
    return quote.figures_of(invoices=[invoice], terms=terms, today=today)


def _funded(advance: Advance | None, *, today: date) -> Funded | None:
    """Where it stands while it is out, with what is open about it."""
    if advance is None or advance.status not in OUT:
        return None
    left = outstanding(advance=advance)
    stands = positions.position(advance=advance, receivable=left.receivable, reserve=left.reserve, today=today)
    return advances.funded(supplier=advance.supplier, positions=[stands], today=today)[0]


def _repurchase(row: Funded | None, *, today: date) -> Repurchase | None:
    """What buying it back comes to today, once its recourse date was reached."""
    if row is None or row.recourse is None:
        return None
    try:
        return payoff.repurchase_of(advance=row.advance, on=today)
    except NotEnded:
        return None
