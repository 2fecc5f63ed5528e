"""The mapping table: which field of a QuickBooks invoice becomes which field of ours. A contract, as data.

Pure: a payload goes in, a record and the issues found come out. Totals are taken as they stand and never added
up from lines: an invoice may have no item lines at all, or lines that are not part of its total
(quickbooks-online.md, section 6.2).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from infactor.invoices.ingest.records import BuyerRecord, InvoiceRecord
from infactor.invoices.states import State, books_status
from quickbooks_app.api import field_parsing
from quickbooks_app.api.field_parsing import Issue
from quickbooks_app.api.schemas import (
    Address,
    CustomerPayload,
    InvoicePayload,
    Ref,
    Stamps,
    TaxDetail,
)

SOURCE = "QuickBooks"


class Mapped(NamedTuple):
    """A record, and what could not be taken as it was."""

    record: Any
    issues: list[Issue]


@dataclass(frozen=True)
class Reading:
    """One invoice being read: its payload, its customer's primary address, and the issues found so far."""

    invoice: InvoicePayload
    primary_address: str
    issues: list[Issue]

    def text(self, value: str | None, field: str, longest: int) -> str:
        return field_parsing.text(value, field=field, longest=longest, issues=self.issues)

    def amount(self, raw: msgspec.Raw, field: str) -> Decimal | None:
        return field_parsing.amount(raw, field=field, issues=self.issues)

    @property
    def created(self) -> datetime | None:
        stamps = self.invoice.MetaData or Stamps()
        return field_parsing.plausible(stamps.CreateTime, field="MetaData.CreateTime", issues=self.issues)

    @property
    def customer(self) -> Ref:
        return self.invoice.CustomerRef or Ref()

    @property
    def bill_email(self) -> str:
        address = self.invoice.BillEmail.Address if self.invoice.BillEmail else ""
        return self.text(address, "BillEmail.Address", 500)


@dataclass(frozen=True)
class Row:
    """One row of the table: its name, QuickBooks' field, ours, what it means, and how it is read."""

    name: str
    quickbooks: str
    field: str
    description: str
    read: Callable[[Reading], Any]


TABLE: tuple[Row, ...] = (
    Row("Invoice Number", "DocNumber", "invoice_no", "Unique invoice number",
        lambda r: r.text(r.invoice.DocNumber, "DocNumber", 100)),
    Row("Invoice Amount", "TotalAmt", "invoice_amount", "Total invoice amount",
        lambda r: r.amount(r.invoice.TotalAmt, "TotalAmt")),
    Row("Invoice Date", "MetaData.CreateTime", "invoice_date", "Invoice created date",
        lambda r: r.created),
    Row("Payable Date", "DueDate", "payable_date", "Invoice payable date",
        lambda r: field_parsing.plausible(r.invoice.DueDate, field="DueDate", issues=r.issues)),
    Row("Tax Amount", "TxnTaxDetail.TotalTax", "tax_amount", "Total tax amount",
        lambda r: _total_tax(r)),
    Row("Invoice Items", "Line", "items", "Invoice description (item wise)",
        lambda r: field_parsing.json_text(r.invoice.Line, otherwise="[]", opens="[", field="Line", issues=r.issues)),
    Row("Tax Details", "TxnTaxDetail", "tax_details", "Tax details (invoice wise)",
        lambda r: field_parsing.json_text(
            r.invoice.TxnTaxDetail, otherwise="{}", opens="{", field="TxnTaxDetail", issues=r.issues)),
    Row("CompanyName", "CustomerRef.name", "company_name", "Buyer's company name",
        lambda r: r.text(r.customer.name, "CustomerRef.name", 500)),
    Row("Buyers Email", "BillEmail.Address, else the customer's PrimaryEmailAddr.Address", "buyer_email",
        "Buyer's e-mail", lambda r: r.bill_email or r.primary_address),
    Row("Contact Name", "CustomerRef.name", "contact_name", "Buyer's contact name",
        lambda r: r.text(r.customer.name, "CustomerRef.name", 500)),
    Row("Company Email", "BillEmail.Address", "company_email", "Company e-mail",
        lambda r: r.bill_email),
    Row("Purchase Date", "MetaData.CreateTime", "purchase_date", "Purchase order date",
        lambda r: r.created),
    Row("Invoice State", 'none: starts as "invoice_created"', "state", "Status of the invoice",
        lambda r: State.CREATED.value),
    Row("QuickBooks reference", "Id", "qbk_invoice_id", "Invoice reference for QuickBooks",
        lambda r: r.invoice.Id),
    Row("Source", 'none: always "QuickBooks"', "source", "Source of the invoice (ERP system identifier)",
        lambda r: SOURCE),
)  # fmt: skip

