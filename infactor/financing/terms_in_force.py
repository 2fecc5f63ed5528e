"""Terms in force: the version that applies to a supplier and a currency on one of the supplier's days."""

from collections.abc import Mapping
from datetime import date

from django.db.models import F, Q, QuerySet

from infactor.financing.models import FundingTerms
from infactor.suppliers.models import Supplier

_EDITABLE_COLUMNS = tuple(
    field.attname for field in FundingTerms._meta.concrete_fields if field.name not in ("id", "set_by", "set_at")
)


class TermsNotSet(Exception):
    """There are no terms for this currency on this day. The message can be shown as it is."""


def terms_for(*, supplier: Supplier, currency: str, on: date) -> FundingTerms:
    """The terms for `supplier` in `currency` (three letters) on the supplier's day `on`. Raises TermsNotSet."""
    found = _in_force(supplier, on).filter(currency=currency).first()
    if found is None:
        raise TermsNotSet(f"Invoices in {currency or 'no currency'} cannot be financed.")
    return found


def terms_in_force(*, supplier: Supplier, on: date) -> dict[str, FundingTerms]:
    """The terms of each currency on the supplier's day `on`, by its code. One query."""
    return {terms.currency: terms for terms in _in_force(supplier, on)}


def default_terms(*, currency: str, on: date) -> FundingTerms:
    """The terms in `currency` for suppliers without terms of their own, on the day `on`. Raises TermsNotSet.

    They also decide about buyers' limits over all suppliers.
    """
    rows = FundingTerms.objects.filter(supplier=None, currency=currency, valid_from__lte=on)
    found = rows.order_by("-valid_from", "-pk").first()
    if found is None:
        raise TermsNotSet(f"Invoices in {currency or 'no currency'} cannot be financed.")
    return found


def as_text(*, terms: FundingTerms) -> dict[str, str]:
    """What a person entered in `terms`, as text, to be stored until a second person approves it."""
    return {name: "" if (value := getattr(terms, name)) is None else str(value) for name in _EDITABLE_COLUMNS}


def from_text(*, given: Mapping[str, str]) -> FundingTerms:
    """The unsaved terms from `as_text`. Raises ValidationError where they are no longer valid."""
    terms = FundingTerms(
        **{name: given[name] or None if name == "supplier_id" else given[name] for name in _EDITABLE_COLUMNS}
    )
    terms.full_clean(exclude=["set_at"])
    return terms


def _in_force(supplier: Supplier, on: date) -> "QuerySet[FundingTerms]":
    """One row for each currency: the supplier's own terms first, then the latest day, then the one saved last."""
    rows = FundingTerms.objects.filter(Q(supplier=None) | Q(supplier=supplier), valid_from__lte=on)
    order = ("currency", F("supplier").asc(nulls_last=True), "-valid_from", "-pk")
    return rows.order_by(*order).distinct("currency")
