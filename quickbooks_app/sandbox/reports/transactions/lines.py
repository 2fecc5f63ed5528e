"""Lines of transactions as detail reports show them: one for each posting, with the accounts on its other side."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from quickbooks_app.sandbox.ledger.accounts import Account
from quickbooks_app.sandbox.ledger.postings import ZERO, Posting
from quickbooks_app.sandbox.reports import document_facts as facts
from quickbooks_app.sandbox.reports.shape import Column, cell, data_row, money
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.runtime.documents import Document, reference_id

_DEBIT_TYPES = frozenset(
    [
        "Bank",
        "Accounts Receivable",
        "Other Current Asset",
        "Fixed Asset",
        "Other Asset",
        "Cost of Goods Sold",
        "Expense",
        "Other Expense",
    ]
)

COLUMNS = {
    column.key: column
    for column in (
        Column("tx_date", "Date", "Date"),
        Column("txn_type", "Transaction Type", "String"),
        Column("doc_num", "Num", "String"),
        Column("is_no_post", "Posting", "Boolean"),
        Column("name", "Name", "String"),
        Column("cust_name", "Customer", "String"),
        Column("vend_name", "Vendor", "String"),
        Column("emp_name", "Employee", "String"),
        Column("dept_name", "Location", "String"),
        Column("klass_name", "Class", "String"),
        Column("item_name", "Product/Service", "String"),
        Column("term_name", "Terms", "String"),
        Column("pmt_mthd", "Payment Method", "String"),
        Column("cust_msg", "Client message", "String"),
        Column("tracking_num", "Tracking No", "String"),
        Column("is_adj", "Adj", "Boolean"),
        Column("due_date", "Due Date", "Date"),
        Column("memo", "Memo/Description", "String"),
        Column("create_date", "Create Date", "Date"),
        Column("last_mod_date", "Last Modified", "Date"),
        Column("account_name", "Account", "String"),
        Column("other_account", "Split", "String"),
        Column("split_acc", "Split", "String"),
        Column("currency", "Currency", "String"),
        Column("debt_amt", "Debit", "Money"),
        Column("credit_amt", "Credit", "Money"),
        Column("subt_nat_amount", "Amount", "Money"),
        Column("rbal_nat_amount", "Balance", "Money"),
    )
}


# Columns that name an object: its list, and where a posting names it.
_LISTED = {
    "cust_name": ("Customer", "customer"),
    "vend_name": ("Vendor", "customer"),
    "emp_name": ("Employee", "customer"),
    "dept_name": ("Department", "department"),
    "klass_name": ("Class", "class_id"),
    "item_name": ("Item", "item_id"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One posting. `balance` is what the report has added up so far."""

    posting: Posting
    document: Document
    party: str
    others: tuple[Account, ...]
    balance: Decimal = ZERO
    names: Mapping[str, str] = field(default_factory=dict)  # of what the posting refers to, by ColKey

    @property
    def amount(self) -> Decimal:
        """The amount as the account counts: positive raises it."""
        return natural(self.posting.account, self.posting.home)

    @property
    def split(self) -> str:
        return self.others[0].name if len(self.others) == 1 else "-Split-" if self.others else ""


def _named(key: str, attribute: str) -> Callable[[Line], Document]:
    def named(line: Line) -> Document:
        name = line.names.get(key, "")
        return cell(name, getattr(line.posting, attribute) if name else "")

    return named


_CELLS: dict[str, Callable[[Line], Document]] = {
    "tx_date": lambda line: cell(line.posting.date),
    "txn_type": lambda line: cell(facts.type_of(line.posting.entity, line.document), line.posting.id),
    "doc_num": lambda line: cell(facts.number_of(line.document)),
    "is_no_post": lambda line: cell("Yes"),
    "name": lambda line: cell(line.party, line.posting.customer if line.party else ""),
    **{key: _named(key, attribute) for key, (_, attribute) in _LISTED.items()},
    "term_name": lambda line: cell(facts.term_of(line.document)),
    "pmt_mthd": lambda line: cell(line.names.get("pmt_mthd", "")),
    "cust_msg": lambda line: cell(facts.value_of(line.document, "CustomerMemo")),
    "tracking_num": lambda line: cell(str(line.document.get("TrackingNum", ""))),
    "is_adj": lambda line: cell("Yes" if line.document.get("Adjustment") else "No"),
    "due_date": lambda line: cell(facts.due_date_of(line.document)),
    "memo": lambda line: cell(facts.memo_of(line.document)),
    "create_date": lambda line: cell(facts.day_of(line.document, "CreateTime")),
    "last_mod_date": lambda line: cell(facts.day_of(line.document, "LastUpdatedTime")),
    "account_name": lambda line: cell(line.posting.account.name, line.posting.account.id),
    "other_account": lambda line: cell(line.split, line.others[0].id if len(line.others) == 1 else ""),
    "split_acc": lambda line: cell(line.split, line.others[0].id if len(line.others) == 1 else ""),
    "currency": lambda line: cell(line.posting.currency),
    "debt_amt": lambda line: cell(money(line.posting.home) if line.posting.home > 0 else ""),
    "credit_amt": lambda line: cell(money(-line.posting.home) if line.posting.home < 0 else ""),
    "subt_nat_amount": lambda line: cell(money(line.amount)),
    "rbal_nat_amount": lambda line: cell(money(line.balance)),
}


def natural(account: Account, home: Decimal) -> Decimal:
    """Return a posting's amount with the sign by which its account grows."""
    return home if account.type in _DEBIT_TYPES else -home


def lines_of(source: Source, postings: Iterable[Posting]) -> Iterator[list[Line]]:
    """Yield the lines of each transaction, by date and in the order of their ids."""
    by_transaction: dict[tuple[str, str, str], list[Posting]] = {}
    for posting in postings:
        by_transaction.setdefault((posting.date, posting.entity, posting.id), []).append(posting)
    for (_, entity, id), some in sorted(by_transaction.items(), key=lambda pair: (pair[0][0], int(pair[0][2]))):
        document = source.journal.documents.get((entity, id), {})
        yield [
            Line(
                posting=posting,
                document=document,
                party=source.party(posting.customer),
                names={
                    **{key: source.name(list_, getattr(posting, by)) for key, (list_, by) in _LISTED.items()},
                    "pmt_mthd": source.name("PaymentMethod", reference_id(document, "PaymentMethodRef")),
                },
                others=tuple(dict.fromkeys(one.account for one in some if one.account != posting.account)),
            )
            for posting in some
        ]


def in_period(postings: Iterable[Posting], *, first: date) -> list[Posting]:
    """The postings from a day on."""
    return [posting for posting in postings if posting.date >= first.isoformat()]


def columns_of(source: Source, default: str) -> list[Column]:
    """The columns that are asked for, as far as they are known; `default` names the others."""
    wanted = [key for key in source.parameters.names("columns") if key in COLUMNS]
    return [COLUMNS[key] for key in wanted or default.split()]


def row_of(line: Line, columns: Sequence[Column]) -> Document:
    return data_row([_CELLS[column.key](line) for column in columns])


def totals_of(columns: Sequence[Column], **amounts: Decimal) -> list[str]:
    """The text under each column: an amount where there is one."""
    return [money(amounts[column.key]) if column.key in amounts else "" for column in columns]
