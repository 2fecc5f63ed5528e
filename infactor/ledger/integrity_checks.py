"""The integrity checks of the ledger: one query over the whole ledger for each kind of error.

Each check returns a sentence for every wrong row, at most MAX_FINDINGS, and then how many more there are.
"""

from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from infactor.ledger.checksums import DIGEST_SQL

MAX_FINDINGS = 20
Row = tuple[Any, ...]

TRANSACTIONS = f"""
SELECT * FROM (
    SELECT t.id, t.reference, t.entry_count, t.total, t.currency,
        count(e.id) AS entries,
        coalesce(sum(e.debit), 0) AS debits,
        coalesce(sum(e.credit), 0) AS credits,
        coalesce(bool_and(a.currency IS NOT DISTINCT FROM t.currency), true) AS one_currency,
        t.digest = {DIGEST_SQL} AS has_digest
    FROM ledger_transaction t
        LEFT JOIN ledger_entry e ON e.transaction_id = t.id
        LEFT JOIN ledger_account a ON a.id = e.account_id
    GROUP BY t.id
) AS found
WHERE entries <> entry_count OR debits <> total OR credits <> total OR NOT one_currency OR NOT has_digest
ORDER BY id
"""  # noqa: S608  made of constants

REVERSALS = """
WITH pairs AS (
    SELECT m.id, m.reference, o.reference AS reversed, m.currency = o.currency AND m.entry_count = o.entry_count
        AND m.supplier_id IS NOT DISTINCT FROM o.supplier_id AS is_same_kind, o.id AS reversed_id
    FROM ledger_transaction m LEFT JOIN ledger_transaction o ON o.id = m.reverses_id
    WHERE m.reverses_id IS NOT NULL
), differing AS (
    SELECT p.id, e.account_id, e.debit, e.credit FROM pairs p JOIN ledger_entry e ON e.transaction_id = p.id
    EXCEPT ALL
    SELECT p.id, e.account_id, e.credit, e.debit FROM pairs p JOIN ledger_entry e ON e.transaction_id = p.reversed_id
)
SELECT id, reference, reversed FROM pairs
WHERE is_same_kind IS NOT true OR id IN (SELECT id FROM differing)
ORDER BY id
"""

ORPHANED_ENTRIES = """
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

# Closed months by their entries, beside what their closings kept.
KEPT_SUMS = """
WITH found AS (
    SELECT date_trunc('month', t.value_date)::date AS month, a.currency, a.purpose,
        sum(e.debit) AS debits, sum(e.credit) AS credits
    FROM ledger_transaction t
        JOIN ledger_entry e ON e.transaction_id = t.id
        JOIN ledger_account a ON a.id = e.account_id
    WHERE t.value_date < (SELECT max(month) FROM ledger_periodclosing WHERE reopened_at IS NULL) + interval '1 month'
    GROUP BY 1, 2, 3
)
SELECT month, currency, purpose, coalesce(found.debits, 0.00), coalesce(found.credits, 0.00),
    coalesce(kept.debits, 0.00), coalesce(kept.credits, 0.00)
FROM found FULL JOIN ledger_monthsum kept USING (month, currency, purpose)
WHERE (found.debits, found.credits) IS DISTINCT FROM (kept.debits, kept.credits)
ORDER BY month, currency, purpose
"""


def run_all() -> list[str]:
    """Run every check. Returns the findings, [] if there are none."""
    findings: list[str] = []
    for query, describe in (
        (TRANSACTIONS, _describe_transaction),
        (REVERSALS, _describe_reversal),
        (ORPHANED_ENTRIES, _describe_orphaned_entry),
        (TRIAL_BALANCE, _describe_trial_balance),
        (KEPT_SUMS, _describe_kept_sum),
    ):
        findings += _findings(query, describe)
    return findings


def _findings(query: str, describe: Callable[[Row], Iterator[str]]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        findings = [sentence for row in cursor.fetchmany(MAX_FINDINGS) for sentence in describe(row)]
        more = cursor.rowcount - MAX_FINDINGS
    return [*findings, f"And {more} more of this kind."] if more > 0 else findings


def _describe_transaction(row: Row) -> Iterator[str]:
    _, reference, entry_count, total, currency, entries, debits, credits, one_currency, has_digest = row
    if entries != entry_count:
        yield f"{reference} has {entries} entries and was posted with {entry_count}."
    if debits != credits:
        yield f"{reference} does not balance: debits {debits}, credits {credits} {currency}."
    elif debits != total:
        yield f"{reference} adds up to {debits} and was posted with {total} {currency}."
    if not one_currency:
        yield f"{reference} is in {currency} and has an entry on an account in another currency."
    if not has_digest:
        yield f"{reference} was changed after it was posted: its digest differs."


def _describe_reversal(row: Row) -> Iterator[str]:
    _, reference, reversed_reference = row
    yield f"{reference} is not the mirror of {reversed_reference or 'anything'}, which it reverses."


def _describe_orphaned_entry(row: Row) -> Iterator[str]:
    yield f"Entry {row[0]} refers to a transaction ({row[1]}) or an account that does not exist."


def _describe_trial_balance(row: Row) -> Iterator[str]:
    currency, debits, credits = row
    yield f"The trial balance in {currency} is not zero: debits {debits}, credits {credits}."


def _describe_kept_sum(row: Row) -> Iterator[str]:
    month, currency, purpose, debits, credits, kept_debits, kept_credits = row
    yield (
        f"The kept sums of {purpose} in {month:%B %Y} are debits {kept_debits}, credits {kept_credits} "
        f"{currency}; its entries add up to debits {debits}, credits {credits}."
    )
