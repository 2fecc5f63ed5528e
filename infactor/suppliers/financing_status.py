"""Whether a supplier may be financed now, what blocks it, and which account it is paid to."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from infactor.suppliers import agreements, checks
from infactor.suppliers.check_catalogue import ITEMS
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


class _Standing(NamedTuple):
    """What is known of a supplier in one query. `checks` are those that count, the currencies of confirmed accounts."""

    application: str | None
    has_accepted: bool
    closings: Sequence[str]
    account_currencies: Sequence[str]
    checks: Sequence[str]


def application_blocker(*, supplier: Supplier) -> str:
    """The first reason, for the supplier to read, why its application does not let us act for it; "" if it does."""
    return next(iter(_application_blockers(_standing(supplier))), "")


def company_blocker(*, supplier: Supplier, on: date) -> str:
    """The first reason, for the supplier to read, why its company cannot be financed on `on`; "" if it can.

    `on` is infactor's day. Does not check the bank account, which depends on the currency; `blockers` does.
    """
    return next(iter(_company_blockers(supplier, on)), "")


def blockers(*, supplier: Supplier, currency: str, on: date) -> list[str]:
    """A sentence for everything that keeps `supplier` from an advance in `currency` on infactor's day `on`."""
    payee = (supplier.pk, currency)
    return blockers_of_many(payees={payee: supplier}, on=on)[payee]


def blockers_of_many(*, payees: Mapping[tuple[int, str], Supplier], on: date) -> dict[tuple[int, str], list[str]]:
    """The `blockers` of each supplier and currency. One query, but for what is against some of them."""
    standings = _standings({supplier for supplier, _currency in payees}, on=on)
    against = {key: _application_blockers(one) for key, one in standings.items()}
    unclear = [key for key, one in standings.items() if not against[key] and not set(one.checks) >= set(ITEMS)]
    lapsed = checks.blockers_by_supplier(suppliers=unclear, on=on)
    found = {}
    for (key, currency), supplier in payees.items():
        of_supplier = against[key] or lapsed.get(key, [])
        has_account = currency in standings[key].account_currencies
        found[key, currency] = of_supplier + ([] if has_account else [_account_blocker(supplier, currency)])
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
    return _application_blockers(_standing(supplier)) or checks.blockers(supplier=supplier, on=on)


def _standing(supplier: Supplier) -> _Standing:
    return _standings({supplier.pk}, on=date.max)[supplier.pk]


def _standings(suppliers: Collection[int], *, on: date) -> dict[int, _Standing]:
    of_supplier = {"supplier": OuterRef("pk")}
    application = Application.objects.filter(**of_supplier)
    leaving = AccountClosing.objects.filter(**of_supplier, status__in=_CLOSING_MESSAGES)
    accounts = BankAccount.objects.filter(**of_supplier, status=BankAccount.Status.IN_USE)
    rows = Supplier.objects.filter(pk__in=suppliers).values_list(
        "pk",
        Subquery(application.values("status")[:1]),
        agreements.has_accepted(supplier="pk"),
        ArraySubquery(leaving.values("status")),
        ArraySubquery(accounts.values("currency")),
        checks.kinds_that_count(supplier="pk", on=on),
    )
    return {key: _Standing(*standing) for key, *standing in rows}


def _application_blockers(standing: _Standing) -> list[str]:
    status = standing.application
    found = []
    if status is None:
        found.append(str(_STATUS_MESSAGES[Application.Status.DRAFT]))
    elif status != Application.Status.APPROVED:
        found.append(str(_STATUS_MESSAGES[Application.Status(status)]))
    if not standing.has_accepted:
        found.append(_("The latest version of the agreement is not accepted yet."))
    return found + [str(_CLOSING_MESSAGES[AccountClosing.Status(one)]) for one in standing.closings]
