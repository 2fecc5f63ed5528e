"""Asserts that what infactor says of debts equals QuickBooks' books: open balance and open credits of each customer."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from infactor.invoices import receivables
from infactor.invoices.models import BooksPayment, Buyer, CreditMemo, Invoice
from infactor.invoices.open_credits import open_credits
from quickbooks_app.models import Connection
from tests.support.assertions.matches_quickbooks import NONE_REFUSED, Books, Refused

Payload = dict[str, Any]
ZERO = Decimal(0)


def assert_debts_match(connection: Connection, books: Books, refused: Refused = NONE_REFUSED) -> None:
    """Fail with every root customer whose open balance or open credits differ from the books.

    Expected is what the customers' own balances say, which is how QuickBooks itself knows debts. An entry that raises a
    debt hides open credits in a balance: what credit memos and payments have left counts all the same. Customers with
    a refused object anywhere among them or their documents are left out.
    """
    customers = books["Customer"]
    home = connection.company_file.home_currency
    owed: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in books["Invoice"].values():
        owed[invoice["CustomerRef"]["value"]] += Decimal(invoice["Balance"])
    left: dict[str, Decimal] = defaultdict(Decimal)
    for entity, field in (("CreditMemo", "Balance"), ("Payment", "UnappliedAmt")):
        for document in books[entity].values():
            left[document["CustomerRef"]["value"]] += Decimal(document[field])
    open_balance: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    credits: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for qbk_id, customer in customers.items():
        key = _root(qbk_id, customers), customer.get("CurrencyRef", {}).get("value") or home
        open_balance[key] += owed[qbk_id]
        credits[key] += max(owed[qbk_id] - Decimal(customer["Balance"]), left[qbk_id])
    # A merge moves a refused document, too, which stays with its former customer here until it is given out.
    of_refused = _customers_of_refused(books, refused) | _customers_here_of_refused(connection, refused)
    roots = {_root(one, customers) for one in of_refused}
    # Their sub-customers too: one whose parent was never given out stands for itself here.
    touched = roots | of_refused | {one for one in customers if _root(one, customers) in roots}
    if refused.get("Customer"):
        touched.add("")  # the documents of a customer that has never arrived
    problems = []
    for what, expected, found in (
        ("open balance", open_balance, _open_balances(connection)),
        ("open credits", credits, _open_credits(connection)),
    ):
        for key in sorted({*expected, *found}):
            here, there = found.get(key, ZERO), max(expected.get(key, ZERO), ZERO)
            if here != there and key[0] not in touched:
                problems.append(f"{what} of customer {key[0]} in {key[1]}: {here}, {there} in the books")
    assert not problems, "\n".join(problems)


def _open_balances(connection: Connection) -> dict[tuple[str, str], Decimal]:
    references = _references(connection)
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for invoice in receivables.load(supplier=connection.supplier, condition=receivables.ACTIVE_INVOICES):
        found[references.get(invoice.buyer_key, ""), invoice.currency] += invoice.balance or ZERO
    return found


def _open_credits(connection: Connection) -> dict[tuple[str, str], Decimal]:
    references = _references(connection)
    credits = open_credits(supplier=connection.supplier)
    return {(references.get(buyer, ""), currency): amount for (buyer, currency), amount in credits.items()}


def _references(connection: Connection) -> dict[int, str]:
    return dict(Buyer.objects.filter(supplier=connection.supplier).values_list("pk", "reference"))


def _root(customer: str, customers: Mapping[str, Payload]) -> str:
    while parent := customers.get(customer, {}).get("ParentRef", {}).get("value", ""):
        customer = parent
    return customer


def _customers_of_refused(books: Books, refused: Refused) -> set[str]:
    found = set(refused.get("Customer", ()))
    for entity in ("Invoice", "Payment", "CreditMemo"):
        for qbk_id in refused.get(entity, ()):
            found.add(books[entity][qbk_id]["CustomerRef"]["value"])
    return found


def _customers_here_of_refused(connection: Connection, refused: Refused) -> set[str]:
    file, found = connection.company_file_id, set[str]()
    for rows in (
        Invoice.objects.filter(company_file=file, qbk_invoice_id__in=refused.get("Invoice", ())),
        BooksPayment.objects.filter(company_file=file, reference__in=refused.get("Payment", ())),
        CreditMemo.objects.filter(company_file=file, reference__in=refused.get("CreditMemo", ())),
    ):
        found.update(rows.values_list("customer_reference", flat=True))
    return found
