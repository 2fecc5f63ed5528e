"""Events of financing that belong into the books of one company, as infactor's own rows have them.

Payouts that infactor's bank has paid, nettings, allocations of payments and the postings that close advances are the
truth: money on its way is in nobody's books yet. What is undone there (a payout that came back, a payment that the bank
returned, a closing that staff took back) is an event of its own, that reverses the first. docs/domain/bookkeeping.md
has the table; together the events leave "infactor advances" and "due from infactor" at zero once everything is over.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from django.db.models import CharField, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from infactor.financing.models import Advance, CollectionAllocation, Netting
from infactor.ledger.models import FEE_PURPOSES, Entry, Purpose, Transaction
from quickbooks_app.bookkeeping.event import Event, Scope, undone
from quickbooks_app.bookkeeping.payout_events import payouts
from quickbooks_app.models import BookkeepingEntry, BookkeepingSettings

Kind = BookkeepingEntry.Kind
Allocated = CollectionAllocation.Kind
# By the step of the ledger that closes an advance.
CLOSING_STEPS = {"settled": Kind.SETTLEMENT, "repurchased": Kind.REPURCHASE, "written-off": Kind.WRITE_OFF}
# A readable mark of the kind in the key: IF-ADV-7KQ2M4XT9BWC3D. In the order in which those of one day are written.
MARKS = {
    Kind.ADVANCE: "ADV",
    Kind.WIRE_FEE: "WIR",
    Kind.BUYER_PAYMENT: "PAY",
    Kind.SURPLUS: "SUR",
    Kind.NETTING: "NET",
    Kind.SETTLEMENT: "SET",
    Kind.REPURCHASE: "REP",
    Kind.WRITE_OFF: "OFF",
    Kind.LOSS: "LOS",
    Kind.REBATE: "REB",
    Kind.REMITTANCE: "REM",
    Kind.SUPPLIER_PAYMENT: "DUE",
    Kind.REVERSAL: "REV",
}
UNDO = "undo:"  # begins the source of a reversal by staff, which is no event of financing
ZERO = Decimal("0.00")


def key_of(*, source: str, kind: str) -> str:
    """The key of an event, 21 characters: it depends on the event alone, so that a lost row finds what it wrote."""
    digest = hashlib.blake2b(source.encode(), digest_size=10).digest()
    return f"IF-{MARKS[Kind(kind)]}-{base64.b32encode(digest).decode()[:14]}"


def find_events(*, settings: BookkeepingSettings, is_first: bool, known: bool = False) -> list[Event]:
    """The events of the company since its start date that have no entry yet; with `known` those that have, too.

    `is_first`: money that no advance names, such as a surplus, belongs to the books of this company of the supplier.
    """
    scope = Scope(settings, is_first=is_first, known=known)
    finders = (payouts, _wire_fees, _payments, _nettings, _closings, _losses)
    events = [event for find in finders for event in find(scope)]
    return sorted(events, key=lambda one: (one.value_date, list(MARKS).index(Kind(one.kind))))


def _wire_fees(scope: Scope) -> Iterator[Event]:
    """What infactor kept of an advance for paying it out. It comes back where the funding is taken back."""
    source = Concat(Value("wire-fee:"), Cast(OuterRef("public_id"), CharField()))
    is_undone = Q(status=Advance.Status.CANCELLED)
    rows = scope.advances.filter(scope.missing(source, is_undone, ":taken-back"), terms__wire_fee__gt=0)
    for advance in rows.select_related("terms").order_by("pk"):
        source_of, day, fee = f"wire-fee:{advance.public_id}", advance.funded_on or scope.start, advance.wire_fee
        amounts = {"fees": fee, "advances": -fee}
        event = Event(source_of, Kind.WIRE_FEE, day, advance.currency, amounts, advance=advance)
        yield event
        if advance.status == Advance.Status.CANCELLED:
            yield undone(event, suffix=":taken-back", on=day)


def _payments(scope: Scope) -> Iterator[Event]:
    source = Concat(
        Value("payment:"),
        Cast(OuterRef("collection__public_id"), CharField()),
        Value(":"),
        Cast(OuterRef("position"), CharField()),
    )
    of_buyers = Q(kind=Allocated.ADVANCE) & scope.of_advances()
    others = Q(kind__in=[Allocated.PAYABLE, Allocated.DUE]) & scope.without_advance("collection__value_date")
    rows = CollectionAllocation.objects.filter(
        of_buyers | others, scope.missing(source, Q(reversed_at__isnull=False), ":returned"), supplier=scope.supplier_id
    )
    for one in rows.select_related("advance", "collection").order_by("pk"):
        kind, account = {
            Allocated.ADVANCE: (Kind.BUYER_PAYMENT, "receivables"),
            Allocated.PAYABLE: (Kind.SURPLUS, "receivables"),
            Allocated.DUE: (Kind.SUPPLIER_PAYMENT, "bank"),
        }[Allocated(one.kind)]
        event = Event(
            source=f"payment:{one.collection.public_id}:{one.position}",
            kind=kind,
            value_date=one.collection.value_date,
            currency=one.collection.currency,
            amounts={"due": one.amount, account: -one.amount},
            advance=one.advance,
        )
        yield event
        if one.reversed_at is not None:
            on = one.collection.returned_on or one.collection.value_date
            yield undone(event, suffix=":returned", on=on)


def _nettings(scope: Scope) -> Iterator[Event]:
    """What an advance paid of the supplier's debt instead of going out. Of other money, D is the net of both sides."""
    source, is_undone = Concat(Value("netting:"), Cast(OuterRef("pk"), CharField())), Q(undone_at__isnull=False)
    rows = Netting.objects.filter(scope.of_advances(), scope.missing(source, is_undone, ":undone"), source="advance")
    for netting in rows.select_related("advance").order_by("pk"):
        event = Event(
            source=f"netting:{netting.pk}",
            kind=Kind.NETTING,
            value_date=netting.value_date,
            currency=netting.currency,
            amounts={"due": netting.amount, "advances": -netting.amount},
            advance=netting.advance,
        )
        yield event
        yield from [undone(event, suffix=":undone", on=netting.value_date)] if netting.undone_at else []


