"""The supplier's word: it will forward a payment that its buyer made to it by mistake."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from infactor.core import audit
from infactor.financing import locks
from infactor.financing.models import BooksWatch, Case
from infactor.financing.remittance_instructions import instructions_or_reference
from infactor.financing.value_dates import supplier_today
from infactor.suppliers import access
from infactor.users.models import User


class ForwardingError(Exception):
    """The word cannot be taken. The message says why."""


@dataclass(frozen=True)
class ForwardingInstructions:
    """What the supplier is to pay where, and by when. The amount is in the advance's currency."""

    amount: Decimal
    currency: str
    pay_to: dict[str, str]
    arrives_by: date


def instructions(*, case: Case, at: datetime) -> ForwardingInstructions:
    """What to forward for `case`: before the supplier's word, by the day on which it would have to arrive."""
    advance = case.advance
    arrives_by = case.forward_by or _deadline(case, at=at)
    pay_to = instructions_or_reference(
        number=advance.purchase.number, public_id=advance.invoice.public_id, currency=advance.currency
    )
    amount = case.promised_amount if case.promised_amount is not None else case.amount
    return ForwardingInstructions(amount, advance.currency, pay_to, arrives_by)


def promise(*, case: Case, by: User, at: datetime) -> Case:
    """A member of the supplier says that it will forward the money. It is watched until it arrives.

    Saying it again changes nothing. Raises NotAllowed, ForwardingError.
    """
    access.require_member(by=by, supplier=case.supplier, owner=False)
    with transaction.atomic():
        locks.lock_supplier_and_debtors(supplier_id=case.supplier_id)
        current = Case.objects.select_for_update(of=("self",)).select_related("supplier", "advance").get(pk=case.pk)
        if current.kind != Case.Kind.MISDIRECTED or current.closed_at is not None:
            raise ForwardingError(_("Nothing is to be forwarded any more."))
        if current.promised_at is not None:
            return current
        if current.amount <= 0:
            raise ForwardingError(_("The amount cannot be read from your books. Please write to us."))
        current.promised_at, current.promised_by = at, by
        current.promised_amount, current.forward_by = current.amount, _deadline(current, at=at)
        current.save()
        BooksWatch.objects.filter(pk=current.supplier_id).update(look_again_at=at)
        audit.record(
            event="case.forwarding_promised",
            subject=current,
            by=by,
            at=at,
            supplier_id=current.supplier_id,
            details={"amount": f"{current.promised_amount}", "by": current.forward_by.isoformat()},
        )
        return current


def _deadline(case: Case, *, at: datetime) -> date:
    return supplier_today(supplier=case.supplier, at=at) + timedelta(days=settings.WATCH_FORWARD_DAYS)
