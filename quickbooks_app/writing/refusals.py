"""Refusals in words of whoever can act: a closed period, an account that is gone, an invoice that is paid already."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from quickbooks_app.api.writes import bodies
from quickbooks_app.api.writes.bodies import Fields
from quickbooks_app.errors import (
    BusinessRuleBroken,
    DuplicateName,
    ObjectMissing,
    PeriodClosed,
    QuickBooksError,
    ReferenceMissing,
    WriteRefused,
)
from quickbooks_app.writing.object_writer import ObjectWriter

CLOSED = gettext_noop(
    "The books are closed for {day}. Open that period in QuickBooks (Settings, Advanced, Close the books), then write "
    "it again, or enter it by hand on another day."
)
DELETED = gettext_noop(
    "Invoice {number} is deleted in QuickBooks, so no payment of it can be entered. Restore it, or enter by hand."
)
NOT_OPEN = gettext_noop(
    "Only {open} of invoice {number} is open in QuickBooks: somebody has entered a payment or a credit for it, or "
    "voided it. Take that out, then write it again{otherwise}."
)
NO_ACCOUNT = gettext_noop(
    "The account “{name}” is {state} in QuickBooks. Make it active there, or choose another, then write again."
)
OTHER_TYPE = gettext_noop(
    "QuickBooks has an account “{name}” of another type ({type}). Choose an account in place of a new one."
)
TAKEN = gettext_noop(
    "QuickBooks has an inactive “{name}”, or another person of that name. Make it active, or choose another one."
)
MAX_REFERENCES = 12


def require_open(writer: ObjectWriter, *, fields: Fields, otherwise: str = "") -> None:
    """Refuse a payment of more than its invoices have open now: a read for each.

    QuickBooks would refuse it, or silently leave it unapplied. `otherwise` is what else can be done. Raises
    BusinessRuleBroken, QuickBooksError.
    """
    for line in fields.get("Line", []):
        link = (line.get("LinkedTxn") or [{}])[0]
        if link.get("TxnType") != "Invoice":
            continue
        try:
            found = bodies.decode(writer.read(entity="Invoice", qbk_id=link["TxnId"]).raw)
        except ObjectMissing as error:
            raise BusinessRuleBroken(DELETED.format(number=link["TxnId"]), code=error.code) from error
        number, is_open = str(found.get("DocNumber") or link["TxnId"])[:40], Decimal(str(found.get("Balance") or 0))
        if is_open < Decimal(str(line["Amount"])):
            said = NOT_OPEN.format(open=f"{is_open:,.2f}", number=number, otherwise=otherwise)
            raise BusinessRuleBroken(said, code="not_open")


def require_same_type(found: Fields, *, fields: Fields) -> None:
    """Refuse to take an account of the wanted name and another type for the wanted one. Raises DuplicateName."""
    wanted, there = fields.get("AccountType"), str(found.get("AccountType") or "")
    if wanted and there != wanted:
        raise DuplicateName(OTHER_TYPE.format(name=fields["Name"], type=there[:40]), code="other_type")


def explain(writer: ObjectWriter, error: WriteRefused, *, fields: Fields) -> str:
    """Why QuickBooks refused to create an object with `fields`: its accounts are asked for, where they may be why."""
    if isinstance(error, PeriodClosed):
        return CLOSED.format(day=fields.get("TxnDate", "this day"))
    if isinstance(error, DuplicateName):
        return TAKEN.format(name=fields.get("Name") or fields.get("DisplayName"))
    if isinstance(error, (ObjectMissing, ReferenceMissing, BusinessRuleBroken)):
        for qbk_id in sorted(set(_accounts_in(fields)))[:MAX_REFERENCES]:
            if said := _why_not(writer, qbk_id):
                return said
    return str(error)


def _why_not(writer: ObjectWriter, qbk_id: str) -> str:
    try:
        found = bodies.decode(writer.read(entity="Account", qbk_id=qbk_id).raw)
    except ObjectMissing:
        return NO_ACCOUNT.format(name=qbk_id, state="deleted")
    except QuickBooksError:
        return ""
    return "" if found.get("Active", True) else NO_ACCOUNT.format(name=found.get("Name", qbk_id), state="inactive")


def _accounts_in(value: Any) -> Iterator[str]:
    """The ids of all accounts that an object names."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name.endswith("AccountRef") and isinstance(inner, Mapping):
                yield str(inner.get("value", ""))
            else:
                yield from _accounts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _accounts_in(inner)
