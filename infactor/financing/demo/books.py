"""The demo books: what they would hand in on each day, as records that any source of invoices makes."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from infactor.financing.demo.bills import BILLS, MEMOS, Bill, Payment
from infactor.financing.demo.customers import CUSTOMERS, PAID_LONG_AGO, Customer
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


def all_bills() -> list[Bill]:
    """Those paid long ago, numbered by the day on which they were issued, and those of the story."""
    old = [
        Bill(
            "",
            rhythm.customer,
            rhythm.net + rhythm.step * turn,
            issued := rhythm.first - rhythm.every * turn,
            issued - rhythm.terms,
            (Payment(issued - rhythm.after, rhythm.net + rhythm.step * turn),),
        )
        for rhythm in PAID_LONG_AGO
        for turn in range(rhythm.times)
    ]
    old.sort(key=lambda bill: -bill.issued)
    return [*(bill._replace(number=str(FIRST_NUMBER + place)) for place, bill in enumerate(old)), *BILLS]


class DemoBooks:
    """The books of the demo company, which are read once a day. Days are counted back from `today`."""

    def __init__(self, *, company_file: CompanyFile, today: date) -> None:
        self.company_file = company_file
        self._today = today
        self._bills = all_bills()

    def read_first(self, *, day: int, at: datetime) -> None:
        """Everything that the books hold `day` days ago, as when they are read for the first time."""
        buyers = [_buyer(customer) for customer in CUSTOMERS]
        upserts.upsert_buyers(company_file=self.company_file, records=buyers, at=at)
        self._read([bill for bill in self._bills if bill.issued >= day], day=day, since=None, at=at)

    def has_changes(self, *, day: int) -> bool:
        """Whether anything was issued, paid or credited on the day `day` days ago."""
        return bool(self._moved(day)) or any(memo.issued == day for memo in MEMOS)

    def read_changes(self, *, day: int, at: datetime) -> None:
        """What was issued, paid and credited on the day `day` days ago."""
        self._read(self._moved(day), day=day, since=day, at=at)

    def note_read(self, *, at: datetime) -> None:
        """The books were read, and nothing had changed."""
        upserts.set_as_of(company_file=self.company_file, as_of=at)

    def _moved(self, day: int) -> list[Bill]:
        return [bill for bill in self._bills if bill.issued == day or any(one.day == day for one in bill.paid)]

    def _read(self, bills: list[Bill], *, day: int, since: int | None, at: datetime) -> None:
        invoices = [self._invoice(bill, day=day, at=at) for bill in bills]
        upserts.upsert_invoices(company_file=self.company_file, records=invoices, at=at)
        received = [record for bill in bills for record in self._payments(bill, day=day, since=since, at=at)]
        payments.upsert_payments(company_file=self.company_file, records=received, at=at)
        memos = [self._memo(place, at=at) for place, memo in enumerate(MEMOS) if memo.issued == day]
        payments.upsert_credit_memos(company_file=self.company_file, records=memos, at=at)
        upserts.set_as_of(company_file=self.company_file, as_of=at)
        self.company_file.refresh_from_db()

    def _invoice(self, bill: Bill, *, day: int, at: datetime) -> InvoiceRecord:
        customer = _customers[bill.customer]
        laid = [payment for payment in bill.paid if payment.day >= day]
        balance = bill.total - sum((payment.amount for payment in laid), Decimal(0))
        written = self._written(bill.issued)
        return InvoiceRecord(
            qbk_invoice_id=bill.number,
            invoice_no=bill.number,
            invoice_amount=bill.total,
            invoice_date=written,
            payable_date=self._day(bill.due),
            tax_amount=bill.tax,
            items=_items(bill, customer),
            tax_details=_text({"TotalTax": bill.tax}),
            company_name=customer.name,
            buyer_email=customer.email,
            contact_name=customer.name,
            purchase_date=written,
            source=SOURCE,
            txn_date=self._day(bill.issued),
            balance=balance,
            currency=CURRENCY,
            sync_token=str(len(laid)),
            customer_reference=customer.reference,
            linked_txn=_text([{"TxnId": _reference(bill, turn), "TxnType": "Payment"} for turn in range(len(laid))]),
            sales_term=f"Net {bill.issued - bill.due}",
            email_status="EmailSent" if customer.email else "NotSet",
            books_status=derive_books_status(total=bill.total, balance=balance, voided=False),
            books_updated_at=at if laid else written,
        )

    def _payments(self, bill: Bill, *, day: int, since: int | None, at: datetime) -> Iterator[PaymentRecord]:
        for turn, payment in enumerate(bill.paid):
            if payment.day == day or (since is None and payment.day > day):
                yield PaymentRecord(
                    reference=_reference(bill, turn),
                    customer_reference=bill.customer,
                    number=f"ACH {bill.number}",
                    paid_on=self._day(payment.day),
                    amount=payment.amount,
                    unapplied=Decimal(0),
                    currency=CURRENCY,
                    sync_token=FIRST_VERSION,
                    books_updated_at=at,
                    allocations=(AllocationRecord("Invoice", bill.number, payment.amount),),
                )

    def _memo(self, place: int, *, at: datetime) -> CreditMemoRecord:
        memo = MEMOS[place]
        return CreditMemoRecord(
            reference=f"memo-{place + 1}",
            customer_reference=memo.customer,
            number=memo.number,
            issued_on=self._day(memo.issued),
            amount=memo.amount,
            remaining=memo.amount,
            currency=CURRENCY,
            sync_token=FIRST_VERSION,
            books_updated_at=at,
        )

    def _day(self, ago: int) -> date:
        return self._today - timedelta(days=ago)

    def _written(self, ago: int) -> datetime:
        """Before the books are read on that day."""
        return datetime.combine(self._day(ago), time(6, 40), tzinfo=self.company_file.supplier.zone)


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


def _reference(bill: Bill, turn: int) -> str:
    return f"{bill.number}-{turn + 1}"


def _items(bill: Bill, customer: Customer) -> str:
    """The print run, and what it cost to bring it there where that was worth a line of its own."""
    delivery = Decimal(60) if bill.net >= 1000 else Decimal(0)
    printed = _line(1, customer.buys, f"Printed and bound for {customer.name}", bill.net - delivery)
    lines = [printed, _line(2, "Delivery", "By our own van", delivery)] if delivery else [printed]
    return _text([*lines, {"Amount": bill.net, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}])


def _line(number: int, what: str, words: str, amount: Decimal) -> dict[str, Any]:
    return {
        "Id": str(number),
        "LineNum": number,
        "Description": words,
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": str(number), "name": what}, "UnitPrice": amount, "Qty": 1},
    }


def _text(value: object) -> str:
    return _json.encode(value).decode()
