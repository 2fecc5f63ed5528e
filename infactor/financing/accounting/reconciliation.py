"""Whether the books say what requests, offers, advances and cash say: one query for each kind of difference.

`compare` is part of every proof of the ledger (`infactor.ledger.proof`). Each query gives a sentence for every row
that differs; none where all agree. Nothing is written.
"""

from django.db import connection

MAX_PER_CHECK = 20

# What is on each account with an owner: its normal side is `owed` for what grows by debit, `held` for the others.
BALANCES = """
balances AS (
    SELECT a.purpose, a.owner, a.currency, sum(e.debit) - sum(e.credit) AS owed, sum(e.credit) - sum(e.debit) AS held
    FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
    WHERE a.owner <> '' GROUP BY a.purpose, a.owner, a.currency
)
"""

# What the books say of each advance: on its own accounts, and by its own postings on those of the house.
OF_ADVANCES = """
own AS (
    SELECT a.owner, a.currency,
        coalesce(sum(e.debit - e.credit) FILTER (WHERE a.purpose = 'receivable'), 0) AS receivable,
        coalesce(sum(e.credit - e.debit) FILTER (WHERE a.purpose = 'reserve'), 0) AS reserve,
        coalesce(sum(e.debit) FILTER (WHERE a.purpose = 'receivable' AND t.reference LIKE '%:funded'), 0) AS face,
        coalesce(sum(e.credit) FILTER (WHERE a.purpose = 'reserve' AND t.reference LIKE '%:funded'), 0) AS kept,
        coalesce(sum(e.credit) FILTER (WHERE a.purpose = 'receivable' AND t.reference LIKE '%:short:%'), 0) AS short,
        coalesce(sum(e.debit) FILTER (WHERE a.purpose = 'reserve' AND t.reference LIKE '%:short:%'), 0) AS used,
        coalesce(sum(e.credit - e.debit) FILTER (WHERE t.reference LIKE 'collection:%'), 0) AS paid
    FROM ledger_account a
        JOIN ledger_entry e ON e.account_id = a.id JOIN ledger_transaction t ON t.id = e.transaction_id
    WHERE a.owner LIKE 'advance:%' GROUP BY a.owner, a.currency
), house AS (
    SELECT 'advance:' || split_part(t.reference, ':', 2) AS owner, t.currency,
        coalesce(sum(e.credit - e.debit) FILTER (WHERE a.purpose = 'fee_income'), 0) AS fee,
        coalesce(sum(e.credit) FILTER (WHERE a.purpose = 'cash' AND t.reference LIKE '%:funded'), 0) AS amount,
        coalesce(sum(e.credit) FILTER (WHERE a.purpose = 'cash' AND t.reference LIKE '%:settled'), 0) AS rebate
    FROM ledger_transaction t
        JOIN ledger_entry e ON e.transaction_id = t.id JOIN ledger_account a ON a.id = e.account_id
    WHERE t.reference LIKE 'advance:%' AND a.owner = '' GROUP BY 1, 2
), live AS (
    SELECT advance_id, sum(amount) AS paid FROM financing_collectionallocation
    WHERE kind = 'advance' AND reversed_at IS NULL GROUP BY advance_id
), payouts AS (
    SELECT advance_id,
        coalesce(sum(amount) FILTER (WHERE purpose = 'advance' AND status <> 'replaced'), 0) AS amount,
        coalesce(sum(amount) FILTER (WHERE purpose = 'rebate' AND status <> 'replaced'), 0) AS rebate
    FROM financing_payout WHERE purpose <> 'pass_on' GROUP BY advance_id
), advances AS (
    SELECT v.*, v.status IN ('funded', 'collected') AS is_out, v.status IN ('accepted', 'cancelled') AS is_unpaid,
        own.owner IS NOT NULL OR house.owner IS NOT NULL AS has_books,
        coalesce(own.receivable, 0) AS left_open, coalesce(own.reserve, 0) AS left_held,
        coalesce(own.face, 0) AS booked_face, coalesce(own.kept, 0) AS booked_reserve,
        coalesce(own.short, 0) AS short, coalesce(own.used, 0) AS used, coalesce(own.paid, 0) AS booked_paid,
        coalesce(house.fee, 0) AS booked_fee, coalesce(house.amount, 0) AS booked_amount,
        coalesce(house.rebate, 0) AS booked_rebate, coalesce(live.paid, 0) AS matched,
        coalesce(payouts.amount, 0) AS sent_amount, coalesce(payouts.rebate, 0) AS sent_rebate
    FROM financing_advance v
        LEFT JOIN own ON own.owner = 'advance:' || v.id AND own.currency = v.currency
        LEFT JOIN house ON house.owner = 'advance:' || v.id AND house.currency = v.currency
        LEFT JOIN live ON live.advance_id = v.id
        LEFT JOIN payouts ON payouts.advance_id = v.id
)
"""

