"""The demo books: what they deliver on each day, as the records that every source of invoices makes."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from infactor.financing.demo.customers import CUSTOMERS, PAID_HISTORY, Customer
from infactor.financing.demo.invoices import CREDIT_MEMOS, INVOICES, DemoInvoice, DemoPayment
from infactor.invoices.ingest import payments, upserts
from infactor.invoices.ingest.records import (
    AllocationRecord,
    BuyerRecord,
    CreditMemoRecord,
    InvoiceRecord,
    PaymentRecord,
)
from infactor.invoices.models import CompanyFile
from infactor.invoices.states import derive_books_status

SOURCE, CURRENCY = "QuickBooks", "USD"
FIRST_NUMBER = 1001
FIRST_VERSION = "0"
_json = msgspec.json.Encoder(decimal_format="number")
_customers = {one.reference: one for one in CUSTOMERS}


def all_invoices() -> list[DemoInvoice]:
    """The paid history, numbered by the day of issue, and the invoices of the scenario."""
    history = [
        DemoInvoice(
            "",
            series.customer,
            series.first_net + series.increase * number,
            issued := series.first_issued - series.interval * number,
            issued - series.terms,
            (DemoPayment(issued - series.paid_after, series.first_net + series.increase * number),),
        )
        for series in PAID_HISTORY
        for number in range(series.invoice_count)
    ]
    history.sort(key=lambda invoice: -invoice.issued)
    return [
        *(invoice._replace(number=str(FIRST_NUMBER + position)) for position, invoice in enumerate(history)),
        *INVOICES,
    ]


class DemoBooks:
    """The books of the demo company, imported once a day. Days are counted back from `today`."""

    def __init__(self, *, company_file: CompanyFile, today: date) -> None:
        self.company_file = company_file
        self._today = today
        self._invoices = all_invoices()

    def import_all(self, *, day: int, at: datetime) -> None:
        """Import everything that the books hold `day` days ago, as a first import does."""
        buyers = [_buyer(customer) for customer in CUSTOMERS]
        upserts.upsert_buyers(company_file=self.company_file, records=buyers, at=at)
        self._import([invoice for invoice in self._invoices if invoice.issued >= day], day=day, since=None, at=at)

    def has_changes(self, *, day: int) -> bool:
        """Whether anything was issued, paid or credited `day` days ago."""
        return bool(self._changed_invoices(day)) or any(memo.issued == day for memo in CREDIT_MEMOS)

    def import_changes(self, *, day: int, at: datetime) -> None:
        """Import what was issued, paid or credited `day` days ago."""
        self._import(self._changed_invoices(day), day=day, since=day, at=at)

    def mark_current(self, *, at: datetime) -> None:
        """Note that the books were imported without changes."""
        upserts.set_as_of(company_file=self.company_file, as_of=at)

    def _changed_invoices(self, day: int) -> list[DemoInvoice]:
        return [
            invoice
            for invoice in self._invoices
            if invoice.issued == day or any(one.day == day for one in invoice.payments)
        ]

    def _import(self, invoices: list[DemoInvoice], *, day: int, since: int | None, at: datetime) -> None:
        records = [self._invoice(invoice, day=day, at=at) for invoice in invoices]
        upserts.upsert_invoices(company_file=self.company_file, records=records, at=at)
        received = [record for invoice in invoices for record in self._payments(invoice, day=day, since=since, at=at)]
        payments.upsert_payments(company_file=self.company_file, records=received, at=at)
        memos = [self._memo(position, at=at) for position, memo in enumerate(CREDIT_MEMOS) if memo.issued == day]
        payments.upsert_credit_memos(company_file=self.company_file, records=memos, at=at)
        upserts.set_as_of(company_file=self.company_file, as_of=at)
        self.company_file.refresh_from_db()

    def _invoice(self, invoice: DemoInvoice, *, day: int, at: datetime) -> InvoiceRecord:
        customer = _customers[invoice.customer]
        applied = [payment for payment in invoice.payments if payment.day >= day]
        balance = invoice.total - sum((payment.amount for payment in applied), Decimal(0))
        issued_at = self._issued_at(invoice.issued)
        return InvoiceRecord(
            qbk_invoice_id=invoice.number,
            invoice_no=invoice.number,
            invoice_amount=invoice.total,
            invoice_date=issued_at,
            payable_date=self._day(invoice.due),
            tax_amount=invoice.tax,
            items=_items(invoice, customer),
            tax_details=_text({"TotalTax": invoice.tax}),
            company_name=customer.name,
            buyer_email=customer.email,
            contact_name=customer.name,
            purchase_date=issued_at,
            source=SOURCE,
            txn_date=self._day(invoice.issued),
            balance=balance,
            currency=CURRENCY,
            sync_token=str(len(applied)),
            customer_reference=customer.reference,
            linked_txn=_text(
                [{"TxnId": _reference(invoice, number), "TxnType": "Payment"} for number in range(len(applied))]
            ),
            sales_term=f"Net {invoice.issued - invoice.due}",
            email_status="EmailSent" if customer.email else "NotSet",
            books_status=derive_books_status(total=invoice.total, balance=balance, voided=False),
            books_updated_at=at if applied else issued_at,
        )

    def _payments(self, invoice: DemoInvoice, *, day: int, since: int | None, at: datetime) -> Iterator[PaymentRecord]:
        for number, payment in enumerate(invoice.payments):
            if payment.day == day or (since is None and payment.day > day):
                yield PaymentRecord(
                    reference=_reference(invoice, number),
                    customer_reference=invoice.customer,
                    number=f"ACH {invoice.number}",
                    paid_on=self._day(payment.day),
                    amount=payment.amount,
                    unapplied=Decimal(0),
                    currency=CURRENCY,
                    sync_token=FIRST_VERSION,
                    books_updated_at=at,
                    allocations=(AllocationRecord("Invoice", invoice.number, payment.amount),),
                )

    def _memo(self, position: int, *, at: datetime) -> CreditMemoRecord:
        memo = CREDIT_MEMOS[position]
        return CreditMemoRecord(
            reference=f"memo-{position + 1}",
            customer_reference=memo.customer,
            number=memo.number,
            issued_on=self._day(memo.issued),
            amount=memo.amount,
            remaining=memo.amount,
            currency=CURRENCY,
            sync_token=FIRST_VERSION,
            books_updated_at=at,
        )

    def _day(self, days_ago: int) -> date:
        return self._today - timedelta(days=days_ago)

    def _issued_at(self, days_ago: int) -> datetime:
        """A time on that day before the books are imported."""
        return datetime.combine(self._day(days_ago), time(6, 40), tzinfo=self.company_file.supplier.zone)


def _buyer(customer: Customer) -> BuyerRecord:
    return BuyerRecord(
        reference=customer.reference,
        name=customer.name,
        full_name=customer.name,
        company_name=customer.company,
        contact_name=customer.contact,
        email=customer.email,
        phone=customer.phone,
        address=customer.address,
        currency=CURRENCY,
        sync_token=FIRST_VERSION,
    )


def _reference(invoice: DemoInvoice, number: int) -> str:
    return f"{invoice.number}-{number + 1}"


def _items(invoice: DemoInvoice, customer: Customer) -> str:
    """The print run, and the delivery as a line of its own where it is worth one."""
    delivery = Decimal(60) if invoice.net >= 1000 else Decimal(0)
    printed = _line(1, customer.buys, f"Printed and bound for {customer.name}", invoice.net - delivery)
    lines = [printed, _line(2, "Delivery", "By our own van", delivery)] if delivery else [printed]
    return _text([*lines, {"Amount": invoice.net, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}])


def _line(number: int, name: str, description: str, amount: Decimal) -> dict[str, Any]:
    return {
        "Id": str(number),
        "LineNum": number,
        "Description": description,
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": str(number), "name": name}, "UnitPrice": amount, "Qty": 1},
    }


def _text(value: object) -> str:
    return _json.encode(value).decode()
