"""What a payment, of a customer or to a vendor, applies to each document: read, checked, and changed by an edit."""

from collections.abc import Collection, Iterator
from decimal import Decimal

from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.errors import business_rule, invalid_value, parameter_missing

Link = tuple[str, str]  # type and id of a document
Applied = dict[Link, Decimal]


def applied_amounts(payment: Document | None) -> Applied:
    """Return the amount that a payment applies to each document."""
    result: Applied = {}
    for line in (payment or {}).get("Line", []):
        link = line["LinkedTxn"][0]
        key = (link["TxnType"], link["TxnId"])
        result[key] = result.get(key, Decimal(0)) + Decimal(line["Amount"])
    return result


def changes(before: Document | None, after: Document | None) -> Iterator[tuple[Link, Decimal, bool]]:
    """Yield each document that a payment applied to or applies to, by how much more, and whether it still does."""
    earlier, later = applied_amounts(before), applied_amounts(after)
    for link in {**earlier, **later}:
        yield link, later.get(link, Decimal(0)) - earlier.get(link, Decimal(0)), link in later


def link_of(line: Document, *, among: Collection[str]) -> Link:
    """Return the document that a payment's line names. Raises BusinessFault 2020 or 2080 for a line that names none."""
    links = line.get("LinkedTxn") or []
    if not links:
        raise parameter_missing("Line.LinkedTxn")
    kind, id = str(links[0].get("TxnType")), str(links[0].get("TxnId"))
    if kind not in among:
        raise invalid_value(element="TxnType", detail=f"Invalid enumeration value {kind} for TxnType")
    return kind, id


def require_open(amount: Decimal, *, left: Decimal) -> None:
    """Raise BusinessFault 6000 for more than what a document has open."""
    if amount < 0 or amount > left:
        raise business_rule("The amount applied is greater than the open balance of the transaction.")
