"""The mapping of QuickBooks payments and credit memos to records. Pure, like the mapping of invoices."""

from decimal import Decimal
from typing import Any

import msgspec

from infactor.invoices.ingest.records import AllocationRecord, CreditMemoRecord, PaymentRecord
from quickbooks_app.api import field_parsing
from quickbooks_app.api.field_parsing import Issue
from quickbooks_app.api.schemas import (
    CreditMemoPayload,
    ObjectMetaData,
    PaymentLine,
    PaymentPayload,
    Ref,
)
from quickbooks_app.mapping.invoices import MappedRecord

VOIDED_PREFIX = "Voided"


def map_payment(raw: bytes, *, home_currency: str) -> MappedRecord:
    """A QuickBooks Payment as a record. Without a currency it is in `home_currency`.

    Raises msgspec.DecodeError if it has no usable Id.
    """
    issues: list[Issue] = []
    payment = field_parsing.decode(raw, PaymentPayload, issues=issues)
    amount = field_parsing.amount(payment.TotalAmt, field="TotalAmt", issues=issues)
    allocations = _allocations(payment.Line, issues=issues)
    unapplied = field_parsing.optional_amount(payment.UnappliedAmt, field="UnappliedAmt", issues=issues)
    if unapplied is None and amount is not None:
        unapplied = _not_allocated(amount, allocations)
    is_void = (
        amount == 0
        and not unapplied
        and not allocations
        and _text(payment.PrivateNote, "PrivateNote", 4000, issues).startswith(VOIDED_PREFIX)
    )
    record = PaymentRecord(
        reference=payment.Id,
        number=_text(payment.PaymentRefNum, "PaymentRefNum", 100, issues),
        paid_on=field_parsing.valid_timestamp(payment.TxnDate, field="TxnDate", issues=issues),
        amount=amount,
        unapplied=unapplied,
        account_reference=_text((payment.DepositToAccountRef or Ref()).value, "DepositToAccountRef", 64, issues),
        # QuickBooks lays credit memos, journal entries, checks and deposits against an invoice with a payment of zero:
        # no money has moved, whatever its lines add up to. A voided payment was one of money.
        moves_money=is_void or amount != 0,
        is_void=is_void,
        allocations=allocations,
        **_common_fields(payment, home_currency=home_currency, issues=issues),
    )
    return MappedRecord(record, list(dict.fromkeys(issues)))


def map_credit_memo(raw: bytes, *, home_currency: str) -> MappedRecord:
    """A QuickBooks CreditMemo as a record. Without a currency it is in `home_currency`.

    Raises msgspec.DecodeError if it has no usable Id.
    """
    issues: list[Issue] = []
    memo = field_parsing.decode(raw, CreditMemoPayload, issues=issues)
    amount = field_parsing.amount(memo.TotalAmt, field="TotalAmt", issues=issues)
    remaining = memo.Balance if bytes(memo.RemainingCredit) in field_parsing.ABSENT else memo.RemainingCredit
    record = CreditMemoRecord(
        reference=memo.Id,
        number=_text(memo.DocNumber, "DocNumber", 100, issues),
        issued_on=field_parsing.valid_timestamp(memo.TxnDate, field="TxnDate", issues=issues),
        amount=amount,
        remaining=field_parsing.optional_amount(remaining, field="RemainingCredit", issues=issues),
        is_void=amount == 0
        and _text(memo.PrivateNote, "PrivateNote", 4000, issues).startswith(VOIDED_PREFIX)
        and field_parsing.lines_are_zero(bytes(memo.Line).decode() or "[]"),
        **_common_fields(memo, home_currency=home_currency, issues=issues),
    )
    return MappedRecord(record, list(dict.fromkeys(issues)))


def _common_fields(
    payload: PaymentPayload | CreditMemoPayload, *, home_currency: str, issues: list[Issue]
) -> dict[str, Any]:
    metadata = payload.MetaData or ObjectMetaData()
    customer = _text((payload.CustomerRef or Ref()).value, "CustomerRef", 64, issues)
    field_parsing.require(customer, field="CustomerRef", issues=issues)
    return {
        "customer_reference": customer,
        "currency": _text((payload.CurrencyRef or Ref()).value, "CurrencyRef", 3, issues).upper() or home_currency,
        "sync_token": _text(payload.SyncToken, "SyncToken", 20, issues),
        "books_updated_at": field_parsing.valid_timestamp(
            metadata.LastUpdatedTime, field="MetaData.LastUpdatedTime", issues=issues
        ),
    }


def _not_allocated(amount: Decimal, allocations: tuple[AllocationRecord, ...]) -> Decimal:
    """What is left of `amount` after its lines: those of an invoice use it up, those of a credit add to it."""
    sums = [line.amount if line.kind == "Invoice" else -line.amount for line in allocations if line.amount is not None]
    return max(amount - sum(sums, Decimal(0)), Decimal(0))


def _allocations(lines: msgspec.Raw, *, issues: list[Issue]) -> tuple[AllocationRecord, ...]:
    """What the payment was applied to. A line without a linked transaction allocates nothing."""
    if bytes(lines) in field_parsing.ABSENT:
        return ()
    try:
        decoded = msgspec.json.decode(lines, type=list[PaymentLine])
    except msgspec.DecodeError:
        issues.append(Issue("Line", "unreadable", f"{field_parsing.field_label('Line')} cannot be read."))
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


def _text(value: str | None, field: str, max_length: int, issues: list[Issue]) -> str:
    return field_parsing.text(value, field=field, max_length=max_length, issues=issues)
