"""Which version of the terms holds: for a supplier, a currency and a day of that supplier."""

from collections.abc import Mapping
from datetime import date

from django.db.models import F, Q, QuerySet

from infactor.financing.models import FundingTerms
from infactor.suppliers.models import Supplier

_CHOSEN = tuple(
    field.attname for field in FundingTerms._meta.concrete_fields if field.name not in ("id", "set_by", "set_at")
)


class NoTerms(Exception):
    """infactor finances nothing in this currency on this day; the message can be shown as it is."""


def terms_for(*, supplier: Supplier, currency: str, on: date) -> FundingTerms:
    """The terms that hold for `supplier` in `currency` (three letters) on `on`, the supplier's day. Raises NoTerms."""
    found = _in_force(supplier, on).filter(currency=currency).first()
    if found is None:
        raise NoTerms(f"Invoices in {currency or 'no currency'} cannot be financed.")
    return found


def terms_in_force(*, supplier: Supplier, on: date) -> dict[str, FundingTerms]:
    """The terms of each currency that is financed on `on`, by its code. One query."""
    return {terms.currency: terms for terms in _in_force(supplier, on)}


def house_terms(*, currency: str, on: date) -> FundingTerms:
    """The terms for everybody in `currency` on the day `on`: by them limits of buyers over the house are set.

    Raises NoTerms.
    """
    rows = FundingTerms.objects.filter(supplier=None, currency=currency, valid_from__lte=on)
    found = rows.order_by("-valid_from", "-pk").first()
    if found is None:
        raise NoTerms(f"Invoices in {currency or 'no currency'} cannot be financed.")
    return found


def as_text(*, terms: FundingTerms) -> dict[str, str]:
    """Everything that a person chose in `terms`, as text: what waits for a second person is kept so."""
    return {name: "" if (value := getattr(terms, name)) is None else str(value) for name in _CHOSEN}


def from_text(*, given: Mapping[str, str]) -> FundingTerms:
    """The terms that `as_text` was made of, unsaved. Raises ValidationError where they are none any more."""
    terms = FundingTerms(**{name: given[name] or None if name == "supplier_id" else given[name] for name in _CHOSEN})
    terms.full_clean(exclude=["set_at"])
    return terms


def _in_force(supplier: Supplier, on: date) -> "QuerySet[FundingTerms]":
    """One row a currency: a supplier's own terms first, then the latest day, then the last written."""
    rows = FundingTerms.objects.filter(Q(supplier=None) | Q(supplier=supplier), valid_from__lte=on)
    order = ("currency", F("supplier").asc(nulls_last=True), "-valid_from", "-pk")
    return rows.order_by(*order).distinct("currency")
