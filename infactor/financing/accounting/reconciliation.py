"""Reconciliation of the ledger with requests, offers, advances and cash: one query for each kind of discrepancy.

`find_discrepancies` is part of every integrity check of the ledger (`infactor.ledger.integrity`). Each query gives a
sentence for each row that differs, and nothing if all agree. Nothing is written.
"""

from django.db import connection

from infactor.financing.accounting import correction_checks, origination_checks, payout_checks

MAX_PER_CHECK = 20

# The balance of each account with an owner: `owed` on the debit side, `held` on the credit side.
BALANCES = """
balances AS (
    SELECT a.purpose, a.owner, a.currency, sum(e.debit) - sum(e.credit) AS owed, sum(e.credit) - sum(e.debit) AS held
    FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
    WHERE a.owner <> '' GROUP BY a.purpose, a.owner, a.currency
)
"""

# The ledger of each advance: its own accounts, and its postings to infactor's accounts.
OF_ADVANCES = """
own AS (
    SELECT a.owner, a.currency,
        coalesce(sum(e.debit - e.credit) FILTER (WHERE a.purpose = 'receivable'), 0) AS receivable,
        coalesce(sum(e.credit - e.debit) FILTER (WHERE a.purpose = 'reserve'), 0) AS reserve,
        coalesce(sum(e.debit) FILTER (WHERE a.purpose = 'receivable' AND t.reference LIKE '%:funded'), 0) AS face,
        coalesce(sum(e.credit) FILTER (WHERE a.purpose = 'reserve' AND t.reference LIKE '%:funded'), 0) AS held_reserve,
        coalesce(sum(e.credit - e.debit) FILTER (WHERE a.purpose = 'receivable' AND t.reference LIKE '%:short:%'), 0)
            AS short,
        coalesce(sum(e.debit - e.credit) FILTER (WHERE a.purpose = 'reserve' AND t.reference LIKE '%:short:%'), 0)
            AS used,
        coalesce(sum(e.credit - e.debit) FILTER (WHERE t.reference LIKE 'collection:%'), 0) AS paid
    FROM ledger_account a
        JOIN ledger_entry e ON e.account_id = a.id JOIN ledger_transaction t ON t.id = e.transaction_id
    WHERE a.owner LIKE 'advance:%' GROUP BY a.owner, a.currency
), infactor AS (
    SELECT 'advance:' || split_part(t.reference, ':', 2) AS owner, t.currency,
        coalesce(sum(e.credit - e.debit) FILTER (WHERE a.purpose IN ('fee_income', 'late_fee_income')), 0) AS fee,
        coalesce(sum(e.credit - e.debit) FILTER (WHERE a.purpose = 'late_fee_income'), 0) AS late_fee,
        coalesce(sum(e.credit - e.debit) FILTER (WHERE a.purpose = 'wire_fee_income'), 0) AS wire_fee,
        coalesce(sum(e.credit) FILTER (WHERE a.purpose = 'payout_in_transit' AND t.reference LIKE '%:funded'), 0)
            AS amount,
        coalesce(sum(e.credit - e.debit) FILTER (WHERE a.purpose = 'payout_in_transit'
            AND t.reference LIKE '%:settled%'), 0) AS rebate
    FROM ledger_transaction t
        JOIN ledger_entry e ON e.transaction_id = t.id JOIN ledger_account a ON a.id = e.account_id
    WHERE t.reference LIKE 'advance:%' AND (a.owner = '' OR a.purpose = 'payout_in_transit') GROUP BY 1, 2
), unreversed AS (
    SELECT DISTINCT 'advance:' || split_part(t.reference, ':', 2) AS owner FROM ledger_transaction t
    WHERE t.reference LIKE 'advance:%' AND t.reverses_id IS NULL AND t.reference !~ '^advance:[0-9]+:cost:'
        AND NOT EXISTS (SELECT FROM ledger_transaction r WHERE r.reverses_id = t.id)
), in_force AS (
    SELECT advance_id, sum(amount) AS paid FROM financing_collectionallocation
    WHERE kind = 'advance' AND reversed_at IS NULL GROUP BY advance_id
), payouts AS (
    SELECT advance_id,
        coalesce(sum(amount) FILTER (WHERE purpose = 'advance' AND status <> 'replaced'), 0) AS amount,
        coalesce(sum(amount) FILTER (WHERE purpose = 'rebate' AND status <> 'replaced'), 0) AS rebate
    FROM financing_payout WHERE purpose IN ('advance', 'rebate') AND reclaimed_on IS NULL AND status <> 'cancelled'
    GROUP BY advance_id
), netted AS (
    SELECT advance_id,
        coalesce(sum(amount) FILTER (WHERE source = 'advance' AND payout_id IS NULL), 0) AS advance,
        coalesce(sum(amount) FILTER (WHERE source = 'advance' AND payout_id IS NOT NULL), 0) AS advance_again,
        coalesce(sum(amount) FILTER (WHERE source = 'rebate' AND payout_id IS NOT NULL), 0) AS rebate_again
    FROM financing_netting WHERE undone_at IS NULL AND advance_id IS NOT NULL GROUP BY advance_id
), advances AS (
    SELECT v.*, v.amount - k.wire_fee - coalesce(netted.advance, 0) AS cash, k.wire_fee,
        v.status IN ('funded', 'collected', 'closed_short') AS is_outstanding,
        v.status IN ('accepted', 'cancelled') AS is_unpaid,
        unreversed.owner IS NOT NULL OR coalesce(own.receivable, 0) <> 0 OR coalesce(own.reserve, 0) <> 0
            AS has_postings,
        coalesce(own.receivable, 0) AS outstanding, coalesce(own.reserve, 0) AS reserve_left,
        coalesce(own.face, 0) AS posted_face, coalesce(own.held_reserve, 0) AS posted_reserve,
        coalesce(own.short, 0) AS short, coalesce(own.used, 0) AS used, coalesce(own.paid, 0) AS posted_paid,
        coalesce(infactor.fee, 0) AS posted_fee, coalesce(infactor.late_fee, 0) AS posted_late_fee,
        coalesce(infactor.wire_fee, 0) AS posted_wire_fee, coalesce(infactor.amount, 0) AS posted_amount,
        coalesce(infactor.rebate, 0) AS posted_rebate, coalesce(in_force.paid, 0) AS allocated,
        coalesce(payouts.amount, 0) + coalesce(netted.advance_again, 0) AS sent_amount,
        coalesce(payouts.rebate, 0) + coalesce(netted.rebate_again, 0) AS sent_rebate
    FROM financing_advance v JOIN financing_fundingterms k ON k.id = v.terms_id
        LEFT JOIN own ON own.owner = 'advance:' || v.id AND own.currency = v.currency
        LEFT JOIN infactor ON infactor.owner = 'advance:' || v.id AND infactor.currency = v.currency
        LEFT JOIN unreversed ON unreversed.owner = 'advance:' || v.id
        LEFT JOIN in_force ON in_force.advance_id = v.id
        LEFT JOIN payouts ON payouts.advance_id = v.id
        LEFT JOIN netted ON netted.advance_id = v.id
)
"""

