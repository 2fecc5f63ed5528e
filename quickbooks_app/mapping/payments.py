"""Which fields of a QuickBooks payment or credit memo become which of ours. Pure, as `mapping` is."""

from decimal import Decimal
from typing import Any

import msgspec

from infactor.invoices.ingest.records import AllocationRecord, CreditMemoRecord, PaymentRecord
from quickbooks_app.api import field_parsing
from quickbooks_app.api.field_parsing import Issue
from quickbooks_app.api.schemas import (
    CreditMemoPayload,
    PaymentLine,
    PaymentPayload,
    Ref,
    Stamps,
)
from quickbooks_app.mapping.invoices import Mapped

NONE = (b"", b"null")
VOIDED = "Voided"


def map_payment(raw: bytes) -> Mapped:
    """A Payment of QuickBooks as a record. Raises msgspec.DecodeError where it has no usable Id."""
    issues: list[Issue] = []
    payment = field_parsing.decode(raw, PaymentPayload, issues=issues)
    amount = field_parsing.amount(payment.TotalAmt, field="TotalAmt", issues=issues)
    unapplied = _unless_absent(payment.UnappliedAmt, field="UnappliedAmt", issues=issues)
    allocations = _allocations(payment.Line, issues=issues)
    kinds = {line.kind for line in allocations}
    is_void = (
        amount == 0
        and not unapplied
        and not allocations
        and _text(payment.PrivateNote, "PrivateNote", 4000, issues).startswith(VOIDED)
    )
    record = PaymentRecord(
        reference=payment.Id,
        number=_text(payment.PaymentRefNum, "PaymentRefNum", 100, issues),
        paid_on=field_parsing.plausible(payment.TxnDate, field="TxnDate", issues=issues),
        amount=amount,
        unapplied=unapplied,
        # QuickBooks lays a credit against an invoice by a payment of nothing: no money has moved (6.5).
        moves_money=not (amount == 0 and {"Invoice", "CreditMemo"} <= kinds),
        is_void=is_void,
        allocations=allocations,
        **_shared(payment, issues=issues),
    )
    return Mapped(record, list(dict.fromkeys(issues)))


def map_credit_memo(raw: bytes) -> Mapped:
    """A CreditMemo of QuickBooks as a record. Raises msgspec.DecodeError where it has no usable Id."""
    issues: list[Issue] = []
    memo = field_parsing.decode(raw, CreditMemoPayload, issues=issues)
    amount = field_parsing.amount(memo.TotalAmt, field="TotalAmt", issues=issues)
    remaining = memo.Balance if bytes(memo.RemainingCredit) in NONE else memo.RemainingCredit
    record = CreditMemoRecord(
        reference=memo.Id,
        number=_text(memo.DocNumber, "DocNumber", 100, issues),
        issued_on=field_parsing.plausible(memo.TxnDate, field="TxnDate", issues=issues),
        amount=amount,
        remaining=_unless_absent(remaining, field="RemainingCredit", issues=issues),
        is_void=amount == 0
        and _text(memo.PrivateNote, "PrivateNote", 4000, issues).startswith(VOIDED)
        and field_parsing.lines_are_zero(bytes(memo.Line).decode() or "[]"),
        **_shared(memo, issues=issues),
    )
    return Mapped(record, list(dict.fromkeys(issues)))


def _shared(payload: PaymentPayload | CreditMemoPayload, *, issues: list[Issue]) -> dict[str, Any]:
    stamps = payload.MetaData or Stamps()
    customer = _text((payload.CustomerRef or Ref()).value, "CustomerRef", 64, issues)
    field_parsing.required(customer, field="CustomerRef", issues=issues)
    return {
        "customer_reference": customer,
        "currency": _text((payload.CurrencyRef or Ref()).value, "CurrencyRef", 3, issues).upper(),
        "sync_token": _text(payload.SyncToken, "SyncToken", 20, issues),
        "books_updated_at": field_parsing.plausible(
            stamps.LastUpdatedTime, field="MetaData.LastUpdatedTime", issues=issues
        ),
    }


def _allocations(lines: msgspec.Raw, *, issues: list[Issue]) -> tuple[AllocationRecord, ...]:
    """What was laid against what; a line that names nothing lays nothing against anything."""
    if bytes(lines) in NONE:
        return ()
    try:
        decoded = msgspec.json.decode(lines, type=list[PaymentLine])
    except msgspec.DecodeError:
        issues.append(Issue("Line", "unreadable", f"{field_parsing.plain('Line')} cannot be read."))
        return ()
    return tuple(
        AllocationRecord(
            kind=_text(link.TxnType, "Line.LinkedTxn", 30, issues),
            reference=_text(link.TxnId, "Line.LinkedTxn", 64, issues),
            amount=field_parsing.amount(line.Amount, field="Line.Amount", issues=issues),
        )
        for line in decoded
        for link in line.LinkedTxn[:1]
        if link.TxnId
    )


def _unless_absent(raw: msgspec.Raw, *, field: str, issues: list[Issue]) -> Decimal | None:
    return None if bytes(raw) in NONE else field_parsing.amount(raw, field=field, issues=issues)


def _text(value: str | None, field: str, longest: int, issues: list[Issue]) -> str:
    return field_parsing.text(value, field=field, longest=longest, issues=issues)
