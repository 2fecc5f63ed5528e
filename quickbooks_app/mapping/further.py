"""The mapping of what is pulled beside invoices to records: one row of FURTHER an object. Pure, no query.

An amount that cannot be read becomes None with an issue; without a currency it is in the company's home currency.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext_noop

from infactor.invoices.ingest import further_records as records
from infactor.invoices.models import Order, Payable
from quickbooks_app.api import field_parsing
from quickbooks_app.api.field_parsing import Issue
from quickbooks_app.api.schemas import ObjectMetaData, PaymentLine, Ref
from quickbooks_app.mapping import further_payloads as payloads
from quickbooks_app.mapping.customers import single_line_address
from quickbooks_app.mapping.invoices import MappedRecord

MAX_SIZE = 2**62  # of a file, in bytes: what the column holds


@dataclass(frozen=True, slots=True)
class FurtherReader:
    """Reads fields of one object and collects their issues."""

    home_currency: str
    issues: list[Issue]

    def text(self, value: str | None, field: str, max_length: int = 500) -> str:
        return field_parsing.text(value, field=field, max_length=max_length, issues=self.issues)

    def reference(self, value: Ref | None, field: str) -> str:
        return self.text((value or Ref()).value, field, 64)

    def required(self, value: Ref | None, field: str) -> str:
        found = self.reference(value, field)
        field_parsing.require(found, field=field, issues=self.issues)
        return found

    def currency(self, value: Ref | None) -> str:
        return self.text((value or Ref()).value, "CurrencyRef", 3).upper() or self.home_currency

    def day(self, value: date | None, field: str) -> date | None:
        return field_parsing.valid_timestamp(value, field=field, issues=self.issues)

    def amount(self, value: msgspec.Raw, field: str) -> Decimal | None:
        return field_parsing.amount(value, field=field, issues=self.issues)

    def list_of(self, value: msgspec.Raw, field: str, element: Any) -> list[Any]:
        """The elements of a list; none, with an issue, if it cannot be read."""
        if bytes(value) in field_parsing.ABSENT:
            return []
        try:
            return list(msgspec.json.decode(value, type=list[element]))
        except msgspec.DecodeError:
            self.issues.append(Issue(field, "unreadable", f"{field_parsing.field_label(field)} cannot be read."))
            return []


class FurtherObject(NamedTuple):
    """Where the records of an object go (a key of `further_rows.KINDS`), and how they are read. `use` is for staff."""

    kind: str
    payload: type[payloads.FurtherPayload]
    record: Any
    read: Callable[[Any, FurtherReader], dict[str, Any]]
    use: str


def map_further(raw: bytes, *, entity: str, home_currency: str) -> MappedRecord:
    """An object of FURTHER as a record. Raises msgspec.DecodeError if it has no usable Id."""
    issues: list[Issue] = []
    found = FURTHER[entity]
    payload = field_parsing.decode(raw, found.payload, issues=issues)
    reader = FurtherReader(home_currency, issues)
    metadata = payload.MetaData or ObjectMetaData()
    record = found.record(
        reference=payload.Id,
        sync_token=reader.text(payload.SyncToken, "SyncToken", 20),
        books_updated_at=field_parsing.valid_timestamp(
            metadata.LastUpdatedTime, field="MetaData.LastUpdatedTime", issues=issues
        ),
        **found.read(payload, reader),
    )
    return MappedRecord(record, list(dict.fromkeys(issues)))


def _vendor(vendor: payloads.VendorPayload, reader: FurtherReader) -> dict[str, Any]:
    return {
        "name": reader.text(vendor.DisplayName, "DisplayName"),
        "company_name": reader.text(vendor.CompanyName, "CompanyName"),
        "email": reader.text(vendor.PrimaryEmailAddr.Address if vendor.PrimaryEmailAddr else "", "PrimaryEmailAddr"),
        "phone": reader.text(vendor.PrimaryPhone.FreeFormNumber if vendor.PrimaryPhone else "", "PrimaryPhone", 100),
        "address": reader.text(single_line_address(vendor.BillAddr), "BillAddr", 1000),
        # QuickBooks masks the third.
        "tax_id": reader.text(vendor.GSTIN or vendor.BusinessNumber or vendor.TaxIdentifier, "TaxIdentifier", 64),
        "currency": reader.currency(vendor.CurrencyRef),
        "is_active": vendor.Active is not False,
    }


def _payable(kind: Payable.Kind) -> Callable[[payloads.PayablePayload, FurtherReader], dict[str, Any]]:
    def read(payable: payloads.PayablePayload, reader: FurtherReader) -> dict[str, Any]:
        return {
            "kind": kind.value,
            "vendor_reference": reader.required(payable.VendorRef, "VendorRef"),
            "number": reader.text(payable.DocNumber, "DocNumber", 100),
            "issued_on": reader.day(payable.TxnDate, "TxnDate"),
            "due_on": reader.day(payable.DueDate, "DueDate"),
            "amount": reader.amount(payable.TotalAmt, "TotalAmt"),
            "balance": reader.amount(payable.Balance, "Balance"),
            "currency": reader.currency(payable.CurrencyRef),
        }

    return read


def _account(account: payloads.AccountPayload, reader: FurtherReader) -> dict[str, Any]:
    return {
        "name": reader.text(account.FullyQualifiedName or account.Name, "Name"),
        "account_type": reader.text(account.AccountType, "AccountType", 60),
        "subtype": reader.text(account.AccountSubType, "AccountSubType", 60),
    }


def _deposit(deposit: payloads.DepositPayload, reader: FurtherReader) -> dict[str, Any]:
    account = deposit.DepositToAccountRef or Ref()
    lines = [
        records.DepositLineRecord(
            kind=reader.text(link.TxnType, "Line.LinkedTxn", 30),
            reference=reader.text(link.TxnId, "Line.LinkedTxn", 64),
            amount=reader.amount(line.Amount, "Line.Amount"),
        )
        for line in reader.list_of(deposit.Line, "Line", PaymentLine)
        for link in line.LinkedTxn[:1]
        if link.TxnId
    ]
    return {
        "account_reference": reader.reference(deposit.DepositToAccountRef, "DepositToAccountRef"),
        "account_name": reader.text(account.name, "DepositToAccountRef.name"),
        "deposited_on": reader.day(deposit.TxnDate, "TxnDate"),
        "amount": reader.amount(deposit.TotalAmt, "TotalAmt"),
        "currency": reader.currency(deposit.CurrencyRef),
        "lines": tuple(lines),
    }


def _item(item: payloads.ItemPayload, reader: FurtherReader) -> dict[str, Any]:
    return {
        "name": reader.text(item.FullyQualifiedName or item.Name, "Name"),
        "sku": reader.text(item.Sku, "Sku", 100),
        "description": reader.text(item.Description, "Description", 4000),
        "item_type": reader.text(item.Type, "Type", 30),
    }


def _order(kind: Order.Kind) -> Callable[[payloads.OrderPayload, FurtherReader], dict[str, Any]]:
    def read(order: payloads.OrderPayload, reader: FurtherReader) -> dict[str, Any]:
        return {
            "kind": kind.value,
            "customer_reference": reader.reference(order.CustomerRef, "CustomerRef"),
            "number": reader.text(order.DocNumber, "DocNumber", 100),
            "issued_on": reader.day(order.TxnDate, "TxnDate"),
            "expires_on": reader.day(order.ExpirationDate, "ExpirationDate"),
            "amount": reader.amount(order.TotalAmt, "TotalAmt"),
            "currency": reader.currency(order.CurrencyRef),
            "status": reader.text(order.TxnStatus or order.POStatus, "TxnStatus", 30),
            "accepted_by": reader.text(order.AcceptedBy, "AcceptedBy"),
            "accepted_on": reader.day(order.AcceptedDate, "AcceptedDate"),
        }

    return read


def _attachment(file: payloads.AttachablePayload, reader: FurtherReader) -> dict[str, Any]:
    size = None
    if bytes(file.Size) not in field_parsing.ABSENT:
        digits = bytes(file.Size)
        size = int(digits) if digits.isdigit() and len(digits) < 20 and int(digits) < MAX_SIZE else None
        if size is None:
            reader.issues.append(Issue("Size", "not_a_number", gettext_noop("The size of the file cannot be read.")))
    linked = (one.EntityRef for one in reader.list_of(file.AttachableRef, "AttachableRef", payloads.AttachableLink))
    lines = [
        records.AttachmentLineRecord(
            kind=reader.text(one.type, "AttachableRef", 30), reference=reader.text(one.value, "AttachableRef", 64)
        )
        for one in linked
        if one is not None and one.value
    ]
    return {
        "file_name": reader.text(file.FileName, "FileName"),
        "content_type": reader.text(file.ContentType, "ContentType", 200),
        "size": size,
        "note": reader.text(file.Note, "Note", 2000),
        "attached_at": field_parsing.valid_timestamp(
            (file.MetaData or ObjectMetaData()).CreateTime, field="MetaData.CreateTime", issues=reader.issues
        ),
        "lines": tuple(lines),
    }


_CONTRA = "contra: what the supplier owes its buyers"
_ORDER = "proof of order on the page of an invoice"
_BANKED = "where and when a payment was banked"
FURTHER = {
    "Vendor": FurtherObject("vendor", payloads.VendorPayload, records.VendorRecord, _vendor, _CONTRA),
    "Bill": FurtherObject("bill", payloads.PayablePayload, records.PayableRecord, _payable(Payable.Kind.BILL), _CONTRA),
    "VendorCredit": FurtherObject(
        "vendor_credit", payloads.PayablePayload, records.PayableRecord, _payable(Payable.Kind.VENDOR_CREDIT), _CONTRA
    ),
    "Account": FurtherObject("account", payloads.AccountPayload, records.AccountRecord, _account, _BANKED),
    "Deposit": FurtherObject("deposit", payloads.DepositPayload, records.DepositRecord, _deposit, _BANKED),
    "Item": FurtherObject("item", payloads.ItemPayload, records.ItemRecord, _item, "SKU and kind of invoice lines"),
    "Estimate": FurtherObject(
        "estimate", payloads.OrderPayload, records.OrderRecord, _order(Order.Kind.ESTIMATE), _ORDER
    ),
    "PurchaseOrder": FurtherObject(
        "purchase_order", payloads.OrderPayload, records.OrderRecord, _order(Order.Kind.PURCHASE_ORDER), _ORDER
    ),
    "Attachable": FurtherObject(
        "attachment", payloads.AttachablePayload, records.AttachmentRecord, _attachment, "files of an invoice"
    ),
}
# What contra needs: without all of these it says "not known".
PAYABLES = ("Vendor", "Bill", "VendorCredit")
