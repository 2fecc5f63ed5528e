"""The reports CustomerSales, ItemSales, ClassSales, DepartmentSales, CustomerIncome and VendorExpenses."""

from collections.abc import Callable
from decimal import Decimal

from quickbooks_app.sandbox.ledger.accounts import PROFIT_AND_LOSS
from quickbooks_app.sandbox.ledger.postings import ZERO
from quickbooks_app.sandbox.reports.column_periods import Slot, Summed, slots_of
from quickbooks_app.sandbox.reports.sales.documents import Sale, sales_of
from quickbooks_app.sandbox.reports.shape import Column, cell, data_row, grand_total, money, report
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.runtime.documents import Document

_NOBODY = "Not Specified"
_INCOME = ("Income", "Other Income")


def customer_sales(source: Source) -> Document:
    """Return what each customer bought in a period, before tax."""
    return _sums(source, "CustomerSales", ("cust_name", "Customer"), lambda sale: (sale.customer, source.party))


def class_sales(source: Source) -> Document:
    """Return the same by class."""
    return _sums(source, "ClassSales", ("klass_name", "Class"), lambda sale: (sale.class_id, _namer(source, "Class")))


def department_sales(source: Source) -> Document:
    """Return the same by department."""
    name = _namer(source, "Department")
    return _sums(source, "DepartmentSales", ("dept_name", "Department"), lambda sale: (sale.department, name))


def item_sales(source: Source) -> Document:
    """Return quantity, amount, share and average price of each item in a period, or its amounts in columns."""
    first, last, _ = source.parameters.period()
    name = _namer(source, "Item")
    if source.parameters.text("summarize_column_by").lower() not in ("", "total"):
        return _sums(source, "ItemSales", ("item_name", "ProductsAndService"), lambda sale: (sale.item_id, name))
    sold: dict[str, list[Sale]] = {}
    for sale in sales_of(source, first=first, last=last):
        sold.setdefault(sale.item_id, []).append(sale)
    whole = sum((sale.home for some in sold.values() for sale in some), ZERO)
    rows = []
    for id, some in sorted(sold.items(), key=lambda pair: name(pair[0]).casefold()):
        quantity, amount = sum((one.quantity for one in some), ZERO), sum((one.home for one in some), ZERO)
        share = f"{100 * amount / whole:.2f}" if whole else ""
        price = money(amount / quantity) if quantity else ""
        texts = (f"{quantity:.2f}" if quantity else "", money(amount), share, price)
        rows.append(data_row([cell(name(id), id), *(cell(text) for text in texts)]))
    if rows:
        rows.append(grand_total(["", "", money(whole), "100.00", ""]))
    columns = (
        Column("item_name", "", "ProductsAndService"),
        Column("quantity", "Quantity", "Quantity"),
        Column("amount", "Amount", "Money"),
        Column("percent", "% of Sales", "Percentage"),
        Column("avg_price", "Avg Price", "Money"),
    )
    return report(_header(source, "ItemSales", "Total"), options={}, columns=columns, rows=rows)


def customer_income(source: Source) -> Document:
    """Return income, expenses and net income of each customer in a period."""
    first, last, _ = source.parameters.period()
    amounts: dict[str, list[Decimal]] = {}
    for one in source.postings(until=last):
        if one.account.type not in PROFIT_AND_LOSS or one.date < first.isoformat():
            continue
        sums = amounts.setdefault(one.customer if one.customer in source.lists["Customer"] else "", [ZERO, ZERO])
        sums[0 if one.account.type in _INCOME else 1] += -one.home if one.account.type in _INCOME else one.home
    rows = [
        data_row([cell(source.party(id) or _NOBODY, id), *(cell(money(x)) for x in (income, spent, income - spent))])
        for id, (income, spent) in sorted(amounts.items(), key=lambda pair: source.party(pair[0]).casefold())
    ]
    if rows:
        income, spent = (sum(column, ZERO) for column in zip(*amounts.values(), strict=True))
        rows.append(grand_total(["", money(income), money(spent), money(income - spent)]))
    columns = (
        Column("cust_name", "", "Customer"),
        Column("income", "Income", "Money"),
        Column("expenses", "Expenses", "Money"),
        Column("net_income", "Net Income", "Money"),
    )
    summarized = source.parameters.choice("summarize_column_by", among=("Total",))
    return report(_header(source, "CustomerIncome", summarized), options={}, columns=columns, rows=rows)


def vendor_expenses(source: Source) -> Document:
    """Return what was spent with each vendor in a period."""
    first, last, _ = source.parameters.period()
    spent: dict[str, list[Summed]] = {}
    for one in source.postings(until=last):
        spends = one.account.type in PROFIT_AND_LOSS and one.account.type not in _INCOME
        if spends and one.date >= first.isoformat() and one.customer not in source.lists["Customer"]:
            spent.setdefault(one.customer, []).append(one)
    return _totals(source, "VendorExpenses", ("vend_name", "Vendor"), spent, source.party)


def _sums(
    source: Source, name: str, key: tuple[str, str], by: Callable[[Sale], tuple[str, Callable[[str], str]]]
) -> Document:
    first, last, _ = source.parameters.period()
    sold: dict[str, list[Summed]] = {}
    named: Callable[[str], str] = source.party
    for sale in sales_of(source, first=first, last=last):
        id, named = by(sale)
        sold.setdefault(id, []).append(sale)
    return _totals(source, name, key, sold, named)


def _totals(
    source: Source, name: str, key: tuple[str, str], found: dict[str, list[Summed]], named: Callable[[str], str]
) -> Document:
    """Return a row for each id, with the columns of `summarize_column_by` and their total."""
    first, last, _ = source.parameters.period()
    every = [one for some in found.values() for one in some]
    choice, slots = slots_of(source, first=first, last=last, summed=every)
    columns = [*slots, Slot("Total", first, last)]
    rows = [
        data_row([cell(named(id) or _NOBODY, id), *(cell(money(slot.sum(some))) for slot in columns)])
        for id, some in sorted(found.items(), key=lambda pair: named(pair[0]).casefold())
    ]
    if rows:
        rows.append(grand_total(["", *(money(slot.sum(every)) for slot in columns)]))
    titles = [Column(key[0], "", key[1]), *(slot.column for slot in slots), Column("total", "Total", "Money")]
    return report(_header(source, name, choice), options={}, columns=titles, rows=rows)


def _namer(source: Source, entity: str) -> Callable[[str], str]:
    def name(id: str) -> str:
        found = source.lists[entity].get(id, {})
        return str(found.get("FullyQualifiedName") or found.get("Name") or _NOBODY)

    return name


def _header(source: Source, name: str, summarized: str) -> Document:
    return source.period_header(name, basis=source.basis(), summarized=summarized)
