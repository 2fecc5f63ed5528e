"""What the rules say of chosen invoices at this moment, under the lock, for whoever is about to act on it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from infactor.financing.eligibility import explanations, recalculation
from infactor.financing.eligibility.evaluation import Assessment
from infactor.financing.eligibility.rules.catalogue import CUTS
from infactor.financing.models import FundingTerms
from infactor.invoices.models import Invoice
from infactor.suppliers.models import Supplier


def judge(
    *,
    supplier: Supplier,
    invoices: Iterable[Invoice],
    at: datetime,
    theirs: bool = False,
    as_of: date | None = None,
    terms: FundingTerms | None = None,
    bought_only: bool = False,
) -> Mapping[int, Assessment]:
    """The judgement of each of `invoices` by its id, from the rows as they are now.

    With `theirs` their own requests and offers are left out of sight: they are what is being judged. `as_of` is the
    day of the supplier that ages are counted on (today), `terms` what is used instead of those in force. With
    `bought_only` what is offered or asked for beside them takes up no room under limits.
    """
    return recalculation.fresh_assessments(
        supplier=supplier,
        invoice_ids=[invoice.pk for invoice in invoices],
        at=at,
        as_of=as_of,
        terms=terms,
        theirs=theirs,
        bought_only=bought_only,
    )


def why_not(invoice: Invoice, ruled: Assessment) -> str:
    """One sentence for the supplier: what keeps this invoice from being financed."""
    return f"Invoice {invoice}: {explanations.main_sentence(ruled)}"


def why_less(invoice: Invoice, ruled: Assessment) -> str:
    """One sentence for the supplier: less of this invoice can be financed than was offered, and what takes it."""
    cuts = [one for one in ruled.rulings if one.why == "cut" and one.rule in CUTS]
    why = " ".join(explanations.sentence(one, currency=ruled.currency) for one in cuts)
    return f"Invoice {invoice}: less of it can be financed than was offered. {why}".rstrip()


def deductions_as_json(ruled: Assessment) -> list[list[str]]:
    """From face to base as it is kept: [[what, amount], ...]."""
    return [[str(one.what), f"{one.amount:.2f}"] for one in ruled.deductions]


def recourse_on(invoice: Invoice, *, terms: FundingTerms) -> date:
    """The day on which an unpaid invoice is bought back: so many days after its own date."""
    if invoice.txn_date is None:
        raise ValueError("An invoice without a date is not eligible.")
    day: date = invoice.txn_date + timedelta(days=terms.recourse_days)
    return day