ADVANCES = f"""
WITH {OF_ADVANCES}
SELECT sentence FROM (
    SELECT id, CASE
        WHEN is_unpaid AND has_postings
            THEN format('Advance %s is %s and has postings.', id, status)
        WHEN is_unpaid AND sent_amount + sent_rebate <> 0
            THEN format('Advance %s is %s and has payouts.', id, status)
        WHEN is_unpaid AND allocated <> 0
            THEN format('Advance %s is %s and %s is allocated to it.', id, status, allocated)
        WHEN is_unpaid THEN NULL
        WHEN posted_face <> face OR posted_reserve <> reserve OR posted_amount <> cash
            THEN format('Advance %s: face %s, reserve %s and advance %s are posted as %s, %s and %s %s.',
                id, face, reserve, cash, posted_face, posted_reserve, posted_amount, currency)
        WHEN posted_wire_fee <> wire_fee
            THEN format('Advance %s: its wire fee is %s, the ledger says %s %s.',
                id, wire_fee, posted_wire_fee, currency)
        WHEN sent_amount <> cash
            THEN format('Advance %s: the amount is %s, its payouts come to %s %s.',
                id, cash, sent_amount, currency)
        WHEN posted_paid <> allocated
            THEN format('Advance %s: allocations come to %s, the ledger says %s %s.',
                id, allocated, posted_paid, currency)
        WHEN is_outstanding AND outstanding <> face - allocated - short
            THEN format('Advance %s: the face %s less %s paid and %s short is outstanding, the ledger says %s %s.',
                id, face, allocated, short, outstanding, currency)
        WHEN is_outstanding AND reserve_left <> reserve - used
            THEN format('Advance %s: the reserve is %s less %s, the ledger says %s %s.',
                id, reserve, used, reserve_left, currency)
        WHEN outstanding < 0 OR reserve_left < 0
            THEN format('Advance %s is overpaid in the ledger: %s outstanding, %s in reserve %s.',
                id, outstanding, reserve_left, currency)
        WHEN status = 'funded' AND outstanding = 0
            THEN format('Advance %s is funded, and nothing is outstanding in the ledger.', id)
        WHEN status IN ('collected', 'closed_short') AND outstanding <> 0
            THEN format('Advance %s is %s, and %s %s is outstanding in the ledger.', id, status, outstanding, currency)
        WHEN status IN ('collected', 'closed_short') AND (status = 'closed_short') <> (short > 0)
            THEN format('Advance %s is %s, and %s %s of it was accepted as short.', id, status, short, currency)
        WHEN NOT is_outstanding AND (outstanding <> 0 OR reserve_left <> 0)
            THEN format('Advance %s is %s, and the ledger still has %s outstanding and %s in reserve %s.',
                id, status, outstanding, reserve_left, currency)
        WHEN posted_fee <> coalesce(fee, 0)
            THEN format('Advance %s: its fee is %s, the ledger says %s %s.',
                id, coalesce(fee, 0), posted_fee, currency)
        WHEN posted_late_fee <> coalesce(late_fee, 0)
            THEN format('Advance %s: its late fee is %s, the ledger says %s %s.',
                id, coalesce(late_fee, 0), posted_late_fee, currency)
        WHEN posted_rebate <> coalesce(rebate, 0) OR sent_rebate <> coalesce(rebate, 0)
            THEN format('Advance %s: its rebate is %s, posted %s, paid out %s %s.',
                id, coalesce(rebate, 0), posted_rebate, sent_rebate, currency)
        END AS sentence
    FROM advances
) AS found WHERE sentence IS NOT NULL ORDER BY id
"""  # noqa: S608  made of constants

