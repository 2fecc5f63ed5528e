"""Funding terms: staff set a new version; a second person always approves it."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.financing import dual_control
from infactor.financing.eligibility import recalculation
from infactor.financing.models import FundingTerms
from infactor.financing.policy.authorization import PolicyError
from infactor.financing.terms import Terms
from infactor.users import roles
from infactor.users.models import User


def set_terms(*, terms: FundingTerms, by: User, at: datetime, approver: User | None = None) -> FundingTerms:
    """Save a new version of the terms, unsaved and cleaned so far. Offers keep the version they were made under.

    It always takes two people, because the threshold of dual control is one of the terms. Raises NotAllowed,
    PolicyError, ApproverRequired.
    """
    roles.require(by, "financing.set_terms")
    if not terms._state.adding:
        raise PolicyError(_("Terms are never changed. Set a new version."))
    dual_control.require_approver(by=by, approver=approver, reason="A second person must approve new terms.")
    with transaction.atomic():
        before = previous_version(terms=terms)
        terms.set_by, terms.set_at = by, at
        terms.save()
        audit.record(
            event="terms.set",
            subject=terms,
            by=by,
            at=at,
            supplier_id=terms.supplier_id,
            reason=terms.reason,
            details={
                "from_version": before and before.pk,
                "changes": changed_values(before=before, after=terms),
                "approver": approver and approver.pk,
            },
        )
        if terms.supplier is None:
            recalculation.request_recalculation_for_all()
        else:
            recalculation.request_recalculation(supplier_ids=[terms.supplier.pk])
        return terms


def previous_version(*, terms: FundingTerms) -> FundingTerms | None:
    """The version that the unsaved `terms` replace on their first day: same currency, same supplier."""
    rows = FundingTerms.objects.filter(
        currency=terms.currency, supplier=terms.supplier, request=None, valid_from__lte=terms.valid_from
    )
    return rows.order_by("-valid_from", "-pk").first()


def changed_values(*, before: FundingTerms | None, after: FundingTerms) -> dict[str, list[str]]:
    """Every value that differs, as {name: [from, to]}. All of them if there was no version before."""
    found: dict[str, list[str]] = {}
    new = after.record()
    old: Mapping[str, Any] = (
        {} if before is None else {one.name: getattr(before.record(), one.name) for one in fields(Terms)}
    )
    for one in fields(Terms):
        if one.name not in ("version", "currency") and old.get(one.name) != getattr(new, one.name):
            found[one.name] = ["" if before is None else str(old[one.name]), str(getattr(new, one.name))]
    return found
