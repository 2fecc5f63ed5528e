"""The reports GeneralLedger and ProfitAndLossDetail: the lines of each account with a running balance."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from quickbooks_app.sandbox.ledger.accounts import ACCOUNT_TYPES, PROFIT_AND_LOSS, Account
from quickbooks_app.sandbox.ledger.postings import ZERO, Posting
from quickbooks_app.sandbox.reports.shape import Column, cell, data_row, report, section
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.reports.transactions.lines import (
    Line,
    columns_of,
    in_period,
    lines_of,
    natural,
    row_of,
    totals_of,
)
from quickbooks_app.sandbox.runtime.documents import Document

_COLUMNS = "tx_date txn_type doc_num name memo split_acc subt_nat_amount rbal_nat_amount"


def general_ledger(source: Source) -> Document:
    """Return the report for `start_date` to `end_date` (default: this month to date), of `account` if that is given."""
    return _by_account(source, "GeneralLedger", lambda one: True, carries_balance=True)


def profit_and_loss_detail(source: Source) -> Document:
    """Return the lines behind ProfitAndLoss."""
    return _by_account(source, "ProfitAndLossDetail", lambda one: one.type in PROFIT_AND_LOSS, carries_balance=False)


def _by_account(source: Source, name: str, takes: Callable[[Account], bool], *, carries_balance: bool) -> Document:
    first, last, _ = source.parameters.period()
    columns = columns_of(source, _COLUMNS)
    postings = source.postings(until=last)
    lines: dict[Account, list[Line]] = {}
    for transaction in lines_of(source, in_period(postings, first=first)):
        for line in transaction:
            lines.setdefault(line.posting.account, []).append(line)
    before: dict[Account, list[Posting]] = {}
    if carries_balance:
        year = source.fiscal_year(first).isoformat()
        for posting in postings:
            # Income and expenses begin each fiscal year at nothing.
            counts = posting.account.type not in PROFIT_AND_LOSS or posting.date >= year
            if posting.date < first.isoformat() and counts:
                before.setdefault(posting.account, []).append(posting)
    accounts = sorted({*lines, *before}, key=lambda one: (ACCOUNT_TYPES.index(one.type), one.name.casefold()))
    rows: list[Document] = []
    wanted, types = source.wanted("account", "Account"), source.parameters.names("account_type")
    for account in accounts:
        is_wanted = (not wanted or account.id in wanted) and (not types or account.type.replace(" ", "") in types)
        if takes(account) and is_wanted:
            rows += _section(account, lines.get(account, []), before=before.get(account, []), columns=columns)
    return report(source.period_header(name, basis=source.basis()), options={}, columns=columns, rows=rows)


def _section(
    account: Account, lines: Sequence[Line], *, before: Sequence[Posting], columns: Sequence[Column]
) -> list[Document]:
    opening = natural(account, sum((posting.home for posting in before), ZERO))
    rows: list[Document] = []
    if opening:
        texts = totals_of(columns, rbal_nat_amount=opening)
        rows.append(data_row([cell("Beginning Balance"), *(cell(text) for text in texts[1:])]))
    balance, total = opening, ZERO
    for line in lines:
        balance, total = balance + line.amount, total + line.amount
        rows.append(row_of(replace(line, balance=balance), columns))
    if not rows:
        return []
    return section(account.name, rows=rows, totals=totals_of(columns, subt_nat_amount=total), id=account.id)
