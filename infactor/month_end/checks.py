"""The part of the nightly proof about accruals: a sentence for each thing that disagrees."""

from django.db import connection

MAX_PER_CHECK = 20

# Accrued and reversed, an advance has nothing left; what a run says of a month is what the ledger accrued on its end.
LEFT = """
SELECT format('Accrued fees of %s: %s %s are left, and every accrual is reversed on the next day.',
    a.owner, sum(e.debit - e.credit), a.currency)
FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id WHERE a.purpose = 'accrued_fees'
GROUP BY a.owner, a.currency HAVING sum(e.debit - e.credit) <> 0 ORDER BY a.owner
"""
POSTED = """
WITH posted AS (
    SELECT split_part(a.owner, ':', 2)::bigint AS advance_id, split_part(t.reference, ':', 2) AS month,
        sum(e.debit - e.credit) AS amount
    FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
        JOIN ledger_transaction t ON t.id = e.transaction_id
    WHERE a.purpose = 'accrued_fees' AND t.reverses_id IS NULL GROUP BY 1, 2
), kept AS (
    SELECT f.advance_id, to_char(r.month, 'YYYY-MM') AS month, sum(f.amount) AS amount
    FROM month_end_feeaccrual f JOIN month_end_accrualrun r ON r.id = f.run_id GROUP BY 1, 2
)
SELECT format('Advance %s: its fees accrued for %s come to %s, the ledger says %s.', advance_id, month,
    coalesce(kept.amount, 0), coalesce(posted.amount, 0))
FROM posted FULL JOIN kept USING (advance_id, month)
WHERE coalesce(kept.amount, 0) <> coalesce(posted.amount, 0) ORDER BY advance_id, month
"""
# The late fees among them: their income is by posting, so that it is compared by run and supplier.
LATE = """
WITH posted AS (
    SELECT split_part(t.reference, ':', 2) AS month, split_part(t.reference, ':', 3)::int AS number, t.supplier_id,
        a.currency, sum(e.credit - e.debit) AS amount
    FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
        JOIN ledger_transaction t ON t.id = e.transaction_id
    WHERE a.purpose = 'late_fee_income' AND t.reference LIKE 'accrual:%' AND t.reverses_id IS NULL GROUP BY 1, 2, 3, 4
), kept AS (
    SELECT to_char(r.month, 'YYYY-MM') AS month, r.number, v.supplier_id, v.currency, sum(f.late_amount) AS amount
    FROM month_end_feeaccrual f JOIN month_end_accrualrun r ON r.id = f.run_id
        JOIN financing_advance v ON v.id = f.advance_id GROUP BY 1, 2, 3, 4
)
SELECT format('Supplier %s: its late fees accrued for %s come to %s %s, the ledger says %s.', supplier_id, month,
    coalesce(kept.amount, 0), currency, coalesce(posted.amount, 0))
FROM posted FULL JOIN kept USING (month, number, supplier_id, currency)
WHERE coalesce(kept.amount, 0) <> coalesce(posted.amount, 0) ORDER BY supplier_id, month
"""


def find_discrepancies() -> list[str]:
    """A sentence for each accrual that the ledger and the rows of month end tell differently, twenty of a kind."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for query in (LEFT, POSTED, LATE):
            cursor.execute(query)
            found += [row[0] for row in cursor.fetchmany(MAX_PER_CHECK)]
            if cursor.rowcount > MAX_PER_CHECK:
                found.append(f"And {cursor.rowcount - MAX_PER_CHECK} more of this kind.")
    return found
