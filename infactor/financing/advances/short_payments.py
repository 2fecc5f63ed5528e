"""Short payments: accept that a buyer pays less than the face of the invoice."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from infactor.core import audit
from infactor.financing import emails, locks
from infactor.financing.accounting import balances, journal
from infactor.financing.accounting.journal import PostingContext
from infactor.financing.accounting.payoff import PayoffError
from infactor.financing.advances import closing, collected
from infactor.financing.eligibility import recalculation
from infactor.financing.models import Advance
from infactor.financing.value_dates import validate_value_date
from infactor.users import roles
from infactor.users.models import User


def accept_short_payment(
    *, advance: Advance, amount: Decimal, value_date: date, by: User, at: datetime, reason: str
) -> Advance:
    """Accept that the buyer pays `amount` less, for instance after a credit memo or a deduction.

    The reserve covers it; beyond the reserve the supplier owes it. If nothing is outstanding after that, the advance
    is collected. Raises NotAllowed, PayoffError, InvalidValueDate.
    """
    roles.require(by, closing.SETTLE_ADVANCES)
    if not reason.strip():
        raise PayoffError("Enter why the buyer pays less: the supplier reads it.")
    with transaction.atomic():
        supplier = locks.lock_supplier_and_debtors(supplier_id=advance.supplier_id)
        current = closing.get_outstanding_advance(advance=advance)
        validate_value_date(value_date, at=at, not_before=current.funded_on, supplier=supplier)
        outstanding = balances.outstanding(advance=current)
        if not 0 < amount <= outstanding.receivable:
            raise PayoffError(f"Only {outstanding.receivable:,.2f} {current.currency} is outstanding.")
        number = len(journal.short_payment_dates(advance=current)) + 1
        journal.post_short_payment(
            advance=current,
            number=number,
            amount=amount,
            reserve=outstanding.reserve,
            context=PostingContext(value_date, at, by),
        )
        audit.record(
            event="advance.short_payment_accepted",
            subject=current,
            by=by,
            at=at,
            supplier_id=current.supplier_id,
            reason=reason,
            details={"amount": f"{amount}"},
        )
        emails.short_payment_accepted(advance=current, number=number, amount=amount, reason=reason)
        if amount == outstanding.receivable:
            current = collected.mark_collected(advance=current, by=by, at=at)
        recalculation.request_recalculation_for_invoices(invoice_ids=[current.invoice_id])
        return current