BESIDE_TABLE: tuple[Row, ...] = (
    Row("Issue date", "TxnDate", "txn_date", "The date on the invoice, in the company's own zone",
        lambda r: field_parsing.plausible(r.invoice.TxnDate, field="TxnDate", issues=r.issues)),
    Row("Open balance", "Balance", "balance", "What is still owed",
        lambda r: r.amount(r.invoice.Balance, "Balance")),
    Row("Currency", "CurrencyRef", "currency", "ISO code of every amount of the invoice",
        lambda r: r.text((r.invoice.CurrencyRef or Ref()).value, "CurrencyRef", 3).upper()),
    Row("Exchange rate", "ExchangeRate", "exchange_rate", "Home units for one unit of the currency",
        lambda r: field_parsing.rate(r.invoice.ExchangeRate, field="ExchangeRate", issues=r.issues)),
    Row("Version", "SyncToken", "sync_token", "QuickBooks' version of the invoice",
        lambda r: r.text(r.invoice.SyncToken, "SyncToken", 20)),
    Row("Customer reference", "CustomerRef.value", "customer_reference", "The customer's id in QuickBooks",
        lambda r: r.text(r.customer.value, "CustomerRef.value", 64)),
    Row("Linked transactions", "LinkedTxn", "linked_txn", "Payments, estimates and others tied to the invoice",
        lambda r: field_parsing.json_text(
            r.invoice.LinkedTxn, otherwise="[]", opens="[", field="LinkedTxn", issues=r.issues)),
    Row("Terms", "SalesTermRef", "sales_term", "The name of the payment terms, else their id",
        lambda r: r.text((r.invoice.SalesTermRef or Ref()).name or (r.invoice.SalesTermRef or Ref()).value,
                         "SalesTermRef", 64)),
    Row("Private note", "PrivateNote", "private_note", "The supplier's own note",
        lambda r: r.text(r.invoice.PrivateNote, "PrivateNote", 4000)),
    Row("E-mail status", "EmailStatus", "email_status", "Whether the invoice was sent by QuickBooks",
        lambda r: r.text(r.invoice.EmailStatus, "EmailStatus", 30)),
    Row("Changed in QuickBooks", "MetaData.LastUpdatedTime", "books_updated_at", "When the books last changed it",
        lambda r: field_parsing.plausible((r.invoice.MetaData or Stamps()).LastUpdatedTime,
                                     field="MetaData.LastUpdatedTime", issues=r.issues)),
)  # fmt: skip


# What financing cannot do without; amounts report their own absence.
NEEDED = {"DocNumber": "invoice_no", "CustomerRef": "customer_reference", "DueDate": "payable_date"}


def map_invoice(raw: bytes, *, addresses: Mapping[str, str]) -> Mapped:
    """An Invoice of QuickBooks as a record; `addresses` gives the primary e-mail of each customer by its id.

    Raises msgspec.DecodeError where the object has no usable Id: then there is nothing to keep it by.
    """
    issues: list[Issue] = []
    invoice = field_parsing.decode(raw, InvoicePayload, issues=issues)
    customer = invoice.CustomerRef.value if invoice.CustomerRef else None
    reading = Reading(invoice=invoice, primary_address=addresses.get(customer or "", ""), issues=issues)
    values = {row.field: row.read(reading) for row in (*TABLE, *BESIDE_TABLE)}
    values["books_status"] = books_status(
        total=values["invoice_amount"], balance=values["balance"], voided=_is_voided(values)
    ).value
    for quickbooks, ours in NEEDED.items():
        field_parsing.required(values[ours], field=quickbooks, issues=issues)
    return Mapped(InvoiceRecord(**values), list(dict.fromkeys(issues)))


