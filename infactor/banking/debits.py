"""Debits of ours: apps above say which payments of theirs a debit on a statement is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from infactor.banking import matches
from infactor.banking.errors import BankingError
from infactor.banking.models import StatementLine
from infactor.ledger.models import Entry
from infactor.users.models import User


@dataclass(frozen=True)
class ExplainedDebit:
    """The entries on the account that a debit confirms, and why, in words."""

    line: StatementLine
    entries: Sequence[Entry]
    reason: str


# Given open debits of one account, those that are explained for certain. It may post first, as for a payout that the
# statement takes from the account: then the entries are those of that posting.
Explainer = Callable[[Sequence[StatementLine], "User | None", datetime], Sequence[ExplainedDebit]]
_explainers: list[Explainer] = []


def register(explainer: Explainer) -> None:
    """Ask `explainer` about every open debit when statements are matched."""
    if explainer not in _explainers:
        _explainers.append(explainer)


def explain(*, lines: Sequence[StatementLine], by: User | None, at: datetime) -> int:
    """Match the debits among `lines` that a registered explainer knows for certain. Returns how many.

    Each line is locked while it is explained, and what an explainer posts for it is undone where it cannot be linked.
    """
    explained = 0
    for line in lines:
        if line.status != StatementLine.Status.DEBIT:
            continue
        try:
            with transaction.atomic():
                explained += _explain(matches.lock_open(line=line), by=by, at=at)
        except BankingError:
            continue  # decided, or confirmed by another line, meanwhile
    return explained


def _explain(line: StatementLine, *, by: User | None, at: datetime) -> int:
    for explainer in _explainers:
        for found in explainer([line], by, at):
            matches.link(line=found.line, entries=found.entries, by=by, at=at)
            return 1
    return 0
