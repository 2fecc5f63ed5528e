"""QuickBooks' objects as they come over the wire: only the fields that are read, each as lenient as it must be.

Amounts stay raw bytes until `readings.amount` looks at them: a decoder would take the strings "12" and "NaN" for
numbers. Unknown fields are passed over (quickbooks-online.md, section 6).
"""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Raw, Struct

EMPTY = Raw(b"")
# A time without its offset cannot be set beside one that has it.
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Ref(Struct, gc=False):
    value: str | None = None
    name: str | None = None


class Stamps(Struct, gc=False):
    CreateTime: Moment | None = None
    LastUpdatedTime: Moment | None = None


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


class Head(Struct, gc=False):
    """What every object has: enough to know which it is and which version."""

    Id: str
    SyncToken: str = ""
    MetaData: Stamps = msgspec.field(default_factory=Stamps)


class InvoicePayload(Struct, gc=False):
    Id: str
    SyncToken: str | None = None
    MetaData: Stamps | None = None
    DocNumber: str | None = None
    TxnDate: date | None = None
    DueDate: date | None = None
    CustomerRef: Ref | None = None
    BillEmail: Email | None = None
    CurrencyRef: Ref | None = None
    ExchangeRate: Raw = EMPTY
    TotalAmt: Raw = EMPTY
    Balance: Raw = EMPTY
    Line: Raw = EMPTY
    TxnTaxDetail: Raw = EMPTY
    LinkedTxn: Raw = EMPTY
    SalesTermRef: Ref | None = None
    PrivateNote: str | None = None
    EmailStatus: str | None = None


class CustomerPayload(Struct, gc=False):
    Id: str
    SyncToken: str | None = None
    MetaData: Stamps | None = None
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


class CompanyInfo(Struct, gc=False):
    CompanyName: str | None = None
    LegalName: str | None = None
    DefaultTimeZone: str | None = None


class Currency(Struct, gc=False):
    value: str = ""


class CurrencyChoices(Struct, gc=False):
    MultiCurrencyEnabled: bool = False
    HomeCurrency: Currency | None = None


class Preferences(Struct, gc=False):
    CurrencyPrefs: CurrencyChoices | None = None


class Link(Struct, gc=False):
    TxnId: str | None = None
    TxnType: str | None = None


class PaymentLine(Struct, gc=False):
    Amount: Raw = EMPTY
    LinkedTxn: list[Link] = []


class PaymentPayload(Struct, gc=False):
    Id: str
    SyncToken: str | None = None
    MetaData: Stamps | None = None
    TxnDate: date | None = None
    CustomerRef: Ref | None = None
    CurrencyRef: Ref | None = None
    PaymentRefNum: str | None = None
    TotalAmt: Raw = EMPTY
    UnappliedAmt: Raw = EMPTY
    Line: Raw = EMPTY
    PrivateNote: str | None = None


class CreditMemoPayload(Struct, gc=False):
    Id: str
    SyncToken: str | None = None
    MetaData: Stamps | None = None
    DocNumber: str | None = None
    TxnDate: date | None = None
    CustomerRef: Ref | None = None
    CurrencyRef: Ref | None = None
    TotalAmt: Raw = EMPTY
    Balance: Raw = EMPTY
    RemainingCredit: Raw = EMPTY
    Line: Raw = EMPTY
    PrivateNote: str | None = None
