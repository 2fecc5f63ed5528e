"""An advance as staff look at it: what is out by the books, what was posted, paid, paid out, and what is in its way."""

from collections.abc import Sequence

from django.utils import timezone

from infactor.core.admin.base import amount_text
from infactor.core.admin.decisions import Table
from infactor.financing.accounting import journal
from infactor.financing.admin.base.parts import (
    day_text,
    link,
    moment_text,
    today_for,
)
from infactor.financing.admin.base.tables import books_table
from infactor.financing.advances import funding
from infactor.financing.eligibility import staleness
from infactor.financing.models import Advance, Approval
from infactor.ledger.balances import entries_of
from infactor.ledger.models import Transaction
from infactor.suppliers import financing_status

S = Advance.Status


def facts_of(advance: Advance) -> list[tuple[str, object]]:
    """What every decision about an advance shows."""
    currency = advance.currency
    left = journal.outstanding(advance=advance)
    shown: list[tuple[str, object]] = [
        ("Advance", link(advance)),
        ("Supplier", link(advance.supplier)),
        ("Buyer", link(advance.buyer)),
        ("Invoice", link(advance.invoice)),
        ("Status", advance.get_status_display()),
        ("Face", amount_text(advance.face, currency)),
        ("Base", amount_text(advance.base, currency)),
        ("Advance", amount_text(advance.amount, currency)),
        ("Reserve at the start", amount_text(advance.reserve, currency)),
    ]
    if advance.status in (S.FUNDED, S.COLLECTED):
        shown += [
            ("Still open by the books", amount_text(left.receivable, currency)),
            ("Reserve held by the books", amount_text(left.reserve, currency)),
            ("Funded on", day_text(advance.funded_on)),
        ]
    return [*shown, ("Recourse on", day_text(advance.recourse_on))]


def account_text(advance: Advance) -> str:
    """Where the supplier is paid to, so much of it that it can be told apart."""
    account = financing_status.payout_account(supplier=advance.supplier, currency=advance.currency)
    return f"{account.masked}, {account.bank_name}, {account.holder}" if account else "no confirmed account"


def old_books_text(advance: Advance) -> str:
    """That its supplier's books are old, where they are."""
    return staleness.old_books(company_file=advance.invoice.company_file, at=timezone.now())


def tables_of(advance: Advance) -> Sequence[Table]:
    """Everything that belongs to an advance."""
    found = [_invoice(advance)]
    if advance.status == S.ACCEPTED:
        found.append(obstacles_table(advance))
    found += [_payments(advance), _payouts(advance), _cases(advance), _approvals(advance), _entries(advance)]
    return found


def obstacles_table(advance: Advance) -> Table:
    """What stands against paying it out now."""
    problems = funding.obstacles(advance=advance, invoice=advance.invoice, on=today_for(advance.supplier))
    return Table(
        caption="What stands against paying it out",
        columns=("Obstacle",),
        rows=[(one,) for one in problems],
        empty="Nothing: it can be paid out.",
    )


def _invoice(advance: Advance) -> Table:
    invoice = advance.invoice
    return Table(
        caption="The invoice and its buyer, by the books of the supplier",
        columns=("Invoice", "Buyer", "Amount", "Open", "Issued", "Due", "In QuickBooks", "State", "E-mail"),
        rows=[
            (
                link(invoice),
                link(advance.buyer),
                amount_text(invoice.invoice_amount, invoice.currency),
                amount_text(invoice.balance, invoice.currency),
                day_text(invoice.txn_date),
                day_text(invoice.payable_date),
                invoice.get_books_status_display(),
                invoice.get_state_display(),
                invoice.buyer_email or advance.buyer.email or "-",
            )
        ],
    )


def _payments(advance: Advance) -> Table:
    rows = advance.matches.select_related("collection").order_by("collection__value_date", "pk")
    return Table(
        caption="Payments",
        empty="The buyer has paid nothing yet.",
        columns=("Payment", "Value date", "For", "Amount", "Payer", "Reference", "Taken back"),
        rows=[
            (
                link(one.collection),
                day_text(one.collection.value_date),
                one.get_kind_display(),
                amount_text(one.amount, advance.currency),
                one.collection.payer or "-",
                one.collection.bank_reference,
                moment_text(one.undone_at) or "-",
            )
            for one in rows
        ],
    )


def _payouts(advance: Advance) -> Table:
    rows = advance.payouts.select_related("bank_account").order_by("pk")
    return Table(
        caption="Payouts",
        empty="Nothing was paid out yet.",
        columns=("Payout", "For", "Amount", "Value date", "Status", "Account"),
        rows=[
            (
                link(one),
                one.get_purpose_display(),
                amount_text(one.amount, one.currency),
                day_text(one.value_date),
                one.get_status_display(),
                one.bank_account.masked,
            )
            for one in rows
        ],
    )


def _cases(advance: Advance) -> Table:
    return Table(
        caption="Cases",
        empty="There was no dispute, and its recourse date was not reached unpaid.",
        columns=("Case", "Opened", "Reason", "Outcome", "Conclusion"),
        rows=[
            (
                link(one, one.get_kind_display()),
                moment_text(one.opened_at),
                one.reason,
                one.get_outcome_display() or "open",
                one.conclusion or "-",
            )
            for one in advance.cases.order_by("pk")
        ],
    )


def _approvals(advance: Advance) -> Table:
    rows = Approval.objects.filter(subject=advance.owner).select_related("asked_by", "decided_by").order_by("pk")
    return Table(
        caption="Asked of a second person",
        empty="Nothing was asked of a second person.",
        columns=("What", "Asked by", "Asked", "Decision", "By"),
        rows=[
            (
                link(one),
                str(one.asked_by),
                moment_text(one.asked_at),
                one.get_decision_display() or "waits",
                str(one.decided_by or "-"),
            )
            for one in rows
        ],
    )


def _entries(advance: Advance) -> Table:
    """Every entry of the transactions that touch the advance's own accounts, its counterparts among them."""
    touched = entries_of(owner=advance.owner).values_list("transaction_id", flat=True)
    written = (
        Transaction.objects.filter(pk__in=set(touched))
        .prefetch_related("entries__account")
        .order_by("value_date", "pk")
    )
    return books_table(written)
