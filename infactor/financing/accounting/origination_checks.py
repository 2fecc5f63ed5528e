"""Checks of invoices, requests, offers and advances against each other: part of the reconciliation.

Each query gives a sentence for each row that differs, and nothing if all agree.
"""

# The state of each invoice by its open request, offer or advance. Without any, it is in none of these states.
INVOICES = """
WITH claims AS (
    SELECT invoice_id, 'advance ' || id AS claim, CASE status WHEN 'accepted' THEN 'ifactor_proposal_accepted'
        WHEN 'funded' THEN 'ifactor_prepaid' WHEN 'closed_short' THEN 'ifactor_prepaid'
        WHEN 'collected' THEN 'invoice_paid' ELSE 'completed' END AS state
        FROM financing_advance WHERE status <> 'cancelled'
    UNION ALL SELECT invoice_id, 'offer ' || offer_id, 'ifactor_proposed' FROM financing_offerline
        WHERE status = 'proposed'
    UNION ALL SELECT invoice_id, 'request ' || request_id, 'ifactor_request' FROM financing_requestline
        WHERE status = 'waiting'
), expected AS (
    SELECT invoice_id, count(*) AS number, min(state) AS state,
        string_agg(claim, ', ' ORDER BY left(claim, 1), length(claim), claim) AS claims
    FROM claims GROUP BY invoice_id
)
SELECT CASE WHEN number > 1 THEN format('Invoice %s is claimed more than once: %s.', i.id, claims)
        WHEN number = 1 THEN format('Invoice %s is %s, and by its %s it is %s.', i.id, i.state, claims, expected.state)
        ELSE format('Invoice %s is %s, and it was not requested, offered or purchased.', i.id, i.state) END
FROM invoices_invoice i LEFT JOIN expected ON expected.invoice_id = i.id
WHERE number > 1 OR i.state <> expected.state OR (number IS NULL AND i.state IN ('ifactor_request', 'ifactor_proposed',
    'ifactor_proposal_accepted', 'ifactor_prepaid', 'invoice_paid', 'completed'))
ORDER BY i.id
"""

OFFERS = """
WITH lines AS (
    SELECT offer_id, count(*) AS number,
        count(*) FILTER (WHERE l.status = 'accepted') AS accepted,
        count(*) FILTER (WHERE l.status = o.status OR (o.status = 'accepted' AND l.status = 'declined')) AS consistent,
        count(*) FILTER (WHERE r.status <> 'offered' OR r.invoice_id <> l.invoice_id) AS not_requested,
        count(v.id) AS purchased,
        count(v.id) FILTER (WHERE l.status <> 'accepted'
            OR (v.face, v.base, v.amount, v.invoice_id) <> (l.face, l.base, l.advance, l.invoice_id)
            OR v.late_from IS DISTINCT FROM l.late_from
            OR (v.currency, v.terms_id, v.supplier_id) <> (o.currency, o.terms_id, o.supplier_id)) AS not_as_offered
    FROM financing_offerline l JOIN financing_offer o ON o.id = l.offer_id
        JOIN financing_requestline r ON r.id = l.request_line_id
        LEFT JOIN financing_advance v ON v.offer_line_id = l.id
    GROUP BY offer_id
), expected AS (
    SELECT o.id, o.status, EXISTS (SELECT FROM financing_acceptance a WHERE a.offer_id = o.id) AS has_acceptance,
        coalesce(number, 0) AS number, coalesce(accepted, 0) AS accepted, coalesce(consistent, 0) AS consistent,
        coalesce(not_requested, 0) AS not_requested, coalesce(purchased, 0) AS purchased,
        coalesce(not_as_offered, 0) AS not_as_offered
    FROM financing_offer o LEFT JOIN lines ON lines.offer_id = o.id
)
SELECT sentence FROM (
    SELECT id, CASE
        WHEN consistent <> number OR number = 0
            THEN format('Offer %s is %s, and %s of its %s lines are not.', id, status, number - consistent, number)
        WHEN (status = 'accepted') <> has_acceptance OR (status = 'accepted') <> (accepted > 0)
            THEN format('Offer %s is %s, with %s lines accepted and %s of the disclosure.',
                id, status, accepted, CASE WHEN has_acceptance THEN 'a copy' ELSE 'no copy' END)
        WHEN not_requested > 0 THEN format('Offer %s has %s lines that do not match its request.', id, not_requested)
        WHEN purchased <> accepted OR not_as_offered > 0
            THEN format('Offer %s: %s lines accepted, %s purchased, %s of them not as offered.',
                id, accepted, purchased, not_as_offered)
        END AS sentence
    FROM expected
) AS found WHERE sentence IS NOT NULL ORDER BY id
"""

REQUESTS = """
SELECT format('Line %s of request %s is %s, and %s.', r.id, r.request_id, r.status,
    CASE WHEN l.id IS NULL THEN 'nothing was offered for it' ELSE 'offer ' || l.offer_id || ' is for it' END)
FROM financing_requestline r LEFT JOIN financing_offerline l ON l.request_line_id = r.id
WHERE (r.status = 'offered') <> (l.id IS NOT NULL) ORDER BY r.id
"""

QUERIES = (INVOICES, OFFERS, REQUESTS)