CASH = """
WITH moves AS (
    SELECT currency, amount FROM financing_collection WHERE returned_on IS NULL AND withdrawn_at IS NULL
    UNION ALL SELECT currency, -amount FROM financing_payout WHERE debited_on IS NOT NULL AND credited_on IS NULL
    UNION ALL SELECT v.currency, -k.amount FROM financing_collectioncost k
        JOIN financing_advance v ON v.id = k.advance_id WHERE k.debited_on IS NOT NULL AND k.credited_on IS NULL
    UNION ALL SELECT h.currency, m.amount FROM banking_movement m JOIN banking_houseaccount h ON h.id = m.account_id
        WHERE m.kind <> 'transfer' AND m.withdrawn_at IS NULL
), expected AS (SELECT currency, sum(amount) AS amount FROM moves GROUP BY currency), posted AS (
    SELECT a.currency, sum(e.debit) - sum(e.credit) AS amount
    FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id WHERE a.purpose = 'cash' GROUP BY a.currency
)
SELECT format('Cash: payments in, what statements say that left, and movements come to %s, the ledger says %s %s.',
    coalesce(expected.amount, 0), coalesce(posted.amount, 0), currency)
FROM expected FULL JOIN posted USING (currency)
WHERE coalesce(expected.amount, 0) <> coalesce(posted.amount, 0) ORDER BY currency
"""

UNAPPLIED = f"""
WITH {BALANCES}, in_force AS (
    SELECT collection_id, sum(amount) AS amount FROM financing_collectionallocation
    WHERE reversed_at IS NULL GROUP BY collection_id
), refunds AS (
    SELECT collection_id, sum(amount) AS amount FROM financing_refund WHERE failed_on IS NULL GROUP BY collection_id
), expected AS (
    SELECT c.id, c.currency, coalesce(in_force.amount, 0) AS allocated,
        c.returned_on IS NOT NULL OR c.withdrawn_at IS NOT NULL AS undone,
        CASE WHEN c.returned_on IS NULL AND c.withdrawn_at IS NULL
            THEN c.amount - coalesce(in_force.amount, 0) - coalesce(refunds.amount, 0)
            ELSE 0 END AS unallocated,
        coalesce(b.held, 0) AS held
    FROM financing_collection c LEFT JOIN in_force ON in_force.collection_id = c.id
        LEFT JOIN refunds ON refunds.collection_id = c.id
        LEFT JOIN balances b ON b.purpose = 'unapplied_cash' AND b.owner = 'collection:' || c.id
            AND b.currency = c.currency
)
SELECT CASE WHEN undone AND allocated <> 0
        THEN format('Payment %s was returned or withdrawn, and %s %s is still allocated.', id, allocated, currency)
        ELSE format('Payment %s: %s is unallocated, the ledger says %s %s.', id, unallocated, held, currency) END
FROM expected WHERE unallocated <> held OR unallocated < 0 OR (undone AND allocated <> 0) ORDER BY id
"""  # noqa: S608  made of constants

