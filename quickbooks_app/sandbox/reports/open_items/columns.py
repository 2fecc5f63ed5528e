"""Columns of the reports that list open items, and what an item shows in each."""

from collections.abc import Callable, Sequence, Set

from quickbooks_app.sandbox.ledger.postings import ZERO
from quickbooks_app.sandbox.reports import document_facts as facts
from quickbooks_app.sandbox.reports.open_items.items import OpenItem, Side
from quickbooks_app.sandbox.reports.shape import Column, cell, money
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.runtime.documents import Document

# In the order in which QuickBooks shows them, whatever order is asked for.
COLUMNS = (
    Column("tx_date", "Date", "Date"),
    Column("txn_type", "Transaction Type", "String"),
    Column("doc_num", "Num", "String"),
    Column("cust_name", "Customer", "String"),
    Column("vend_name", "Vendor", "String"),
    Column("due_date", "Due Date", "Date"),
    Column("past_due", "Past Due", "Number"),
    Column("term_name", "Terms", "String"),
    Column("memo", "Memo/Description", "String"),
    Column("cust_msg", "Client message", "String"),
    Column("cust_bill_email", "Email", "String"),
    Column("dept_name", "Location", "String"),
    Column("ship_via", "Ship Via", "String"),
    Column("ship_date", "Ship Date", "Date"),
    Column("tracking_num", "Tracking No", "String"),
    Column("create_date", "Create Date", "Date"),
    Column("last_mod_date", "Last Modified", "Date"),
    Column("currency", "Currency", "String"),
    Column("exch_rate", "Exchange Rate", "Number"),
    Column("foreign_amount", "Foreign Amount", "Money"),
    Column("subt_amount", "Amount", "Money"),
    Column("foreign_open_bal", "Foreign Open Balance", "Money"),
    Column("subt_open_bal", "Open Balance", "Money"),
    Column("rbal_open_bal", "Balance", "Money"),
)
_MULTICURRENCY = frozenset({"currency", "exch_rate", "foreign_amount", "foreign_open_bal"})

CELLS: dict[str, Callable[[OpenItem], Document]] = {
    "tx_date": lambda one: cell(one.date),
    "txn_type": lambda one: cell(facts.type_of(one.item.key.entity, one.document), one.item.key.id),
    "doc_num": lambda one: cell(facts.number_of(one.document)),
    "cust_name": lambda one: cell(one.party, one.item.key.customer),
    "vend_name": lambda one: cell(one.party, one.item.key.customer),
    "due_date": lambda one: cell(one.due),
    "past_due": lambda one: cell(str(one.days)),
    "term_name": lambda one: cell(facts.term_of(one.document)),
    "memo": lambda one: cell(facts.memo_of(one.document)),
    "cust_msg": lambda one: cell(facts.value_of(one.document, "CustomerMemo")),
    "cust_bill_email": lambda one: cell(facts.email_of(one.document)),
    "dept_name": lambda one: cell(*facts.department_of(one.document)),
    "ship_via": lambda one: cell(facts.value_of(one.document, "ShipMethodRef")),
    "ship_date": lambda one: cell(str(one.document.get("ShipDate", ""))),
    "tracking_num": lambda one: cell(str(one.document.get("TrackingNum", ""))),
    "create_date": lambda one: cell(facts.day_of(one.document, "CreateTime")),
    "last_mod_date": lambda one: cell(facts.day_of(one.document, "LastUpdatedTime")),
    "currency": lambda one: cell(one.item.currency),
    "exch_rate": lambda one: cell(f"{one.item.rate:f}"),
    "foreign_amount": lambda one: cell(money(one.amount)),
    "subt_amount": lambda one: cell(money(one.home_amount)),
    "foreign_open_bal": lambda one: cell(money(one.open)),
    "subt_open_bal": lambda one: cell(money(one.home_open)),
}


def columns_of(source: Source, side: Side, *, default: Set[str]) -> list[Column]:
    """The columns that are asked for. Names that the report does not know, or not in this company, are ignored."""
    hidden = frozenset() if source.has_currencies else _MULTICURRENCY
    others = {"cust_name", "vend_name"} - {side.party_column}
    wanted = set(source.parameters.names("columns")) - hidden - others
    # What is added up row by row is known to the reports that show it by default.
    wanted -= {"rbal_open_bal"} - default
    return [column for column in COLUMNS if column.key in wanted] or [
        column for column in COLUMNS if column.key in default
    ]


def home_totals(items: Sequence[OpenItem], columns: Sequence[Column]) -> list[str]:
    """The sum under each column in the home currency. Amounts in several currencies have none."""
    sums = {
        "subt_amount": sum((one.home_amount for one in items), ZERO),
        "subt_open_bal": sum((one.home_open for one in items), ZERO),
    }
    return [money(sums[column.key]) if column.key in sums else "" for column in columns]