ADVANCES = f"""
WITH {OF_ADVANCES}
SELECT said FROM (
    SELECT id, CASE
        WHEN is_unpaid AND has_books
            THEN format('Advance %s is %s and has entries in the books.', id, status)
        WHEN is_unpaid AND sent_amount + sent_rebate <> 0
            THEN format('Advance %s is %s and has payouts.', id, status)
        WHEN is_unpaid AND matched <> 0
            THEN format('Advance %s is %s and %s are matched to it.', id, status, matched)
        WHEN is_unpaid THEN NULL
        WHEN booked_face <> face OR booked_reserve <> reserve OR booked_amount <> amount
            THEN format('Advance %s: face %s, reserve %s and advance %s were booked as %s, %s and %s %s.',
                id, face, reserve, amount, booked_face, booked_reserve, booked_amount, currency)
        WHEN sent_amount <> amount
            THEN format('Advance %s: %s are to be paid out, its payouts are of %s %s.',
                id, amount, sent_amount, currency)
        WHEN booked_paid <> matched
            THEN format('Advance %s: payments of %s are matched to it, the books say %s %s.',
                id, matched, booked_paid, currency)
        WHEN is_out AND left_open <> face - matched - short
            THEN format('Advance %s: %s less %s paid and %s short are open, the books say %s %s.',
                id, face, matched, short, left_open, currency)
        WHEN is_out AND left_held <> reserve - used
            THEN format('Advance %s: %s less %s are held back, the books say %s %s.',
                id, reserve, used, left_held, currency)
        WHEN left_open < 0 OR left_held < 0
            THEN format('Advance %s is overpaid in the books: %s open, %s held back %s.',
                id, left_open, left_held, currency)
        WHEN status = 'funded' AND left_open = 0
            THEN format('Advance %s is funded, and nothing is open of it in the books.', id)
        WHEN status = 'collected' AND left_open <> 0
            THEN format('Advance %s is collected, and %s %s are open of it in the books.', id, left_open, currency)
        WHEN NOT is_out AND (left_open <> 0 OR left_held <> 0)
            THEN format('Advance %s is %s, and the books still have %s open and %s held back %s.',
                id, status, left_open, left_held, currency)
        WHEN booked_fee <> coalesce(fee, 0)
            THEN format('Advance %s: its fee is %s, the books earned %s %s.',
                id, coalesce(fee, 0), booked_fee, currency)
        WHEN booked_rebate <> coalesce(rebate, 0) OR sent_rebate <> coalesce(rebate, 0)
            THEN format('Advance %s: its rebate is %s, booked %s, paid out %s %s.',
                id, coalesce(rebate, 0), booked_rebate, sent_rebate, currency)
        END AS said
    FROM advances
) AS found WHERE said IS NOT NULL ORDER BY id
"""  # noqa: S608  made of constants

CASH = """
WITH moves AS (
    SELECT currency, amount FROM financing_collection WHERE returned_on IS NULL
    UNION ALL SELECT currency, -amount FROM financing_payout WHERE status = 'sent'
    UNION ALL SELECT t.currency, e.debit FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id
        JOIN ledger_account a ON a.id = e.account_id AND a.purpose = 'cash'
        JOIN financing_advance v ON t.reference = 'advance:' || v.id || ':repurchased' AND v.status = 'repurchased'
), told AS (SELECT currency, sum(amount) AS amount FROM moves GROUP BY currency), booked AS (
    SELECT a.currency, sum(e.debit) - sum(e.credit) AS amount
    FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id WHERE a.purpose = 'cash' GROUP BY a.currency
)
SELECT format('Cash: payments in, payouts and repurchases come to %s, the books say %s %s.',
    coalesce(told.amount, 0), coalesce(booked.amount, 0), currency)
FROM told FULL JOIN booked USING (currency)
WHERE coalesce(told.amount, 0) <> coalesce(booked.amount, 0) ORDER BY currency
"""

UNAPPLIED = f"""
WITH {BALANCES}, live AS (
    SELECT collection_id, sum(amount) AS amount FROM financing_collectionallocation WHERE reversed_at IS NULL GROUP BY collection_id
), told AS (
    SELECT c.id, c.currency, coalesce(live.amount, 0) AS matched, c.returned_on,
        CASE WHEN c.returned_on IS NULL THEN c.amount - coalesce(live.amount, 0) ELSE 0 END AS waits,
        coalesce(b.held, 0) AS held
    FROM financing_collection c LEFT JOIN live ON live.collection_id = c.id
        LEFT JOIN balances b ON b.purpose = 'unapplied_cash' AND b.owner = 'collection:' || c.id
            AND b.currency = c.currency
)
SELECT CASE WHEN returned_on IS NOT NULL AND matched <> 0
        THEN format('Payment %s was returned, and %s %s are still matched.', id, matched, currency)
        ELSE format('Payment %s: %s wait, the books say %s %s.', id, waits, held, currency) END
FROM told WHERE waits <> held OR waits < 0 OR (returned_on IS NOT NULL AND matched <> 0) ORDER BY id
"""  # noqa: S608  made of constants

