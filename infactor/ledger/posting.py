"""Posts ledger transactions: whole and balanced, once for each reference, corrected only by a reversal.

Nothing is posted into a closed month: what has its value date there counts on the first open day (ledger.periods).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError
from django.db.transaction import atomic

from infactor.ledger import periods
from infactor.ledger.lines import (
    MAX_DESCRIPTION_LENGTH,
    MAX_LINES,
    MAX_REFERENCE_LENGTH,
    Line,
    NotPostable,
    Posting,
    Unbalanced,
    credit,
    debit,
)
from infactor.ledger.models import ZERO, Account, Entry, Purpose, Transaction
from infactor.users.models import User

__all__ = [
    "MAX_DESCRIPTION_LENGTH",
    "MAX_LINES",
    "MAX_REFERENCE_LENGTH",
    "Line",
    "NotPostable",
    "Posting",
    "Unbalanced",
    "credit",
    "debit",
]


class ReferenceReused(Exception):
    """A transaction with this reference and other content exists. Nothing was written."""


class PeriodClosed(NotPostable):
    """It may count on its own value date only, and that month is closed. Nothing was written."""


class AlreadyReversed(Exception):
    """The transaction was reversed before, under another reference. Nothing was written."""


def post(
    *,
    reference: str,
    currency: str,
    lines: Sequence[Line],
    value_date: date,
    at: datetime,
    description: str,
    by: User | None,
    supplier_id: int | None = None,
    may_move: bool = True,
) -> Transaction:
    """Post one transaction in the caller's database transaction and return it. Posted again, return the existing one.

    `lines` are in `currency`, in cents, and balance; those of zero are left out. A new account with an owner belongs to
    the line's supplier, else to the transaction's. Where the month of `value_date` is closed, it counts on the first
    open day; what may not move (`may_move`) raises PeriodClosed. Raises Unbalanced or NotPostable if the transaction is
    invalid, and ReferenceReused if one with this reference has other amounts, accounts, date or supplier. A different
    description, user or time is ignored.
    """
    posting = Posting(
        reference=reference,
        currency=currency,
        lines=lines,
        value_date=value_date,
        description=description,
        supplier_id=supplier_id,
    )
    return _write(posting.validated(), at=at, by=by, may_move=may_move)


def post_all(*, postings: Sequence[Posting], at: datetime, by: User | None) -> list[tuple[Transaction, list[Entry]]]:
    """Post new transactions of one currency, all of them or none, in few queries. Each is returned with its entries.

    The same rules as for `post`, closed months among them, but for one: none may be posted already (ReferenceReused).
    """
    if not postings:
        return []
    valid = [one.validated() for one in postings]
    if len({one.currency for one in valid}) > 1:
        raise NotPostable("Transactions that are posted together are of one currency.")
    with atomic():
        counts_on = periods.posting_days({one.value_date for one in valid})
        rows = [_row(one, counts_on=counts_on[one.value_date], at=at, by=by) for one in valid]
        all_lines = [line for one in valid for line in one.lines]
        accounts = _get_or_create_accounts(all_lines, currency=valid[0].currency, at=at)
        try:
            with atomic():
                Transaction.objects.bulk_create(rows)
        except IntegrityError as error:
            raise ReferenceReused("One of these transactions is in the ledger already.") from error
        posted = [(row, _entries(row, one.lines, accounts)) for row, one in zip(rows, valid, strict=True)]
        Entry.objects.bulk_create(entry for _, entries in posted for entry in entries)
    return posted


def reverse(
    *,
    transaction: Transaction,
    value_date: date,
    at: datetime,
    by: User | None,
    description: str,
    reference: str = "",
) -> Transaction:
    """Post the mirror of `transaction` and return it. Posted again, return the existing one.

    Where the month of `value_date` is closed, it counts on the first open day, as with `post`. `reference` is that of
    `transaction` plus ":reversed" unless it is given. Raises AlreadyReversed if it was reversed under another
    reference, and ReferenceReused as `post` does.
    """
    mirror = [
        Line(
            purpose=Purpose(entry.account.purpose),
            owner=entry.account.owner,
            debit=entry.credit,
            credit=entry.debit,
            supplier_id=entry.account.supplier_id,
        )
        for entry in transaction.entries.select_related("account")
    ]
    posting = Posting(
        reference=reference or f"{transaction.reference}:reversed",
        currency=transaction.currency,
        lines=mirror,
        value_date=value_date,
        description=description,
        supplier_id=transaction.supplier_id,
        reverses=transaction,
    )
    return _write(posting.validated(), at=at, by=by)


def _write(posting: Posting, *, at: datetime, by: User | None, may_move: bool = True) -> Transaction:
    with atomic():
        if known := _find_existing(posting):
            return known
        counts_on = periods.posting_day(posting.value_date)
        if counts_on != posting.value_date and not may_move:
            raise PeriodClosed(periods.closed_sentence(posting.value_date))
        accounts = _get_or_create_accounts(posting.lines, currency=posting.currency, at=at)
        written = _row(posting, counts_on=counts_on, at=at, by=by)
        try:
            with atomic():
                written.save(force_insert=True)
        except IntegrityError:
            # A concurrent transaction posted it after our lookup; our insert waited for its commit.
            if known := _find_existing(posting):
                return known
            raise
        Entry.objects.bulk_create(_entries(written, posting.lines, accounts))
    return written


def _row(posting: Posting, *, counts_on: date, at: datetime, by: User | None) -> Transaction:
    """The transaction, not saved, counting on this day. Its lines are in cents."""
    return Transaction(
        reference=posting.reference,
        currency=posting.currency,
        value_date=counts_on,
        original_value_date=posting.original_date(counts_on),
        posted_at=at,
        description=posting.description,
        supplier_id=posting.supplier_id,
        by=by,
        digest=posting.digest(counts_on=counts_on),
        total=sum((line.debit for line in posting.lines), ZERO),
        entry_count=len(posting.lines),
        reverses=posting.reverses,
    )


def _entries(written: Transaction, lines: Sequence[Line], accounts: Mapping[tuple[str, str], Account]) -> list[Entry]:
    return [
        Entry(
            transaction=written,
            position=position,
            account=accounts[line.purpose, line.owner],
            debit=line.debit,
            credit=line.credit,
        )
        for position, line in enumerate(lines, start=1)
    ]


def _find_existing(posting: Posting) -> Transaction | None:
    """The transaction with this reference, if there is one. Raises ReferenceReused, AlreadyReversed.

    Posted again after its month was closed, it is still the same: it is compared on the day on which it counts.
    """
    known: Transaction | None = Transaction.objects.filter(reference=posting.reference).first()
    if known is not None and known.digest != posting.digest(counts_on=known.value_date):
        raise ReferenceReused(f"{posting.reference} is in the ledger already, with other content.")
    if known is None and posting.reverses is not None:
        earlier = Transaction.objects.filter(reverses=posting.reverses).first()
        if earlier is not None:
            raise AlreadyReversed(f"{posting.reverses.reference} was reversed already, by {earlier.reference}.")
    return known


def _get_or_create_accounts(lines: Iterable[Line], *, currency: str, at: datetime) -> dict[tuple[str, str], Account]:
    """The account of each line, created if needed. Raises NotPostable if it belongs to another supplier."""
    # Inserted in sorted order, so that two transactions that create the same accounts cannot deadlock.
    wanted = {(line.purpose.value, line.owner): line.supplier_id for line in lines}
    found = _find_accounts(wanted, currency=currency)
    missing = sorted(wanted.keys() - found.keys())
    if missing:
        Account.objects.bulk_create(
            [
                Account(
                    purpose=purpose,
                    owner=owner,
                    currency=currency,
                    supplier_id=wanted[purpose, owner],
                    created_at=at,
                )
                for purpose, owner in missing
            ],
            ignore_conflicts=True,
        )
        found = _find_accounts(wanted, currency=currency)
    for key, supplier_id in wanted.items():
        if None not in (supplier_id, found[key].supplier_id) and supplier_id != found[key].supplier_id:
            raise NotPostable(f"{found[key].name} belongs to another supplier.")
    return found


def _find_accounts(wanted: Iterable[tuple[str, str]], *, currency: str) -> dict[tuple[str, str], Account]:
    owners = {owner for _, owner in wanted}
    rows = Account.objects.filter(owner__in=owners, currency=currency)
    return {(row.purpose, row.owner): row for row in rows}
