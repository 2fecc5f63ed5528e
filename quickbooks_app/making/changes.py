"""Changes of an invoice that was made here: what of it can be changed, and the fields that differ. Pure.

QuickBooks keeps what a sparse update does not send, but replaces all lines by those sent. So lines are sent with their
ids and with what infactor does not know of them, and only if one of them differs.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from quickbooks_app.making.choices import CannotMake, Choices
from quickbooks_app.making.drafts import SALES, Fields, InvoiceDraft, LineDraft, head_fields, tax_fields

RECKONED = "SubTotalLineDetail"  # by QuickBooks


def has_plain_lines(present: Mapping[str, Any]) -> bool:
    """Whether all lines are items with quantity and price: bundles and discounts are changed in QuickBooks."""
    return all(
        line.get("DetailType") == RECKONED or (line.get("DetailType") == SALES and _is_plain(line.get(SALES) or {}))
        for line in present.get("Line") or []
    )


def draft_of(present: Mapping[str, Any], *, currency: str) -> InvoiceDraft:
    """What stands in QuickBooks, as if it were to be made. Raises CannotMake where no day of it is known."""
    return InvoiceDraft(
        customer=_value(present, "CustomerRef"),
        currency=_value(present, "CurrencyRef") or currency,
        issued=_issued(present),
        lines=[_line(one) for one in present.get("Line") or [] if one.get("DetailType") == SALES]
        if has_plain_lines(present)
        else [],
        number=present.get("DocNumber") or "",
        due=date.fromisoformat(present["DueDate"]) if present.get("DueDate") else None,
        term=_value(present, "SalesTermRef"),
        email=(present.get("BillEmail") or {}).get("Address", ""),
        message=_value(present, "CustomerMemo"),
        tax_code=_value(present.get("TxnTaxDetail") or {}, "TxnTaxCodeRef"),
    )


def changed_fields(*, present: Mapping[str, Any], wanted: InvoiceDraft, choices: Choices) -> Fields:
    """The fields of `wanted` that differ from `present`; an emptied one is sent as "" or {}."""
    was = draft_of(present, currency=wanted.currency)
    now, before = head_fields(wanted), head_fields(was)
    changed = {name: value for name, value in now.items() if value != before[name]}
    if has_plain_lines(present):
        if _comparable(wanted.lines) != _comparable(was.lines):
            changed["Line"] = _merged_lines(present.get("Line") or [], wanted)
        taxes, before_taxes = tax_fields(wanted, choices), tax_fields(was, choices)
        changed |= {name: value for name, value in taxes.items() if value != before_taxes.get(name)}
    return changed


def _issued(present: Mapping[str, Any]) -> date:
    """Its date; where QuickBooks gives none, the day on which it was created."""
    text = present.get("TxnDate") or (present.get("MetaData") or {}).get("CreateTime") or ""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError as error:
        raise CannotMake(_("QuickBooks gives no date of this invoice. Change it in QuickBooks.")) from error


def _is_plain(detail: Mapping[str, Any]) -> bool:
    """Whether a line has all that is asked for here."""
    return all(detail.get(name) not in (None, "") for name in ("ItemRef", "Qty", "UnitPrice"))


def _line(line: Mapping[str, Any]) -> LineDraft:
    detail = line[SALES]
    return LineDraft(
        item=_value(detail, "ItemRef"),
        quantity=Decimal(detail["Qty"]),
        price=Decimal(detail["UnitPrice"]),
        description=line.get("Description", ""),
        tax=_value(detail, "TaxCodeRef"),
        line_id=str(line.get("Id", "")),
    )


def _merged_lines(present: Sequence[Mapping[str, Any]], wanted: InvoiceDraft) -> list[Fields]:
    by_id = {str(line["Id"]): line for line in present if line.get("Id") and line.get("DetailType") == SALES}
    merged = []
    for line in wanted.lines:
        fields, before = line.fields(wanted.currency), by_id.get(line.line_id, {})
        if line.line_id not in by_id:
            fields.pop("Id", None)  # QuickBooks gives a new line its id
        merged.append({**before, **fields, SALES: {**before.get(SALES, {}), **fields[SALES]}})
        if not line.description:
            merged[-1].pop("Description", None)
    return merged


def _comparable(lines: Sequence[LineDraft]) -> list[tuple[Any, ...]]:
    return [(one.line_id, one.item, one.quantity, one.price, one.description, one.tax) for one in lines]


def _value(holder: Mapping[str, Any], name: str) -> str:
    return str((holder.get(name) or {}).get("value", ""))
