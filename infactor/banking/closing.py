"""Closing a house account at whose bank nothing is left, and opening it again.

The last open account of a currency is closed once nothing is open in the currency: infactor deals in it no longer. What
may be open besides the account's own money, apps above say.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from infactor.banking import cash, matches, open_accounts, reconciliation
from infactor.banking.errors import BankingError
from infactor.banking.models import AccountChange, HouseAccount, StatementFile, StatementLine
from infactor.banking.movements import KEEP_HOUSE_ACCOUNTS
from infactor.core import audit, reasons
from infactor.core.business_day import business_day
from infactor.core.money import format_amount
from infactor.users import roles
from infactor.users.models import User

CLOSING_FIELDS = ("closed_at", "closed_by", "closing_reason", "updated_at")
OpenIn = Callable[[str], list[str]]
_open_in: list[OpenIn] = []


def register_open_in(sentences: OpenIn) -> None:
    """Ask `sentences` what is open in a currency, a sentence each, before its last account is closed."""
    if sentences not in _open_in:
        _open_in.append(sentences)


def close(*, account: HouseAccount, reason: str, by: User, at: datetime) -> HouseAccount:
    """Take nothing new on `account` from now on. It stays in reports, in the proof and in every history.

    The last one of its currency is no longer the default, and buyers are no longer told to pay to it. Raises
    NotAllowed, ReasonMissing, BankingError with everything that is against it.
    """
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    text = reasons.require_reason(reason)[:300]
    with transaction.atomic():
        current: HouseAccount = HouseAccount.objects.select_for_update().get(pk=account.pk)
        if against := obstacles(account=current, at=at):
            raise BankingError(" ".join(against))
        details: dict[str, object] = {"reason": text, "last_of": current.currency if current.is_default else ""}
        current.closed_at, current.closed_by, current.closing_reason = at, by, text
        current.is_default = current.is_pay_to = False
        current.save(update_fields=[*CLOSING_FIELDS, "is_default", "is_pay_to"])
        audit.record(event="house_account.closed", subject=current, by=by, at=at, details=details)
        return current


def reopen(*, account: HouseAccount, reason: str, by: User, at: datetime) -> HouseAccount:
    """Use a closed account again, as for a correction on it; as the default where its currency has no other.

    Raises NotAllowed, ReasonMissing, BankingError.
    """
    roles.require(by, KEEP_HOUSE_ACCOUNTS)
    text = reasons.require_reason(reason)[:300]
    with transaction.atomic():
        rows = HouseAccount.objects.select_for_update().filter(currency=account.currency).order_by("pk")
        found = {one.pk: one for one in rows}
        current: HouseAccount = found[account.pk]
        if current.closed_at is None:
            raise BankingError(_("This account is not closed."))
        current.closed_at, current.closed_by, current.closing_reason = None, None, ""
        current.is_default = not any(one.is_default for one in found.values())
        current.save(update_fields=[*CLOSING_FIELDS, "is_default"])
        audit.record(event="house_account.reopened", subject=current, by=by, at=at, details={"reason": text})
        return current


def obstacles(*, account: HouseAccount, at: datetime) -> list[str]:
    """Everything against closing `account` now, a sentence each."""
    if reason := open_accounts.closed_because(account):
        return [reason]
    return [*_roles_of(account), *_money_on(account), *_unfinished(account, at=at)]


def _roles_of(account: HouseAccount) -> list[str]:
    """What money it still takes by itself; of the last account of a currency, what is open in the currency."""
    found, given = [], {"currency": account.currency}
    is_last = not open_accounts.choices().filter(currency=account.currency).exclude(pk=account.pk).exists()
    if is_last:
        found += [one for sentences in _open_in for one in sentences(account.currency)]
        if found:
            text = _("It is the last account of %(currency)s, in which this is open:") % given
            found[0] = f"{text} {found[0]}"
    elif account.is_default:
        found.append(
            _("It is the default account of %(currency)s. Make another one the default first: money is booked on it.")
            % given
        )
    if account.is_pay_to and not is_last:
        found.append(_("Buyers are told to pay to it in %(currency)s. Choose another account for that first.") % given)
    if AccountChange.objects.filter(account=account, status=AccountChange.Status.WAITING).exists():
        found.append(_("A change of it waits for a second person. Confirm or refuse that first."))
    return found


def _money_on(account: HouseAccount) -> list[str]:
    found = []
    if balance := cash.balance(account=account):
        given = {"amount": format_amount(balance, account.currency)}
        found.append(_("The books have %(amount)s on it.") % given)
    if transit := cash.in_transit(account=account):
        given = {"amount": format_amount(transit, account.currency)}
        found.append(_("Payouts of %(amount)s that no statement confirms yet leave from it.") % given)
    return found


def _unfinished(account: HouseAccount, *, at: datetime) -> list[str]:
    found = []
    if lines := StatementLine.objects.filter(account=account, status__in=matches.OPEN).count():
        text = ngettext(
            "%(count)s line of its statements is not in the books.",
            "%(count)s lines of its statements are not in the books.",
            lines,
        )
        found.append(text % {"count": lines})
    uploaded = StatementFile.objects.filter(account=account, status=StatementFile.Status.UPLOADED)
    rows = HouseAccount.objects.filter(pk=account.pk)
    is_uploaded, has_statements = rows.values_list(Exists(uploaded), Exists(account.statements.all())).get()
    if is_uploaded:
        found.append(_("An uploaded statement of it is not confirmed yet."))
    if not has_statements:
        return found  # without statements nothing is ever confirmed
    if entries := matches.unconfirmed_entries(account=account).count():
        text = ngettext(
            "%(count)s posting on it is on no statement yet.",
            "%(count)s postings on it are on no statement yet.",
            entries,
        )
        found.append(text % {"count": entries})
    stated = reconciliation.reconcile(account=account, on=business_day(at)).bank
    if stated:
        found.append(_("By the bank, %(amount)s are on it.") % {"amount": format_amount(stated, account.currency)})
    return found
