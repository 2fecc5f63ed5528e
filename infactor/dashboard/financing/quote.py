"""Price quotes for invoices that a supplier selects, by currency."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from infactor.core.business_day import business_day
from infactor.dashboard import eligibility_labels
from infactor.dashboard.eligibility_labels import EligibilityDetail
from infactor.dashboard.financing.offer_figures import format_disclosure
from infactor.financing import terms_in_force
from infactor.financing.eligibility import reassessment, serialization
from infactor.financing.eligibility.results import Deduction, cut_by_limits
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
    """Eligible invoices of one currency with their price. `blockers` say why the supplier cannot request them.

    `cost` is what they cost together if each buyer pays on the due date.
    """

    currency: str
    invoices: tuple[Invoice, ...]
    figures: dict[str, Any]
    cost: Decimal
    blockers: tuple[str, ...]

    @property
    def cost_of_100(self) -> Decimal:
        """The cost of each 100 of cash, with two decimals."""
        return (self.cost / Decimal(self.figures["cash_now"]) * 100).quantize(Decimal("0.01"))


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
            cost=cost_on_due_dates(invoices=found, terms=in_force[currency], today=today),
            blockers=tuple(financing_status.blockers(supplier=supplier, currency=currency, on=business_day(at))),
        )
        for currency, found in sorted(eligible.items())
    ]
    return groups, excluded


def quote_figures(*, invoices: Sequence[Invoice], terms: FundingTerms, today: date) -> dict[str, Any]:
    """The price disclosure of these evaluated invoices together, as if they were funded today."""
    priced = _prices(invoices, terms=terms)
    return format_disclosure(
        disclosure.build_disclosure(
            prices=[one for one, _ in priced],
            numbers=[str(invoice) for invoice in invoices],
            recourse=[reassessment.recourse_date(invoice, terms=terms) for invoice in invoices],
            late_from=[reassessment.late_fee_date(invoice, terms=terms) for invoice in invoices],
            deductions=[[(one.what, f"{one.amount:.2f}") for one in lines] for _, lines in priced],
            terms=terms.record(),
            today=today,
        )
    )


def cost_on_due_dates(*, invoices: Sequence[Invoice], terms: FundingTerms, today: date) -> Decimal:
    """What these evaluated invoices cost if they are funded today and each is paid on its due date."""
    record, total = terms.record(), Decimal("0.00")
    for invoice, (priced, _) in zip(invoices, _prices(invoices, terms=terms), strict=True):
        days = max(((invoice.payable_date or today) - today).days, 0)
        total += price.fee(fee_base=priced.fee_base, days=days, terms=record).amount + priced.wire_fee
    return total


def _prices(invoices: Sequence[Invoice], *, terms: FundingTerms) -> list[tuple[price.Price, Sequence[Deduction]]]:
    """The price of each evaluated invoice, and the deductions from its face to its base."""
    rows: list[Eligibility] = [row for row in map(eligibility_labels.eligibility_of, invoices) if row is not None]
    record = terms.record()
    found: list[tuple[price.Price, Sequence[Deduction]]] = []
    for row in rows:
        deductions = serialization.loads(row.breakdown)[1]
        priced = price.price(face=row.face, base=row.base, terms=record, cut_by_limits=cut_by_limits(deductions))
        found.append((priced, deductions))
    return found


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