SUPPLIERS = f"""
WITH {BALANCES}, moves AS (
    SELECT m.supplier_id, c.currency, m.amount
        FROM financing_collectionallocation m JOIN financing_collection c ON c.id = m.collection_id
        WHERE m.kind = 'payable' AND m.reversed_at IS NULL
    UNION ALL SELECT supplier_id, currency, -amount FROM financing_payout
        WHERE purpose = 'surplus' AND status NOT IN ('replaced', 'cancelled')
    UNION ALL SELECT supplier_id, currency, -amount FROM financing_netting
        WHERE source = 'surplus' AND undone_at IS NULL
    UNION ALL SELECT supplier_id, currency, total FROM ledger_transaction
        WHERE reference LIKE 'supplier:%:overdrawn:%' OR reference LIKE 'supplier:%:overpaid:%'
), expected AS (
    SELECT supplier_id, currency, sum(amount) AS amount FROM moves GROUP BY supplier_id, currency
), posted AS (
    SELECT split_part(owner, ':', 2)::bigint AS supplier_id, currency,
        coalesce(sum(held) FILTER (WHERE purpose = 'payable_to_supplier'), 0) AS payable,
        coalesce(sum(owed) FILTER (WHERE purpose = 'due_from_supplier'), 0) AS debt
    FROM balances WHERE owner ~ '^supplier:[0-9]+$' GROUP BY owner, currency
)
SELECT CASE WHEN coalesce(debt, 0) < 0
        THEN format('Supplier %s has a negative debt: %s %s.', supplier_id, debt, currency)
        WHEN coalesce(payable, 0) < 0
        THEN format('Supplier %s was remitted more than its surplus: %s %s.', supplier_id, payable, currency)
        ELSE format('Supplier %s: the surplus to remit is %s, the ledger says %s %s.',
            supplier_id, coalesce(expected.amount, 0), coalesce(payable, 0), currency) END
FROM expected FULL JOIN posted USING (supplier_id, currency)
WHERE coalesce(debt, 0) < 0 OR coalesce(payable, 0) < 0 OR coalesce(payable, 0) <> coalesce(expected.amount, 0)
ORDER BY supplier_id, currency
"""  # noqa: S608  made of constants

PAYOUTS = f"""
WITH {BALANCES}, expected AS (
    SELECT p.id, p.status, p.currency, p.amount * ((p.status NOT IN ('replaced', 'cancelled'))::int
            - (p.debited_on IS NOT NULL)::int + (p.credited_on IS NOT NULL)::int) AS amount,
        coalesce(b.held, 0) AS held,
        (p.status = 'replaced') <> EXISTS (SELECT FROM financing_payout o WHERE o.replaces_id = p.id) AS is_inconsistent
    FROM financing_payout p LEFT JOIN balances b
        ON b.purpose = 'payout_in_transit' AND b.owner = 'payout:' || p.id AND b.currency = p.currency
)
SELECT CASE WHEN is_inconsistent
        THEN format('Payout %s is %s: its replacement is missing, or should not exist.', id, status)
        ELSE format('Payout %s is %s: %s is in transit, the ledger says %s %s.', id, status, amount, held, currency) END
FROM expected WHERE is_inconsistent OR amount <> held ORDER BY id
"""  # noqa: S608  made of constants

UNKNOWN_OWNERS = f"""
WITH {BALANCES}, known AS (
    SELECT 'advance:' || id AS owner, currency FROM financing_advance
    UNION ALL SELECT 'collection:' || id, currency FROM financing_collection
    UNION ALL SELECT 'payout:' || id, currency FROM financing_payout
    UNION ALL SELECT 'cost:' || k.id, v.currency FROM financing_collectioncost k
        JOIN financing_advance v ON v.id = k.advance_id
    UNION ALL SELECT ledger_owner, currency FROM banking_houseaccount
)
SELECT format('The ledger has %s %s on the account %s of %s, which does not exist.',
    abs(owed), currency, purpose, owner)
FROM balances b WHERE owed <> 0 AND owner NOT LIKE 'supplier:%'
    AND NOT EXISTS (SELECT FROM known WHERE known.owner = b.owner AND known.currency = b.currency)
ORDER BY owner, purpose
"""  # noqa: S608  made of constants

QUERIES = (
    ADVANCES,
    CASH,
    UNAPPLIED,
    SUPPLIERS,
    PAYOUTS,
    UNKNOWN_OWNERS,
    *origination_checks.QUERIES,
    *correction_checks.QUERIES,
    *payout_checks.QUERIES,
)


def find_discrepancies() -> list[str]:
    """A sentence for each discrepancy between the ledger and the rows of financing, at most twenty of a kind."""
    found = [sentence for query in QUERIES for sentence in _sentences(query)]
    return [*found, *payout_checks.overdue()]


def _sentences(query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        sentence = [row[0] for row in cursor.fetchmany(MAX_PER_CHECK)]
        more = cursor.rowcount - MAX_PER_CHECK
    return [*sentence, f"And {more} more of this kind."] if more > 0 else sentence
