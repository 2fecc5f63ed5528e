"""What backs an invoice: where its payments were banked, what was ordered, the items as listed, the files attached."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext, gettext_lazy

from infactor.core.translatable import Text
from infactor.invoices.line_items import Line, Lines, parse_linked_transactions
from infactor.invoices.models import (
    Attachment,
    BooksAccount,
    BooksPayment,
    DepositLine,
    Invoice,
    Item,
    Order,
)

PAYMENT, INVOICE = "Payment", "Invoice"
BANK, UNDEPOSITED = "Bank", "UndepositedFunds"
ORDER_KINDS = {"Estimate": Order.Kind.ESTIMATE, "PurchaseOrder": Order.Kind.PURCHASE_ORDER}


@dataclass(frozen=True)
class Banking:
    """Where a payment is, as the books say. `deposit` is the id of the deposit that holds it, if any does."""

    text: str
    is_banked: bool
    deposit_id: int | None = None
    day: date | None = None
    account: str = ""


@dataclass(frozen=True)
class KnownOrder:
    """An order that the invoice names: its own row, or None where only its id is known."""

    kind: str
    reference: str
    order: Order | None

    @property
    def number(self) -> str:
        return self.order.number if self.order else ""

    @property
    def amount(self) -> Decimal | None:
        return self.order.amount if self.order else None


def banking_of(payments: Iterable[BooksPayment]) -> dict[int, Banking]:
    """Where each of these payments is, by its key. Two queries. A payment that no row tells of is left out."""
    payments = list(payments)
    files = {one.company_file_id for one in payments}
    lines = DepositLine.objects.filter(
        kind=PAYMENT,
        reference__in={one.reference for one in payments},
        deposit__company_file__in=files,
        deposit__deleted_at=None,
    )
    deposits = {
        (line.deposit.company_file_id, line.reference): line.deposit for line in lines.select_related("deposit")
    }
    accounts = {
        (row.company_file_id, row.reference): row
        for row in BooksAccount.objects.filter(
            company_file__in=files, reference__in={one.account_reference for one in payments} - {""}
        )
    }
    found: dict[int, Banking] = {}
    for one in payments:
        deposit = deposits.get((one.company_file_id, one.reference))
        account = accounts.get((one.company_file_id, one.account_reference))
        if deposit is not None:
            name = deposit.account_name or gettext("a bank account")
            found[one.pk] = Banking(
                gettext("Deposited into %(name)s") % {"name": name}, True, deposit.pk, deposit.deposited_on, name
            )
        elif account is not None and account.subtype == UNDEPOSITED:
            found[one.pk] = Banking(gettext("Not deposited yet"), False, account=account.name)
        elif account is not None:
            found[one.pk] = Banking(
                gettext("Received into %(name)s") % {"name": account.name},
                account.account_type == BANK,
                account=account.name,
            )
    return found


def orders_of(invoice: Invoice) -> list[KnownOrder]:
    """The estimates and purchase orders that the invoice, or one of its lines, names. One query."""
    named = [*parse_linked_transactions(invoice.linked_txn)]
    for line in invoice.items if isinstance(invoice.items, list) else []:
        named += parse_linked_transactions(line.get("LinkedTxn")) if isinstance(line, dict) else []
    wanted = [(kind, reference) for kind, reference in dict.fromkeys(named) if kind in ORDER_KINDS and reference]
    if not wanted:
        return []
    rows = Order.objects.filter(
        company_file=invoice.company_file_id, reference__in={reference for _, reference in wanted}, deleted_at=None
    )
    orders = {(row.kind, row.reference): row for row in rows}
    return [
        KnownOrder(str(ORDER_KINDS[kind].label), reference, orders.get((ORDER_KINDS[kind].value, reference)))
        for kind, reference in wanted
    ]


def attachments_of(invoice: Invoice) -> list[Attachment]:
    """Files and notes attached to the invoice, the oldest first. One query."""
    rows = Attachment.objects.filter(
        company_file=invoice.company_file_id,
        deleted_at=None,
        lines__kind=INVOICE,
        lines__reference=invoice.qbk_invoice_id,
    )
    return list(rows.distinct())


def with_items(lines: Lines, *, company_file_id: int) -> Lines:
    """`lines` with the SKU, and where the line has none the name, of each item as listed. At most one query."""
    references = {line.item_reference for line in lines.shown} - {""}
    if not references:
        return lines
    items = {
        item.reference: item
        for item in Item.objects.filter(company_file=company_file_id, reference__in=references, deleted_at=None)
    }
    return replace(lines, shown=tuple(_with_item(line, items) for line in lines.shown))


def _with_item(line: Line, items: Mapping[str, Item]) -> Line:
    item = items.get(line.item_reference)
    if item is None:
        return line
    return replace(line, sku=item.sku, title=item.name if line.title in map(str, UNNAMED) and item.name else line.title)


UNNAMED: Collection[Text] = ("", gettext_lazy("Item"))
