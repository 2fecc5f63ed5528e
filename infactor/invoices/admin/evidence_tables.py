"""What backs an invoice, as tables for staff: lines with their items, payments and where they are, orders, files."""

from collections.abc import Sequence

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from infactor.core.admin.formatting import amount_text, day_text, figure_text, link, moment_text
from infactor.core.admin.tables import Table
from infactor.invoices import evidence, line_items
from infactor.invoices.models import Attachment, Deposit, Invoice, Order

DOWNLOAD = "admin:quickbooks_app_attachment"


def evidence_tables(invoice: Invoice) -> Sequence[Table]:
    """All of them but the files, in the order in which an underwriter reads."""
    return (_lines(invoice), _orders(invoice), _payments(invoice))


def _lines(invoice: Invoice) -> Table:
    found = evidence.with_items(line_items.parse_lines(invoice.items), company_file_id=invoice.company_file_id)
    rest = _(" (without %(left_out)s more)") % {"left_out": found.left_out} if found.left_out else ""
    return Table(
        caption=f"Lines{rest}",
        columns=(_("Line"), "SKU", _("Description"), _("Quantity"), _("Unit price"), _("Amount")),
        rows=[
            (
                one.title,
                one.sku or "-",
                one.description or "-",
                "" if one.quantity is None else figure_text(one.quantity),
                "" if one.unit_price is None else amount_text(one.unit_price, invoice.currency),
                amount_text(one.amount, invoice.currency) if one.has_amount else "",
            )
            for one in found.shown
        ],
        empty=_("The books have no lines for it."),
    )


def _orders(invoice: Invoice) -> Table:
    own = (
        [(_("Buyer's purchase order"), invoice.purchase_order_no, "", "", "", "")] if invoice.purchase_order_no else []
    )
    return Table(
        caption=_("Proof of order"),
        columns=(_("Order"), _("Number"), _("Date"), _("Amount"), _("Status"), _("Accepted")),
        rows=[
            *own,
            *(
                (
                    one.kind,
                    one.number or _("%(reference)s in the books") % {"reference": one.reference},
                    day_text(one.order.issued_on) if one.order else _("not read yet"),
                    amount_text(one.amount, one.order.currency) if one.order else "",
                    one.order.status if one.order else "",
                    _accepted(one.order) if one.order else "",
                )
                for one in evidence.orders_of(invoice)
            ),
        ],
        empty=_("Order not known: the invoice names no estimate and no purchase order."),
    )


def _accepted(order: Order) -> str:
    return ", ".join(filter(None, (order.accepted_by, day_text(order.accepted_on))))


def attachments_table(invoice: Invoice) -> Table:
    """The files in the supplier's books. They stay there: the documents that were added here follow on the page."""
    return Table(
        caption=_("Files attached in the books"),
        columns=(_("File"), _("Kind"), _("Size"), _("Attached"), _("Note")),
        rows=[
            (
                file_link(invoice, one),
                one.content_type or "-",
                figure_text("" if one.size is None else filesizeformat(one.size)),
                moment_text(one.attached_at),
                one.note or "-",
            )
            for one in evidence.attachments_of(invoice)
        ],
        empty=_("None."),
    )


def file_link(invoice: Invoice, attachment: Attachment) -> SafeString | str:
    """The file to be saved; a note has none."""
    if not attachment.file_name:
        return _("A note without a file")
    address = reverse(DOWNLOAD, args=[invoice.pk, attachment.pk])
    return format_html('<a href="{}"><bdi>{}</bdi></a>', address, attachment.file_name)


def _payments(invoice: Invoice) -> Table:
    allocations = list(
        invoice.allocations.filter(payment__deleted_at=None, payment__is_void=False)
        .select_related("payment__buyer")
        .order_by("-payment__paid_on", "-payment_id", "position")
    )
    banking = evidence.banking_of([line.payment for line in allocations if line.payment.moves_money])
    deposits = Deposit.objects.in_bulk([one.deposit_id for one in banking.values() if one.deposit_id])
    rows = []
    for line in allocations:
        payment = line.payment
        found = banking.get(payment.pk)
        deposit = deposits.get(found.deposit_id) if found and found.deposit_id else None
        rows.append(
            (
                link(payment),
                day_text(payment.paid_on),
                amount_text(line.amount, payment.currency or invoice.currency),
                _where(found, moves_money=payment.moves_money),
                day_text(found.day) if found else "",
                link(deposit) if deposit else "-",
            )
        )
    return Table(
        caption=_("Payments, and where they are"),
        columns=(_("Payment"), _("Received"), _("Amount"), _("Where"), _("Banked"), _("Deposit")),
        rows=rows,
        empty=_("The books have no payment for it."),
    )


def _where(found: evidence.Banking | None, *, moves_money: bool) -> str:
    if not moves_money:
        return _("A credit: no money moved")
    return found.text if found else _("Not known")
