"""Records of what is pulled beside invoices, buyers and payments: what is owed, and what backs an invoice.

Amounts are in `currency` with two decimals, None if unreadable. References are ids in the books.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class VendorRecord(NamedTuple):
    """A vendor. `address` is in one line; `tax_id` may have its first characters hidden."""

    reference: str
    name: str = ""
    company_name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    tax_id: str = ""
    currency: str = ""
    is_active: bool = True
    sync_token: str = ""
    books_updated_at: datetime | None = None


class PayableRecord(NamedTuple):
    """A bill or a vendor's credit: `kind` is one of `Payable.Kind`. `balance` is what is left of it."""

    reference: str
    kind: str
    vendor_reference: str = ""
    number: str = ""
    issued_on: date | None = None
    due_on: date | None = None
    amount: Decimal | None = None
    balance: Decimal | None = None
    currency: str = ""
    sync_token: str = ""
    books_updated_at: datetime | None = None


class AccountRecord(NamedTuple):
    """An account, with its type and subtype as the books name them."""

    reference: str
    name: str = ""
    account_type: str = ""
    subtype: str = ""
    sync_token: str = ""
    books_updated_at: datetime | None = None


class DepositLineRecord(NamedTuple):
    """The payment, or another document (`kind`), with the id `reference`, in a deposit."""

    kind: str
    reference: str
    amount: Decimal | None = None


class DepositRecord(NamedTuple):
    """Money brought to a bank account."""

    reference: str
    account_reference: str = ""
    account_name: str = ""
    deposited_on: date | None = None
    amount: Decimal | None = None
    currency: str = ""
    sync_token: str = ""
    books_updated_at: datetime | None = None
    lines: tuple[DepositLineRecord, ...] = ()


class ItemRecord(NamedTuple):
    """A product or service."""

    reference: str
    name: str = ""
    sku: str = ""
    description: str = ""
    item_type: str = ""
    sync_token: str = ""
    books_updated_at: datetime | None = None


class OrderRecord(NamedTuple):
    """An estimate or a purchase order: `kind` is one of `Order.Kind`. `status` is as the books name it."""

    reference: str
    kind: str
    customer_reference: str = ""
    number: str = ""
    issued_on: date | None = None
    expires_on: date | None = None
    amount: Decimal | None = None
    currency: str = ""
    status: str = ""
    accepted_by: str = ""
    accepted_on: date | None = None
    sync_token: str = ""
    books_updated_at: datetime | None = None


class AttachmentLineRecord(NamedTuple):
    """The document (`kind`) with the id `reference` to which a file is attached."""

    kind: str
    reference: str


class AttachmentRecord(NamedTuple):
    """A file, or only a note, attached to documents. `size` is in bytes."""

    reference: str
    file_name: str = ""
    content_type: str = ""
    size: int | None = None
    note: str = ""
    attached_at: datetime | None = None
    sync_token: str = ""
    books_updated_at: datetime | None = None
    lines: tuple[AttachmentLineRecord, ...] = ()


FurtherRecord = (
    VendorRecord | PayableRecord | AccountRecord | DepositRecord | ItemRecord | OrderRecord | AttachmentRecord
)
