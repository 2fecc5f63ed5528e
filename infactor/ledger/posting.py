"""Posts ledger transactions: whole and balanced, once for each reference, corrected only by a reversal."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError
from django.db.transaction import atomic

from infactor.core.currencies import is_currency
from infactor.core.money import MAX_AMOUNT, InvalidAmount, validate_amount
from infactor.ledger.checksums import digest
from infactor.ledger.models import ZERO, Account, Entry, Purpose, Transaction
from infactor.users.models import User

MAX_REFERENCE_LENGTH, MAX_DESCRIPTION_LENGTH, MAX_LINES = 120, 200, 1000
OWNER_PATTERN = re.compile(r"[A-Za-z0-9_:.-]{0,60}")


class NotPostable(Exception):
    """The transaction is invalid; the message says why. Nothing was written."""


class Unbalanced(NotPostable):
    """Debits and credits differ. Nothing was written."""


class ReferenceReused(Exception):
    """A transaction with this reference and other content exists. Nothing was written."""


class AlreadyReversed(Exception):
    """The transaction was reversed before, under another reference. Nothing was written."""


@dataclass(frozen=True)
class Line:
    """One debit or credit of a transaction; use `debit` and `credit`. The account is created if it does not exist."""

    purpose: Purpose
    owner: str = ""
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    supplier_id: int | None = None


def debit(purpose: Purpose, amount: Decimal, *, owner: str = "", supplier_id: int | None = None) -> Line:
    """`amount` (zero or more) on the debit side of `owner`'s account; "" is infactor itself."""
    return Line(purpose=purpose, owner=owner, debit=amount, supplier_id=supplier_id)


def credit(purpose: Purpose, amount: Decimal, *, owner: str = "", supplier_id: int | None = None) -> Line:
    """`amount` (zero or more) on the credit side of `owner`'s account; "" is infactor itself."""
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
    """Post one transaction in the caller's database transaction and return it. Posted again, return the existing one.

    `lines` are in `currency`, in cents, and balance; those of zero are left out. A new account with an owner belongs to
    the line's supplier, else to the transaction's. Raises Unbalanced or NotPostable if the transaction is invalid, and
    ReferenceReused if one with this reference has other amounts, accounts, date or supplier. A different description,
    user or time is ignored.
    """
    validated = _validated(lines, supplier_id=supplier_id)
    return _write(
        reference=reference,
        currency=currency,
        lines=validated,
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
    """Post the mirror of `transaction` and return it. Posted again, return the existing one.

    `reference` is by default that of `transaction` plus ":reversed". Raises AlreadyReversed if it was reversed under
    another reference, and ReferenceReused as `post` does.
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


def _validated(lines: Iterable[Line], *, supplier_id: int | None) -> list[Line]:
    validated = []
    for line in lines:
        try:
            sides = validate_amount(line.debit), validate_amount(line.credit)
        except InvalidAmount as error:
            raise NotPostable(f"An amount for {line.purpose} cannot be posted: {error}.") from error
        if min(sides) < 0:
            raise NotPostable(f"An amount for {line.purpose} is less than zero: it belongs on the other side.")
        if all(sides):
            raise NotPostable(f"A line for {line.purpose} has both a debit and a credit.")
        if not any(sides):
            continue
        if not OWNER_PATTERN.fullmatch(line.owner):
            raise NotPostable(f"{line.owner!r} cannot own an account.")
        if not line.owner and line.supplier_id is not None:
            raise NotPostable(f"infactor's own {line.purpose} account cannot belong to a supplier.")
        is_own = not line.owner or line.purpose == Purpose.CASH
        owned_by = line.supplier_id if line.supplier_id is not None or is_own else supplier_id
        validated.append(replace(line, debit=sides[0], credit=sides[1], supplier_id=owned_by))
    return validated


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
    _validate_texts(reference=reference, currency=currency, description=description)
    content = digest(
        currency=currency,
        value_date=value_date,
        supplier_id=supplier_id,
        lines=[(line.purpose.value, line.owner, line.debit, line.credit) for line in lines],
        reverses_id=reverses.pk if reverses else None,
    )
    with atomic():
        if known := _find_existing(reference=reference, content=content, reverses=reverses):
            return known
        accounts = _get_or_create_accounts(lines, currency=currency, at=at)
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
            # A concurrent transaction posted it after our lookup; our insert waited for its commit.
            if known := _find_existing(reference=reference, content=content, reverses=reverses):
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
    """The sum of each side, which is more than zero. Raises Unbalanced, NotPostable."""
    debits, credits = sum((line.debit for line in lines), ZERO), sum((line.credit for line in lines), ZERO)
    if debits != credits:
        raise Unbalanced(f"{reference} does not balance: debits {debits}, credits {credits}.")
    if not lines:
        raise NotPostable(f"{reference} moves no money.")
    if debits >= MAX_AMOUNT or len(lines) > MAX_LINES:
        raise NotPostable(f"{reference} is too large for one transaction.")
    return debits


def _validate_texts(*, reference: str, currency: str, description: str) -> None:
    if not reference or len(reference) > MAX_REFERENCE_LENGTH:
        raise NotPostable(f"A reference has 1 to {MAX_REFERENCE_LENGTH} characters, not {len(reference)}.")
    if len(description) > MAX_DESCRIPTION_LENGTH:
        raise NotPostable(f"A description has at most {MAX_DESCRIPTION_LENGTH} characters, not {len(description)}.")
    if not is_currency(currency):
        raise NotPostable(f"{currency!r} is no currency.")


def _find_existing(*, reference: str, content: str, reverses: Transaction | None) -> Transaction | None:
    """The transaction with this reference, if there is one. Raises ReferenceReused, AlreadyReversed."""
    known: Transaction | None = Transaction.objects.filter(reference=reference).first()
    if known is not None and known.digest != content:
        raise ReferenceReused(f"{reference} is in the ledger already, with other content.")
    if known is None and reverses is not None:
        earlier = Transaction.objects.filter(reverses=reverses).first()
        if earlier is not None:
            raise AlreadyReversed(f"{reverses.reference} was reversed already, by {earlier.reference}.")
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
