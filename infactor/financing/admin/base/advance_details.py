"""Facts and tables of one advance: its figures, payments, payouts, cases, approvals and ledger entries."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from infactor.core.admin.formatting import amount_text, day_text, link, moment_text
from infactor.core.admin.tables import Table
from infactor.financing import purchase_blockers
from infactor.financing.accounting import balances
from infactor.financing.admin.base.decisions import money_day
from infactor.financing.admin.base.tables import corrections_table, ledger_table
from infactor.financing.eligibility import staleness
from infactor.financing.models import OUTSTANDING_STATUSES, Advance, Approval, PurchasedInvoice
from infactor.ledger.balances import entries_of
from infactor.ledger.models import Purpose, Transaction

S = Advance.Status


def advance_facts(advance: Advance) -> list[tuple[str, object]]:
    """The facts that every decision about an advance shows."""
    currency = advance.currency
    outstanding = balances.outstanding(advance=advance)
    facts: list[tuple[str, object]] = [
        (_("Advance"), link(advance)),
        (_("Supplier"), link(advance.supplier)),
        (_("Buyer"), link(advance.buyer)),
        (_("Invoice"), link(advance.invoice)),
        (_("Status"), advance.get_status_display()),
        (_("Face"), amount_text(advance.face, currency)),
        (_("Base"), amount_text(advance.base, currency)),
        (_("Advance"), amount_text(advance.amount, currency)),
        (_("Initial reserve"), amount_text(advance.reserve, currency)),
    ]
    if advance.status in OUTSTANDING_STATUSES:
        facts += [
            (_("Outstanding by the ledger"), amount_text(outstanding.receivable, currency)),
            (_("Reserve by the ledger"), amount_text(outstanding.reserve, currency)),
            (_("Funded on"), day_text(advance.funded_on)),
        ]
    return [*facts, (_("Recourse date"), day_text(advance.recourse_on))]


def stale_books_text(advance: Advance) -> str:
    """A warning where the supplier's books have not been read lately; else empty."""
    return staleness.stale_books_warning(company_file=advance.invoice.company_file, at=timezone.now())


def related_tables(advance: Advance) -> Sequence[Table]:
    """The tables of everything that belongs to an advance."""
    tables = [_invoice(advance), *_purchase(advance)]
    if advance.status == S.ACCEPTED:
        tables.append(blockers_table(advance))
    tables += [_payments(advance), _payouts(advance), _notices(advance)]
    if advance.status in OUTSTANDING_STATUSES and advance.recourse_on <= money_day():
        tables.append(_sent_payments(advance))
    tables += [_cases(advance), corrections_table(advance.corrections), _approvals(advance), _entries(advance)]
    return tables


def blockers_table(advance: Advance) -> Table:
    """Why the advance cannot be paid out now."""
    is_stopped = advance.status != S.ACCEPTED
    found = purchase_blockers.read({advance.pk})
    blockers = purchase_blockers.of_advances(advances=found, on=money_day(), gives_notice=is_stopped)[advance.pk]
    return Table(
        caption=_("Blockers of the payout"),
        columns=(_("Blocker"),),
        rows=[(one,) for one in blockers],
        empty=_("None: it can be paid out."),
    )