def _closings(scope: Scope) -> Iterator[Event]:
    """Settled: the fee is kept. Bought back: the supplier owes the rest. Written off: infactor bears what nobody pays.

    Staff may take a closing back, and the advance may be closed again: each posting of the ledger is one event.
    """
    advances = {one.ledger_owner: one for one in scope.advances}
    recorded: set[str] = set()
    if not scope.known:
        recorded |= set(BookkeepingEntry.objects.filter(scope.of_advances()).values_list("source", flat=True))
    steps = "|".join(CLOSING_STEPS)
    closing = Transaction.objects.filter(
        supplier=scope.supplier_id, reverses__isnull=True, reference__regex=rf"^advance:[0-9]+:({steps})(:[0-9]+)*$"
    )
    for posted in closing.select_related("reversed_by").prefetch_related("entries__account").order_by("pk"):
        _, number, step, *again = posted.reference.split(":")
        advance = advances.get(f"advance:{number}")
        if advance is None:
            continue
        event = _closing(posted, advance, kind=CLOSING_STEPS[step], again=again)
        if event.source not in recorded:
            yield event
        taken_back = getattr(posted, "reversed_by", None)
        if taken_back is not None and f"{event.source}:taken-back" not in recorded:
            yield undone(event, suffix=":taken-back", on=taken_back.value_date)


def _closing(posted: Transaction, advance: Advance, *, kind: str, again: Sequence[str]) -> Event:
    """`again` has the number of the posting, where an earlier one was taken back."""
    own = {
        entry.account.purpose: entry.debit - entry.credit for entry in posted.entries.all() if not entry.account.owner
    }
    fee = -sum((own.get(purpose, ZERO) for purpose in FEE_PURPOSES), ZERO)
    lost = own.get(Purpose.BAD_DEBT, ZERO)
    return Event(
        source=":".join([f"advance:{advance.public_id}:closed", *([kind, *again] if again else [])]),
        kind=kind,
        value_date=posted.value_date,
        currency=advance.currency,
        amounts={"advances": advance.amount, "fees": fee, "receivables": -lost, "due": lost - advance.amount - fee},
        advance=advance,
    )


def _losses(scope: Scope) -> Iterator[Event]:
    """A payment that the bank returned after infactor had written the advance off: infactor bears that, too."""
    written_off = scope.advances.filter(status=Advance.Status.WRITTEN_OFF)
    returned = CollectionAllocation.objects.filter(
        kind=Allocated.ADVANCE, reversed_at__isnull=False, advance__in=written_off.values("pk")
    )
    seen, entries = set(), BookkeepingEntry.objects.all()
    for one in returned.select_related("advance", "collection").order_by("pk"):
        advance, collection = one.advance, one.collection
        source = f"loss:{collection.public_id}:{one.advance_id}"
        lost = _posted(Purpose.BAD_DEBT, f"{advance and advance.ledger_owner}:returned-after-closing:{collection.pk}")
        if not lost or source in seen or (not scope.known and entries.filter(source=source).exists()):
            continue
        seen.add(source)
        yield Event(
            source=source,
            kind=Kind.LOSS,
            value_date=collection.returned_on or collection.value_date,
            currency=collection.currency,
            amounts={"due": lost, "receivables": -lost},
            advance=advance,
        )


def totals(amounts: Iterable[dict[str, Decimal]]) -> dict[str, Decimal]:
    """The balance of each account, debits positive, after these entries."""
    sums = dict.fromkeys(BookkeepingEntry.ACCOUNTS, ZERO)
    for one in amounts:
        for name, amount in one.items():
            sums[name] += amount
    return sums


def _posted(purpose: Purpose, reference: str) -> Decimal:
    """The debit that the ledger has on infactor's own account, under this reference."""
    rows = Entry.objects.filter(transaction__reference=reference, account__purpose=purpose, account__owner="")
    return sum(rows.values_list("debit", flat=True), ZERO)
