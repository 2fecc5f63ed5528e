"""Open items on receivables or payables with their age, filtered as a report's parameters say."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from quickbooks_app.sandbox.ledger.accounts import PAYABLE, RECEIVABLE
from quickbooks_app.sandbox.ledger.journal import Item, open_items
from quickbooks_app.sandbox.reports.document_facts import due_date_of
from quickbooks_app.sandbox.reports.source import Source
from quickbooks_app.sandbox.runtime.documents import Document, reference_id

MAX_PERIOD_DAYS, MAX_PERIODS = 9999, 100


@dataclass(frozen=True, slots=True)
class Side:
    """Who owes: customers, or the company to its vendors. `sign` makes what is owed positive."""

    account_type: str
    entity: str  # of the parties
    party_column: str
    sign: int

    @property
    def parameter(self) -> str:
        return self.entity.lower()


RECEIVABLES = Side(RECEIVABLE, "Customer", "cust_name", 1)
PAYABLES = Side(PAYABLE, "Vendor", "vend_name", -1)


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One open item with its age. Amounts are positive if they are owed."""

    item: Item
    document: Document
    party: str
    days: int
    sign: int

    @property
    def date(self) -> str:
        return str(self.document.get("TxnDate", ""))

    @property
    def due(self) -> str:
        return due_date_of(self.document)

    @property
    def amount(self) -> Decimal:
        return self.sign * self.item.amount

    @property
    def home_amount(self) -> Decimal:
        return self.sign * self.item.home_amount

    @property
    def open(self) -> Decimal:
        return self.sign * self.item.open

    @property
    def home_open(self) -> Decimal:
        return self.sign * self.item.home_open


@dataclass(frozen=True, slots=True)
class Ageing:
    """The question of an ageing report, checked. `size` is the days of a bucket, `number` the buckets past due."""

    as_of: date
    aged_to: date
    macro: str
    size: int
    number: int

    def bucket_of(self, days: int) -> int:
        """0 is what is not due yet; the last bucket has no end."""
        return min((days - 1) // self.size + 1, self.number) if days > 0 else 0


def ageing_of(source: Source) -> Ageing:
    """Read an ageing report's parameters. Raises BusinessFault for one that is wrong."""
    parameters = source.parameters
    method = parameters.choice("aging_method", among=("Report_Date", "Current"))
    parameters.choice("accounting_method", among=("Accrual", "Cash"))
    named = parameters.macro()
    as_of = parameters.day("report_date") or (named[1] if named else parameters.today)
    return Ageing(
        as_of=as_of,
        aged_to=as_of if method == "Report_Date" else parameters.today,
        macro=parameters.text("date_macro").lower() if named else "",
        size=parameters.whole_number("aging_period", default=30, least=1, most=MAX_PERIOD_DAYS),
        number=parameters.whole_number("num_periods", default=4, least=1, most=MAX_PERIODS),
    )


def items_of(source: Source, side: Side, *, as_of: date, aged_to: date, is_current: bool) -> list[OpenItem]:
    """Return the items open on a day (or, if `is_current`, those open today) that the parameters ask for."""
    journal = source.journal
    postings = journal.postings if is_current else journal.until(as_of.isoformat())
    by_txn_date = bool(source.preferences.get("ReportPrefs", {}).get("CalcAgingReportFromTxnDate"))
    found = [
        OpenItem(
            item=item,
            document=item.document or {},
            party=source.party(item.key.customer),
            days=_days_past_due(item, aged_to=aged_to, by_txn_date=by_txn_date),
            sign=side.sign,
        )
        for item in open_items(journal, postings, account_type=side.account_type)
        if str((item.document or {}).get("TxnDate", "")) <= as_of.isoformat()
    ]
    return _filtered(found, source=source, side=side)


def aged_items(source: Source, side: Side) -> tuple[Ageing, list[OpenItem]]:
    """Return the question of an ageing report and the items that answer it."""
    ageing = ageing_of(source)
    is_current = source.parameters.text("aging_method").lower() == "current"
    return ageing, items_of(source, side, as_of=ageing.as_of, aged_to=ageing.aged_to, is_current=is_current)


def _days_past_due(item: Item, *, aged_to: date, by_txn_date: bool) -> int:
    document = item.document or {}
    day = document.get("TxnDate") if by_txn_date else due_date_of(document)
    return (aged_to - date.fromisoformat(str(day))).days if day else 0


def _filtered(found: list[OpenItem], *, source: Source, side: Side) -> list[OpenItem]:
    parameters = source.parameters
    wanted, terms = source.wanted(side.parameter, side.entity), source.wanted("term", "Term")
    departments = source.wanted("department", "Department")
    carriers = parameters.names("shipvia") if "shipvia" in source.takes else []
    first, last = parameters.day("start_duedate"), parameters.day("end_duedate")
    least = parameters.whole_number("past_due", default=-100_000, least=0, most=100_000)
    return [
        one
        for one in found
        if (not wanted or one.item.key.customer in wanted)
        and (not terms or reference_id(one.document, "SalesTermRef") in terms)
        and (not departments or reference_id(one.document, "DepartmentRef") in departments)
        and (not carriers or reference_id(one.document, "ShipMethodRef") in carriers)
        and (first is None or one.due >= first.isoformat())
        and (last is None or one.due <= last.isoformat())
        and one.days >= least
    ]