def _invoice(advance: Advance) -> Table:
    invoice = advance.invoice
    return Table(
        caption=_("The invoice in the supplier's books"),
        columns=(
            _("Invoice"),
            _("Buyer"),
            _("Amount"),
            _("Open"),
            _("Issued"),
            _("Due"),
            _("In QuickBooks"),
            _("State"),
            _("Email"),
        ),
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


def _purchase(advance: Advance) -> list[Table]:
    """What was bought, beside what the books say now."""
    try:
        bought = advance.purchase
    except PurchasedInvoice.DoesNotExist:
        return []
    invoice, code = advance.invoice, bought.currency
    rows = [
        (_("Number"), bought.number or "-", invoice.invoice_no or "-"),
        (_("Amount"), amount_text(bought.amount, code), amount_text(invoice.invoice_amount, invoice.currency)),
        (_("Open"), amount_text(bought.balance, code), amount_text(invoice.balance, invoice.currency)),
        (_("Sales tax"), amount_text(bought.tax_amount, code), amount_text(invoice.tax_amount, invoice.currency)),
        (_("Issued"), day_text(bought.txn_date), day_text(invoice.txn_date)),
        (_("Due: our calendar keeps the first"), day_text(bought.due_on), day_text(invoice.payable_date)),
        (_("Lines"), len(bought.lines), len(invoice.items) if isinstance(invoice.items, list) else "-"),
        (_("Written down"), moment_text(bought.taken_at), ""),
    ]
    return [
        Table(caption=_("What was bought"), columns=(_("Field"), _("When bought"), _("Now in QuickBooks")), rows=rows)
    ]


def _payments(advance: Advance) -> Table:
    rows = advance.allocations.select_related("collection").order_by("collection__value_date", "pk")
    return Table(
        caption=_("Payments"),
        empty=_("The buyer has not paid anything yet."),
        columns=(_("Payment"), _("Value date"), _("For"), _("Amount"), _("Payer"), _("Reference"), _("Undone")),
        rows=[
            (
                link(one.collection),
                day_text(one.collection.value_date),
                one.get_kind_display(),
                amount_text(one.amount, advance.currency),
                one.collection.payer or "-",
                one.collection.bank_reference,
                moment_text(one.reversed_at) or "-",
            )
            for one in rows
        ],
    )


def _payouts(advance: Advance) -> Table:
    rows = advance.payouts.select_related("bank_account").order_by("pk")
    return Table(
        caption=_("Payouts"),
        empty=_("Nothing has been paid out yet."),
        columns=(_("Payout"), _("For"), _("Amount"), _("Value date"), _("Status"), _("Account")),
        rows=[
            (
                link(one),
                one.get_purpose_display(),
                amount_text(one.amount, one.currency),
                day_text(one.value_date),
                one.get_status_display(),
                one.destination.masked,
            )
            for one in rows
        ],
    )


def _notices(advance: Advance) -> Table:
    return Table(
        caption=_("Notices of assignment"),
        empty=_("The buyer has no notice: the invoice is not bought yet."),
        columns=(
            _("Notice"),
            _("Status"),
            _("Sent"),
            _("Sent to"),
            _("Reminders"),
            _("Acknowledged"),
            _("By"),
            _("Ended"),
            _("Reason"),
        ),
        rows=[
            (
                link(one),
                one.get_status_display(),
                moment_text(one.sent_at),
                one.to,
                one.reminders,
                moment_text(one.acknowledged_at) or "-",
                f"{one.acknowledged_name}, {one.get_channel_display().lower()}" if one.acknowledged_at else "-",
                moment_text(one.ended_at) or "-",
                one.get_release_reason_display() or "-",
            )
            for one in advance.notices.order_by("pk")
        ],
    )


def _cases(advance: Advance) -> Table:
    return Table(
        caption=_("Cases"),
        empty=_("Nothing was disputed, unpaid on its recourse date, or changed in the supplier's books."),
        columns=(_("Case"), _("Opened"), _("Reason"), _("Outcome"), _("Conclusion")),
        rows=[
            (
                link(one, one.get_kind_display()),
                moment_text(one.opened_at),
                one.reason,
                one.get_outcome_display() or _("open"),
                one.conclusion or "-",
            )
            for one in advance.cases.order_by("pk")
        ],
    )


def _sent_payments(advance: Advance) -> Table:
    """What the supplier says that it has sent to buy the invoice back."""
    return Table(
        caption=_("What the supplier says it sent"),
        empty=_("The supplier has not said that it sent anything."),
        columns=(_("Said"), _("Amount"), _("Sent on"), _("Reference"), _("Outcome")),
        rows=[
            (
                link(one, moment_text(one.said_at)),
                amount_text(one.amount, one.currency),
                day_text(one.sent_on),
                one.reference,
                one.get_outcome_display() or _("open"),
            )
            for one in advance.sent_payments.order_by("pk")
        ],
    )


def _approvals(advance: Advance) -> Table:
    rows = (
        Approval.objects.filter(subject=advance.ledger_owner)
        .select_related("requested_by", "decided_by")
        .order_by("pk")
    )
    return Table(
        caption=_("Approvals"),
        empty=_("No approval was requested."),
        columns=(_("What"), _("Requested by"), _("Requested"), _("Decision"), _("By")),
        rows=[
            (
                link(one),
                str(one.requested_by),
                moment_text(one.requested_at),
                one.get_decision_display() or _("waiting"),
                str(one.decided_by or "-"),
            )
            for one in rows
        ],
    )


def _entries(advance: Advance) -> Table:
    """Every entry of the transactions that post to the advance's own accounts, but for accruals, which are of many."""
    own = entries_of(owner=advance.ledger_owner).exclude(account__purpose=Purpose.ACCRUED_FEES)
    written = Transaction.objects.filter(pk__in=own.order_by().values("transaction_id"))
    return ledger_table(written, order="transaction__value_date")