def map_customer(raw: bytes) -> Mapped:
    """A Customer of QuickBooks as a buyer's record. Raises msgspec.DecodeError where it has no usable Id."""
    issues: list[Issue] = []
    customer = field_parsing.decode(raw, CustomerPayload, issues=issues)

    def text(value: str | None, field: str, longest: int = 500) -> str:
        return field_parsing.text(value, field=field, longest=longest, issues=issues)

    given_names = (customer.GivenName, customer.MiddleName, customer.FamilyName)
    stamps = customer.MetaData or Stamps()
    balance = (
        field_parsing.amount(customer.Balance, field="Balance", issues=issues, signed=True)
        if bytes(customer.Balance) not in (b"", b"null")
        else None
    )
    record = BuyerRecord(
        reference=customer.Id,
        name=text(customer.DisplayName, "DisplayName"),
        full_name=text(customer.FullyQualifiedName, "FullyQualifiedName", 2500),
        company_name=text(customer.CompanyName, "CompanyName"),
        contact_name=text(" ".join(name for name in given_names if name), "GivenName"),
        email=text(customer.PrimaryEmailAddr.Address if customer.PrimaryEmailAddr else "", "PrimaryEmailAddr"),
        phone=text(customer.PrimaryPhone.FreeFormNumber if customer.PrimaryPhone else "", "PrimaryPhone", 100),
        address=text(_in_one_line(customer.BillAddr), "BillAddr", 1000),
        tax_id=text(_tax_id(customer), "PrimaryTaxIdentifier", 64),
        is_active=customer.Active is not False,
        is_job=bool(customer.Job),
        parent_reference=text(customer.ParentRef.value if customer.ParentRef else "", "ParentRef", 64),
        balance=balance,
        currency=text((customer.CurrencyRef or Ref()).value, "CurrencyRef", 3).upper(),
        sync_token=text(customer.SyncToken, "SyncToken", 20),
        books_updated_at=field_parsing.plausible(
            stamps.LastUpdatedTime, field="MetaData.LastUpdatedTime", issues=issues
        ),
    )
    return Mapped(record, list(dict.fromkeys(issues)))


def _in_one_line(address: Address | None) -> str:
    parts = msgspec.structs.astuple(address) if address else ()
    return ", ".join(part.strip() for part in parts if part and part.strip())


def _tax_id(customer: CustomerPayload) -> str | None:
    """The number that says most: the first two come whole, the third without its first signs, the last is a licence."""
    return customer.GSTIN or customer.BusinessNumber or customer.PrimaryTaxIdentifier or customer.ResaleNum


def _total_tax(reading: Reading) -> Decimal | None:
    """The tax as QuickBooks states it. A detail without a total means that none was charged: zero."""
    try:
        detail = msgspec.json.decode(reading.invoice.TxnTaxDetail, type=TaxDetail | None)
    except msgspec.DecodeError:
        return Decimal("0.00") if not bytes(reading.invoice.TxnTaxDetail) else None
    if detail is None or bytes(detail.TotalTax) in (b"", b"null"):
        return Decimal("0.00")
    return reading.amount(detail.TotalTax, "TxnTaxDetail.TotalTax")


def _is_voided(values: Mapping[str, Any]) -> bool:
    """QuickBooks has no status: a void is a total, a balance and lines of zero under a note that says so (6.3)."""
    return (
        values["invoice_amount"] == 0
        and values["balance"] == 0
        and values["private_note"].startswith("Voided")
        and field_parsing.lines_are_zero(values["items"])
    )


def as_markdown() -> str:
    """The table as README and docs show it, made from the rows above."""
    lines = ["| Name | QuickBooks field | infactor field | Description |", "| --- | --- | --- | --- |"]
    lines += [f"| {row.name} | {row.quickbooks} | `{row.field}` | {row.description} |" for row in TABLE]
    return "\n".join(lines)
