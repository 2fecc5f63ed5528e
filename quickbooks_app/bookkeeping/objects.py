"""An entry of the bookkeeping as the object that QuickBooks takes: a Deposit, a Payment or a JournalEntry."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import translation

from quickbooks_app.models import BookkeepingAccount, BookkeepingEntry

Kind = BookkeepingEntry.Kind
Role = BookkeepingAccount.Role
DEPOSITS = frozenset({Kind.ADVANCE, Kind.REBATE, Kind.REMITTANCE})
PAYMENTS = frozenset({Kind.BUYER_PAYMENT, Kind.SURPLUS})
Accounts = Mapping[str, str]  # QuickBooks ids by role
MAX_NOTE = 200


class Charge(NamedTuple):
    """What a payment pays: an invoice, or an entry of ours that has opened it again."""

    kind: str
    qbk_id: str
    amount: Decimal


def entity_of(kind: str) -> str:
    """The object that an event of this kind becomes."""
    if kind in DEPOSITS:
        return "Deposit"
    return "Payment" if kind in PAYMENTS else "JournalEntry"


@translation.override("en")  # what is written into books does not depend on who looks
def fields_of(
    *, entry: BookkeepingEntry, accounts: Accounts, invoice_no: str, charges: Sequence[Charge] = ()
) -> dict[str, Any]:
    """What is written for `entry`. Its key stands where people and queries find it."""
    note = f"{entry.key} infactor: {entry.get_kind_display().lower()}"
    if invoice_no:
        note += f", invoice {invoice_no}"
    fields: dict[str, Any] = {"TxnDate": entry.value_date.isoformat(), "PrivateNote": note[:MAX_NOTE]}
    match entity_of(entry.kind):
        case "Deposit":
            return {**fields, **_deposit(entry, accounts)}
        case "Payment":
            return {**fields, **_payment(entry, accounts, charges)}
        case _:
            return {**fields, "DocNumber": entry.key, "Line": _journal_lines(entry, accounts, note)}


def _deposit(entry: BookkeepingEntry, accounts: Accounts) -> dict[str, Any]:
    """Money on the supplier's bank account, from infactor."""
    role = Role.ADVANCES if entry.advances else Role.DUE
    detail = {"AccountRef": _ref(accounts[role]), "Entity": {"value": accounts[Role.VENDOR], "type": "VENDOR"}}
    return {
        "DepositToAccountRef": _ref(accounts[Role.BANK]),
        "Line": [{"Amount": entry.bank, "DetailType": "DepositLineDetail", "DepositLineDetail": detail}],
    }


def _payment(entry: BookkeepingEntry, accounts: Accounts, charges: Sequence[Charge]) -> dict[str, Any]:
    """Money of a customer that infactor holds."""
    return {
        "CustomerRef": _ref(entry.customer),
        "TotalAmt": entry.due,
        "PaymentRefNum": entry.key,
        "DepositToAccountRef": _ref(accounts[Role.DUE]),
        "Line": [{"Amount": one.amount, "LinkedTxn": [{"TxnId": one.qbk_id, "TxnType": one.kind}]} for one in charges],
    }


def _journal_lines(entry: BookkeepingEntry, accounts: Accounts, note: str) -> list[dict[str, Any]]:
    lines = []
    for role, amount in entry.amounts.items():
        detail: dict[str, Any] = {
            "PostingType": "Debit" if amount > 0 else "Credit",
            "AccountRef": _ref(accounts[role]),
        }
        if role == Role.RECEIVABLES:
            detail["Entity"] = {"Type": "Customer", "EntityRef": _ref(entry.customer)}
        lines.append(
            {
                "Amount": abs(amount),
                "Description": note,
                "DetailType": "JournalEntryLineDetail",
                "JournalEntryLineDetail": detail,
            }
        )
    return lines


def _ref(qbk_id: str) -> dict[str, str]:
    return {"value": qbk_id}
