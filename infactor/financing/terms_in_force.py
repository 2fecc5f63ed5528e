"""Terms in force: the version that applies to a supplier and a currency on one of the supplier's days."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from infactor.financing.models import FundingTerms
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.models import BankAccount, Supplier
from infactor.users.models import User

_EDITABLE_COLUMNS = tuple(
    field.attname
    for field in FundingTerms._meta.concrete_fields
    if field.name not in ("id", "request", "set_by", "set_at")
)


class TermsNotSet(Exception):
    """There are no terms for this currency on this day. The message can be shown as it is."""


def terms_for(*, supplier: Supplier, currency: str, on: date) -> FundingTerms:
    """The terms for `supplier` in `currency` (three letters) on the supplier's day `on`. Raises TermsNotSet."""
    found = _in_force(supplier, on).filter(currency=currency).first()
    if found is None:
        raise TermsNotSet(_cannot_finance(currency))
    return found


def terms_in_force(*, supplier: Supplier, on: date) -> dict[str, FundingTerms]:
    """The terms of each currency on the supplier's day `on`, by its code. One query."""
    return {terms.currency: terms for terms in _in_force(supplier, on)}


def default_terms(*, currency: str, on: date) -> FundingTerms:
    """The terms in `currency` for suppliers without terms of their own, on the day `on`. Raises TermsNotSet.

    They also decide about buyers' limits over all suppliers.
    """
    rows = FundingTerms.objects.filter(supplier=None, request=None, currency=currency, valid_from__lte=on)
    found = rows.order_by("-valid_from", "-pk").first()
    if found is None:
        raise TermsNotSet(_cannot_finance(currency))
    return found


def set_by_whom_confirms(*, account: BankAccount, by: User, at: datetime) -> str:
    """Why `by` may not confirm the account of a supplier: they once set its terms, or those that it has now."""
    own = FundingTerms.objects.filter(supplier=account.supplier_id, set_by=by)
    default = FundingTerms.objects.filter(
        supplier=None, currency=account.currency, valid_from__lte=supplier_today(supplier=account.supplier, at=at)
    )
    in_force = default.order_by("-valid_from", "-pk").first()
    if own.exists() or (in_force is not None and in_force.set_by_id == by.pk):
        return _("You set the terms of this supplier. Who sets terms does not confirm where money is paid to.")
    return ""


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
    """One row for each currency: the supplier's own terms first, then the latest day, then the one saved last.

    Terms of a single deal are never among them.
    """
    rows = FundingTerms.objects.filter(Q(supplier=None) | Q(supplier=supplier), request=None, valid_from__lte=on)
    order = ("currency", F("supplier").asc(nulls_last=True), "-valid_from", "-pk")
    return rows.order_by(*order).distinct("currency")


def _cannot_finance(currency: str) -> str:
    if not currency:
        return _("Invoices in no currency cannot be financed.")
    return _("Invoices in %(currency)s cannot be financed.") % {"currency": currency}
