"""What every correction has in common: who approves it, its row, its audit record and its emails."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.core.business_day import business_day
from infactor.financing import dual_control, emails, terms_in_force
from infactor.financing.models import Advance, Collection, Correction
from infactor.financing.terms_in_force import TermsNotSet
from infactor.ledger.models import Transaction
from infactor.suppliers.models import Supplier
from infactor.users.models import User

Kind = Correction.Kind


class CorrectionError(Exception):
    """This cannot be corrected now. The message says why. Nothing was written."""


def require_reason(reason: str) -> None:
    """Raise CorrectionError unless there is a reason."""
    if not reason.strip():
        raise CorrectionError(_("Enter why this is corrected: the suppliers concerned read it."))


def require_approver(
    *, by: User, approver: User | None, amount: Decimal, currency: str, suppliers: Iterable[Supplier], at: datetime
) -> None:
    """Raise ApproverRequired where `amount` needs a second person by the terms of any of `suppliers`.

    A payment that concerns no supplier goes by the terms for all. Without terms in the currency there is no set
    amount, so a second person is needed.
    """
    try:
        terms = [dual_control.current_terms(supplier=one, currency=currency, at=at) for one in suppliers]
        terms = terms or [terms_in_force.default_terms(currency=currency, on=business_day(at))]
    except TermsNotSet:
        dual_control.require_approver(by=by, approver=approver, reason="A second person must approve this.")
        return
    lowest = min(terms, key=lambda one: one.dual_control_threshold)
    dual_control.require_approver_from_threshold(by=by, approver=approver, amount=amount, terms=lowest)


def save(
    *,
    kind: Kind,
    of: Collection | Advance,
    amount: Decimal,
    change: str,
    reason: str,
    posted: Sequence[Transaction],
    suppliers: Iterable[Supplier],
    by: User,
    approver: User | None,
    at: datetime,
) -> Correction:
    """Write the row of a correction that was made, audit it, and email the suppliers concerned."""
    payment, advance = (of, None) if isinstance(of, Collection) else (None, of)
    correction = Correction.objects.create(
        kind=kind,
        collection=payment,
        advance=advance,
        currency=of.currency,
        amount=amount,
        change=change[:200],
        reason=reason.strip()[:300],
        references=[one.reference for one in posted],
        made_by=by,
        approved_by=approver,
        made_at=at,
    )
    audit.record(
        event=f"correction.{kind}",
        subject=of,
        by=by,
        at=at,
        supplier_id=advance.supplier_id if advance is not None else None,
        reason=reason,
        details={"correction": correction.pk, "change": change[:200], "approver": approver and approver.pk},
    )
    for supplier in suppliers:
        emails.corrected(correction=correction, supplier=supplier)
    return correction
