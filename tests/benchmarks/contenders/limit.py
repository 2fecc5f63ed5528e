"""The lower bounds: decode each page and COPY it into the same columns, without checks, history or updates.

One keeps the rows alone, the other their documents as well, compressed as infactor does.
"""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import requests
from django.db import connection, transaction
from msgspec import Raw, Struct

from quickbooks_app.documents import payloads
from tests.benchmarks.stub import REALM

TABLE = "benchmarks_limit"
DOCUMENTS = "benchmarks_limitdocument"
DOCUMENT_COLUMNS = "connection_id, entity, qbk_id, sync_token, digest, payload, dictionary_id, fetched_at"
PAGE = 1000


class Ref(Struct, gc=False):
    value: str = ""
    name: str = ""


class Stamps(Struct, gc=False):
    CreateTime: datetime
    LastUpdatedTime: datetime


class Email(Struct, gc=False):
    Address: str = ""


class Tax(Struct, gc=False):
    TotalTax: Decimal


class Source(Struct, gc=False):
    Id: str
    SyncToken: str
    MetaData: Stamps
    DocNumber: str
    TxnDate: date
    DueDate: date
    CustomerRef: Ref
    BillEmail: Email
    CurrencyRef: Ref
    TotalAmt: Decimal
    Balance: Decimal
    Line: Raw
    TxnTaxDetail: Raw
    LinkedTxn: Raw
    SalesTermRef: Ref
    PrivateNote: str
    EmailStatus: str


class Response(Struct, gc=False):
    Invoice: list[Raw] = []


class Answer(Struct, gc=False):
    QueryResponse: Response


COLUMNS = (
    "public_id, supplier_id, company_file_id, invoice_no, invoice_amount, invoice_date, payable_date, tax_amount, "
    "items, tax_details, company_name, buyer_email, contact_name, company_email, purchase_date, state, "
    "qbk_invoice_id, source, txn_date, balance, currency, sync_token, customer_reference, linked_txn, sales_term, "
    "private_note, email_status, books_status, books_updated_at, search_text, created_at, updated_at"
)


def create_tables() -> None:
    """Create a table like that of the invoices, with its constraints and indexes but no foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (LIKE invoices_invoice INCLUDING ALL)")
        cursor.execute(f"CREATE TABLE {DOCUMENTS} (LIKE quickbooks_app_document INCLUDING ALL)")


def copy(*, address: str, since: datetime | None) -> None:
    """Fetch, decode and COPY each page by position, each in its own transaction."""
    _copy(address, with_documents=False)


def copy_with_documents(*, address: str, since: datetime | None) -> None:
    """The same, with the documents in the same transactions."""
    _copy(address, with_documents=True)


def _copy(address: str, *, with_documents: bool) -> None:
    start, now = 1, datetime.now(UTC)
    with requests.Session() as session:
        while True:
            statement = f"SELECT * FROM Invoice ORDERBY MetaData.CreateTime STARTPOSITION {start} MAXRESULTS {PAGE}"
            answer = session.get(f"{address}/v3/company/{REALM}/query", params={"query": statement}, timeout=60)
            raws = msgspec.json.decode(answer.content, type=Answer).QueryResponse.Invoice
            page = [msgspec.json.decode(raw, type=Source) for raw in raws]
            with transaction.atomic(), connection.cursor() as cursor:
                with cursor.cursor.copy(f"COPY {TABLE} ({COLUMNS}) FROM STDIN") as rows:
                    for source in page:
                        rows.write_row(_row(source, now))
                if with_documents:
                    packer = payloads.packer()
                    with cursor.cursor.copy(f"COPY {DOCUMENTS} ({DOCUMENT_COLUMNS}) FROM STDIN") as rows:
                        for source, raw in zip(page, map(bytes, raws), strict=True):
                            packed, digest = packer.pack(raw), payloads.digest_of(raw)
                            version = [source.Id, source.SyncToken, digest, packed, packer.dictionary_id, now]
                            rows.write_row([1, "Invoice", *version])
            if len(page) < PAGE:
                return
            start += PAGE


def _row(source: Source, now: datetime) -> list[object]:
    buyer, stamps = source.CustomerRef, source.MetaData
    tax = msgspec.json.decode(source.TxnTaxDetail, type=Tax).TotalTax
    return [
        uuid.uuid4(), 1, 1, source.DocNumber, source.TotalAmt, stamps.CreateTime, source.DueDate, tax,
        bytes(source.Line).decode(), bytes(source.TxnTaxDetail).decode(), buyer.name, source.BillEmail.Address,
        buyer.name, source.BillEmail.Address, stamps.CreateTime, "invoice_created", source.Id, "QuickBooks",
        source.TxnDate, source.Balance, source.CurrencyRef.value, source.SyncToken, buyer.value,
        bytes(source.LinkedTxn).decode(), source.SalesTermRef.name, source.PrivateNote, source.EmailStatus,
        "open", stamps.LastUpdatedTime, f"{source.DocNumber} {buyer.name} {source.Id}".lower(), now, now,
    ]  # fmt: skip
