"""Records in which order transactions lock the rows of tables, and finds orders that can end in a deadlock."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from graphlib import CycleError, TopologicalSorter
from typing import Any
from unittest import mock

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

LOCKING = re.compile(
    r'(?:UPDATE "(?P<updated>\w+)"|DELETE FROM "(?P<deleted>\w+)"'
    r'|SELECT .*? FROM "(?P<read>\w+)".* FOR (?:NO KEY )?UPDATE(?: OF "(?P<of>\w+)")?)',
    re.DOTALL,
)

GATE = "suppliers_supplier"


class RowLocks:
    """The tables whose rows a transaction locked, in the order of their first lock, for every transaction."""

    def __init__(self) -> None:
        self.orders: list[list[str]] = [[]]

    def before(self, table: str, other: str) -> bool:
        """Whether a transaction locked rows of `table` and then of `other`."""
        return any(table in order and other in order[order.index(table) :] for order in self.orders)

    def cycle(self) -> list[str]:
        """Tables that were locked in a circle, by several transactions; empty if there is none.

        Two orders do no harm where both transactions hold the supplier first: one of them waits there.
        """
        under_supplier, others = set[tuple[str, str]](), set[tuple[str, str]]()
        for order in self.orders:
            for place, table in enumerate(order):
                pairs = {(table, later) for later in order[place + 1 :]}
                (under_supplier if GATE in order[:place] else others).update(pairs)
        harmless = {(a, b) for a, b in under_supplier - others if (b, a) in under_supplier - others}
        followers: dict[str, set[str]] = {}
        for table, later in (under_supplier | others) - harmless:
            followers.setdefault(table, set()).add(later)
        try:
            TopologicalSorter(followers).prepare()
        except CycleError as error:
            return list(error.args[1])
        return []

    def note(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        found = LOCKING.match(str(sql)) if context["connection"].in_atomic_block else None
        if found:
            table = found["updated"] or found["deleted"] or found["of"] or found["read"]
            if table not in self.orders[-1]:
                self.orders[-1].append(table)
        return execute(sql, params, many, context)


@contextmanager
def recorded_row_locks() -> Iterator[RowLocks]:
    """Record the locks of this thread's transactions. The test itself must not be one transaction."""
    locks, plain = RowLocks(), BaseDatabaseWrapper.set_autocommit

    def set_autocommit(self: BaseDatabaseWrapper, *arguments: Any, **named: Any) -> None:
        locks.orders.append([])  # a transaction begins or ends
        plain(self, *arguments, **named)

    with (
        mock.patch.object(BaseDatabaseWrapper, "set_autocommit", set_autocommit),
        connection.execute_wrapper(locks.note),
    ):
        yield locks
