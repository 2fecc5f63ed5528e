"""House accounts that are not closed: what takes new payouts, statements, movements and changes."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from infactor.banking.errors import BankingError
from infactor.banking.models import HouseAccount
from infactor.core.business_day import business_day
from infactor.core.dates import format_day


class AccountClosed(BankingError):
    """The house account is closed. The message names it."""


def lock_currency(*, currency: str) -> None:
    """Lock every account of `currency`, in the order of their keys: for what only one of them can be."""
    list(HouseAccount.objects.select_for_update(no_key=True).filter(currency=currency).order_by("pk"))


def choices() -> QuerySet[HouseAccount]:
    """The accounts that forms offer."""
    return HouseAccount.objects.filter(closed_at=None)


def lock(*, account: HouseAccount) -> HouseAccount:
    """The account as it is now, locked, so that it is not closed meanwhile. Raises AccountClosed."""
    current: HouseAccount = HouseAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    if reason := closed_because(current):
        raise AccountClosed(reason)
    return current


def lock_each(*, accounts: Iterable[HouseAccount | None]) -> None:
    """`lock` for several, in the order of their keys. Raises AccountClosed."""
    for account in sorted((one for one in accounts if one is not None), key=lambda one: one.pk):
        lock(account=account)


def all_closed(*, currency: str) -> str:
    """A sentence if every account of `currency` is closed, else ""; also before the first one is added."""
    rows = HouseAccount.objects.filter(currency=currency)
    if not rows.exists() or rows.filter(closed_at=None).exists():
        return ""
    given = {"currency": currency}
    return _("Every house account in %(currency)s is closed. Open the one again that the money moves on.") % given


def closed_because(account: HouseAccount) -> str:
    """A sentence if `account` is closed, else ""."""
    if account.closed_at is None:
        return ""
    given = {"account": account, "day": format_day(business_day(account.closed_at))}
    return _("The house account %(account)s is closed since %(day)s. It takes nothing new.") % given
