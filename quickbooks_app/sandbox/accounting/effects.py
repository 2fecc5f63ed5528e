"""What a change of one object does to others: balances, links, names, stock and charges."""

from typing import Protocol

from quickbooks_app.sandbox.accounting import customers, entries, payments, sales_forms
from quickbooks_app.sandbox.accounting.books import Books
from quickbooks_app.sandbox.accounting.lists import accounts, item_changes, name_lists
from quickbooks_app.sandbox.accounting.purchasing import payments as bill_payments
from quickbooks_app.sandbox.accounting.relations import charges, links
from quickbooks_app.sandbox.accounting.sales_forms import WriteRules
from quickbooks_app.sandbox.ledger.receivables import ENTRIES
from quickbooks_app.sandbox.runtime.documents import Document, amount_of
from quickbooks_app.sandbox.runtime.errors import business_rule


class _Apply(Protocol):
    def __call__(self, books: Books, *, before: Document | None, after: Document | None) -> None: ...


PAYMENTS: dict[str, _Apply] = {
    "Payment": payments.update_paid_forms,
    "BillPayment": bill_payments.update_paid_forms,
}
_RENAMED = ("Vendor", "Employee", "Item", "Account", "Class", "Department", "Term", "PaymentMethod")
_DRAWING = ("Invoice", "SalesReceipt", "Bill", "Purchase", "Estimate")
_CREDITS = ("CreditMemo", "VendorCredit")
_WITH_BALANCE = ("CreditMemo", "Bill", "VendorCredit")


def apply(books: Books, entity: str, *, before: Document | None, after: Document | None) -> None:
    """Apply the effects of every change. `before` is None for a new object, `after` for a deleted one."""
    if entity in PAYMENTS:
        PAYMENTS[entity](books, before=before, after=after)
    if entity in _DRAWING:
        links.update_sources(books, entity, before=before, after=after)
    if entity == "Deposit":
        links.update_deposited(books, before=before, after=after)
    if entity == "CompanyCurrency" and after is not None:
        accounts.open_currency(books, str(after["Code"]))
    if entity in charges.BILLABLE:
        charges.update_charges(books, entity, before=before, after=after)


def apply_edit(books: Books, entity: str, *, before: Document, after: Document, rules: WriteRules) -> None:
    """Apply what an edit does beyond that: names, accounts, and what payments have laid on a form too much."""
    if entity == "Customer":
        customers.propagate_rename(books, before=before, after=after)
    elif entity in _RENAMED:
        name_lists.propagate_rename(books, entity, before=before, after=after)
        if entity == "Item" and rules.rewrite_accounts:
            item_changes.rewrite_accounts(books, before=before, after=after)
    elif entity == "Invoice":
        due = amount_of(after, "TotalAmt") - amount_of(after, "Deposit")
        if (excess := sales_forms.applied_amount(before) - due) > 0:
            payments.unapply(books, invoice=before, amount=excess)
    elif entity == "Bill":
        applied = amount_of(before, "TotalAmt") - amount_of(before, "Balance")
        if (excess := applied - amount_of(after, "TotalAmt")) > 0:
            bill_payments.unapply(books, bill=before, amount=excess)


def require_removable(books: Books, entity: str, before: Document, *, rules: WriteRules) -> None:
    """Raise BusinessFault if other transactions depend on this one, so that it can be neither deleted nor voided."""
    if entity in links.DEPOSITABLE:
        links.require_not_deposited(before, None)
    if entity == "Invoice":
        _remove_payments(books, before, rules=rules)
    elif entity in ENTRIES:
        entries.require_unused(books, entity, before, after=None)
    elif entity in _WITH_BALANCE and amount_of(before, "Balance") != amount_of(before, "TotalAmt"):
        raise business_rule("A transaction that other transactions are linked to must be unlinked first.")


def require_changeable(books: Books, entity: str, before: Document, *, after: Document) -> None:
    """Raise BusinessFault if an edit would take away what other transactions depend on."""
    if entity in links.DEPOSITABLE:
        links.require_not_deposited(before, after)
    if entity in ENTRIES:
        entries.require_unused(books, entity, before, after=after)
    if entity in _CREDITS and amount_of(after, "TotalAmt") < amount_of(before, "TotalAmt") - amount_of(
        before, "Balance"
    ):
        raise business_rule("A credit cannot become smaller than what is used of it.")


def _remove_payments(books: Books, invoice: Document, *, rules: WriteRules) -> None:
    if not any(link["TxnType"] == "Payment" for link in invoice["LinkedTxn"]):
        return
    if rules.refuse_void_of_paid:
        raise business_rule("A transaction that payments are applied to must be unlinked from them first.")
    payments.unapply(books, invoice=invoice, amount=None)
