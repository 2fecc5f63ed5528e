"""Vendors and employees. Their names are unique among each other and among the customers."""

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.customers import (
    DELETED_SUFFIX,
    currency_of,
    display_name,
    pseudonym,
    require_unique,
)
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.runtime.documents import Document

_DEFAULTS: dict[str, Document] = {"Vendor": {"Vendor1099": False}, "Employee": {"BillableTime": False}}


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build the complete vendor or employee. A client cannot set a vendor's balance."""
    body = {**_DEFAULTS[entity], **wanted}
    body["Active"] = bool(wanted.get("Active", True))
    name = display_name(wanted).removesuffix(DELETED_SUFFIX) + ("" if body["Active"] else DELETED_SUFFIX)
    if before is None or before["DisplayName"] != name:
        require_unique(books, name, own=before["Id"] if before else "")
    body["DisplayName"] = name
    body.setdefault("PrintOnCheckName", body.get("CompanyName") or name)
    body["V4IDPseudonym"] = (before or {}).get("V4IDPseudonym") or pseudonym(books, name)
    if body.get("SSN"):
        # As Intuit answers it, letter by letter: the number is never given out. The sandbox does not keep it either.
        body["SSN"] = "XXX-XX-XXXX"
    if entity == "Vendor":
        body["Balance"] = before["Balance"] if before else 0
        body["CurrencyRef"] = before.get("CurrencyRef") if before else currency_of(books, wanted)
        if body["CurrencyRef"] is None or rules.leave_out_currency:
            body.pop("CurrencyRef")
    return body
