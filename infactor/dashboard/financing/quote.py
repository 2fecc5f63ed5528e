"""Price quotes for invoices that a supplier selects, by currency."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from infactor.dashboard import eligibility_labels
from infactor.dashboard.eligibility_labels import EligibilityDetail
from infactor.dashboard.financing.offer_figures import format_disclosure
from infactor.financing import terms_in_force
from infactor.financing.eligibility import reassessment, serialization
from infactor.financing.eligibility.results import cut_by_limits
from infactor.financing.models import Eligibility, FundingTerms, Offer, RequestLine
from infactor.financing.origination import suggestions
from infactor.financing.origination.suggestions import Suggestion
from infactor.financing.pricing import cheapest_set, disclosure, price
from infactor.financing.value_dates import supplier_today
from infactor.invoices.models import Invoice
from infactor.suppliers import financing_status
from infactor.suppliers.models import Supplier


class UnknownInvoice(Exception):
    """An invoice does not exist or belongs to another supplier."""


@dataclass(frozen=True)
class QuoteGroup:
    """Eligible invoices of one currency with their price. `blockers` say why the supplier cannot request them."""

    currency: str
    invoices: tuple[Invoice, ...]
    figures: dict[str, Any]
    blockers: tuple[str, ...]


@dataclass(frozen=True)
class Excluded:
    """A selected invoice that is not eligible, with its eligibility (None if it is not evaluated yet)."""

    invoice: Invoice
    eligibility: EligibilityDetail | None


def selected_invoices(*, supplier: Supplier, public_ids: Collection[UUID]) -> list[Invoice]:
    """The supplier's invoices with these ids, the earliest due date first. Raises UnknownInvoice if one is missing."""
    rows = Invoice.objects.for_supplier(supplier).filter(public_id__in=set(public_ids))
    found = list(rows.select_related("eligibility").defer("items", "tax_details").order_by("payable_date", "pk"))
    if len(found) < len(set(public_ids)):
        raise UnknownInvoice
    return found


def quote_groups(
    *, supplier: Supplier, invoices: Sequence[Invoice], at: datetime
) -> tuple[list[QuoteGroup], list[Excluded]]:
    """Split `invoices` in quotes by currency and excluded invoices."""
    today = supplier_today(supplier=supplier, at=at)
    in_force = terms_in_force.terms_in_force(supplier=supplier, on=today)
    eligible: dict[str, list[Invoice]] = defaultdict(list)
    excluded = []
    for invoice in invoices:
        if eligibility_labels.is_eligible(invoice) and invoice.currency in in_force:
            eligible[invoice.currency].append(invoice)
        else:
            excluded.append(Excluded(invoice, eligibility_labels.eligibility_detail(invoice, today=today)))
    groups = [
        QuoteGroup(
            currency=currency,
            invoices=tuple(found),
            figures=quote_figures(invoices=found, terms=in_force[currency], today=today),
            blockers=tuple(financing_status.blockers(supplier=supplier, currency=currency)),
        )
        for currency, found in sorted(eligible.items())
    ]
    return groups, excluded


def quote_figures(*, invoices: Sequence[Invoice], terms: FundingTerms, today: date) -> dict[str, Any]:
    """The price disclosure of these evaluated invoices together, as if they were funded today."""
    rows: list[Eligibility] = [row for row in map(eligibility_labels.eligibility_of, invoices) if row is not None]
    deductions = [serialization.loads(row.breakdown)[1] for row in rows]
    record = terms.record()
    return format_disclosure(
        disclosure.build_disclosure(
            prices=[
                price.price(face=row.face, base=row.base, terms=record, cut_by_limits=cut_by_limits(lines))
                for row, lines in zip(rows, deductions, strict=True)
            ],
            numbers=[str(invoice) for invoice in invoices],
            recourse=[reassessment.recourse_date(invoice, terms=terms) for invoice in invoices],
            deductions=[[(one.what, f"{one.amount:.2f}") for one in lines] for lines in deductions],
            terms=record,
            today=today,
        )
    )


def matching_suggestion(
    *, supplier: Supplier, currency: str, requested_amount: Decimal | None, invoices: Sequence[Invoice], at: datetime
) -> Suggestion | None:
    """The suggestion for the requested amount, if it still consists of exactly these invoices."""
    if requested_amount is None:
        return None
    try:
        found = suggestions.suggest(supplier=supplier, currency=currency, amount=requested_amount, at=at)
    except (suggestions.InvalidRequestAmount, cheapest_set.InsufficientInvoices, terms_in_force.TermsNotSet):
        return None
    return found if {one.invoice_id for one in found.selected} == {one.pk for one in invoices} else None


def existing_request(*, invoices: Sequence[Invoice]) -> UUID | None:
    """The open or offered request that already contains all `invoices`, or None. Finds a form that was sent twice."""
    open_now = Q(status=RequestLine.Status.WAITING) | Q(offer_line__status=Offer.Status.PROPOSED)
    rows = RequestLine.objects.filter(open_now, invoice__in=invoices)
    requests = {row.invoice_id: row.request for row in rows.select_related("request").order_by("pk")}
    same = {request.public_id for request in requests.values()}
    return same.pop() if len(same) == 1 and len(requests) == len(invoices) else None
