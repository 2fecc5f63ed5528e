"""What each step of an advance is in the books: financing.md's table of postings, one function a row.

An advance has accounts of its own (`advance:17`), so that what is still out is a balance. The supplier's are
`supplier:3`, money that waits to be matched is `collection:9`, a payout that came back is `payout:4`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from infactor.financing.models import Advance, Collection, Disbursement, Match
from infactor.ledger import posting
from infactor.ledger.balances import balance
from infactor.ledger.models import Purpose, Transaction
from infactor.ledger.posting import Line, credit, debit
from infactor.users.models import User


class Outstanding(NamedTuple):
    """What the books say of an advance, in its currency: what the buyer still owes, and what is held back."""

    receivable: Decimal
    reserve: Decimal


class When(NamedTuple):
    """The value date of a posting, when it is written, and by whom (None: the house)."""

    value_date: date
    at: datetime
    by: User | None


def supplier_owner(supplier_id: int) -> str:
    """The name under which the ledger keeps a supplier's accounts."""
    return f"supplier:{supplier_id}"


def outstanding(*, advance: Advance) -> Outstanding:
    """What the books say of `advance` now."""
    return Outstanding(
        receivable=balance(purpose=Purpose.RECEIVABLE, owner=advance.owner, currency=advance.currency),
        reserve=balance(purpose=Purpose.RESERVE, owner=advance.owner, currency=advance.currency),
    )


def of_supplier(*, purpose: Purpose, supplier_id: int, currency: str) -> Decimal:
    """What a supplier owes infactor (DUE_FROM_SUPPLIER), or is owed (PAYABLE_TO_SUPPLIER)."""
    return balance(purpose=purpose, owner=supplier_owner(supplier_id), currency=currency)


def funded(*, advance: Advance, when: When) -> Transaction:
    """The invoice is bought: the face is owed to infactor, the advance is paid, the reserve is held."""
    return _post(
        advance,
        step="funded",
        when=when,
        words=f"Advance on invoice {advance.invoice}",
        lines=[
            debit(Purpose.RECEIVABLE, advance.face, owner=advance.owner),
            credit(Purpose.CASH, advance.amount),
            credit(Purpose.RESERVE, advance.reserve, owner=advance.owner),
        ],
    )


def collected(*, collection: Collection, matches: Sequence[Match], when: When) -> Transaction:
    """A payment came in: what is matched goes where it belongs, the rest waits."""
    rest = collection.amount - sum((one.amount for one in matches), Decimal(0))
    return posting.post(
        reference=f"{collection.owner}:recorded",
        currency=collection.currency,
        lines=[
            debit(Purpose.CASH, collection.amount),
            *(_belongs(one) for one in matches),
            credit(Purpose.UNAPPLIED_CASH, rest, owner=collection.owner),
        ],
        value_date=when.value_date,
        at=when.at,
        by=when.by,
        description="Payment received",
    )


def matched(*, collection: Collection, matches: Sequence[Match], when: When) -> Transaction:
    """Money that had waited goes where it belongs. `matches` are one call's."""
    return posting.post(
        reference=f"{collection.owner}:matched:{matches[0].position}",
        currency=collection.currency,
        lines=[
            debit(Purpose.UNAPPLIED_CASH, sum((one.amount for one in matches), Decimal(0)), owner=collection.owner),
            *(_belongs(one) for one in matches),
        ],
        value_date=when.value_date,
        at=when.at,
        by=when.by,
        description="Payment matched",
    )


def returned(*, collection: Collection, when: When) -> None:
    """The bank took a payment back: everything that was written of it is reversed."""
    of_it = Transaction.objects.filter(reference__startswith=f"{collection.owner}:", reverses__isnull=True)
    for written in of_it.order_by("-pk"):
        posting.reverse(
            transaction=written,
            value_date=when.value_date,
            at=when.at,
            by=when.by,
            description="Payment returned by the bank",
        )


def owed_after_all(*, advance: Advance, collection: Collection, amount: Decimal, when: When) -> Transaction:
    """A payment for an advance that has ended was taken back: the supplier owes it, or it is lost with the rest."""
    lost = advance.status == Advance.Status.WRITTEN_OFF
    return _post(
        advance,
        step=f"returned-after-end:{collection.pk}",
        when=when,
        words=f"Returned after the end, invoice {advance.invoice}",
        lines=[
            debit(Purpose.BAD_DEBT, amount)
            if lost
            else debit(Purpose.DUE_FROM_SUPPLIER, amount, owner=supplier_owner(advance.supplier_id)),
            credit(Purpose.RECEIVABLE, amount, owner=advance.owner),
        ],
    )


def overdrawn(*, collection: Collection, supplier_id: int, amount: Decimal, when: When) -> Transaction:
    """What was passed on to a supplier was taken back by the bank: the supplier owes it."""
    owner = supplier_owner(supplier_id)
    return posting.post(
        reference=f"{collection.owner}:overdrawn:{supplier_id}",
        currency=collection.currency,
        lines=[
            debit(Purpose.DUE_FROM_SUPPLIER, amount, owner=owner),
            credit(Purpose.PAYABLE_TO_SUPPLIER, amount, owner=owner),
        ],
        value_date=when.value_date,
        at=when.at,
        by=when.by,
        description="Returned after it was passed on",
        supplier_id=supplier_id,
    )


