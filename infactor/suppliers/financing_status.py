"""Whether a supplier may be financed now, what blocks it, and which account it is paid to."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.suppliers import agreements, checks
from infactor.suppliers.models import AccountClosing, Application, BankAccount, Supplier

_STATUS_MESSAGES = {
    Application.Status.DRAFT: gettext_lazy("Your application is not submitted yet."),
    Application.Status.SUBMITTED: gettext_lazy("Your application is being checked."),
    Application.Status.ON_HOLD: gettext_lazy("Your application is on hold."),
    Application.Status.REFUSED: gettext_lazy("Your application was refused."),
}

_CLOSING_MESSAGES = {
    AccountClosing.Status.REQUESTED: gettext_lazy("You asked to close this account."),
    AccountClosing.Status.RELEASED: gettext_lazy("This account is closed."),
}


def application_blocker(*, supplier: Supplier) -> str:
    """The first reason, for the supplier to read, why its application does not let us act for it; "" if it does."""
    return next(iter(_application_blockers(supplier)), "")


def company_blocker(*, supplier: Supplier, on: date) -> str:
    """The first reason, for the supplier to read, why its company cannot be financed on `on`; "" if it can.

    `on` is infactor's day. Does not check the bank account, which depends on the currency; `blockers` does.
    """
    return next(iter(_company_blockers(supplier, on)), "")


def blockers(*, supplier: Supplier, currency: str, on: date) -> list[str]:
    """A sentence for everything that keeps `supplier` from an advance in `currency` on infactor's day `on`."""
    found = _company_blockers(supplier, on)
    if payout_account(supplier=supplier, currency=currency) is None:
        found.append(_account_blocker(supplier, currency))
    return found


def payout_account(*, supplier: Supplier, currency: str) -> BankAccount | None:
    """The confirmed account of `supplier` in `currency`, even if a replacement waits to be confirmed."""
    return BankAccount.objects.filter(supplier=supplier, currency=currency, status=BankAccount.Status.IN_USE).first()


def _account_blocker(supplier: Supplier, currency: str) -> str:
    waiting = BankAccount.objects.filter(
        supplier=supplier, currency=currency, status=BankAccount.Status.WAITING
    ).first()
    if waiting is None:
        return _("There is no confirmed bank account for %(currency)s.") % {"currency": currency}
    return _("The bank account for %(currency)s, %(masked)s, is not confirmed yet.") % {
        "currency": currency,
        "masked": waiting.masked,
    }


def _company_blockers(supplier: Supplier, on: date) -> list[str]:
    """What the application lacks; for an approved one, the checks that have lapsed."""
    return _application_blockers(supplier) or checks.blockers(supplier=supplier, on=on)


def _application_blockers(supplier: Supplier) -> list[str]:
    status = Application.objects.filter(supplier=supplier).values_list("status", flat=True).first()
    found = []
    if status is None:
        found.append(str(_STATUS_MESSAGES[Application.Status.DRAFT]))
    elif status != Application.Status.APPROVED:
        found.append(str(_STATUS_MESSAGES[Application.Status(status)]))
    if not agreements.is_current(supplier=supplier):
        found.append(_("The latest version of the agreement is not accepted yet."))
    leaving = AccountClosing.objects.filter(supplier=supplier, status__in=_CLOSING_MESSAGES).values_list("status")
    return found + [str(_CLOSING_MESSAGES[AccountClosing.Status(status)]) for (status,) in leaving]
