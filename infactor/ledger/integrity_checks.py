"""What can be wrong with books that somebody changed past the triggers: one query for each kind, over all of them.

Each gives a sentence for every row that is wrong, twenty at most and then how many more.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from infactor.ledger.checksums import IN_SQL

SHOWN = 20
Row = tuple[Any, ...]

TRANSACTIONS = f"""
SELECT * FROM (
    SELECT t.id, t.reference, t.entry_count, t.total, t.currency,
        count(e.id) AS entries,
        coalesce(sum(e.debit), 0) AS debits,
        coalesce(sum(e.credit), 0) AS credits,
        coalesce(bool_and(a.currency IS NOT DISTINCT FROM t.currency), true) AS one_currency,
        t.digest = {IN_SQL} AS as_written
    FROM ledger_transaction t
        LEFT JOIN ledger_entry e ON e.transaction_id = t.id
        LEFT JOIN ledger_account a ON a.id = e.account_id
    GROUP BY t.id
) AS found
WHERE entries <> entry_count OR debits <> total OR credits <> total OR NOT one_currency OR NOT as_written
ORDER BY id
"""  # noqa: S608  made of constants

REVERSALS = """
WITH pairs AS (
    SELECT m.id, m.reference, o.reference AS reversed, m.currency = o.currency AND m.entry_count = o.entry_count
        AND m.supplier_id IS NOT DISTINCT FROM o.supplier_id AS alike, o.id AS reversed_id
    FROM ledger_transaction m LEFT JOIN ledger_transaction o ON o.id = m.reverses_id
    WHERE m.reverses_id IS NOT NULL
), differing AS (
    SELECT p.id, e.account_id, e.debit, e.credit FROM pairs p JOIN ledger_entry e ON e.transaction_id = p.id
    EXCEPT ALL
    SELECT p.id, e.account_id, e.credit, e.debit FROM pairs p JOIN ledger_entry e ON e.transaction_id = p.reversed_id
)
SELECT id, reference, reversed FROM pairs
WHERE alike IS NOT true OR id IN (SELECT id FROM differing)
ORDER BY id
"""

STRAYS = """
SELECT e.id, e.transaction_id FROM ledger_entry e
WHERE NOT EXISTS (SELECT 1 FROM ledger_transaction t WHERE t.id = e.transaction_id)
    OR NOT EXISTS (SELECT 1 FROM ledger_account a WHERE a.id = e.account_id)
ORDER BY e.id
"""

TRIAL_BALANCE = """
SELECT a.currency, sum(e.debit) AS debits, sum(e.credit) AS credits
FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
GROUP BY a.currency HAVING sum(e.debit) <> sum(e.credit)
ORDER BY a.currency
"""


def everything() -> list[str]:
    """Every sentence about the books themselves; none where they are in order."""
    said: list[str] = []
    for query, tell in (
        (TRANSACTIONS, _of_transaction),
        (REVERSALS, _of_reversal),
        (STRAYS, _of_stray),
        (TRIAL_BALANCE, _of_trial_balance),
    ):
        said += _sentences(query, tell)
    return said


def _sentences(query: str, tell: Callable[[Row], Iterator[str]]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        said = [sentence for row in cursor.fetchmany(SHOWN) for sentence in tell(row)]
        more = cursor.rowcount - SHOWN
    return [*said, f"And {more} more of this kind."] if more > 0 else said


def _of_transaction(row: Row) -> Iterator[str]:
    _, reference, entry_count, total, currency, entries, debits, credits, one_currency, as_written = row
    if entries != entry_count:
        yield f"{reference} has {entries} entries and was written with {entry_count}."
    if debits != credits:
        yield f"{reference} does not balance: debits {debits}, credits {credits} {currency}."
    elif debits != total:
        yield f"{reference} adds up to {debits} and was written with {total} {currency}."
    if not one_currency:
        yield f"{reference} is in {currency} and has an entry on an account in another currency."
    if not as_written:
        yield f"{reference} does not say what it said when it was written (its digest differs)."


def _of_reversal(row: Row) -> Iterator[str]:
    _, reference, reversed_reference = row
    yield f"{reference} is not the mirror of {reversed_reference or 'anything'}, which it reverses."


def _of_stray(row: Row) -> Iterator[str]:
    yield f"Entry {row[0]} belongs to transaction {row[1]} or an account that is not there."


def _of_trial_balance(row: Row) -> Iterator[str]:
    currency, debits, credits = row
    yield f"The trial balance in {currency} is not zero: debits {debits}, credits {credits}."
