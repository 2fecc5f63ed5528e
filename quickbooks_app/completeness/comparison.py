"""The comparison of QuickBooks' receivables report with what infactor has stored, object by object. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from quickbooks_app.completeness.receivables_report import ReceivablesReport, ReportLine
from quickbooks_app.completeness.stored_receivables import ObjectKey, StoredDocument, StoredReceivables
from quickbooks_app.models import CompletenessLine

Kind = CompletenessLine.Kind
ZERO = Decimal(0)
READ_ENTITIES = ("Invoice", "CreditMemo", "Payment")
Unit = tuple[str, str]  # customer and currency


@dataclass(frozen=True)
class Difference:
    """One object, customer or account with two amounts in `currency`; None where one side does not have it.

    `home_difference` is what QuickBooks' report has more than infactor, in the home currency. `changed_at` is when the
    stored object last changed in QuickBooks.
    """

    kind: Kind
    entity: str
    qbk_id: str
    number: str
    customer: str
    customer_name: str
    currency: str
    theirs: Decimal | None
    ours: Decimal | None
    home_difference: Decimal
    changed_at: datetime | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """Tells whether two comparisons found the same difference."""
        return difference_key(self.kind, self.entity, self.qbk_id, self.customer, self.theirs, self.ours)

    @property
    def object_key(self) -> ObjectKey | None:
        """The object to read again, None if there is none of a kind that infactor reads."""
        if self.kind == Kind.BALANCE:
            return "Customer", self.customer
        return (self.entity, self.qbk_id) if self.entity in READ_ENTITIES and self.qbk_id else None


def difference_key(
    kind: str, entity: str, qbk_id: str, customer: str, theirs: Decimal | None, ours: Decimal | None
) -> tuple[str, ...]:
    """The key of a difference from its columns: of what it is about, and both amounts."""
    amounts = ("" if one is None else f"{one:.2f}" for one in (theirs, ours))
    return (str(kind), entity[:60], qbk_id, customer, *amounts)


@dataclass(frozen=True)
class Comparison:
    """All differences, the entries that infactor does not read among them, and the sums in the home currency."""

    differences: Sequence[Difference]
    documents: int
    our_total: Decimal
    entries_total: Decimal


def compare(report: ReceivablesReport, stored: StoredReceivables) -> Comparison:
    """Compare every line of `report` with the stored document of its id, and each customer's sum with its balance.

    A line without an id is compared with the only document of its customer and number. What is left of such lines is
    compared by customer. Customers that were erased are neither read nor named again: they count as equal.
    """
    report, stored = _without_erased(report, stored)
    pairs, unnamed = _pair(report.lines, stored)
    differences: list[Difference] = []
    for line, document in pairs:
        differences += _of_pair(line, document)
    differences += (_entry(line) for line in report.lines if line.entity and not line.is_read)
    matched = {(document.entity, document.qbk_id) for _, document in pairs if document is not None}
    # Whether an amount that cannot be read is owed, nobody knows: its import issue says so.
    rest = [one for key, one in stored.documents.items() if key not in matched and one.open_amount]
    differences += _unnamed(unnamed, rest)
    differences += _balances(report, stored)
    read_here = [one for one in differences if one.kind not in (Kind.BALANCE, Kind.ENTRY)]
    entries_total = sum((one.home_difference for one in differences if one.kind == Kind.ENTRY), ZERO)
    return Comparison(
        differences=differences,
        documents=len(pairs) + len(rest) + len(unnamed),
        our_total=report.total - entries_total - sum((one.home_difference for one in read_here), ZERO),
        entries_total=entries_total,
    )


def _without_erased(
    report: ReceivablesReport, stored: StoredReceivables
) -> tuple[ReceivablesReport, StoredReceivables]:
    """Both without the erased customers and their documents. The total stays that of all customers."""
    if not stored.erased:
        return report, stored
    gone = {key for key, one in stored.documents.items() if one.customer in stored.erased}
    lines = [
        line for line in report.lines if line.customer not in stored.erased and (line.entity, line.qbk_id) not in gone
    ]
    documents = {key: one for key, one in stored.documents.items() if key not in gone}
    balances = {customer: one for customer, one in stored.balances.items() if customer not in stored.erased}
    return replace(report, lines=lines), replace(stored, documents=documents, balances=balances)


def _pair(
    lines: Sequence[ReportLine], stored: StoredReceivables
) -> tuple[list[tuple[ReportLine, StoredDocument | None]], list[ReportLine]]:
    """Each line with the stored document of its id, and the lines that name no object that can be looked up."""
    by_number: dict[tuple[str, str, str], list[StoredDocument]] = defaultdict(list)
    names: dict[tuple[str, str, str], int] = defaultdict(int)
    for document in stored.documents.values():
        by_number[document.entity, document.customer, document.number].append(document)
    for line in lines:
        names[line.entity, line.customer, line.number] += 1
    pairs: list[tuple[ReportLine, StoredDocument | None]] = []
    unnamed = []
    for line in lines:
        if line.entity and not line.is_read:
            continue
        found = [
            stored.documents[entity, line.qbk_id]
            for entity in ((line.entity,) if line.entity else READ_ENTITIES)
            if line.qbk_id and (entity, line.qbk_id) in stored.documents
        ]
        if not line.qbk_id and line.number and names[line.entity, line.customer, line.number] == 1:
            found = by_number[line.entity, line.customer, line.number]
        if len(found) == 1:
            pairs.append((line, found[0]))
        elif line.entity and line.qbk_id:
            pairs.append((line, None))
        else:
            unnamed.append(line)
    return pairs, unnamed


def _of_pair(line: ReportLine, document: StoredDocument | None) -> Iterator[Difference]:
    ours = document.open_amount if document is not None else None
    if document is None:
        kind = Kind.MISSING_HERE
    elif ours is None:
        kind = Kind.UNREADABLE
    elif ours != line.open_amount or document.currency != line.currency:
        kind = Kind.AMOUNT
    elif line.customer and document.customer and line.customer != document.customer:
        kind = Kind.CUSTOMER
    else:
        return
    share = _home_share(line, ours)
    yield Difference(
        kind=kind,
        entity=document.entity if document is not None else line.entity,
        qbk_id=document.qbk_id if document is not None else line.qbk_id,
        number=line.number or (document.number if document is not None else ""),
        customer=line.customer or (document.customer if document is not None else ""),
        customer_name=line.customer_name,
        currency=line.currency,
        theirs=line.open_amount,
        ours=ours,
        home_difference=line.home_amount - share,
        changed_at=document.changed_at if document is not None else None,
    )


def _home_share(line: ReportLine, ours: Decimal | None) -> Decimal:
    """What `ours` comes to in the home currency, at the rate of the line."""
    if not ours:
        return ZERO
    if ours == line.open_amount or not line.open_amount:
        return line.home_amount
    if line.open_amount == line.home_amount:
        return ours
    return round(ours * line.home_amount / line.open_amount, 2)


def _entry(line: ReportLine) -> Difference:
    return Difference(
        kind=Kind.ENTRY,
        entity=line.entity,
        qbk_id=line.qbk_id,
        number=line.number,
        customer=line.customer,
        customer_name=line.customer_name,
        currency=line.currency,
        theirs=line.open_amount,
        ours=None,
        home_difference=line.home_amount,
    )


def _unnamed(lines: Sequence[ReportLine], rest: Iterable[StoredDocument]) -> Iterator[Difference]:
    """Documents that no line names, and lines that name no document.

    The lines of a customer may be that customer's documents all the same: then nothing differs. The lines of a kind
    that infactor does not know are never taken for documents.
    """
    theirs: dict[Unit, list[ReportLine]] = defaultdict(list)
    ours: dict[Unit, list[StoredDocument]] = defaultdict(list)
    for line in lines:
        theirs[line.customer, line.currency].append(line)
    for document in rest:
        ours[document.customer, document.currency].append(document)
    for unit in sorted({*theirs, *ours}):
        known = [line for line in theirs[unit] if line.entity]
        documents = ours[unit]
        is_equal = bool(known) and sum((line.open_amount for line in known), ZERO) == sum(
            (one.open_amount or ZERO for one in documents), ZERO
        )
        if not is_equal:
            yield from (_missing_there(document) for document in documents)
        for line in theirs[unit]:
            if not is_equal or not line.entity:
                yield _without_object(line)


def _missing_there(document: StoredDocument) -> Difference:
    return Difference(
        kind=Kind.MISSING_THERE,
        entity=document.entity,
        qbk_id=document.qbk_id,
        number=document.number,
        customer=document.customer,
        customer_name="",
        currency=document.currency,
        theirs=None,
        ours=document.open_amount,
        home_difference=-(document.open_amount or ZERO),
        changed_at=document.changed_at,
    )


def _without_object(line: ReportLine) -> Difference:
    return Difference(
        kind=Kind.UNNAMED,
        entity=line.entity or line.kind,
        qbk_id=line.qbk_id,
        number=line.number,
        customer=line.customer,
        customer_name=line.customer_name,
        currency=line.currency,
        theirs=line.open_amount,
        ours=None,
        home_difference=line.home_amount,
    )


def _balances(report: ReceivablesReport, stored: StoredReceivables) -> Iterator[Difference]:
    """The customers whose own balance, as QuickBooks gave it with the customer, is not the sum of their lines.

    Entries that infactor does not read lower what is financed through that balance (open_credits.py).
    """
    if any(not line.customer for line in report.lines):
        return
    sums: dict[Unit, Decimal] = defaultdict(Decimal)
    home_sums: dict[str, Decimal] = defaultdict(Decimal)
    names: Mapping[str, str] = {line.customer: line.customer_name for line in report.lines}
    for line in report.lines:
        sums[line.customer, line.currency] += line.open_amount
        home_sums[line.customer] += line.home_amount
    for customer, held in stored.balances.items():
        theirs = sums.get((customer, held.currency), ZERO)
        # Which currency the balance of a foreign customer is in, QuickBooks does not say.
        if held.balance in (theirs, home_sums.get(customer, ZERO)):
            continue
        if customer not in names and not held.is_active:
            continue  # a customer that was deleted or merged keeps the balance that it had
        yield Difference(
            kind=Kind.BALANCE,
            entity="Customer",
            qbk_id=customer,
            number="",
            customer=customer,
            customer_name=names.get(customer, held.name),
            currency=held.currency,
            theirs=theirs,
            ours=held.balance,
            home_difference=ZERO,
            changed_at=held.changed_at,
        )
