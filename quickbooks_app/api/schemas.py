"""Schemas of QuickBooks' JSON objects: only the fields that infactor reads. Unknown fields are ignored.

Amounts stay raw bytes until `field_parsing.amount` parses them: a decoder would accept the strings "12" and "NaN" as
numbers.
"""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Raw, Struct

EMPTY = Raw(b"")
# A timestamp without its UTC offset cannot be compared with one that has it.
Timestamp = Annotated[datetime, msgspec.Meta(tz=True)]


class Ref(Struct, gc=False):
    value: str | None = None
    name: str | None = None


class ObjectMetaData(Struct, gc=False):
    CreateTime: Timestamp | None = None
    LastUpdatedTime: Timestamp | None = None


class Email(Struct, gc=False):
    Address: str | None = None


class Phone(Struct, gc=False):
    FreeFormNumber: str | None = None


class Address(Struct, gc=False):
    Line1: str | None = None
    Line2: str | None = None
    Line3: str | None = None
    Line4: str | None = None
    Line5: str | None = None
    City: str | None = None
    CountrySubDivisionCode: str | None = None
    PostalCode: str | None = None
    Country: str | None = None


class ObjectHeader(Struct, gc=False):
    """The fields that every object has: its id and its version."""

    Id: str
    SyncToken: str = ""
    MetaData: ObjectMetaData = msgspec.field(default_factory=ObjectMetaData)


class Delivery(Struct, gc=False):
    DeliveryTime: Timestamp | None = None


class InvoicePayload(Struct, gc=False):
    Id: str
    SyncToken: str | None = None
    MetaData: ObjectMetaData | None = None
    DocNumber: str | None = None
    TxnDate: date | None = None
    DueDate: date | None = None
    CustomerRef: Ref | None = None
    BillEmail: Email | None = None
    CurrencyRef: Ref | None = None
    ExchangeRate: Raw = EMPTY
    TotalAmt: Raw = EMPTY
    Balance: Raw = EMPTY
    Deposit: Raw = EMPTY
    Line: Raw = EMPTY
    TxnTaxDetail: Raw = EMPTY
    LinkedTxn: Raw = EMPTY
    SalesTermRef: Ref | None = None
    PrivateNote: str | None = None
    EmailStatus: str | None = None
    CustomField: Raw = EMPTY
    DeliveryInfo: Delivery | None = None


class CustomText(Struct, gc=False):
    """A custom field with a text."""

    Name: str | None = None
    StringValue: str | None = None


class CustomerPayload(Struct, gc=False):
    Id: str
    SyncToken: str | None = None
    MetaData: ObjectMetaData | None = None
    DisplayName: str | None = None
    FullyQualifiedName: str | None = None
    CompanyName: str | None = None
    GivenName: str | None = None
    MiddleName: str | None = None
    FamilyName: str | None = None
    PrimaryEmailAddr: Email | None = None
    PrimaryPhone: Phone | None = None
    BillAddr: Address | None = None
    GSTIN: str | None = None
    BusinessNumber: str | None = None
    PrimaryTaxIdentifier: str | None = None
    ResaleNum: str | None = None
    Active: bool | None = None
    Job: bool | None = None
    ParentRef: Ref | None = None
    Balance: Raw = EMPTY
    CurrencyRef: Ref | None = None


class TaxDetail(Struct, gc=False):
    TotalTax: Raw = EMPTY


class LineAmount(Struct, gc=False):
    Amount: Raw = EMPTY


class NamedValue(Struct, gc=False):
    Name: str | None = None
    Value: str | None = None


class CompanyInfo(Struct, gc=False):
    CompanyName: str | None = None
    LegalName: str | None = None
    DefaultTimeZone: str | None = None
    Country: str | None = None
    NameValue: Raw = EMPTY

    @property
    def edition(self) -> str:
        """The edition as QuickBooks names it, such as "QuickBooks Online Plus"; empty if it does not say."""
        try:
            values = msgspec.json.decode(self.NameValue, type=list[NamedValue])
        except msgspec.DecodeError:
            return ""
        found = (one.Value for one in values if one.Name == "OfferingSku")
        return (next(found, "") or "")[:80]


class Currency(Struct, gc=False):
    value: str = ""


class CurrencyPreferences(Struct, gc=False):
    MultiCurrencyEnabled: bool = False
    HomeCurrency: Currency | None = None


class Preferences(Struct, gc=False):
    CurrencyPrefs: CurrencyPreferences | None = None


class TransactionLink(Struct, gc=False):
    TxnId: str | None = None
    TxnType: str | None = None


class PaymentLine(Struct, gc=False):
    Amount: Raw = EMPTY
    LinkedTxn: list[TransactionLink] = []


class PaymentPayload(Struct, gc=False):
    Id: str
    SyncToken: str | None = None
    MetaData: ObjectMetaData | None = None
    TxnDate: date | None = None
    CustomerRef: Ref | None = None
    CurrencyRef: Ref | None = None
    PaymentRefNum: str | None = None
    DepositToAccountRef: Ref | None = None
    TotalAmt: Raw = EMPTY
    UnappliedAmt: Raw = EMPTY
    Line: Raw = EMPTY
    PrivateNote: str | None = None


class CreditMemoPayload(Struct, gc=False):
    Id: str
    SyncToken: str | None = None
    MetaData: ObjectMetaData | None = None
    DocNumber: str | None = None
    TxnDate: date | None = None
    CustomerRef: Ref | None = None
    CurrencyRef: Ref | None = None
    TotalAmt: Raw = EMPTY
    Balance: Raw = EMPTY
    RemainingCredit: Raw = EMPTY
    Line: Raw = EMPTY
    PrivateNote: str | None = None
