"""The reports AccountList, InventoryValuationSummary, InventoryValuationDetail and TaxSummary."""

from decimal import Decimal

from quickbooks_app.sandbox.ledger.postings import ZERO
from quickbooks_app.sandbox.ledger.sales_forms import SIGNS
from quickbooks_app.sandbox.reports.document_facts import day_of
from quickbooks_app.sandbox.reports.shape import Column, cell, data_row, grand_total, money, report, section
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.runtime.documents import Document, format_amount, reference_id

_ACCOUNT_COLUMNS = (
    Column("account_name", "Account", "String"),
    Column("account_num", "Account #", "String"),
    Column("account_type", "Type", "String"),
    Column("detail_acc_type", "Detail type", "String"),
    Column("account_desc", "Description", "String"),
    Column("create_date", "Create Date", "Date"),
    Column("last_mod_date", "Last Modified", "Date"),
    Column("account_bal", "Balance", "Money"),
)
_ACCOUNT_DEFAULT = ("account_name", "account_type", "detail_acc_type", "account_desc", "account_bal")


def account_list(source: Source) -> Document:
    """Return the chart of accounts, with the balance of each account today."""
    balances: dict[str, Decimal] = {}
    for posting in source.postings(until=source.parameters.today):
        balances[posting.account.id] = balances.get(posting.account.id, ZERO) + posting.home
    wanted, types = source.parameters.names("columns"), source.parameters.names("account_type")
    known = [column for column in _ACCOUNT_COLUMNS if column.key in wanted]
    columns = known or [column for column in _ACCOUNT_COLUMNS if column.key in _ACCOUNT_DEFAULT]
    accounts = sorted(source.lists["Account"].values(), key=lambda one: str(one["FullyQualifiedName"]).casefold())
    rows = []
    for one in accounts:
        if not one.get("Active", True) or (types and str(one["AccountType"]).replace(" ", "") not in types):
            continue
        cells = {
            "account_name": cell(str(one["FullyQualifiedName"]), one["Id"]),
            "account_num": cell(str(one.get("AcctNum", ""))),
            "account_type": cell(str(one["AccountType"])),
            "detail_acc_type": cell(str(one.get("AccountSubType", ""))),
            "account_desc": cell(str(one.get("Description", ""))),
            "create_date": cell(day_of(one, "CreateTime")),
            "last_mod_date": cell(day_of(one, "LastUpdatedTime")),
            "account_bal": cell(money(balances.get(one["Id"], ZERO))),
        }
        rows.append(data_row([cells[column.key] for column in columns]))
    return report(source.header("AccountList"), options={}, columns=columns, rows=rows)


def inventory_valuation_summary(source: Source) -> Document:
    """Return quantity and value at cost of each item on stock today."""
    rows, whole = [], ZERO
    for item, quantity, cost in _stock(source):
        value = Decimal(format_amount(quantity * cost))
        whole += value
        texts = (str(item.get("Sku", "")), f"{quantity:.2f}", money(value), money(cost))
        rows.append(data_row([cell(str(item["FullyQualifiedName"]), item["Id"]), *(cell(text) for text in texts)]))
    if rows:
        rows.append(grand_total(["", "", "", money(whole), ""]))
    columns = (
        Column("item_name", "", "ProductsAndService"),
        Column("sku", "SKU", "String"),
        Column("qty", "Qty", "Quantity"),
        Column("asset_value", "Asset Value", "Money"),
        Column("avg_cost", "Calc. Avg", "Money"),
    )
    day = source.parameters.today.isoformat()
    header = source.header("InventoryValuationSummary", EndPeriod=day, SummarizeColumnsBy="Total")
    return report(header, options={}, columns=columns, rows=rows)


def inventory_valuation_detail(source: Source) -> Document:
    """Return the same with a section for each item."""
    columns = (
        Column("tx_date", "Date", "Date"),
        Column("txn_type", "Transaction Type", "String"),
        Column("qty", "Qty", "Quantity"),
        Column("rate", "Rate", "Money"),
        Column("asset_value", "Asset Value", "Money"),
    )
    rows: list[Document] = []
    for item, quantity, cost in _stock(source):
        value = money(Decimal(format_amount(quantity * cost)))
        texts = (str(item.get("InvStartDate", "")), "Inventory Starting Value", f"{quantity:.2f}", money(cost), value)
        data = [data_row([cell(text) for text in texts])]
        name = str(item["FullyQualifiedName"])
        rows += section(name, rows=data, totals=["", "", texts[2], "", value], id=item["Id"])
    return report(source.period_header("InventoryValuationDetail"), options={}, columns=columns, rows=rows)


def tax_summary(source: Source) -> Document:
    """Return net sales and tax of each rate in a period."""
    first, last, _ = source.parameters.period()
    sums: dict[str, list[Decimal]] = {}
    for (entity, _), document in source.journal.documents.items():
        if entity not in SIGNS or not first.isoformat() <= document["TxnDate"] <= last.isoformat():
            continue
        rate = SIGNS[entity] * Decimal(document.get("ExchangeRate", 1))
        for line in (document.get("TxnTaxDetail") or {}).get("TaxLine", []):
            detail = line["TaxLineDetail"]
            amounts = sums.setdefault(reference_id(detail, "TaxRateRef"), [ZERO, ZERO])
            amounts[0] += Decimal(format_amount(Decimal(detail.get("NetAmountTaxable", 0)) * rate))
            amounts[1] += Decimal(format_amount(Decimal(line["Amount"]) * rate))
    rows = [
        data_row([cell(f"Tax rate {id}", id), *(cell(money(amount)) for amount in amounts)])
        for id, amounts in sorted(sums.items())
    ]
    if rows:
        totals = [sum(column, ZERO) for column in zip(*sums.values(), strict=True)]
        rows.append(grand_total(["", *(money(total) for total in totals)]))
    columns = (
        Column("tax_rate", "", "TaxRate"),
        Column("net_amount", "Net Amount", "Money"),
        Column("tax_amount", "Tax Amount", "Money"),
    )
    return report(source.period_header("TaxSummary", basis=source.basis()), options={}, columns=columns, rows=rows)


def _stock(source: Source) -> list[tuple[Document, Decimal, Decimal]]:
    """Each item on stock that is asked for with its quantity and cost, by name."""
    wanted = source.wanted("item", "Item")
    items = sorted(source.lists["Item"].values(), key=lambda one: str(one["FullyQualifiedName"]).casefold())
    return [
        (one, Decimal(one.get("QtyOnHand", 0)), Decimal(one.get("PurchaseCost", 0)))
        for one in items
        if one.get("TrackQtyOnHand") and (not wanted or one["Id"] in wanted)
    ]
