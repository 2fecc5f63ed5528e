"""Blockers of payouts: why one must not leave, asked anew at each step until the bank has its file.

Money for an invoice is stopped by whatever stops its purchase. A rebate, a surplus and a refund are owed to whom they
go to: only their own account stops them, and a rebate the hold on the reserve that it comes from. A micro-deposit is
stopped once it proves nothing any more.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from django.utils.translation import gettext as _

from infactor.financing import holds, micro_deposits, purchase_blockers
from infactor.financing.models import PayeeAccount, Payout
from infactor.financing.payouts import PayoutError
from infactor.suppliers.models import BankAccount

Purpose = Payout.Purpose


class Parted(NamedTuple):
    """The payouts that may leave, and why each of the others may not, by its key."""

    payable: list[Payout]
    blocked: dict[Payout, list[str]]


def of_payouts(*, payouts: Collection[Payout], on: date) -> dict[int, list[str]]:
    """Everything against sending each of `payouts` on infactor's day `on`, by its key. A few queries for any number.

    Each comes with its supplier and its account.
    """
    of_advance = [one for one in payouts if one.purpose in (Purpose.ADVANCE, Purpose.REBATE)]
    advances = {one.pk: one for one in purchase_blockers.read({one.advance_id for one in of_advance if one.advance_id})}
    bought = [advances[one.advance_id] for one in of_advance if one.purpose == Purpose.ADVANCE and one.advance_id]
    held = holds.read(advances=advances.values()) if advances else holds.Holds({}, {}, {})
    purchases = purchase_blockers.of_advances(advances=bought, on=on, held=held)
    found = {}
    for one in payouts:
        against = _own(one)
        if one.purpose == Purpose.ADVANCE and one.advance_id:
            against += purchases[one.advance_id]
        elif one.purpose == Purpose.REBATE and one.advance_id and one.advance_id in held.reasons:
            against.append(held.reasons[one.advance_id])
        found[one.pk] = list(dict.fromkeys(against))
    return found


def part(*, payouts: Sequence[Payout], on: date) -> Parted:
    """Part `payouts` into those that may leave on infactor's day `on`, and the others with why they may not."""
    found = of_payouts(payouts=payouts, on=on)
    payable = [one for one in payouts if not found[one.pk]]
    return Parted(payable, {one: found[one.pk] for one in payouts if found[one.pk]})


def require_payable(*, payouts: Sequence[Payout], on: date) -> None:
    """Raise PayoutError, which names each with why, where one of `payouts` may not leave on infactor's day `on`."""
    blocked = part(payouts=payouts, on=on).blocked
    if blocked:
        raise PayoutError(" ".join(sentences(blocked)))


def require_any(*, payouts: Sequence[Payout], on: date) -> list[Payout]:
    """Those of `payouts` that may leave on infactor's day `on`. Raises PayoutError, which says why, if none may."""
    parted = part(payouts=payouts, on=on)
    if not parted.payable:
        raise PayoutError(" ".join(sentences(parted.blocked)))
    return parted.payable


def sentences(blocked: dict[Payout, list[str]]) -> list[str]:
    """What is blocked and why, a line for each payout."""
    return [f"{one}: {' '.join(against)}" for one, against in blocked.items()]


def _own(payout: Payout) -> list[str]:
    """Where its account is not the one that payouts go to, or it is not due any more."""
    found = []
    if payout.reclaimed_on is not None:
        found.append(_("The settlement was undone: its supplier owes it back. Stop it."))
    account = payout.bank_account
    if payout.micro_deposits is not None:
        if micro_deposits.are_over(payout.micro_deposits):
            found.append(_("These micro-deposits prove nothing any more. Stop them."))
    elif account is not None and account.status != BankAccount.Status.IN_USE:
        given = {"account": account.masked, "status": str(account.get_status_display()).lower()}
        found.append(_("The account %(account)s is %(status)s. Stop it, and prepare it again.") % given)
    if payout.payee_account is not None and (against := of_payee_account(payout.payee_account)):
        found.append(against)
    return found


def of_payee_account(account: PayeeAccount) -> str:
    """Why nothing is paid to the account of a payer yet, and what to do; "" where a second person has confirmed it."""
    if account.confirmed_at is not None:
        return ""
    given = {"account": account.masked, "holder": account.holder}
    return (
        _(
            "The account %(account)s of %(holder)s is not confirmed. Somebody who neither entered nor changed it "
            "confirms it on its page, under Accounts of payers."
        )
        % given
    )
