"""Balances: what is outstanding of an advance, and what a supplier owes or is owed, by the ledger."""

from decimal import Decimal
from typing import NamedTuple

from infactor.financing.models import Advance
from infactor.ledger.balances import balance, balances_by_purpose
from infactor.ledger.models import Purpose


class Outstanding(NamedTuple):
    """The ledger balances of an advance, in its currency: what the buyer owes, and the reserve."""

    receivable: Decimal
    reserve: Decimal


def supplier_ledger_owner(supplier_id: int) -> str:
    """The owner of a supplier's accounts in the ledger."""
    return f"supplier:{supplier_id}"


def outstanding(*, advance: Advance) -> Outstanding:
    """What is outstanding of `advance` by the ledger. One query."""
    owner, purposes = advance.ledger_owner, (Purpose.RECEIVABLE, Purpose.RESERVE)
    found = balances_by_purpose(purposes=purposes, owners=[owner], currency=advance.currency)
    return Outstanding(*(found[purpose][owner] for purpose in purposes))


def supplier_balance(*, purpose: Purpose, supplier_id: int, currency: str) -> Decimal:
    """The supplier's debt to infactor (DUE_FROM_SUPPLIER), or infactor's to it (PAYABLE_TO_SUPPLIER)."""
    return balance(purpose=purpose, owner=supplier_ledger_owner(supplier_id), currency=currency)
