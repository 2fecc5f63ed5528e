"""Whether a supplier may be financed now, what blocks it, and which account it is paid to."""

from infactor.suppliers import agreements
from infactor.suppliers.models import Application, BankAccount, Supplier

_STATUS_MESSAGES = {
    Application.Status.DRAFT: "Your application is not submitted yet.",
    Application.Status.SUBMITTED: "Your application is being checked.",
    Application.Status.ON_HOLD: "Your application is on hold.",
    Application.Status.REFUSED: "Your application was refused.",
}


def company_blocker(*, supplier: Supplier) -> str:
    """The first reason, for the supplier to read, why its company cannot be financed; "" if it can.

    Does not check the bank account, which depends on the currency; `blockers` does.
    """
    return next(iter(_company_blockers(supplier)), "")


def blockers(*, supplier: Supplier, currency: str) -> list[str]:
    """A sentence for everything that keeps `supplier` from being paid an advance in `currency`; [] if nothing does."""
    found = _company_blockers(supplier)
    if payout_account(supplier=supplier, currency=currency) is None:
        found.append(f"There is no confirmed bank account for {currency}.")
    return found


def payout_account(*, supplier: Supplier, currency: str) -> BankAccount | None:
    """The confirmed account of `supplier` in `currency`, even if a replacement waits to be confirmed."""
    return BankAccount.objects.filter(supplier=supplier, currency=currency, status=BankAccount.Status.IN_USE).first()


def _company_blockers(supplier: Supplier) -> list[str]:
    status = Application.objects.filter(supplier=supplier).values_list("status", flat=True).first()
    found = []
    if status is None:
        found.append(_STATUS_MESSAGES[Application.Status.DRAFT])
    elif status != Application.Status.APPROVED:
        found.append(_STATUS_MESSAGES[Application.Status(status)])
    if not agreements.is_current(supplier=supplier):
        found.append("The latest version of the agreement is not accepted yet.")
    return found
