"""The one way to write the books: whole transactions, once for each reference, and never changed but by a reversal."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError
from django.db.transaction import atomic

from infactor.core.money import LARGEST, AmountUnreadable, exact
from infactor.ledger.checksums import digest
from infactor.ledger.models import NOTHING, Account, Entry, Purpose, Transaction
from infactor.users.models import User

LONGEST_REFERENCE, LONGEST_DESCRIPTION, MOST_LINES = 120, 200, 1000
CURRENCY = re.compile(r"[A-Z]{3}")
OWNER = re.compile(r"[A-Za-z0-9_:.-]{0,60}")


class NotPostable(Exception):
    """The books cannot hold what was to be posted; the message says why. Nothing was written."""


class Unbalanced(NotPostable):
    """Debits and credits differ. Nothing was written."""


class ReferenceReused(Exception):
    """The reference is that of a transaction that says something else. Nothing was written."""


class AlreadyReversed(Exception):
    """The transaction was reversed before, under another reference. Nothing was written."""


@dataclass(frozen=True)
class Line:
    """One amount for one side of one account, which is made at need; made by `debit` and `credit`."""

    purpose: Purpose
    owner: str = ""
    debit: Decimal = NOTHING
    credit: Decimal = NOTHING
    supplier_id: int | None = None


def debit(purpose: Purpose, amount: Decimal, *, owner: str = "", supplier_id: int | None = None) -> Line:
    """`amount` (zero or more) on the debit of `owner`'s account; "" is the house."""
    return Line(purpose=purpose, owner=owner, debit=amount, supplier_id=supplier_id)


def credit(purpose: Purpose, amount: Decimal, *, owner: str = "", supplier_id: int | None = None) -> Line:
    """`amount` (zero or more) on the credit of `owner`'s account; "" is the house."""
    return Line(purpose=purpose, owner=owner, credit=amount, supplier_id=supplier_id)


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
) -> Transaction:
    """Write one transaction in the caller's transaction, and return it; posted again, return the first.

    `lines` are in `currency`, in cents, and balance; those of zero are left out. An account with an owner is made for
    the line's supplier, else for the transaction's. Raises Unbalanced or NotPostable for what the books cannot hold,
    and ReferenceReused where `reference` says something else already (other amounts, accounts, date or supplier; the
    words, the person and the time of the first stay).
    """
    told = _checked(lines, supplier_id=supplier_id)
    return _write(
        reference=reference,
        currency=currency,
        lines=told,
        value_date=value_date,
        at=at,
        description=description,
        by=by,
        supplier_id=supplier_id,
        reverses=None,
    )


