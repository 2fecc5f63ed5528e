"""The purchased receivables as of a moment: what the ledger says is outstanding, and what was known of each invoice."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby, islice
from typing import NamedTuple

from django.db import connection
from django.db.models import F, Sum

from infactor.core.past_names import names_as_known
from infactor.financing.history import Kind, State, as_known
from infactor.invoices.models import DebtorName
from infactor.ledger.models import Entry, Purpose
from infactor.reports.moments import Moment
from infactor.suppliers.models import Supplier, SupplierName

ZERO = Decimal("0.00")
AT_ONCE = 1000  # advances in memory

OUTSTANDING = """
    SELECT advance.id, advance.supplier_id, advance.buyer_id, advance.currency, bought.due_on, advance.funded_on,
        advance.late_from, advance.face, advance.base, advance.fee_base, advance.terms_id, sums.receivable, sums.reserve
    FROM (
        SELECT account.owner,
            COALESCE(sum(entry.debit - entry.credit) FILTER (WHERE account.purpose = %(receivable)s), 0.00)
                AS receivable,
            COALESCE(sum(entry.credit - entry.debit) FILTER (WHERE account.purpose = %(reserve)s), 0.00) AS reserve
        FROM ledger_entry AS entry
        JOIN ledger_account AS account ON account.id = entry.account_id
        JOIN ledger_transaction AS posted ON posted.id = entry.transaction_id
        WHERE account.purpose IN (%(receivable)s, %(reserve)s)
            AND posted.posted_at <= %(at)s AND posted.value_date <= %(day)s
        GROUP BY account.owner
    ) AS sums
    JOIN financing_advance AS advance ON sums.owner = 'advance:' || advance.id AND advance.accepted_at <= %(at)s
    LEFT JOIN financing_purchasedinvoice AS bought ON bought.advance_id = advance.id
    WHERE sums.receivable <> 0 OR sums.reserve <> 0
    ORDER BY advance.supplier_id, advance.id
"""


class Receivable(NamedTuple):
    """One purchased invoice with something outstanding, in `currency`. Names are those known then."""

    supplier_id: int
    supplier: str
    debtor: str
    debtor_key: tuple[str, int]  # the debtor's id, or the customer's where it is in no debtor
    advance_id: int
    currency: str
    due_on: date | None
    funded_on: date
    late_from: date | None  # the first day of a late fee
    face: Decimal
    base: Decimal
    fee_base: Decimal
    terms_id: int
    receivable: Decimal
    reserve: Decimal

    @property
    def ledger_owner(self) -> str:
        """The owner of the advance's accounts in the ledger."""
        return f"advance:{self.advance_id}"  # as Advance.ledger_owner

    @property
    def funds_employed(self) -> Decimal:
        """What infactor has paid and not got back."""
        return self.receivable - self.reserve

    def days_late(self, day: date) -> int:
        """Days after the due date; 0 or less where it is not past."""
        return (day - self.due_on).days if self.due_on else 0


def outstanding(moment: Moment) -> Iterator[Receivable]:
    """Every receivable that was outstanding at the moment, by the ids of supplier and advance. Raises HistoryDeleted.

    The due date is the one that was bought, which no later change of the books moves. One query for all of them, read
    by a cursor of the server; a thousand are in memory at a time, and the customers of one supplier.
    """
    debtors, names = debtor_names(moment), supplier_names(moment)
    for supplier_id, rows in groupby(_rows(moment), key=lambda row: row.supplier_id):
        supplier = Supplier.objects.get(pk=supplier_id)
        buyers: dict[int, tuple[tuple[str, int], str]] = {}
        while batch := list(islice(rows, AT_ONCE)):
            new = {row.buyer_id for row in batch} - buyers.keys()
            if new:
                fields = {"name", "debtor_id"}
                known = as_known(kind=Kind.CUSTOMER, supplier=supplier, at=moment.at, ids=new, fields=fields)
                buyers |= {pk: _debtor(known.get(pk), pk, debtors) for pk in new}
            for row in batch:
                key, name = buyers[row.buyer_id]
                yield Receivable(
                    supplier_id, names[supplier_id], name, key, row.id, row.currency, row.due_on,
                    row.funded_on or moment.day, row.late_from, row.face, row.base, row.fee_base, row.terms_id,
                    row.receivable, row.reserve,
                )  # fmt: skip


class _Row(NamedTuple):
    id: int
    supplier_id: int
    buyer_id: int
    currency: str
    due_on: date | None
    funded_on: date | None
    late_from: date | None
    face: Decimal
    base: Decimal
    fee_base: Decimal
    terms_id: int
    receivable: Decimal
    reserve: Decimal


def _rows(moment: Moment) -> Iterator[_Row]:
    """The advances with a balance at the moment, by the ids of supplier and advance."""
    asked: dict[str, datetime | date | str] = {
        "at": moment.at,
        "day": moment.day,
        "receivable": Purpose.RECEIVABLE.value,
        "reserve": Purpose.RESERVE.value,
    }
    with connection.chunked_cursor() as cursor:  # a cursor of the server, as `iterator()` has
        cursor.execute(OUTSTANDING, asked)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from (_Row(*row) for row in rows)


def supplier_names(moment: Moment) -> dict[int, str]:
    """By id what each supplier was called then."""
    return names_as_known(SupplierName, at=moment.at)


def debtor_names(moment: Moment) -> dict[int, str]:
    """By id what each debtor was called then."""
    return names_as_known(DebtorName, at=moment.at)


def balances_of(owners: Sequence[str], *, moment: Moment) -> dict[str, tuple[Decimal, Decimal]]:
    """The receivable and the reserve of each owner that has any posting. One query."""
    entries = Entry.objects.filter(
        moment.postings, account__owner__in=owners, account__purpose__in=[Purpose.RECEIVABLE, Purpose.RESERVE]
    )
    sums = entries.order_by().values("account__owner", "account__purpose")
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for row in sums.annotate(debits=Sum("debit"), credits=Sum("credit")):
        receivable, reserve = found.get(row["account__owner"], (ZERO, ZERO))
        moved = row["debits"] - row["credits"]
        is_receivable = row["account__purpose"] == Purpose.RECEIVABLE
        found[row["account__owner"]] = (receivable + moved, reserve) if is_receivable else (receivable, reserve - moved)
    return found


def receivables_by_currency(moment: Moment) -> dict[str, Decimal]:
    """What was outstanding of all purchased invoices. One query."""
    entries = Entry.objects.filter(moment.postings, account__purpose=Purpose.RECEIVABLE).order_by()
    sums = entries.values_list("account__currency").annotate(moved=Sum(F("debit") - F("credit")))
    return dict(sums)


def _debtor(state: State | None, buyer_id: int, debtors: Mapping[int, str]) -> tuple[tuple[str, int], str]:
    debtor_id: int | None = state.values["debtor_id"] if state else None
    if debtor_id is not None and debtor_id in debtors:
        return ("debtor", debtor_id), debtors[debtor_id]
    return ("buyer", buyer_id), (state.values["name"] if state else "") or f"Customer {buyer_id}"