def settled(*, advance: Advance, reserve: Decimal, fee: Decimal, set_off: Decimal, when: When) -> Transaction:
    """The fee is taken out of the reserve, and what is set off; the rest is paid. What it does not cover is owed."""
    rest, owed = max(reserve - fee, Decimal(0)), max(fee - reserve, Decimal(0))
    supplier, words = supplier_owner(advance.supplier_id), f"Settlement of invoice {advance.invoice}"
    lines = [
        debit(Purpose.RESERVE, reserve, owner=advance.owner),
        debit(Purpose.DUE_FROM_SUPPLIER, owed, owner=supplier),
        credit(Purpose.FEE_INCOME, fee),
        credit(Purpose.DUE_FROM_SUPPLIER, set_off, owner=supplier),
        credit(Purpose.CASH, rest - set_off),
    ]
    return _post(advance, step="settled", when=when, words=words, lines=lines)


def shortened(*, advance: Advance, number: int, amount: Decimal, reserve: Decimal, when: When) -> Transaction:
    """The buyer pays so much less: out of the reserve, and past it the supplier owes it."""
    held = min(amount, reserve)
    return _post(
        advance,
        step=f"short:{number}",
        when=when,
        words=f"Short payment of invoice {advance.invoice}",
        lines=[
            debit(Purpose.RESERVE, held, owner=advance.owner),
            debit(Purpose.DUE_FROM_SUPPLIER, amount - held, owner=supplier_owner(advance.supplier_id)),
            credit(Purpose.RECEIVABLE, amount, owner=advance.owner),
        ],
    )


def shortenings(*, advance: Advance) -> list[date]:
    """The days on which the buyer was allowed to pay less, each as often as it was."""
    rows = Transaction.objects.filter(reference__startswith=f"{advance.owner}:short:").order_by("pk")
    return list(rows.values_list("value_date", flat=True))


def repurchased(*, advance: Advance, left: Outstanding, fee: Decimal, when: When) -> Transaction:
    """The supplier buys the invoice back: pays what is open and the fee, less what is held back."""
    return _post(
        advance,
        step="repurchased",
        when=when,
        words=f"Repurchase of invoice {advance.invoice}",
        lines=[
            debit(Purpose.CASH, left.receivable + fee - left.reserve),
            debit(Purpose.RESERVE, left.reserve, owner=advance.owner),
            credit(Purpose.RECEIVABLE, left.receivable, owner=advance.owner),
            credit(Purpose.FEE_INCOME, fee),
        ],
    )


def written_off(*, advance: Advance, left: Outstanding, when: When) -> Transaction:
    """Nobody pays: the reserve goes first, the rest is lost."""
    return _post(
        advance,
        step="written-off",
        when=when,
        words=f"Write-off of invoice {advance.invoice}",
        lines=[
            debit(Purpose.RESERVE, left.reserve, owner=advance.owner),
            debit(Purpose.BAD_DEBT, left.receivable - left.reserve),
            credit(Purpose.RECEIVABLE, left.receivable, owner=advance.owner),
        ],
    )


def passed_on(*, payout: Disbursement, when: When) -> Transaction:
    """What belonged to the supplier is paid on."""
    return _of_payout(
        payout,
        step="passed-on",
        when=when,
        words="Passed on",
        lines=[
            debit(Purpose.PAYABLE_TO_SUPPLIER, payout.amount, owner=supplier_owner(payout.supplier_id)),
            credit(Purpose.CASH, payout.amount),
        ],
    )


def came_back(*, payout: Disbursement, when: When) -> Transaction:
    """A payout failed: the money is back, and still to be paid."""
    return _of_payout(
        payout,
        step="failed",
        when=when,
        words="Payout failed",
        lines=[
            debit(Purpose.CASH, payout.amount),
            credit(Purpose.PAYOUT_IN_TRANSIT, payout.amount, owner=payout.owner),
        ],
    )


def sent_again(*, failed: Disbursement, when: When) -> Transaction:
    """The failed payout was tried again."""
    return _of_payout(
        failed,
        step="sent-again",
        when=when,
        words="Payout sent again",
        lines=[
            debit(Purpose.PAYOUT_IN_TRANSIT, failed.amount, owner=failed.owner),
            credit(Purpose.CASH, failed.amount),
        ],
    )


def _belongs(match: Match) -> Line:
    """Where the money of one match goes."""
    match match.kind:
        case Match.Kind.ADVANCE if match.advance is not None:
            purpose, owner = Purpose.RECEIVABLE, match.advance.owner
        case Match.Kind.RECOVERY:
            return credit(Purpose.BAD_DEBT_RECOVERED, match.amount)
        case Match.Kind.DUE:
            purpose, owner = Purpose.DUE_FROM_SUPPLIER, supplier_owner(match.supplier_id)
        case _:
            purpose, owner = Purpose.PAYABLE_TO_SUPPLIER, supplier_owner(match.supplier_id)
    return credit(purpose, match.amount, owner=owner, supplier_id=match.supplier_id)


def _post(advance: Advance, *, step: str, when: When, words: str, lines: Sequence[Line]) -> Transaction:
    return posting.post(
        reference=f"{advance.owner}:{step}",
        currency=advance.currency,
        lines=lines,
        value_date=when.value_date,
        at=when.at,
        by=when.by,
        description=words[:200],
        supplier_id=advance.supplier_id,
    )


def _of_payout(payout: Disbursement, *, step: str, when: When, words: str, lines: Sequence[Line]) -> Transaction:
    return posting.post(
        reference=f"{payout.owner}:{step}",
        currency=payout.currency,
        lines=lines,
        value_date=when.value_date,
        at=when.at,
        by=when.by,
        description=f"{words}: {payout.get_purpose_display()}",
        supplier_id=payout.supplier_id,
    )
