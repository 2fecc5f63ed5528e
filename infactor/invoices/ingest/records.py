"""Records that a source of invoices passes in: validated values under infactor's names, one record for each object."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class BuyerRecord(NamedTuple):
    """A customer. `reference` is its id in the books, `email` its primary address.

    `address` is the billing address in one line. `tax_id` may have its first characters hidden.
    """

    reference: str
    name: str = ""
    full_name: str = ""
    company_name: str = ""
    contact_name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    tax_id: str = ""
    is_active: bool = True
    is_job: bool = False
    parent_reference: str = ""
    balance: Decimal | None = None
    currency: str = ""
    sync_token: str = ""
    books_updated_at: datetime | None = None


class InvoiceRecord(NamedTuple):
    """An invoice. Amounts are in `currency` with two decimals, None if unreadable.

    `items`, `tax_details` and `linked_txn` are JSON text, exactly as the source wrote it. `state` and `source` are the
    initial values of a new invoice; an existing one keeps its own.
    """

    qbk_invoice_id: str
    invoice_no: str = ""
    invoice_amount: Decimal | None = None
    invoice_date: datetime | None = None
    payable_date: date | None = None
    tax_amount: Decimal | None = None
    items: str = "[]"
    tax_details: str = "{}"
    company_name: str = ""
    buyer_email: str = ""
    contact_name: str = ""
    company_email: str = ""
    purchase_date: datetime | None = None
    state: str = "invoice_created"
    source: str = ""
    txn_date: date | None = None
    balance: Decimal | None = None
    deposit: Decimal | None = None
    currency: str = ""
    exchange_rate: Decimal | None = None
    sync_token: str = ""
    customer_reference: str = ""
    linked_txn: str = "[]"
    sales_term: str = ""
    private_note: str = ""
    email_status: str = ""
    purchase_order_no: str = ""
    emailed_at: datetime | None = None
    books_status: str = "open"
    books_updated_at: datetime | None = None


class AllocationRecord(NamedTuple):
    """One line of a payment: the amount applied to the Invoice, CreditMemo, … (`kind`) with the id `reference`."""

    kind: str
    reference: str
    amount: Decimal | None = None


class PaymentRecord(NamedTuple):
    """A payment. One that only applies a credit to an invoice has `moves_money` False."""

    reference: str
    customer_reference: str = ""
    number: str = ""
    paid_on: date | None = None
    amount: Decimal | None = None
    unapplied: Decimal | None = None
    currency: str = ""
    account_reference: str = ""
    moves_money: bool = True
    is_void: bool = False
    sync_token: str = ""
    books_updated_at: datetime | None = None
    allocations: tuple[AllocationRecord, ...] = ()


class CreditMemoRecord(NamedTuple):
    """A credit memo. `remaining` is the amount that is not applied yet."""

    reference: str
    customer_reference: str = ""
    number: str = ""
    issued_on: date | None = None
    amount: Decimal | None = None
    remaining: Decimal | None = None
    currency: str = ""
    is_void: bool = False
    sync_token: str = ""
    books_updated_at: datetime | None = None
