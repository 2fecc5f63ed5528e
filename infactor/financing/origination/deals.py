"""Deals: terms that an underwriter sets for one offer alone, each different from the terms in force for a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from infactor.financing.models import FinancingRequest, FundingTerms
from infactor.users.models import User

# What can be set for one deal: 1 where more of it is better for the supplier, -1 where less of it is.
BETTER_FOR_SUPPLIER: dict[str, int] = {
    "advance_rate": 1,
    "first_fee_rate": -1,
    "first_fee_days": 1,
    "additional_fee_rate": -1,
    "additional_fee_days": 1,
    "minimum_fee": -1,
    "wire_fee": -1,
    "late_fee_rate": -1,
    "late_fee_grace_days": 1,
    "late_fee_cap_pct": -1,
    "minimum_amount": -1,
}
DEAL_TERMS = tuple(BETTER_FOR_SUPPLIER)
LABELS = {field.name: field.verbose_name for field in FundingTerms._meta.fields}


class DealError(ValueError):
    """These are no terms of a deal. The message says why."""


@dataclass(frozen=True)
class Deal:
    """The terms that one offer gets, by name, and why they differ from those in force.

    `replaces` is the version that they were compared with. Names that are left out stay as they are in force.
    """

    terms: Mapping[str, Decimal | int]
    reason: str
    replaces: int

    def as_text(self) -> dict[str, object]:
        """As JSON, to be stored until a second person approves it."""
        return {
            "terms": {name: str(value) for name, value in self.terms.items()},
            "reason": self.reason,
            "replaces": self.replaces,
        }

    @classmethod
    def from_text(cls, given: Mapping[str, object]) -> "Deal":
        """The deal from `as_text`. Raises DealError where it is none."""
        terms = given.get("terms")
        if not isinstance(terms, Mapping):
            raise DealError(_("The terms of this deal are missing."))
        try:
            values = {str(name): Decimal(str(value)) for name, value in terms.items()}
        except InvalidOperation as error:
            raise DealError(_("The terms of this deal cannot be read.")) from error
        return cls(values, str(given.get("reason", "")), int(str(given.get("replaces", 0))))


def build_terms(
    *, deal: Deal, in_force: FundingTerms, request: FinancingRequest, by: User | None, at: datetime, today: date
) -> FundingTerms:
    """The unsaved terms of the deal; `in_force` itself where nothing differs.

    Raises DealError: not a term of a deal, no reason, contradicting numbers, or other terms in force meanwhile.
    """
    if deal.replaces != in_force.pk:
        raise DealError(
            _("The terms in force have changed: they are now %(in_force)s. Price the request again.")
            % {"in_force": in_force}
        )
    if unknown := [name for name in deal.terms if name not in BETTER_FOR_SUPPLIER]:
        raise DealError(f"This cannot be set for one deal: {', '.join(unknown)}.")
    changed = {name: value for name, value in deal.terms.items() if value != getattr(in_force, name)}
    if not changed:
        return in_force
    if not deal.reason.strip():
        raise DealError(_("Enter why this deal differs from the terms."))
    copied = {
        field.attname: getattr(in_force, field.attname)
        for field in FundingTerms._meta.concrete_fields
        if field.name != "id"
    }
    terms = FundingTerms(
        **{
            **copied,
            **changed,
            "supplier": request.supplier,
            "supplier_id": request.supplier_id,
            "request": request,
            "request_id": request.pk,
            "valid_from": today,
            "reason": deal.reason.strip()[:200],
            "set_by": by,
            "set_by_id": by and by.pk,
            "set_at": at,
        }
    )
    try:
        terms.full_clean(exclude=["set_by", "set_at"])
    except ValidationError as error:
        raise DealError(" ".join(_sentences(error))) from error
    return terms


def given_away(*, deal: FundingTerms, in_force: FundingTerms) -> list[str]:
    """The names of the terms in which `deal` is better for the supplier than what is in force."""
    return [
        name for name, sign in BETTER_FOR_SUPPLIER.items() if (getattr(deal, name) - getattr(in_force, name)) * sign > 0
    ]


def reason_for_approver(*, deal: FundingTerms, in_force: FundingTerms) -> str:
    """Why a second person must approve the deal, as a sentence; empty where it gives nothing away."""
    names = given_away(deal=deal, in_force=in_force)
    if not names:
        return ""
    shown = ", ".join(map(_label, names))
    return _("This deal is better for the supplier than the terms (%(shown)s): a second person must approve it.") % {
        "shown": shown
    }


def _label(name: str) -> str:
    """The name of a term without its unit."""
    label = str(LABELS[name])
    return label.rpartition(", ")[0] or label


def _sentences(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return [str(message) for message in error.messages]
    found = []
    for name, problems in error.error_dict.items():
        label = "" if name == "__all__" else f"{_label(name).capitalize()}: "
        found += [f"{label}{message}" for problem in problems for message in problem.messages]
    return found
