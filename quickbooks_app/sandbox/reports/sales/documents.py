"""What sales forms sold in a period: each line with its item, class, department and amount in the home currency."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from quickbooks_app.sandbox.ledger.sales_forms import SIGNS
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.runtime.documents import Document, format_amount, reference_id


@dataclass(frozen=True, slots=True)
class Sale:
    """One sold line; what is taken back is negative. Discounts are lines without an item."""

    date: str
    customer: str
    item_id: str
    class_id: str
    department: str
    quantity: Decimal
    home: Decimal


def sales_of(source: Source, *, first: date, last: date) -> Iterator[Sale]:
    """Yield what was sold from `first` to `last`, as far as the report's filters take it."""
    customers, items = source.wanted("customer", "Customer"), source.wanted("item", "Item")
    classes, departments = source.wanted("class", "Class"), source.wanted("department", "Department")
    for (entity, _), document in source.journal.documents.items():
        if entity not in SIGNS or not first.isoformat() <= document["TxnDate"] <= last.isoformat():
            continue
        for sale in _sales(document, document["Line"], sign=SIGNS[entity]):
            if (
                (not customers or sale.customer in customers)
                and (not items or sale.item_id in items)
                and (not classes or sale.class_id in classes)
                and (not departments or sale.department in departments)
            ):
                yield sale


def _sales(document: Document, lines: list[Document], *, sign: int) -> Iterator[Sale]:
    rate = Decimal(document.get("ExchangeRate", 1))
    for line in lines:
        kind = str(line.get("DetailType"))
        detail = line.get(kind) or {}
        if kind == "GroupLineDetail":
            yield from _sales(document, detail.get("Line", []), sign=sign)
            continue
        item = reference_id(detail, "ItemRef")
        is_discount = kind == "DiscountLineDetail"
        if not is_discount and not (kind == "SalesItemLineDetail" and item):
            continue
        amount = Decimal(format_amount(Decimal(line.get("Amount", 0)) * rate))
        yield Sale(
            date=document["TxnDate"],
            customer=reference_id(document, "CustomerRef"),
            item_id=item,
            class_id=reference_id(detail, "ClassRef") or reference_id(document, "ClassRef"),
            department=reference_id(document, "DepartmentRef"),
            quantity=sign * Decimal(detail.get("Qty", 0)),
            home=(-sign if is_discount else sign) * amount,
        )
