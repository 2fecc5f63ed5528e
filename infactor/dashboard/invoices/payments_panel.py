"""Payments and credits: those applied to an invoice, including deleted and voided ones, and those not applied yet."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from infactor.invoices.customer_hierarchy import root_customer, supplier_roots
from infactor.invoices.models import BooksPayment, CreditMemo, Invoice, PaymentAllocation
from infactor.invoices.status_label import StatusLabel

KINDS_OF_CREDITS = {
    "CreditMemo": gettext_lazy("Credit memo"),
    "JournalEntry": gettext_lazy("Journal entry"),
    "Check": pgettext_lazy("means of payment", "Check"),
    "Deposit": gettext_lazy("Deposit"),
    "Expense": gettext_lazy("Expense"),
    "CreditCardCredit": gettext_lazy("Card credit"),
}
OTHER_ENTRY = gettext_lazy("Other entry")
MAX_UNAPPLIED = 20  # shown on the page; the rule counts all


@dataclass(frozen=True)
class AppliedPayment:
    """The part of a payment or credit that is applied to the invoice. `status` is set if it no longer counts."""

    kind: str
    number: str
    payer: str
    day: date | None
    amount: Decimal | None
    currency: str
    status: StatusLabel | None


def applied_payments(invoice: Invoice) -> list[AppliedPayment]:
    """All payments and credits applied to `invoice`, the latest first, after its deposit. At most three queries."""
    allocations = list(
        invoice.allocations.select_related("payment__buyer").order_by("-payment__paid_on", "-payment_id", "position")
    )
    numbers = _numbers_of_credits(invoice, allocations)
    return _deposits(invoice) + [
        AppliedPayment(
            kind=_kind(line.payment, has_credits=line.payment_id in numbers),
            number=", ".join(filter(None, [line.payment.number, *numbers.get(line.payment_id, ())])),
            payer=str(line.payment.buyer) if line.payment.buyer else invoice.company_name,
            day=line.payment.paid_on,
            amount=line.amount,
            currency=line.payment.currency or invoice.currency,
            status=_status(line),
        )
        for line in allocations
    ]


def unapplied_payments(invoice: Invoice) -> list[AppliedPayment]:
    """What the buyer's payments and credit memos have left, in the invoice's currency, the latest first.

    The buyer is the root customer with its sub-customers, as in the rules.
    """
    if invoice.buyer is None:
        return []
    root = root_customer(buyer=invoice.buyer)
    roots = supplier_roots(supplier=invoice.supplier)
    family = [buyer for buyer, top in roots.items() if top == root.pk]
    documents = Q(buyer__in=family, currency=invoice.currency, is_void=False, deleted_at=None)
    payments = BooksPayment.objects.filter(documents, unapplied__gt=0).annotate(left=F("unapplied"))
    memos = CreditMemo.objects.filter(documents).annotate(left=Coalesce("remaining", "amount")).filter(left__gt=0)
    found = [
        AppliedPayment(_("Payment"), one.number, str(one.buyer), one.paid_on, one.left, one.currency, None)
        for one in payments.select_related("buyer")
    ] + [
        AppliedPayment(_("Credit memo"), one.number, str(one.buyer), one.issued_on, one.left, one.currency, None)
        for one in memos.select_related("buyer")
    ]
    return sorted(found, key=lambda one: one.day or date.min, reverse=True)[:MAX_UNAPPLIED]


def _deposits(invoice: Invoice) -> list[AppliedPayment]:
    if not invoice.deposit:
        return []
    return [
        AppliedPayment(
            _("Deposit"), "", invoice.company_name, invoice.txn_date, invoice.deposit, invoice.currency, status=None
        )
    ]


def _status(line: PaymentAllocation) -> StatusLabel | None:
    if line.payment.deleted_at:
        return StatusLabel(_("Deleted in QuickBooks"), "neutral")
    return StatusLabel(_("Voided"), "neutral") if line.payment.is_void else None


def _kind(payment: BooksPayment, *, has_credits: bool) -> str:
    if not payment.moves_money:
        return _("Credit applied")
    return _("Payment and credits") if has_credits else _("Payment")


def _numbers_of_credits(invoice: Invoice, allocations: list[PaymentAllocation]) -> dict[int, list[str]]:
    """What else than money each payment lays against invoices, by payment id: a credit memo's number, or its kind."""
    numbers: dict[int, list[str]] = defaultdict(list)
    payments = {line.payment_id for line in allocations}
    sources = list(PaymentAllocation.objects.filter(payment__in=payments).exclude(kind="Invoice")) if payments else []
    memos = CreditMemo.objects.filter(
        company_file=invoice.company_file_id,
        reference__in=[line.reference for line in sources if line.kind == "CreditMemo"],
    )
    names = {memo.reference: str(memo) for memo in memos} if sources else {}
    for line in sources:
        kind = str(KINDS_OF_CREDITS.get(line.kind, OTHER_ENTRY))
        numbers[line.payment_id].append(names.get(line.reference, kind) if line.kind == "CreditMemo" else kind)
    return dict(numbers)
