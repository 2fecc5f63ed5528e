"""Statement: every movement of a supplier's money by the ledger, with the formula behind it. Reads only."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext

from infactor.financing.accounting.movements import (
    ALLOCATION_LABELS,
    ANEW,
    STEP_LABELS,
    Totals,
    is_undoing,
    moved_text,
    reasons_of,
    step_formulas,
)
from infactor.financing.models import Advance, Collection, Correction, Netting, Payout
from infactor.ledger.balances import entries_of_supplier, on_normal_side
from infactor.ledger.models import FEE_PURPOSES, Entry, Purpose, Transaction
from infactor.suppliers.models import Supplier

REFERENCE = re.compile(r"(?P<of>advance|collection|payout|supplier|netting):(?P<number>\d+):(?P<step>[a-z-]+)")
ALL_ENTRIES = Q()
NOTHING = Totals()
HELD_PURPOSES = (Purpose.RESERVE, Purpose.PAYABLE_TO_SUPPLIER)


@dataclass(frozen=True)
class Movement:
    """One line of the statement. `formulas` show how it comes about; `running_total` includes it.

    `payment` names the payment, or the account of the payout, if the movement belongs to no single advance.
    """

    value_date: date
    posted_at: datetime
    reference: str
    label: str
    formulas: tuple[str, ...]
    advance: Advance | None
    change: Totals
    running_total: Totals = NOTHING
    payment: str = ""


@dataclass(frozen=True)
class Statement:
    """The movements of one currency between two days, with the totals before them and up to the end."""

    currency: str
    opening: Totals
    movements: tuple[Movement, ...]
    closing: Totals


def statements(*, supplier: Supplier, start: date | None = None, end: date | None = None) -> list[Statement]:
    """The statement of each currency of `supplier`, by value date, both days included.

    Without `start`, from the first movement; without `end`, up to the last. The number of queries is constant.
    """
    by_currency: dict[str, list[Movement]] = defaultdict(list)
    for currency, movement in _movements(supplier):
        by_currency[currency].append(movement)
    return [_statement(currency, found, start, end) for currency, found in sorted(by_currency.items())]


def first_day(*, supplier: Supplier) -> date | None:
    """The value date of the first movement; None before there is one."""
    days = entries_of_supplier(supplier_id=supplier.pk).order_by("transaction__value_date")
    return days.values_list("transaction__value_date", flat=True).first()


def movements_of_advance(*, advance: Advance) -> list[Movement]:
    """Every movement of one advance, the first one first."""
    payouts = [payout.ledger_owner for payout in Payout.objects.filter(advance=advance)]
    mine = Q(account__owner__in=[advance.ledger_owner, *payouts])
    mine |= Q(transaction__reference__startswith=f"{advance.ledger_owner}:")
    # What was deducted when one of its payouts was prepared again.
    for netting in Netting.objects.filter(advance=advance, payout__isnull=False):
        mine |= Q(transaction__reference__startswith=f"{netting.ledger_owner}:")
    return [one for _, one in _movements(advance.supplier, only=mine)]


def _statement(currency: str, found: Sequence[Movement], start: date | None, end: date | None) -> Statement:
    opening = total = Totals()
    shown = []
    for movement in found:
        if end is not None and movement.value_date > end:
            break
        total += movement.change
        if start is not None and movement.value_date < start:
            opening = total
        else:
            shown.append(replace(movement, running_total=total))
    return Statement(currency, opening, tuple(shown), total)


def _movements(supplier: Supplier, *, only: Q = ALL_ENTRIES) -> Iterable[tuple[str, Movement]]:
    """Every movement with its currency: one for a transaction of this supplier alone, else one for each entry."""
    supplier_entries: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries_of_supplier(supplier_id=supplier.pk).filter(only):
        supplier_entries[entry.transaction_id].append(entry)
    infactor_entries: dict[int, list[Entry]] = defaultdict(list)
    of_infactor = Q(account__owner="") | Q(account__purpose=Purpose.CASH)  # cash has an owner for each house account
    infactor_rows = Entry.objects.filter(of_infactor, transaction__supplier=supplier)
    if only:
        infactor_rows = infactor_rows.filter(transaction__in=list(supplier_entries))
    for entry in infactor_rows.select_related("account").order_by():
        infactor_entries[entry.transaction_id].append(entry)
    references = [entries[0].transaction.reference for entries in supplier_entries.values()]
    advances = _advances_by_owner(entry for entries in supplier_entries.values() for entry in entries)
    advances |= _advances_of_nettings(references)
    corrections = _corrections(entries[0].transaction for entries in supplier_entries.values())
    names = _payment_names(references)
    for transaction_id, entries in supplier_entries.items():
        transaction = entries[0].transaction
        correction = corrections.get(transaction.reference)
        about = names.get(_ledger_owner(transaction.reference), "")
        if transaction.supplier_id is None:
            for entry in entries:
                yield (
                    transaction.currency,
                    replace(
                        _payment_movement(entry, transaction, advances=advances, correction=correction), payment=about
                    ),
                )
        else:
            whole = [*entries, *infactor_entries[transaction_id]]
            step = _step_movement(whole, transaction, advances=advances, correction=correction)
            yield transaction.currency, replace(step, payment=about)


def _advances_by_owner(entries: Iterable[Entry]) -> dict[str, Advance]:
    """The advances of these entries by the ledger owner of the account: the advance or a payout of it."""
    named: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        of, _, number = entry.account.owner.partition(":")
        named[of].add(int(number))
    payouts = list(Payout.objects.filter(pk__in=named["payout"])) if named["payout"] else []
    wanted = named["advance"] | {payout.advance_id for payout in payouts if payout.advance_id is not None}
    rows = {one.pk: one for one in Advance.objects.filter(pk__in=wanted).select_related("invoice", "terms")}
    found = {one.ledger_owner: one for one in rows.values()}
    found |= {payout.ledger_owner: rows[payout.advance_id] for payout in payouts if payout.advance_id is not None}
    return found


def _advances_of_nettings(references: Iterable[str]) -> dict[str, Advance]:
    """The advances whose payouts something was deducted from, by the ledger owner of the netting."""
    found = [match for match in map(REFERENCE.match, references) if match and match["of"] == "netting"]
    if not found:
        return {}
    rows = Netting.objects.filter(pk__in={int(one["number"]) for one in found})
    rows = rows.select_related("advance__invoice", "advance__terms")
    return {one.ledger_owner: one.advance for one in rows if one.advance is not None}


def _payment_names(references: Iterable[str]) -> dict[str, str]:
    """Names of payments and payouts, by the ledger owner in their references.

    Of a payment only what each of its suppliers may know: its remittance text may name others.
    """
    ids: dict[str, set[int]] = defaultdict(set)
    for found in filter(None, map(REFERENCE.match, references)):
        ids[found["of"]].add(int(found["number"]))
    names = {}
    for payment in Collection.objects.filter(pk__in=ids["collection"]) if ids["collection"] else []:
        values = {"reference": payment.bank_reference, "payer": payment.payer}
        text = gettext("Payment %(reference)s from %(payer)s") if payment.payer else gettext("Payment %(reference)s")
        names[payment.ledger_owner] = text % values
    payouts = Payout.objects.filter(pk__in=ids["payout"]).select_related("bank_account") if ids["payout"] else []
    for payout in payouts:
        names[payout.ledger_owner] = gettext("%(payout)s to account %(masked)s") % {
            "payout": payout,
            "masked": payout.destination.masked,
        }
    return names


def _ledger_owner(reference: str) -> str:
    return ":".join(reference.split(":")[:2])


def _corrections(transactions: Iterable[Transaction]) -> dict[str, Correction]:
    """The corrections that posted these transactions, by reference. A query only where one may have."""
    references = [one.reference for one in transactions if is_undoing(one) or ANEW.search(one.reference)]
    if not references:
        return {}
    found = Correction.objects.filter(references__has_any_keys=references).order_by("pk")
    return {reference: one for one in found for reference in one.references}


def _payment_movement(
    entry: Entry, transaction: Transaction, *, advances: Mapping[str, Advance], correction: Correction | None
) -> Movement:
    """A part of an incoming payment, or of its return or correction."""
    purpose = Purpose(entry.account.purpose)
    amount = entry.credit - entry.debit
    mine = purpose is Purpose.DUE_FROM_SUPPLIER
    change = _totals([entry]) + (Totals(paid=-amount) if mine else Totals(from_buyer=amount))
    arrived_label, returned_label = ALLOCATION_LABELS.get(purpose, (transaction.description, transaction.description))
    label = arrived_label if amount > 0 else returned_label
    if correction is not None:
        label = (
            gettext("Corrected: %(arrived_label)s") % {"arrived_label": arrived_label}
            if amount > 0
            else gettext("Undone: %(arrived_label)s") % {"arrived_label": arrived_label}
        )
    return Movement(
        value_date=transaction.value_date,
        posted_at=transaction.posted_at,
        reference=transaction.reference,
        label=str(label),
        formulas=(*(() if correction is None else reasons_of(correction)), *moved_text(transaction)),
        advance=advances.get(entry.account.owner),
        change=change,
    )


def _step_movement(
    entries: Sequence[Entry],
    transaction: Transaction,
    *,
    advances: Mapping[str, Advance],
    correction: Correction | None,
) -> Movement:
    """A step of an advance or a payout as a whole."""
    change = _totals(entries)
    found = REFERENCE.match(transaction.reference)
    step = found["step"] if found else ""
    advance = advances.get(_ledger_owner(transaction.reference))
    label = str(STEP_LABELS.get(step, transaction.description))
    formulas: tuple[str, ...] = ()
    if is_undoing(transaction):
        label = gettext("Undone: %(label)s") % {"label": label}
        formulas = (transaction.description,) if correction is None else reasons_of(correction)
    elif advance is not None:
        formulas = tuple(step_formulas(step, advance, change))
    return Movement(
        value_date=transaction.value_date,
        posted_at=transaction.posted_at,
        reference=transaction.reference,
        label=str(label),
        formulas=(*formulas, *moved_text(transaction)),
        advance=advance,
        change=change,
    )


def _totals(entries: Iterable[Entry]) -> Totals:
    """The totals, for the supplier, of entries on its accounts and on infactor's in the same transactions."""
    total = Totals()
    for entry in entries:
        purpose = Purpose(entry.account.purpose)
        amount = on_normal_side(purpose=purpose, debits=entry.debit, credits=entry.credit)
        match purpose:
            case Purpose.CASH:
                total += Totals(paid=-amount)
            case Purpose.PAYOUT_IN_TRANSIT:
                total += Totals(to_pay=amount)
            case Purpose.RECEIVABLE:
                total += Totals(receivable=amount)
            case Purpose.DUE_FROM_SUPPLIER:
                total += Totals(owed=amount)
            case _ if purpose in FEE_PURPOSES:
                total += Totals(fee=amount)
            case Purpose.BAD_DEBT:
                total += Totals(lost=amount)
            case _ if purpose in HELD_PURPOSES:
                total += Totals(held=amount)
    return total
