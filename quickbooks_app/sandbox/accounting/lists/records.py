"""Objects without rules of their own beyond their properties: attachments, budgets, currencies and others."""

from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.sales_forms import CURRENCY_NAMES, WriteRules
from quickbooks_app.sandbox.runtime.documents import Document
from quickbooks_app.sandbox.runtime.errors import business_rule, duplicate_name, invalid_enumeration, invalid_value

JOURNAL_TYPES = ("Expenses", "Sales", "Bank", "Nouveaux", "Cash", "Wages", "Others")
_DEFAULTS: dict[str, Document] = {
    "Budget": {"BudgetType": "ProfitAndLoss", "BudgetEntryType": "Monthly", "Active": True},
    "CompanyCurrency": {"Active": True},
    "JournalCode": {"Active": True, "Type": "Others"},
    "TaxAgency": {"TaxTrackedOnSales": True, "TaxTrackedOnPurchases": False, "TaxAgencyConfig": "USER_DEFINED"},
}
# The property that no two objects may share.
_UNIQUE = {"Budget": "Name", "CompanyCurrency": "Code", "TaxAgency": "DisplayName", "JournalCode": "Name"}


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
    if entity == "JournalCode":
        if body["Type"] not in JOURNAL_TYPES:
            raise invalid_enumeration(element="Type", value=str(body["Type"]))
        if before is not None and before["Type"] != body["Type"]:
            raise business_rule("The type of a journal code cannot be changed.")
    key = _UNIQUE.get(entity)
    if key and key in body and (before is None or before.get(key) != body[key]):
        other = books.find_by_name(entity, key, str(body[key]))
        if other and other != body.get("Id"):
            raise duplicate_name(str(body[key]))
    return body