def reverse(
    *,
    transaction: Transaction,
    value_date: date,
    at: datetime,
    by: User | None,
    description: str,
    reference: str = "",
) -> Transaction:
    """Write the mirror of `transaction` under `reference` (its own and ":reversed"), once; again, return the first.

    Raises AlreadyReversed where it was reversed under another reference, ReferenceReused as `post`.
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
    return _write(
        reference=reference or f"{transaction.reference}:reversed",
        currency=transaction.currency,
        lines=mirror,
        value_date=value_date,
        at=at,
        description=description,
        by=by,
        supplier_id=transaction.supplier_id,
        reverses=transaction,
    )


def _checked(lines: Iterable[Line], *, supplier_id: int | None) -> list[Line]:
    told = []
    for line in lines:
        try:
            sides = exact(line.debit), exact(line.credit)
        except AmountUnreadable as error:
            raise NotPostable(f"An amount for {line.purpose} cannot be posted: {error}.") from error
        if min(sides) < 0:
            raise NotPostable(f"An amount for {line.purpose} is less than zero: it belongs on the other side.")
        if all(sides):
            raise NotPostable(f"A line for {line.purpose} has both a debit and a credit.")
        if not any(sides):
            continue
        if not OWNER.fullmatch(line.owner):
            raise NotPostable(f"{line.owner!r} cannot own an account.")
        if not line.owner and line.supplier_id is not None:
            raise NotPostable(f"The house's own {line.purpose} is of no supplier.")
        owned_by = line.supplier_id if line.supplier_id is not None or not line.owner else supplier_id
        told.append(replace(line, debit=sides[0], credit=sides[1], supplier_id=owned_by))
    return told


def _write(
    *,
    reference: str,
    currency: str,
    lines: Sequence[Line],
    value_date: date,
    at: datetime,
    description: str,
    by: User | None,
    supplier_id: int | None,
    reverses: Transaction | None,
) -> Transaction:
    total = _total(lines, reference=reference)
    _check_words(reference=reference, currency=currency, description=description)
    content = digest(
        currency=currency,
        value_date=value_date,
        supplier_id=supplier_id,
        lines=[(line.purpose.value, line.owner, line.debit, line.credit) for line in lines],
        reverses_id=reverses.pk if reverses else None,
    )
    with atomic():
        if known := _known(reference=reference, content=content, reverses=reverses):
            return known
        accounts = _accounts(lines, currency=currency, at=at)
        try:
            with atomic():
                written = Transaction.objects.create(
                    reference=reference,
                    currency=currency,
                    value_date=value_date,
                    posted_at=at,
                    description=description,
                    supplier_id=supplier_id,
                    by=by,
                    digest=content,
                    total=total,
                    entry_count=len(lines),
                    reverses=reverses,
                )
        except IntegrityError:
            # Somebody else posted it between our look and our insert, which waited for their commit.
            if known := _known(reference=reference, content=content, reverses=reverses):
                return known
            raise
        Entry.objects.bulk_create(
            Entry(
                transaction=written,
                position=position,
                account=accounts[line.purpose, line.owner],
                debit=line.debit,
                credit=line.credit,
            )
            for position, line in enumerate(lines, start=1)
        )
    return written


def _total(lines: Sequence[Line], *, reference: str) -> Decimal:
    """What each side adds up to, more than zero."""
    debits, credits = sum((line.debit for line in lines), NOTHING), sum((line.credit for line in lines), NOTHING)
    if debits != credits:
        raise Unbalanced(f"{reference} does not balance: debits {debits}, credits {credits}.")
    if not lines:
        raise NotPostable(f"{reference} moves no money.")
    if debits >= LARGEST or len(lines) > MOST_LINES:
        raise NotPostable(f"{reference} is too large for one transaction.")
    return debits


def _check_words(*, reference: str, currency: str, description: str) -> None:
    if not reference or len(reference) > LONGEST_REFERENCE:
        raise NotPostable(f"A reference has 1 to {LONGEST_REFERENCE} characters, not {len(reference)}.")
    if len(description) > LONGEST_DESCRIPTION:
        raise NotPostable(f"A description has at most {LONGEST_DESCRIPTION} characters, not {len(description)}.")
    if not CURRENCY.fullmatch(currency):
        raise NotPostable(f"{currency!r} is no currency.")


def _known(*, reference: str, content: str, reverses: Transaction | None) -> Transaction | None:
    """The transaction of this reference, if there is one and it says the same."""
    known: Transaction | None = Transaction.objects.filter(reference=reference).first()
    if known is not None and known.digest != content:
        raise ReferenceReused(f"{reference} is in the books already, with other content.")
    if known is None and reverses is not None:
        earlier = Transaction.objects.filter(reverses=reverses).first()
        if earlier is not None:
            raise AlreadyReversed(f"{reverses.reference} was reversed already, by {earlier.reference}.")
    return known


def _accounts(lines: Iterable[Line], *, currency: str, at: datetime) -> dict[tuple[str, str], Account]:
    """The account of each line, made where there is none. Raises NotPostable where it is another supplier's."""
    # In one order for everybody, so that two who make the same accounts never wait for each other.
    wanted = {(line.purpose.value, line.owner): line.supplier_id for line in lines}
    found = _find(wanted, currency=currency)
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
        found = _find(wanted, currency=currency)
    for key, supplier_id in wanted.items():
        if None not in (supplier_id, found[key].supplier_id) and supplier_id != found[key].supplier_id:
            raise NotPostable(f"{found[key].name} belongs to another supplier.")
    return found


def _find(wanted: Iterable[tuple[str, str]], *, currency: str) -> dict[tuple[str, str], Account]:
    owners = {owner for _, owner in wanted}
    rows = Account.objects.filter(owner__in=owners, currency=currency)
    return {(row.purpose, row.owner): row for row in rows}
