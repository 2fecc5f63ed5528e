"""Objects without rules of their own beyond their properties: attachments, budgets, currencies and others."""

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import CURRENCY_NAMES, WriteRules
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.errors import duplicate_name, invalid_value

_DEFAULTS: dict[str, Document] = {
    "Budget": {"BudgetType": "ProfitAndLoss", "BudgetEntryType": "Monthly", "Active": True},
    "CompanyCurrency": {"Active": True},
    "TaxAgency": {"TaxTrackedOnSales": True, "TaxTrackedOnPurchases": False, "TaxAgencyConfig": "USER_DEFINED"},
}
# The property that no two objects may share.
_UNIQUE = {"Budget": "Name", "CompanyCurrency": "Code", "TaxAgency": "DisplayName"}


def compose(
    books: Books, *, entity: str, sent: Document, wanted: Document, before: Document | None, rules: WriteRules
) -> Document:
    """Build the complete object. Raises BusinessFault 6240 if another one has its name already."""
    body = {**_DEFAULTS.get(entity, {}), **wanted}
    if "Active" in body:
        body["Active"] = bool(body["Active"])
    if entity == "CompanyCurrency":
        code = str(body["Code"])
        if code not in CURRENCY_NAMES:
            raise invalid_value(element="Code", detail=f"Invalid currency code : {code}")
        body.setdefault("Name", CURRENCY_NAMES[code])
    key = _UNIQUE.get(entity)
    if key and key in body and (before is None or before.get(key) != body[key]):
        other = books.find_by_name(entity, key, str(body[key]))
        if other and other != body.get("Id"):
            raise duplicate_name(str(body[key]))
    return body
