"""Checks of what suppliers owe, of netting, recoveries, refunds and corrections: part of the reconciliation.

Each query gives a sentence for each row that differs, and nothing if all agree.
"""

from infactor.banking.formats.records import NO_REFERENCES

WINDOW_DAYS = 10  # as in collections.look_alikes
MEANINGLESS = ", ".join(f"'{one}'" for one in sorted(NO_REFERENCES))

# What the ledger says of each payment: the day and the amount of its posting that counts.
PAYMENTS = """
WITH recorded AS (
    SELECT split_part(t.reference, ':', 2)::bigint AS id, count(*) AS number,
        max(coalesce(t.original_value_date, t.value_date)) AS value_date,
        max(e.debit) FILTER (WHERE a.purpose = 'cash') AS amount
    FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id
        JOIN ledger_account a ON a.id = e.account_id
    WHERE t.reference ~ '^collection:[0-9]+:recorded(:[0-9]+)?$' AND a.purpose = 'cash'
        AND NOT EXISTS (SELECT FROM ledger_transaction r WHERE r.reverses_id = t.id)
    GROUP BY 1
)
SELECT CASE WHEN r.id IS NULL THEN format('Payment %s of %s %s is not in the ledger.', c.id, c.amount, c.currency)
        WHEN r.number > 1 THEN format('Payment %s is in the ledger %s times.', c.id, r.number)
        WHEN r.amount <> c.amount
        THEN format('Payment %s: its amount is %s, the ledger says %s %s.', c.id, c.amount, r.amount, c.currency)
        ELSE format('Payment %s: its value date is %s, the ledger says %s.', c.id, c.value_date, r.value_date) END
FROM financing_collection c LEFT JOIN recorded r ON r.id = c.id
WHERE c.returned_on IS NULL AND c.withdrawn_at IS NULL
    AND (r.id IS NULL OR r.number > 1 OR r.amount <> c.amount OR r.value_date <> c.value_date)
ORDER BY c.id
"""

# The same amount and reference within some days, and nobody has said that it is another payment.
DOUBLED = f"""
WITH identified AS (
    SELECT id, currency, amount, value_date, is_another, upper(regexp_replace(bank_reference, '[^[:alnum:]]', '', 'g'))
        AS reference
    FROM financing_collection WHERE returned_on IS NULL AND withdrawn_at IS NULL
)
SELECT format('Payment %s looks like payment %s: %s %s with the same reference. Nobody has said that it is another.',
    b.id, a.id, b.amount, b.currency)
FROM identified a JOIN identified b ON a.id < b.id AND a.currency = b.currency AND a.amount = b.amount
    AND a.reference = b.reference AND abs(a.value_date - b.value_date) <= {WINDOW_DAYS}
WHERE NOT b.is_another AND NOT a.is_another AND trim(BOTH '0' FROM a.reference) <> ''
    AND a.reference NOT IN ({MEANINGLESS})
ORDER BY b.id
"""  # noqa: S608  made of constants

# Each kind of recovery in force against the account that it was credited to.
RECOVERIES = """
WITH matched AS (
    SELECT kind, c.currency, sum(m.amount) AS amount FROM financing_collectionallocation m
        JOIN financing_collection c ON c.id = m.collection_id
    WHERE m.kind IN ('recovery', 'fee', 'late_fee', 'cost') AND m.reversed_at IS NULL GROUP BY 1, 2
), posted AS (
    SELECT CASE a.purpose WHEN 'fee_income' THEN 'fee' WHEN 'late_fee_income' THEN 'late_fee'
            WHEN 'collection_costs' THEN 'cost' ELSE 'recovery' END AS kind,
        a.currency, sum(e.credit - e.debit) AS amount
    FROM ledger_entry e
        JOIN ledger_account a ON a.id = e.account_id JOIN ledger_transaction t ON t.id = e.transaction_id
    WHERE a.purpose IN ('bad_debt_recovered', 'fee_income', 'late_fee_income', 'collection_costs')
        AND t.reference LIKE 'collection:%'
    GROUP BY 1, 2
)
SELECT format('Recovered after write-offs as %s: payments come to %s, the ledger says %s %s.',
    kind, coalesce(matched.amount, 0), coalesce(posted.amount, 0), currency)
FROM matched FULL JOIN posted USING (kind, currency)
WHERE coalesce(matched.amount, 0) <> coalesce(posted.amount, 0) ORDER BY kind, currency
"""

