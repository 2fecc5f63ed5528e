"""The mapping table: which QuickBooks invoice field becomes which infactor field. The table is a contract, as data.

Pure: a payload goes in, a record and its issues come out. Totals are never summed from lines: an invoice may have no
item lines, or lines that are not part of its total (see docs/domain/quickbooks.md).
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext_lazy as _

from infactor.core.translatable import Text
from infactor.invoices.ingest.records import InvoiceRecord
from infactor.invoices.states import State, derive_books_status
from quickbooks_app.api import field_parsing
from quickbooks_app.api.field_parsing import Issue
from quickbooks_app.api.schemas import (
    CustomText,
    Delivery,
    InvoicePayload,
    ObjectMetaData,
    Ref,
    TaxDetail,
)
from quickbooks_app.mapping.overrides import Override, OverrideReader

SOURCE = "QuickBooks"
# Made once: for a type that is no class, `msgspec.json.decode` makes a decoder at each call.
_TAX_DETAIL = msgspec.json.Decoder(TaxDetail | None)
_CUSTOM_TEXTS = msgspec.json.Decoder(list[CustomText])


class MappedRecord(NamedTuple):
    """A record with the issues of its fields."""

    record: Any
    issues: list[Issue]


@dataclass(slots=True)  # not frozen: that makes one for each invoice three times as dear
class InvoiceReader:
    """Reads the fields of one invoice payload and collects issues. `customer_email` is the customer's own
    address, `home_currency` the currency of an invoice without one.
    """

    invoice: InvoicePayload
    customer_email: str
    home_currency: str
    issues: list[Issue]

    def text(self, value: str | None, field: str, max_length: int) -> str:
        return field_parsing.text(value, field=field, max_length=max_length, issues=self.issues)

    def amount(self, raw: msgspec.Raw, field: str) -> Decimal | None:
        return field_parsing.amount(raw, field=field, issues=self.issues)

    @property
    def customer(self) -> Ref:
        return self.invoice.CustomerRef or Ref()


@dataclass(frozen=True)
class FieldMapping:
    """One row of the mapping table: name, QuickBooks field, infactor field, description and how to read the value."""

    name: Text
    quickbooks: str
    field: str
    description: Text
    read: Callable[[InvoiceReader], Any]


def _created(reader: InvoiceReader) -> datetime | None:
    metadata = reader.invoice.MetaData or ObjectMetaData()
    return field_parsing.valid_timestamp(metadata.CreateTime, field="MetaData.CreateTime", issues=reader.issues)


def _customer_name(reader: InvoiceReader) -> str:
    return reader.text(reader.customer.name, "CustomerRef.name", 500)


def _bill_email(reader: InvoiceReader) -> str:
    address = reader.invoice.BillEmail.Address if reader.invoice.BillEmail else ""
    return reader.text(address, "BillEmail.Address", 500)


MAPPING_TABLE: tuple[FieldMapping, ...] = (
    FieldMapping(_("Invoice Number"), "DocNumber", "invoice_no", _("Unique invoice number"),
        lambda r: r.text(r.invoice.DocNumber, "DocNumber", 100)),
    FieldMapping(_("Invoice Amount"), "TotalAmt", "invoice_amount", _("Total invoice amount"),
        lambda r: r.amount(r.invoice.TotalAmt, "TotalAmt")),
    FieldMapping(_("Invoice Date"), "MetaData.CreateTime", "invoice_date", _("Invoice created date"),
        _created),
    FieldMapping(_("Payable Date"), "DueDate", "payable_date", _("Invoice payable date"),
        lambda r: field_parsing.valid_timestamp(r.invoice.DueDate, field="DueDate", issues=r.issues)),
    FieldMapping(_("Tax Amount"), "TxnTaxDetail.TotalTax", "tax_amount", _("Total tax amount"),
        lambda r: _total_tax(r)),
    FieldMapping(_("Invoice Items"), "Line", "items", _("Invoice description (item wise)"),
        lambda r: field_parsing.json_text(r.invoice.Line, default="[]", opening="[", field="Line", issues=r.issues)),
    FieldMapping(_("Tax Details"), "TxnTaxDetail", "tax_details", _("Tax details (invoice wise)"),
        lambda r: field_parsing.json_text(
            r.invoice.TxnTaxDetail, default="{}", opening="{", field="TxnTaxDetail", issues=r.issues)),
    FieldMapping(_("CompanyName"), "CustomerRef.name", "company_name", _("Buyer's company name"),
        _customer_name),
    FieldMapping(_("Buyers Email"), "BillEmail.Address, else the customer's PrimaryEmailAddr.Address", "buyer_email",
        _("Buyer's email"), lambda r: _bill_email(r) or r.customer_email),
    FieldMapping(_("Contact Name"), "CustomerRef.name", "contact_name", _("Buyer's contact name"),
        _customer_name),
    FieldMapping(_("Company Email"), "BillEmail.Address", "company_email", _("Company email"),
        _bill_email),
    FieldMapping(_("Purchase Date"), "MetaData.CreateTime", "purchase_date", _("Purchase order date"),
        _created),
    FieldMapping(_("Invoice State"), 'none: starts as "invoice_created"', "state", _("Status of the invoice"),
        lambda r: State.CREATED.value),
    FieldMapping(_("QuickBooks reference"), "Id", "qbk_invoice_id", _("Invoice reference for QuickBooks"),
        lambda r: r.invoice.Id),
    FieldMapping(_("Source"), 'none: always "QuickBooks"', "source", _("Source of the invoice (ERP system identifier)"),
        lambda r: SOURCE),
)  # fmt: skip

ADDITIONAL_FIELDS: tuple[FieldMapping, ...] = (
    FieldMapping(_("Issue date"), "TxnDate", "txn_date", _("The date on the invoice, in the company's time zone"),
        lambda r: field_parsing.valid_timestamp(r.invoice.TxnDate, field="TxnDate", issues=r.issues)),
    FieldMapping(_("Open balance"), "Balance", "balance", _("The amount still unpaid"),
        lambda r: r.amount(r.invoice.Balance, "Balance")),
    FieldMapping(_("Deposit"), "Deposit", "deposit", _("What was paid with the order, outside of any payment"),
        lambda r: field_parsing.optional_amount(r.invoice.Deposit, field="Deposit", issues=r.issues)),
    FieldMapping(_("Currency"), "CurrencyRef", "currency", _("ISO code of all amounts of the invoice"),
        lambda r: r.text((r.invoice.CurrencyRef or Ref()).value, "CurrencyRef", 3).upper() or r.home_currency),
    FieldMapping(_("Exchange rate"), "ExchangeRate", "exchange_rate", _("Units of the home currency per unit"),
        lambda r: field_parsing.rate(r.invoice.ExchangeRate, field="ExchangeRate", issues=r.issues)),
    FieldMapping(_("Version"), "SyncToken", "sync_token", _("QuickBooks' version of the invoice"),
        lambda r: r.text(r.invoice.SyncToken, "SyncToken", 20)),
    FieldMapping(_("Customer reference"), "CustomerRef.value", "customer_reference",
        _("The customer's id in QuickBooks"),
        lambda r: r.text(r.customer.value, "CustomerRef.value", 64)),
    FieldMapping(_("Linked transactions"), "LinkedTxn", "linked_txn", _("Linked payments, estimates and others"),
        lambda r: field_parsing.json_text(
            r.invoice.LinkedTxn, default="[]", opening="[", field="LinkedTxn", issues=r.issues)),
    FieldMapping(_("Terms"), "SalesTermRef", "sales_term", _("The name of the payment terms, or their id"),
        lambda r: r.text((r.invoice.SalesTermRef or Ref()).name or (r.invoice.SalesTermRef or Ref()).value,
                         "SalesTermRef", 64)),
    FieldMapping(_("Private note"), "PrivateNote", "private_note", _("The supplier's own note"),
        lambda r: r.text(r.invoice.PrivateNote, "PrivateNote", 4000)),
    FieldMapping(_("Email status"), "EmailStatus", "email_status", _("Whether the invoice was sent by QuickBooks"),
        lambda r: r.text(r.invoice.EmailStatus, "EmailStatus", 30)),
    FieldMapping(_("Purchase order"), "CustomField named P.O. number, purchase order or the like", "purchase_order_no",
        _("The number of the buyer's own purchase order"), lambda r: _purchase_order(r)),
    FieldMapping(_("Sent by QuickBooks"), "DeliveryInfo.DeliveryTime", "emailed_at",
        _("When QuickBooks last sent the invoice to the buyer"),
        lambda r: field_parsing.valid_timestamp((r.invoice.DeliveryInfo or Delivery()).DeliveryTime,
                                     field="DeliveryInfo.DeliveryTime", issues=r.issues)),
    FieldMapping(_("Changed in QuickBooks"), "MetaData.LastUpdatedTime", "books_updated_at",
        _("When the invoice last changed in QuickBooks"),
        lambda r: field_parsing.valid_timestamp((r.invoice.MetaData or ObjectMetaData()).LastUpdatedTime,
                                     field="MetaData.LastUpdatedTime", issues=r.issues)),
)  # fmt: skip


# What suppliers call the field, whose name is theirs to choose.
PURCHASE_ORDER = re.compile(
    r"\s*(customer'?s?\s+)?(p\W?o\b\W*|purchase[\s-]*order|order)\s*(no|nr|num|number|ref|reference|id)?\W*",
    re.IGNORECASE,
)

# The table, compiled: each distinct way to read a value once, and where each of the record's fields finds its value.
_ROWS = {row.field: row.read for row in (*MAPPING_TABLE, *ADDITIONAL_FIELDS)}
_READS = tuple(dict.fromkeys(_ROWS.values()))
_BOOKS_STATUS = InvoiceRecord._fields.index("books_status")  # follows from the others
_PLACES = operator.itemgetter(*(_READS.index(_ROWS[name]) if name in _ROWS else 0 for name in InvoiceRecord._fields))

# Fields that financing requires. Missing amounts are reported by `field_parsing.amount`.
REQUIRED_FIELDS = {"DocNumber": "invoice_no", "CustomerRef": "customer_reference", "DueDate": "payable_date"}


def map_invoice(
    raw: bytes,
    *,
    customer_emails: Mapping[str, str],
    home_currency: str,
    overrides: Sequence[Override] = (),
    time_zone: tzinfo = UTC,
) -> MappedRecord:
    """A QuickBooks Invoice as a record. `customer_emails` holds the primary email address of each customer by id.

    QuickBooks leaves the currency out where a company has only one: `home_currency`. `overrides` read some fields from
    elsewhere; a date that becomes a moment is midnight in the company's `time_zone`.

    Raises msgspec.DecodeError if the object has no usable Id, and so cannot be stored.
    """
    issues: list[Issue] = []
    invoice = field_parsing.decode(raw, InvoicePayload, issues=issues)
    customer = invoice.CustomerRef.value if invoice.CustomerRef else None
    reader = InvoiceReader(
        invoice=invoice,
        customer_email=customer_emails.get(customer or "", ""),
        home_currency=home_currency,
        issues=issues,
    )
    values = list(_PLACES([read(reader) for read in _READS]))
    if overrides:
        elsewhere = OverrideReader.of(raw, time_zone=time_zone, issues=issues)
        for one in overrides:
            place = InvoiceRecord._fields.index(one.field)
            values[place] = elsewhere.read(one, default=values[place])
    record = InvoiceRecord._make(values)
    values[_BOOKS_STATUS] = derive_books_status(
        total=record.invoice_amount, balance=record.balance, voided=_is_voided(record)
    ).value
    for quickbooks_field, field in REQUIRED_FIELDS.items():
        field_parsing.require(getattr(record, field), field=quickbooks_field, issues=issues)
    return MappedRecord(InvoiceRecord._make(values), list(dict.fromkeys(issues)) if issues else issues)


def _total_tax(reader: InvoiceReader) -> Decimal | None:
    """The total tax as QuickBooks states it. A tax detail without a total means that no tax was charged: zero."""
    try:
        detail = _TAX_DETAIL.decode(reader.invoice.TxnTaxDetail)
    except msgspec.DecodeError:
        return Decimal("0.00") if not bytes(reader.invoice.TxnTaxDetail) else None
    if detail is None or bytes(detail.TotalTax) in (b"", b"null"):
        return Decimal("0.00")
    return reader.amount(detail.TotalTax, "TxnTaxDetail.TotalTax")


def _purchase_order(reader: InvoiceReader) -> str:
    """The value of the first custom field whose name says that it is the number of the buyer's order."""
    if bytes(reader.invoice.CustomField) in (b"", b"null", b"[]"):
        return ""
    try:
        fields = _CUSTOM_TEXTS.decode(reader.invoice.CustomField)
    except msgspec.DecodeError:
        return ""  # fields of other types need not be read
    found = (one.StringValue for one in fields if one.StringValue and _names_an_order(one.Name or ""))
    return reader.text(next(found, ""), "CustomField", 100)


@lru_cache(maxsize=1024)  # a company has three custom fields or a few more
def _names_an_order(name: str) -> bool:
    return PURCHASE_ORDER.fullmatch(name) is not None


def _is_voided(record: InvoiceRecord) -> bool:
    """QuickBooks has no status for voids: total, balance and all lines are zero, and the private note says "Voided"."""
    return (
        record.invoice_amount == 0
        and record.balance == 0
        and record.private_note.startswith("Voided")
        and field_parsing.lines_are_zero(record.items)
    )


def mapping_table_markdown() -> str:
    """The mapping table in Markdown, for the documentation."""
    lines = ["| Name | QuickBooks field | infactor field | Description |", "| --- | --- | --- | --- |"]
    lines += [f"| {row.name} | {row.quickbooks} | `{row.field}` | {row.description} |" for row in MAPPING_TABLE]
    return "\n".join(lines)