SUPPLIERS = f"""
WITH {BALANCES}, moves AS (
    SELECT m.supplier_id, c.currency, m.amount
        FROM financing_collectionallocation m JOIN financing_collection c ON c.id = m.collection_id
        WHERE m.kind = 'payable' AND m.reversed_at IS NULL
    UNION ALL SELECT supplier_id, currency, -amount FROM financing_payout
        WHERE purpose = 'pass_on' AND status <> 'replaced'
    UNION ALL SELECT supplier_id, currency, total FROM ledger_transaction
        WHERE reference LIKE 'collection:%:overdrawn:%'
), told AS (SELECT supplier_id, currency, sum(amount) AS amount FROM moves GROUP BY supplier_id, currency), booked AS (
    SELECT split_part(owner, ':', 2)::bigint AS supplier_id, currency,
        coalesce(sum(held) FILTER (WHERE purpose = 'payable_to_supplier'), 0) AS payable,
        coalesce(sum(owed) FILTER (WHERE purpose = 'due_from_supplier'), 0) AS due
    FROM balances WHERE owner ~ '^supplier:[0-9]+$' GROUP BY owner, currency
)
SELECT CASE WHEN coalesce(due, 0) < 0
        THEN format('Supplier %s owes less than nothing: %s %s.', supplier_id, due, currency)
        WHEN coalesce(payable, 0) < 0
        THEN format('Supplier %s was passed on more than belonged to it: %s %s.', supplier_id, payable, currency)
        ELSE format('Supplier %s: %s are to be passed on, the books say %s %s.',
            supplier_id, coalesce(told.amount, 0), coalesce(payable, 0), currency) END
FROM told FULL JOIN booked USING (supplier_id, currency)
WHERE coalesce(due, 0) < 0 OR coalesce(payable, 0) < 0 OR coalesce(payable, 0) <> coalesce(told.amount, 0)
ORDER BY supplier_id, currency
"""  # noqa: S608  made of constants

PAYOUTS = f"""
WITH {BALANCES}, told AS (
    SELECT p.id, p.status, p.currency, CASE WHEN p.status = 'failed' THEN p.amount ELSE 0 END AS amount,
        coalesce(b.held, 0) AS held,
        (p.status = 'replaced') <> EXISTS (SELECT FROM financing_payout o WHERE o.replaces_id = p.id) AS is_loose
    FROM financing_payout p LEFT JOIN balances b
        ON b.purpose = 'payout_in_transit' AND b.owner = 'payout:' || p.id AND b.currency = p.currency
)
SELECT CASE WHEN is_loose THEN format('Payout %s is %s: what replaced it is missing, or too much.', id, status)
        ELSE format('Payout %s is %s: %s are in transit, the books say %s %s.', id, status, amount, held, currency) END
FROM told WHERE is_loose OR amount <> held ORDER BY id
"""  # noqa: S608  made of constants

UNKNOWN_OWNERS = f"""
WITH {BALANCES}, known AS (
    SELECT 'advance:' || id AS owner, currency FROM financing_advance
    UNION ALL SELECT 'collection:' || id, currency FROM financing_collection
    UNION ALL SELECT 'payout:' || id, currency FROM financing_payout
)
SELECT format('The books have %s %s on the account %s of %s, which is nowhere else.',
    abs(owed), currency, purpose, owner)
FROM balances b WHERE owed <> 0 AND owner NOT LIKE 'supplier:%'
    AND NOT EXISTS (SELECT FROM known WHERE known.owner = b.owner AND known.currency = b.currency)
ORDER BY owner, purpose
"""  # noqa: S608  made of constants