COSTS = """
WITH posted AS (
    SELECT split_part(t.reference, ':', 4)::bigint AS id, sum(e.debit - e.credit) AS amount
    FROM ledger_entry e
        JOIN ledger_account a ON a.id = e.account_id JOIN ledger_transaction t ON t.id = e.transaction_id
    WHERE a.purpose = 'collection_costs' AND t.reference ~ '^advance:[0-9]+:cost:[0-9]+' GROUP BY 1
)
SELECT format('Collection cost %s: %s is recorded, the ledger says %s.', id, coalesce(k.amount, 0),
    coalesce(posted.amount, 0))
FROM (SELECT id, CASE WHEN cancelled_on IS NULL THEN amount ELSE 0 END AS amount FROM financing_collectioncost) k
    FULL JOIN posted USING (id)
WHERE coalesce(k.amount, 0) <> coalesce(posted.amount, 0) ORDER BY id
"""

# What suppliers owe, by what made them owe it: each part has rows of its own.
DEBTS = """
WITH due AS (
    SELECT a.supplier_id, a.currency, t.reference, t.reverses_id IS NOT NULL AS is_reversal, e.debit, e.credit
    FROM ledger_entry e
        JOIN ledger_account a ON a.id = e.account_id JOIN ledger_transaction t ON t.id = e.transaction_id
    WHERE a.purpose = 'due_from_supplier'
), posted AS (
    SELECT supplier_id, currency, 'payments of it' AS part, sum(credit - debit) AS amount FROM due
        WHERE reference LIKE 'collection:%' GROUP BY 1, 2
    UNION ALL SELECT supplier_id, currency, 'netting of it', sum(CASE WHEN is_reversal THEN -debit ELSE credit END)
        FROM due
        WHERE reference ~ '^(advance:[0-9]+:(funded|settled)|netting:)' GROUP BY 1, 2
    UNION ALL SELECT supplier_id, currency, 'rebates reclaimed', sum(debit - credit) FROM due
        WHERE reference ~ '^(advance:[0-9]+:rebate-reclaimed|payout:)' GROUP BY 1, 2
), rows AS (
    SELECT m.supplier_id, c.currency, 'payments of it' AS part, sum(m.amount) AS amount
        FROM financing_collectionallocation m JOIN financing_collection c ON c.id = m.collection_id
        WHERE m.kind = 'due' AND m.reversed_at IS NULL GROUP BY 1, 2
    UNION ALL SELECT supplier_id, currency, 'netting of it', sum(amount) FROM financing_netting
        WHERE undone_at IS NULL GROUP BY 1, 2
    UNION ALL SELECT supplier_id, currency, 'rebates reclaimed', sum(amount) FROM financing_payout
        WHERE reclaimed_on IS NOT NULL AND status <> 'cancelled' GROUP BY 1, 2
)
SELECT format('What supplier %s owes: %s come to %s, the ledger says %s %s.', supplier_id, part,
    coalesce(rows.amount, 0), coalesce(posted.amount, 0), currency)
FROM rows FULL JOIN posted USING (supplier_id, currency, part)
WHERE coalesce(rows.amount, 0) <> coalesce(posted.amount, 0) ORDER BY supplier_id, currency, part
"""

STRAY_DEBTS = """
SELECT format('Supplier %s: %s made it owe %s %s, which is no step of financing.', a.supplier_id, t.reference,
    e.debit - e.credit, a.currency)
FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id JOIN ledger_transaction t ON t.id = e.transaction_id
WHERE a.purpose = 'due_from_supplier' AND t.reference !~ ('^(collection:[0-9]+:|netting:[0-9]+:|'
    || 'payout:[0-9]+:reclaim-ended|supplier:[0-9]+:(overdrawn|overpaid):'
    || '|advance:[0-9]+:(funded|settled|short|repurchased|rebate-reclaimed|returned-after-closing))')
ORDER BY t.id
"""

# A repurchase is a debt of what was outstanding and the fee, less the reserve.
REPURCHASES = """
SELECT format('Advance %s was bought back for %s, and its supplier was made to owe %s %s.',
    v.id, sum(CASE a.purpose WHEN 'receivable' THEN e.credit WHEN 'fee_income' THEN e.credit
        WHEN 'late_fee_income' THEN e.credit WHEN 'reserve' THEN -e.debit ELSE 0 END),
    coalesce(sum(e.debit) FILTER (WHERE a.purpose = 'due_from_supplier'), 0), v.currency)
FROM financing_advance v JOIN ledger_transaction t ON t.reference ~ ('^advance:' || v.id || ':repurchased(:[0-9]+)?$')
    JOIN ledger_entry e ON e.transaction_id = t.id JOIN ledger_account a ON a.id = e.account_id
WHERE NOT EXISTS (SELECT FROM ledger_transaction r WHERE r.reverses_id = t.id)
GROUP BY v.id, v.currency, t.id
HAVING coalesce(sum(e.debit) FILTER (WHERE a.purpose = 'due_from_supplier'), 0) <> sum(CASE a.purpose
    WHEN 'receivable' THEN e.credit WHEN 'fee_income' THEN e.credit WHEN 'late_fee_income' THEN e.credit
    WHEN 'reserve' THEN -e.debit ELSE 0 END)
ORDER BY v.id
"""

