"""Rows of a statement: accounts under their parents, sections with their totals, and the report around them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from quickbooks_app.sandbox.ledger.accounts import Account
from quickbooks_app.sandbox.ledger.postings import ZERO, Posting
from quickbooks_app.sandbox.reports.column_periods import Slot
from quickbooks_app.sandbox.reports.shape import Column, cell, data_row, money
from quickbooks_app.sandbox.runtime.documents import Document

Amounts = list[Decimal]  # one for each column

ACCOUNT_COLUMN = Column("account", "", "Account")
TOTAL_COLUMN = Column("total", "Total", "Money")


@dataclass(slots=True)
class Sheet:
    """Sums of postings by account and column. `signs` turns what is a credit by nature into a positive amount."""

    columns: list[Column]
    amounts: dict[Account, Amounts]

    def of_type(self, *types: str, sign: int = 1) -> dict[Account, Amounts]:
        """Return the accounts of these types that have an amount, each amount with its sign."""
        found = {one: amounts for one, amounts in self.amounts.items() if one.type in types and any(amounts)}
        return {one: [sign * amount for amount in amounts] for one, amounts in found.items()}

    @property
    def width(self) -> int:
        return len(self.columns)


def sheet_of(
    postings: Sequence[Posting],
    slots: Sequence[Slot],
    *,
    whole: Slot,
    since: Callable[[Account, Slot], date | None],
) -> Sheet:
    """Sum postings by account for each slot, and for the whole period last.

    `since` gives the day from which an account's postings count in a slot; None is the slot's first day.
    """
    by_account: dict[Account, list[Posting]] = {}
    for posting in postings:
        by_account.setdefault(posting.account, []).append(posting)
    every = [*slots, whole]
    amounts = {
        account: [slot.sum(some, since=since(account, slot)) for slot in every] for account, some in by_account.items()
    }
    return Sheet(columns=[*(slot.column for slot in slots), TOTAL_COLUMN], amounts=amounts)


def total_of(accounts: dict[Account, Amounts], *, width: int) -> Amounts:
    return [sum((amounts[position] for amounts in accounts.values()), ZERO) for position in range(width)]


def plus(*amounts: Amounts) -> Amounts:
    return [sum(column, ZERO) for column in zip(*amounts, strict=True)]


def minus(one: Amounts, other: Amounts) -> Amounts:
    return [left - right for left, right in zip(one, other, strict=True)]


def section(title: str, *, group: str, rows: Sequence[Document], total: Amounts, summary: str = "") -> Document:
    """Return a section with header, rows and total."""
    return {
        "Header": {"ColData": [cell(title), *(cell("") for _ in total)]},
        "Rows": {"Row": list(rows)},
        **_summary(summary or f"Total {title}", total),
        "type": "Section",
        "group": group,
    }


def summary_row(title: str, *, group: str, total: Amounts) -> Document:
    """Return a section that is a total alone."""
    return {**_summary(title, total), "type": "Section", "group": group}


def account_section(title: str, *, group: str, accounts: dict[Account, Amounts], width: int) -> list[Document]:
    """Return the section of some accounts, or nothing if there are none."""
    if not accounts:
        return []
    return [section(title, group=group, rows=account_rows(accounts), total=total_of(accounts, width=width))]


@dataclass(slots=True)
class _Node:
    """An account with its sub-accounts; without `account` it only holds them together."""

    account: Account | None = None
    amounts: Amounts | None = None
    children: "dict[str, _Node]" = field(default_factory=dict)


def account_rows(accounts: dict[Account, Amounts]) -> list[Document]:
    """Return a row for each account, sub-accounts in a section of their parent."""
    root = _Node()
    for account, amounts in sorted(accounts.items(), key=lambda pair: pair[0].name.casefold()):
        node = root
        for part in account.name.split(":"):
            node = node.children.setdefault(part, _Node())
        node.account, node.amounts = account, amounts
    width = len(next(iter(accounts.values()), []))
    return [_row(name, node, width=width) for name, node in root.children.items()]


def _row(name: str, node: _Node, *, width: int) -> Document:
    own = node.amounts if node.amounts is not None else [ZERO] * width
    head = [cell(name, node.account.id if node.account else ""), *(cell(_blank(amount)) for amount in own)]
    if not node.children:
        return data_row(head)
    rows = [_row(child_name, child, width=width) for child_name, child in node.children.items()]
    return {
        "Header": {"ColData": head},
        "Rows": {"Row": rows},
        **_summary(f"Total {name}", _total(node, width=width)),
        "type": "Section",
    }


def _total(node: _Node, *, width: int) -> Amounts:
    own = node.amounts if node.amounts is not None else [ZERO] * width
    return plus(own, *(_total(child, width=width) for child in node.children.values()))


def _summary(title: str, total: Amounts) -> Document:
    return {"Summary": {"ColData": [cell(title), *(cell(money(amount)) for amount in total)]}}


def _blank(amount: Decimal) -> str:
    return money(amount) if amount else ""