# Where each invoice must be by what is open or over about it; an invoice of which nothing is, is in none of these.
INVOICES = """
WITH claims AS (
    SELECT invoice_id, 'advance ' || id AS claim, CASE status WHEN 'accepted' THEN 'ifactor_proposal_accepted'
        WHEN 'funded' THEN 'ifactor_prepaid' WHEN 'collected' THEN 'invoice_paid' ELSE 'completed' END AS state
        FROM financing_advance WHERE status <> 'cancelled'
    UNION ALL SELECT invoice_id, 'offer ' || offer_id, 'ifactor_proposed' FROM financing_offerline
        WHERE status = 'proposed'
    UNION ALL SELECT invoice_id, 'request ' || request_id, 'ifactor_request' FROM financing_requestline
        WHERE status = 'waiting'
), told AS (
    SELECT invoice_id, count(*) AS number, min(state) AS state,
        string_agg(claim, ', ' ORDER BY left(claim, 1), length(claim), claim) AS claims
    FROM claims GROUP BY invoice_id
)
SELECT CASE WHEN number > 1 THEN format('Invoice %s is claimed more than once: %s.', i.id, claims)
        WHEN number = 1 THEN format('Invoice %s is %s, and by its %s it is %s.', i.id, i.state, claims, told.state)
        ELSE format('Invoice %s is %s, and nothing of it was asked for, offered or bought.', i.id, i.state) END
FROM invoices_invoice i LEFT JOIN told ON told.invoice_id = i.id
WHERE number > 1 OR i.state <> told.state OR (number IS NULL AND i.state IN ('ifactor_request', 'ifactor_proposed',
    'ifactor_proposal_accepted', 'ifactor_prepaid', 'invoice_paid', 'completed'))
ORDER BY i.id
"""

OFFERS = """
WITH lines AS (
    SELECT offer_id, count(*) AS number,
        count(*) FILTER (WHERE l.status = 'accepted') AS accepted,
        count(*) FILTER (WHERE l.status = o.status OR (o.status = 'accepted' AND l.status = 'declined')) AS fitting,
        count(*) FILTER (WHERE r.status <> 'offered' OR r.invoice_id <> l.invoice_id) AS unasked,
        count(v.id) AS bought,
        count(v.id) FILTER (WHERE l.status <> 'accepted'
            OR (v.face, v.base, v.amount, v.invoice_id) <> (l.face, l.base, l.advance, l.invoice_id)
            OR (v.currency, v.terms_id, v.supplier_id) <> (o.currency, o.terms_id, o.supplier_id)) AS unfitting
    FROM financing_offerline l JOIN financing_offer o ON o.id = l.offer_id
        JOIN financing_requestline r ON r.id = l.request_line_id
        LEFT JOIN financing_advance v ON v.offer_line_id = l.id
    GROUP BY offer_id
), told AS (
    SELECT o.id, o.status, EXISTS (SELECT FROM financing_acceptance a WHERE a.offer_id = o.id) AS is_kept,
        coalesce(number, 0) AS number, coalesce(accepted, 0) AS accepted, coalesce(fitting, 0) AS fitting,
        coalesce(unasked, 0) AS unasked, coalesce(bought, 0) AS bought, coalesce(unfitting, 0) AS unfitting
    FROM financing_offer o LEFT JOIN lines ON lines.offer_id = o.id
)
SELECT said FROM (
    SELECT id, CASE
        WHEN fitting <> number OR number = 0
            THEN format('Offer %s is %s, and %s of its %s lines are not.', id, status, number - fitting, number)
        WHEN (status = 'accepted') <> is_kept OR (status = 'accepted') <> (accepted > 0)
            THEN format('Offer %s is %s, with %s lines accepted and %s kept of what was shown.',
                id, status, accepted, CASE WHEN is_kept THEN 'a copy' ELSE 'nothing' END)
        WHEN unasked > 0 THEN format('Offer %s has %s lines that nobody asked for so.', id, unasked)
        WHEN bought <> accepted OR unfitting > 0
            THEN format('Offer %s: %s lines accepted, %s bought, %s of them otherwise than offered.',
                id, accepted, bought, unfitting)
        END AS said
    FROM told
) AS found WHERE said IS NOT NULL ORDER BY id
"""

REQUESTS = """
SELECT format('Line %s of request %s is %s, and %s.', r.id, r.request_id, r.status,
    CASE WHEN l.id IS NULL THEN 'nothing was offered for it' ELSE 'offer ' || l.offer_id || ' is for it' END)
FROM financing_requestline r LEFT JOIN financing_offerline l ON l.request_line_id = r.id
WHERE (r.status = 'offered') <> (l.id IS NOT NULL) ORDER BY r.id
"""

QUERIES = (ADVANCES, CASH, UNAPPLIED, SUPPLIERS, PAYOUTS, UNKNOWN_OWNERS, INVOICES, OFFERS, REQUESTS)


def find_discrepancies() -> list[str]:
    """A sentence for everything in which the books and financing's own rows differ; of a kind twenty at most."""
    return [sentence for query in QUERIES for sentence in _sentences(query)]


def _sentences(query: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        said = [row[0] for row in cursor.fetchmany(MAX_PER_CHECK)]
        more = cursor.rowcount - MAX_PER_CHECK
    return [*said, f"And {more} more of this kind."] if more > 0 else said
