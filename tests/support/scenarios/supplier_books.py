"""A supplier that edits its books: each edit arrives as an import would bring it, through infactor's ingest."""

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from infactor.invoices.ingest import deletions, own_payments, payments, upserts
from infactor.invoices.ingest.records import (
    AllocationRecord,
    BuyerRecord,
    CreditMemoRecord,
    InvoiceRecord,
    PaymentRecord,
)
from infactor.invoices.models import Buyer, Invoice
from tests.support.scenarios.financing import Scenario

JSON_FIELDS = ("items", "tax_details", "linked_txn")


@dataclass
class SupplierBooks:
    """The books of the scenario's supplier. Ids of payments count up; every edit is of the scenario's moment."""

    scenario: Scenario
    payments: dict[str, PaymentRecord] = field(default_factory=dict)
    last: int = 9000

    def edit(self, invoice: Invoice, **changed: Any) -> Invoice:
        """Save the invoice with other values."""
        row = Invoice.objects.get(pk=invoice.pk)
        values = {name: getattr(row, name) for name in InvoiceRecord._fields}
        values |= {name: json.dumps(values[name], default=str) for name in JSON_FIELDS if name not in changed}
        record = InvoiceRecord(**{**values, **changed, "books_updated_at": None})
        upserts.upsert_invoices(company_file=self.scenario.books, records=[record], at=self.scenario.now)
        return Invoice.objects.get(pk=invoice.pk)

    def lower(self, invoice: Invoice, amount: Decimal) -> Invoice:
        """The open balance as QuickBooks changes it with a payment or a credit."""
        row = Invoice.objects.get(pk=invoice.pk)
        balance = (row.balance or Decimal(0)) - amount
        status = "paid" if balance <= 0 else "open" if balance == row.invoice_amount else "partly_paid"
        return self.edit(row, balance=balance, books_status=status)

    def pay(
        self,
        *invoices: Invoice,
        amount: str,
        on: date | None = None,
        kind: str = "",
        is_own: bool = False,
        unapplied: str = "0",
    ) -> str:
        """Receive a payment of `amount` for each invoice, or lay a document of `kind` against it. Returns its id."""
        reference = self._next()
        lines = [AllocationRecord("Invoice", one.qbk_invoice_id, Decimal(amount)) for one in invoices]
        total = Decimal(amount) * len(invoices) + Decimal(unapplied)
        if kind:
            lines.append(AllocationRecord(kind, f"{kind}-1", total))
        buyer = invoices[0].customer_reference if invoices else ""
        self._save(
            PaymentRecord(
                reference=reference,
                customer_reference=buyer,
                number=f"CHQ-{reference}",
                paid_on=on or self.scenario.today,
                amount=Decimal(0) if kind else total,
                unapplied=Decimal(unapplied),
                currency="USD",
                moves_money=not kind,
                allocations=tuple(lines),
            )
        )
        if is_own:
            own_payments.mark_own(company_file=self.scenario.books, references=[reference])
        for one in invoices:
            self.lower(one, Decimal(amount))
        return reference

    def pay_less_credit(self, invoice: Invoice, *, money: Decimal, credit: Decimal) -> str:
        """Receive one payment today that closes `invoice` with money and a credit memo, as a discount is booked."""
        reference = self._next()
        record = PaymentRecord(
            reference=reference,
            customer_reference=invoice.customer_reference,
            paid_on=self.scenario.today,
            amount=money,
            unapplied=Decimal(0),
            currency="USD",
            allocations=(
                AllocationRecord("Invoice", invoice.qbk_invoice_id, money + credit),
                AllocationRecord("CreditMemo", f"memo-{reference}", credit),
            ),
        )
        self._save(record)
        self.lower(invoice, money + credit)
        return reference

    def pay_each(self, *shares: tuple[Invoice, Decimal]) -> str:
        """Receive one payment today that pays several invoices, each its share."""
        reference = self._next()
        record = PaymentRecord(
            reference=reference,
            customer_reference=shares[0][0].customer_reference,
            paid_on=self.scenario.today,
            amount=sum((amount for _, amount in shares), Decimal(0)),
            unapplied=Decimal(0),
            currency="USD",
            allocations=tuple(AllocationRecord("Invoice", one.qbk_invoice_id, amount) for one, amount in shares),
        )
        self._save(record)
        for invoice, amount in shares:
            self.lower(invoice, amount)
        return reference

    def receive_unapplied(self, buyer: Buyer, *, amount: str) -> str:
        """Receive a payment of a buyer that lies on no invoice."""
        reference = self._next()
        self._save(
            PaymentRecord(
                reference=reference,
                customer_reference=buyer.reference,
                paid_on=self.scenario.today,
                amount=Decimal(amount),
                unapplied=Decimal(amount),
                currency="USD",
            )
        )
        return reference

    def delete_payment(self, reference: str) -> None:
        """Delete a payment: what it lowered is open again."""
        record = self.payments.pop(reference)
        payments.mark_payments_deleted(
            company_file=self.scenario.books, references=[reference], books_at={}, at=self.scenario.now
        )
        for line in record.allocations:
            if line.kind == "Invoice":
                self.lower(Invoice.objects.get(qbk_invoice_id=line.reference), -(line.amount or Decimal(0)))

    def credit(self, buyer: Buyer, *, amount: str, reference: str = "7001") -> None:
        """A credit memo that is not applied to any invoice."""
        record = CreditMemoRecord(
            reference=reference,
            customer_reference=buyer.reference,
            issued_on=self.scenario.today,
            amount=Decimal(amount),
            remaining=Decimal(amount),
            currency="USD",
        )
        payments.upsert_credit_memos(company_file=self.scenario.books, records=[record], at=self.scenario.now)

    def void(self, invoice: Invoice) -> None:
        self.edit(invoice, invoice_amount=Decimal(0), balance=Decimal(0), books_status="voided")

    def delete(self, invoice: Invoice) -> None:
        deletions.mark_invoices_deleted(
            company_file=self.scenario.books, deleted={invoice.qbk_invoice_id: None}, at=self.scenario.now
        )

    def customer(self, name: str) -> Buyer:
        """Another customer."""
        record = BuyerRecord(reference=f"C-{name}", name=name, company_name=name, email="ap@other.example")
        upserts.upsert_buyers(company_file=self.scenario.books, records=[record], at=self.scenario.now)
        return Buyer.objects.get(company_file=self.scenario.books, reference=record.reference)

    def _next(self) -> str:
        self.last += 1
        return str(self.last)

    def _save(self, record: PaymentRecord) -> None:
        self.payments[record.reference] = record
        payments.upsert_payments(company_file=self.scenario.books, records=[record], at=self.scenario.now)
