"""Authorization of policy changes: the second person that an amount requires."""

from datetime import datetime
from decimal import Decimal

from infactor.core.business_day import business_day
from infactor.financing import dual_control, terms_in_force
from infactor.financing.value_dates import supplier_today
from infactor.suppliers.models import Supplier
from infactor.users.models import User


class PolicyError(Exception):
    """The change is not possible. The message says why. Nothing was written."""


def require_approver_for_amount(
    by: User, approver: User | None, amount: Decimal, currency: str, *, supplier: Supplier | None, at: datetime
) -> None:
    """Check dual control by the current terms of the currency. Raises ApproverRequired, PolicyError without terms."""
    try:
        if supplier is None:
            terms = terms_in_force.default_terms(currency=currency, on=business_day(at))
        else:
            terms = terms_in_force.terms_for(
                supplier=supplier, currency=currency, on=supplier_today(supplier=supplier, at=at)
            )
    except terms_in_force.TermsNotSet as missing:
        raise PolicyError(f"There are no terms for {currency or 'no currency'}: set them first.") from missing
    dual_control.require_approver_from_threshold(by=by, approver=approver, amount=amount, terms=terms)
