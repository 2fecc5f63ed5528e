"""The part of the nightly proof that compares the books with the bank: a sentence for each thing that disagrees."""

from datetime import date, timedelta

from django.db import connection

from infactor.banking import cash, gaps, matches, reconciliation
from infactor.banking.models import HouseAccount, Movement, Statement, StatementLine

MAX_PER_CHECK = 20
# A payment reaches the statement within these days; an entry that is older and on none is an error.
DAYS_TO_STATEMENT = timedelta(days=7)
# Within these days somebody says what a line is for; one that is older is money that the books do not have.
DAYS_TO_EXPLANATION = timedelta(days=7)

MATCHES = """
WITH sums AS (
    SELECT m.line_id, sum(e.debit - e.credit) AS amount,
        bool_and(a.purpose = 'cash' AND a.owner = h.ledger_owner AND a.currency = h.currency) AS is_own
    FROM banking_linematch m JOIN ledger_entry e ON e.id = m.entry_id JOIN ledger_account a ON a.id = e.account_id
        JOIN banking_statementline l ON l.id = m.line_id JOIN banking_houseaccount h ON h.id = l.account_id
    GROUP BY m.line_id
)
SELECT CASE WHEN status <> 'matched' THEN format('Statement line %s is matched, and its state is %s.', l.id, status)
        WHEN s.line_id IS NULL THEN format('Statement line %s is in the books, and nothing is matched to it.', l.id)
        WHEN NOT is_own THEN format('Statement line %s is matched to another account than its own.', l.id)
        ELSE format('Statement line %s is %s, what it confirms comes to %s.', l.id, l.amount, s.amount) END
FROM banking_statementline l FULL JOIN sums s ON s.line_id = l.id
WHERE (status = 'matched') <> (s.line_id IS NOT NULL) OR NOT is_own OR s.amount <> l.amount ORDER BY l.id
"""


def find_discrepancies() -> list[str]:
    """A sentence for each discrepancy between the books and the statements of house accounts, twenty of a kind."""
    found = unmatched_lines()
    for account in HouseAccount.objects.order_by("pk"):
        found += _of_account(account)
    return found


def unmatched_lines() -> list[str]:
    """A sentence for each line that does not confirm just its amount on its own account, twenty at most."""
    with connection.cursor() as cursor:
        cursor.execute(MATCHES)
        found = [row[0] for row in cursor.fetchmany(MAX_PER_CHECK)]
        if cursor.rowcount > MAX_PER_CHECK:
            found.append(f"And {cursor.rowcount - MAX_PER_CHECK} more of this kind.")
    return found


def _of_account(account: HouseAccount) -> list[str]:
    stated = Statement.objects.filter(account=account)
    closed = _closed(account)
    newest = stated.exclude(to_date=None).order_by("-to_date").first()
    if newest is None or newest.to_date is None:
        return closed
    found = closed + gaps.gaps(account=account)
    for one in stated.exclude(difference=0).exclude(difference=None).order_by("pk")[:MAX_PER_CHECK]:
        found.append(f"{account}: the balances of {one} differ by {one.difference:,.2f} from its lines.")
    found += _balance(account, on=newest.to_date)
    found += _unexplained_lines(account, until=newest.to_date)
    opening = account.movements.filter(withdrawn_at=None, kind=Movement.Kind.OPENING).first()
    first = stated.exclude(from_date=None).order_by("from_date").first()
    begins = opening.value_date + timedelta(days=1) if opening is not None else first and first.from_date
    ends = newest.to_date - DAYS_TO_STATEMENT
    if begins is None:
        return found
    rows = matches.unconfirmed_entries(account=account, until=newest.to_date).filter(
        transaction__value_date__gte=begins, transaction__value_date__lte=ends
    )
    old = list(rows.order_by("transaction__value_date", "pk")[: MAX_PER_CHECK + 1])
    for entry in old[:MAX_PER_CHECK]:
        posted = entry.transaction
        found.append(
            f"{account}: {posted.reference} of {posted.value_date} over {entry.debit - entry.credit:,.2f} "
            f"is on no statement up to {newest.to_date}."
        )
    return [*found, f"{account}: and more entries on no statement."] if len(old) > MAX_PER_CHECK else found


def _closed(account: HouseAccount) -> list[str]:
    """A sentence for each thing that closing refuses, and that an account has which is closed."""
    found: list[str] = []
    if account.closed_at is None:
        return found
    if balance := cash.balance(account=account):
        found.append(f"{account} is closed, and the books have {balance:,.2f} on it.")
    if transit := cash.in_transit(account=account):
        found.append(f"{account} is closed, and payouts of {transit:,.2f} leave from it.")
    if lines := StatementLine.objects.filter(account=account, status__in=matches.OPEN).count():
        counted = "1 line is" if lines == 1 else f"{lines} lines are"
        found.append(f"{account} is closed, and of its statements {counted} not in the books.")
    return found


def _balance(account: HouseAccount, *, on: date) -> list[str]:
    """A sentence where the bank's last balance is not what the books say, with what lines and entries explain."""
    compared = reconciliation.reconcile(account=account, on=on)
    unexplained = compared.unexplained
    if not unexplained or compared.bank is None:
        return []
    return [
        f"{account}: on {on} the bank has {compared.bank:,.2f}, the books have {compared.book:,.2f}, and no line or "
        f"entry explains {abs(unexplained):,.2f} of it. Lines are missing, or the opening balance."
    ]


def _unexplained_lines(account: HouseAccount, *, until: date) -> list[str]:
    """A sentence for each line that waited longer than it may, twenty at most."""
    lines = reconciliation.open_lines(account=account).filter(booking_date__lt=until - DAYS_TO_EXPLANATION)
    old = list(lines.order_by("booking_date", "pk")[: MAX_PER_CHECK + 1])
    found = [
        f"{account}: statement line {line.pk} of {line.booking_date} over {line.amount:,.2f} is not in the books."
        for line in old[:MAX_PER_CHECK]
    ]
    return [*found, f"{account}: and more lines that are not in the books."] if len(old) > MAX_PER_CHECK else found
