"""Whether a supplier may be financed at this moment, why not, and where it is paid to."""

from infactor.suppliers import agreements
from infactor.suppliers.models import Application, BankAccount, Supplier

_STATUS_SAYS = {
    Application.Status.DRAFT: "Your application is not submitted yet.",
    Application.Status.SUBMITTED: "Your application is being checked.",
    Application.Status.ON_HOLD: "Your application is on hold.",
    Application.Status.REFUSED: "Your application was refused.",
}


def may_be_financed(*, supplier: Supplier) -> str:
    """ "" if `supplier` may ask for financing and be funded, else why not, in a sentence that it may read.

    Its bank account is another matter, one of each currency: `blockers` asks for that, too.
    """
    return next(iter(_of_the_company(supplier)), "")


def unwanted(*, supplier: Supplier) -> str:
    """Why `supplier` may not use infactor's name: it is refused or on hold. "" while it may apply or trade."""
    kept_out = (Application.Status.ON_HOLD, Application.Status.REFUSED)
    status = Application.objects.filter(supplier=supplier, status__in=kept_out).values_list("status", flat=True).first()
    return _STATUS_SAYS[Application.Status(status)] if status else ""


def blockers(*, supplier: Supplier, currency: str) -> list[str]:
    """Everything that keeps `supplier` from being paid an advance in `currency`, a sentence each; [] for nothing."""
    found = _of_the_company(supplier)
    if payout_account(supplier=supplier, currency=currency) is None:
        found.append(f"There is no confirmed bank account for {currency}.")
    return found


def payout_account(*, supplier: Supplier, currency: str) -> BankAccount | None:
    """The account that `supplier` is paid to in `currency`: the confirmed one, whatever waits to replace it."""
    return BankAccount.objects.filter(supplier=supplier, currency=currency, status=BankAccount.Status.IN_USE).first()


def _of_the_company(supplier: Supplier) -> list[str]:
    status = Application.objects.filter(supplier=supplier).values_list("status", flat=True).first()
    found = []
    if status is None:
        found.append(_STATUS_SAYS[Application.Status.DRAFT])
    elif status != Application.Status.APPROVED:
        found.append(_STATUS_SAYS[Application.Status(status)])
    if not agreements.is_current(supplier=supplier):
        found.append("The newest version of the agreement is not accepted yet.")
    return found
