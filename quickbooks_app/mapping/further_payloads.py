"""Schemas of the objects that are pulled beside invoices: only the fields that infactor reads."""

from datetime import date

from msgspec import Raw, Struct

from quickbooks_app.api.schemas import EMPTY, Address, Email, ObjectMetaData, Phone, Ref


class FurtherPayload(Struct, gc=False):
    """What every object has."""

    Id: str
    SyncToken: str | None = None
    MetaData: ObjectMetaData | None = None


class VendorPayload(FurtherPayload, gc=False):
    DisplayName: str | None = None
    CompanyName: str | None = None
    PrimaryEmailAddr: Email | None = None
    PrimaryPhone: Phone | None = None
    BillAddr: Address | None = None
    GSTIN: str | None = None
    BusinessNumber: str | None = None
    TaxIdentifier: str | None = None
    CurrencyRef: Ref | None = None
    Active: bool | None = None


class PayablePayload(FurtherPayload, gc=False):
    """A Bill or a VendorCredit."""

    VendorRef: Ref | None = None
    DocNumber: str | None = None
    TxnDate: date | None = None
    DueDate: date | None = None
    TotalAmt: Raw = EMPTY
    Balance: Raw = EMPTY
    CurrencyRef: Ref | None = None


class AccountPayload(FurtherPayload, gc=False):
    Name: str | None = None
    FullyQualifiedName: str | None = None
    AccountType: str | None = None
    AccountSubType: str | None = None


class DepositPayload(FurtherPayload, gc=False):
    DepositToAccountRef: Ref | None = None
    TxnDate: date | None = None
    TotalAmt: Raw = EMPTY
    CurrencyRef: Ref | None = None
    Line: Raw = EMPTY


class ItemPayload(FurtherPayload, gc=False):
    Name: str | None = None
    FullyQualifiedName: str | None = None
    Sku: str | None = None
    Description: str | None = None
    Type: str | None = None


class OrderPayload(FurtherPayload, gc=False):
    """An Estimate or a PurchaseOrder."""

    CustomerRef: Ref | None = None
    DocNumber: str | None = None
    TxnDate: date | None = None
    ExpirationDate: date | None = None
    TotalAmt: Raw = EMPTY
    CurrencyRef: Ref | None = None
    TxnStatus: str | None = None
    POStatus: str | None = None
    AcceptedBy: str | None = None
    AcceptedDate: date | None = None


class AttachedTo(Struct, gc=False):
    type: str | None = None
    value: str | None = None


class AttachableLink(Struct, gc=False):
    EntityRef: AttachedTo | None = None


class AttachablePayload(FurtherPayload, gc=False):
    FileName: str | None = None
    ContentType: str | None = None
    Size: Raw = EMPTY
    Note: str | None = None
    AttachableRef: Raw = EMPTY