# Money decided to leave for a supplier that owed something, although nobody had decided against netting.
NOT_NETTED = """
WITH sent AS (
    SELECT p.id, p.purpose, p.supplier_id, p.currency, p.amount, t.id AS transaction_id
    FROM financing_payout p
        JOIN ledger_account a ON a.purpose = 'payout_in_transit' AND a.owner = 'payout:' || p.id
        JOIN ledger_entry e ON e.account_id = a.id AND e.credit > 0
        JOIN ledger_transaction t ON t.id = e.transaction_id AND t.reverses_id IS NULL
            AND t.reference ~ '^(advance:[0-9]+:(funded|settled)|payout:[0-9]+:remitted)(:[0-9]+)?$'
    WHERE p.purpose NOT IN ('refund', 'micro') AND p.replaces_id IS NULL AND NOT p.without_netting
), owed AS (
    SELECT sent.*, (SELECT coalesce(sum(e.debit - e.credit), 0) FROM ledger_entry e
        JOIN ledger_account a ON a.id = e.account_id
        WHERE a.purpose = 'due_from_supplier' AND a.supplier_id = sent.supplier_id AND a.currency = sent.currency
            AND e.transaction_id <= sent.transaction_id) AS debt
    FROM sent
)
SELECT format('Payout %s (%s) of %s %s left while supplier %s owed %s, and nobody had decided against netting.',
    id, purpose, amount, currency, supplier_id, debt)
FROM owed WHERE debt > 0 ORDER BY id
"""

# A reversal is explained by a correction, a returned payment (also one whose return was taken back), a refund that
# failed, or a settlement opened by a return.
REVERSALS = """
SELECT format('%s was reversed, and no correction or return says why.', o.reference)
FROM ledger_transaction t JOIN ledger_transaction o ON o.id = t.reverses_id
WHERE o.reference ~ '^(advance|collection):'
    AND NOT EXISTS (SELECT FROM financing_correction k WHERE k.references ? t.reference)
    AND NOT EXISTS (SELECT FROM ledger_transaction u JOIN financing_correction k ON k.references ? u.reference
        WHERE u.reverses_id = t.id AND k.kind = 'return')
    AND NOT EXISTS (SELECT FROM financing_collection c WHERE c.returned_on IS NOT NULL
        AND o.reference LIKE 'collection:' || c.id || ':%')
    AND NOT EXISTS (SELECT FROM financing_refund r WHERE r.failed_on IS NOT NULL
        AND o.reference ~ ('^collection:' || r.collection_id || ':refunded:' || r.payout_id || '(:[0-9]+)?$'))
    AND NOT EXISTS (SELECT FROM financing_collectionallocation m JOIN financing_collection c ON c.id = m.collection_id
        WHERE m.reversed_at = t.posted_at AND (c.returned_on IS NOT NULL
                OR EXISTS (SELECT FROM financing_correction k WHERE k.collection_id = c.id AND k.kind = 'return'))
            AND o.reference LIKE 'advance:' || m.advance_id || ':%')
ORDER BY t.id
"""

CORRECTIONS = """
SELECT format('Correction %s names the posting %s, which is not in the ledger.', k.id, r.reference)
FROM financing_correction k CROSS JOIN LATERAL jsonb_array_elements_text(k.references) AS r(reference)
    LEFT JOIN ledger_transaction t ON t.reference = r.reference
WHERE t.id IS NULL ORDER BY k.id
"""

# Rows that must be of the same supplier.
SUPPLIERS_AGREE = """
SELECT format('Payment %s pays advance %s, which is of supplier %s and not of %s.',
        m.collection_id, v.id, v.supplier_id, m.supplier_id)
FROM financing_collectionallocation m JOIN financing_advance v ON v.id = m.advance_id
WHERE v.supplier_id <> m.supplier_id
UNION ALL SELECT format('Payout %s is of supplier %s and went to an account of supplier %s.',
        p.id, p.supplier_id, b.supplier_id)
FROM financing_payout p JOIN suppliers_bankaccount b ON b.id = p.bank_account_id WHERE b.supplier_id <> p.supplier_id
"""

QUERIES = (
    PAYMENTS,
    DOUBLED,
    RECOVERIES,
    COSTS,
    DEBTS,
    STRAY_DEBTS,
    REPURCHASES,
    NOT_NETTED,
    REVERSALS,
    CORRECTIONS,
    SUPPLIERS_AGREE,
)
