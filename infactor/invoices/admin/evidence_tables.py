"""What backs an invoice, as tables for staff: lines with their items, payments and where they are, orders, files."""

from collections.abc import Sequence

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from infactor.core.admin.formatting import amount_text, day_text, figure_text, link, moment_text
from infactor.core.admin.tables import Table
from infactor.invoices import evidence, line_items
from infactor.invoices.models import Attachment, Deposit, Invoice, Order

DOWNLOAD = "admin:quickbooks_app_attachment"


def evidence_tables(invoice: Invoice) -> Sequence[Table]:
    """All of them, in the order in which an underwriter reads."""
    return (_lines(invoice), _orders(invoice), _attachments(invoice), _payments(invoice))


def _lines(invoice: Invoice) -> Table:
    found = evidence.with_items(line_items.parse_lines(invoice.items), company_file_id=invoice.company_file_id)
    rest = f" (without {found.left_out} more)" if found.left_out else ""
    return Table(
        caption=f"Lines{rest}",
        columns=("Line", "SKU", "Description", "Quantity", "Unit price", "Amount"),
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
        empty="The books have no lines for it.",
    )


def _orders(invoice: Invoice) -> Table:
    own = [("Buyer's purchase order", invoice.purchase_order_no, "", "", "", "")] if invoice.purchase_order_no else []
    return Table(
        caption="Proof of order",
        columns=("Order", "Number", "Date", "Amount", "Status", "Accepted"),
        rows=[
            *own,
            *(
                (
                    one.kind,
                    one.number or f"{one.reference} in the books",
                    day_text(one.order.issued_on) if one.order else "not read yet",
                    amount_text(one.amount, one.order.currency) if one.order else "",
                    one.order.status if one.order else "",
                    _accepted(one.order) if one.order else "",
                )
                for one in evidence.orders_of(invoice)
            ),
        ],
        empty="Order not known: the invoice names no estimate and no purchase order.",
    )


def _accepted(order: Order) -> str:
    return ", ".join(filter(None, (order.accepted_by, day_text(order.accepted_on))))


def _attachments(invoice: Invoice) -> Table:
    return Table(
        caption="Files attached in the books",
        columns=("File", "Kind", "Size", "Attached", "Note"),
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
        empty="None.",
    )


def file_link(invoice: Invoice, attachment: Attachment) -> SafeString | str:
    """The file to be saved; a note has none."""
    if not attachment.file_name:
        return "A note without a file"
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
        caption="Payments, and where they are",
        columns=("Payment", "Received", "Amount", "Where", "Banked", "Deposit"),
        rows=rows,
        empty="The books have no payment for it.",
    )


def _where(found: evidence.Banking | None, *, moves_money: bool) -> str:
    if not moves_money:
        return "A credit: no money moved"
    return found.text if found else "Not known"
