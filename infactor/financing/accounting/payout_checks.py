"""Checks of money out against batches and statements: part of the reconciliation."""

from datetime import date

from infactor.banking import bank_days
from infactor.banking.models import HouseAccount, Statement
from infactor.financing.models import Payout

MAX_BANK_DAYS = 3  # after its execution day, a payout that is on no statement did not reach the bank
MAX_NAMED = 20

# What a collection cost has in transit: all of it, until a statement has its debit, or it is cancelled.
COSTS_IN_TRANSIT = """
SELECT format('Collection cost %s: %s is in transit, the ledger says %s.', k.id,
    CASE WHEN k.debited_on IS NULL AND k.cancelled_on IS NULL THEN k.amount ELSE 0 END, coalesce(b.held, 0))
FROM financing_collectioncost k LEFT JOIN (
    SELECT a.owner, sum(e.credit - e.debit) AS held FROM ledger_account a JOIN ledger_entry e ON e.account_id = a.id
    WHERE a.purpose = 'payout_in_transit' AND a.owner LIKE 'cost:%' GROUP BY a.owner
) b ON b.owner = 'cost:' || k.id
WHERE coalesce(b.held, 0) <> CASE WHEN k.debited_on IS NULL AND k.cancelled_on IS NULL THEN k.amount ELSE 0 END
ORDER BY k.id
"""

# What a file for the bank holds, against the payouts that point to it.
BATCHES = """
SELECT CASE WHEN b.status = 'exported' AND b.control_sum <> coalesce(p.amount, 0)
        THEN format('Batch %s: its file comes to %s, its payouts to %s %s.', b.id, b.control_sum, coalesce(p.amount, 0),
            b.currency)
        WHEN b.status = 'exported' AND p.unsent > 0
        THEN format('Batch %s is exported, and %s of its payouts count as not sent.', b.id, p.unsent)
        WHEN b.status = 'made' AND p.sent > 0
        THEN format('Batch %s is not exported, and %s of its payouts count as sent.', b.id, p.sent)
        ELSE format('Batch %s is withdrawn, and payouts are still in it.', b.id) END
FROM financing_payoutbatch b LEFT JOIN (
    SELECT batch_id, sum(amount) AS amount, count(*) AS number,
        count(*) FILTER (WHERE status IN ('prepared', 'approved', 'stopped')) AS unsent,
        count(*) FILTER (WHERE status NOT IN ('approved')) AS sent
    FROM financing_payout WHERE batch_id IS NOT NULL GROUP BY batch_id
) p ON p.batch_id = b.id
WHERE (b.status = 'exported' AND (b.control_sum <> coalesce(p.amount, 0) OR p.unsent > 0))
    OR (b.status = 'made' AND p.sent > 0) OR (b.status = 'withdrawn' AND p.number > 0) ORDER BY b.id
"""

# The line that took a payout away, or gave it back, has the posting that says so.
LINES = """
SELECT format('Payout %s: line %s of a statement is said to have %s it, and does not confirm its posting.',
    p.id, l.line, l.did)
FROM financing_payout p CROSS JOIN LATERAL (
    VALUES (p.debit_line_id, 'debited', 'confirmed'), (p.credit_line_id, 'returned', 'returned')
) AS l(line, did, step)
WHERE l.line IS NOT NULL AND NOT EXISTS (
    SELECT FROM banking_linematch m JOIN ledger_entry e ON e.id = m.entry_id
        JOIN ledger_transaction t ON t.id = e.transaction_id
    WHERE m.line_id = l.line AND t.reference ~ ('^payout:' || p.id || ':' || l.step || '(:[0-9]+)?$')
)
ORDER BY p.id
"""

QUERIES = (COSTS_IN_TRANSIT, BATCHES, LINES)


def overdue() -> list[str]:
    """A sentence for each payout that the statements should have by now: it never reached the bank."""
    found = []
    for account in HouseAccount.objects.order_by("pk"):
        newest = Statement.objects.filter(account=account).exclude(to_date=None).order_by("-to_date").first()
        if newest is None or newest.to_date is None:
            continue
        waiting = Payout.objects.filter(
            status=Payout.Status.SENT, batch__house_account=account, batch__execution_day__lt=newest.to_date
        )
        late = [
            one
            for one in waiting.select_related("batch").order_by("pk")
            if one.batch is not None
            and one.batch.execution_day is not None
            and last_day(account, one.batch.execution_day) < newest.to_date
        ]
        found += [
            f"{one} was sent in {one.batch} to be paid on {one.batch and one.batch.execution_day}, and no statement of "
            f"{account} up to {newest.to_date} has it: it never reached the bank."
            for one in late[:MAX_NAMED]
        ]
    return found


def last_day(account: HouseAccount, day: date) -> date:
    """The last bank day on which a payout to be paid on `day` may reach the statement."""
    for _ in range(MAX_BANK_DAYS):
        day = bank_days.next_bank_day(account, day)
    return day
